import pytest
import timm
import torch
from hypothesis import given
from hypothesis import strategies as st
from torch import nn

from robench.errors import InputError
from robench.sparse.masks import layer_policy, maskable, random_mask


class Everything(nn.Module):
    def __init__(self):
        super().__init__()
        self.patch = nn.Conv2d(3, 8, 4)
        self.grouped = nn.Conv2d(8, 8, 3, groups=4)
        self.depthwise = nn.Conv2d(8, 8, 3, groups=8)
        self.signal, self.volume = nn.Conv1d(4, 4, 3), nn.Conv3d(3, 4, 3)
        self.up = nn.ConvTranspose2d(8, 4, 2)
        self.attention = nn.MultiheadAttention(8, 2)
        self.cross = nn.MultiheadAttention(8, 2, kdim=4, vdim=6)
        self.norms = nn.ModuleList([nn.LayerNorm(8), nn.GroupNorm(2, 8), nn.RMSNorm(8)])
        self.batch_norms = nn.ModuleList([nn.BatchNorm1d(8), nn.BatchNorm2d(8), nn.BatchNorm3d(8)])
        self.embedding = nn.Embedding(10, 8)
        self.pos_embed, self.cls_token = nn.Parameter(torch.zeros(1, 9, 8)), nn.Parameter(torch.zeros(1, 1, 8))
        self.layer_scale = nn.Parameter(torch.ones(8))
        self.head = nn.Linear(8, 10)
        self.shared = self.head
        self.tied = nn.Linear(8, 10)
        self.tied.weight = self.head.weight
        self.decoder = nn.Linear(8, 10)
        self.decoder.weight = self.embedding.weight
        self.frozen = nn.Linear(8, 8)
        self.frozen.weight.requires_grad_(False)


def test_layer_selection():
    assert list(maskable(Everything())) == [
        "patch.weight",
        "grouped.weight",
        "signal.weight",
        "volume.weight",
        "up.weight",
        "attention.in_proj_weight",
        "attention.out_proj.weight",
        "cross.q_proj_weight",
        "cross.k_proj_weight",
        "cross.v_proj_weight",
        "cross.out_proj.weight",
        "head.weight",
    ]


def test_parameters_are_the_models_own():
    model = Everything()
    assert all(weight is model.get_parameter(name) for name, weight in maskable(model).items())


def test_lazy_parameter_is_refused():
    with pytest.raises(InputError, match=r"0\.weight has no shape"):
        maskable(nn.Sequential(nn.LazyLinear(3)))


@given(st.lists(st.integers(1, 7), min_size=1, max_size=4), st.data())
def test_random_mask_is_exact(shape, data):
    like = torch.empty(shape)
    nonzero = data.draw(st.integers(0, like.numel()))
    mask = random_mask(like, nonzero, torch.Generator().manual_seed(data.draw(st.integers(0, 99))))
    assert mask.dtype == torch.bool
    assert mask.shape == like.shape
    assert int(mask.sum()) == nonzero


def test_random_mask_is_uniform_over_positions():
    generator = torch.Generator().manual_seed(0)
    hits = sum(random_mask(torch.empty(4, 5), 5, generator).int() for _ in range(4000))
    assert (hits - 1000).abs().max() < 5 * (4000 * 0.25 * 0.75) ** 0.5


def test_random_mask_ignores_the_memory_format():
    plain = torch.empty(4, 3, 5, 5)
    last = plain.to(memory_format=torch.channels_last)
    masks = [random_mask(like, 40, torch.Generator().manual_seed(7)) for like in (plain, last)]
    assert torch.equal(*masks)
    assert masks[1].is_contiguous(memory_format=torch.channels_last)


def test_every_parameter_has_its_reason():
    policy = layer_policy(Everything())
    assert list(policy) == [name for name, _ in Everything().named_parameters()]
    expected = {
        "patch.bias": "bias",
        "depthwise.weight": "depthwise",
        "attention.in_proj_weight": "masked",
        "attention.in_proj_bias": "bias",
        "norms.0.weight": "norm",
        "norms.2.weight": "norm",
        "batch_norms.1.weight": "norm",
        "batch_norms.1.bias": "bias",
        "embedding.weight": "embedding",
        "pos_embed": "free",
        "cls_token": "free",
        "layer_scale": "free",
        "frozen.weight": "frozen",
        "head.weight": "masked",
    }
    assert {name: policy[name] for name in expected} == expected
    assert [name for name, reason in policy.items() if reason == "masked"] == list(maskable(Everything()))


def test_a_real_vision_transformer_and_a_convnext():
    with torch.device("meta"):
        vit = timm.create_model("vit_tiny_patch16_224", init_values=1e-5, reg_tokens=2)
        convnext = timm.create_model("convnext_atto")
    policy = layer_policy(vit)
    assert {name for name, reason in policy.items() if reason == "free"} == {
        *("cls_token", "pos_embed", "reg_token"),
        *(f"blocks.{n}.ls{m}.gamma" for n in range(12) for m in (1, 2)),
    }
    kinds = {name.split(".", 2)[-1] for name in maskable(vit) if name.startswith("blocks")}
    assert kinds == {"attn.qkv.weight", "attn.proj.weight", "mlp.fc1.weight", "mlp.fc2.weight"}
    assert set(maskable(vit)) >= {"patch_embed.proj.weight", "head.weight"}
    policy = layer_policy(convnext)
    assert all(policy[name] == "depthwise" for name in policy if name.endswith("conv_dw.weight"))
    assert all(policy[name] == "free" for name in policy if name.endswith("gamma"))
    assert all(policy[name] == "norm" for name in policy if "norm" in name and name.endswith("weight"))
