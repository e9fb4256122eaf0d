"""FLOPs against torchvision's published GMACs and RigL's published ratios."""

import copy

import pytest
import timm
import torch
import torchvision
from torch import nn
from torchvision import models

import robench
from robench.errors import InputError
from robench.sparse.distributions import nonzeros
from robench.sparse.flops import ATTENTION, count_layers, count_parameters, density_by_layer, flops
from tests.helpers.networks import imagenet_resnet50, shapes

# Inference and RigL training (100 steps, then one update) beside dense, torchvision's ResNet-50 at 224 pixels.
ANCHORS = [
    ("erk", 0.80, 0.4130, 0.4149),
    ("uniform", 0.80, 0.2220, 0.2246),
    ("erk", 0.90, 0.2408, 0.2433),
    ("uniform", 0.90, 0.1248, 0.1277),
    ("erk", 0.95, 0.1205, 0.1234),
    ("uniform", 0.95, 0.0762, 0.0792),
]


@pytest.mark.parametrize(
    ("build", "weights", "input_size"),
    [
        (models.resnet50, models.ResNet50_Weights.IMAGENET1K_V2, (3, 224, 224)),
        (models.efficientnet_b0, models.EfficientNet_B0_Weights.DEFAULT, (3, 224, 224)),
        (models.resnext50_32x4d, models.ResNeXt50_32X4D_Weights.DEFAULT, (3, 224, 224)),
        (models.vit_b_16, models.ViT_B_16_Weights.DEFAULT, (3, 224, 224)),
        (models.swin_t, models.Swin_T_Weights.DEFAULT, (3, 224, 224)),
        (models.video.r3d_18, models.video.R3D_18_Weights.DEFAULT, (3, 16, 112, 112)),
    ],
)
def test_published_gmacs(build, weights, input_size):
    with torch.device("meta"):
        model = build()
    products = sum(layer.multiplications for layer in count_layers(model, input_size).values())
    assert products / 1e9 == pytest.approx(weights.meta["_ops"], abs=6e-4)


@pytest.mark.parametrize(("distribution", "sparsity", "inference", "training"), ANCHORS)
def test_rigl_anchors(distribution, sparsity, inference, training):
    sparse = ratio(distribution, sparsity)
    assert sparse == pytest.approx(inference, abs=6e-5)
    assert (3 * sparse * 100 + 2 * sparse + 1) / 101 / 3 == pytest.approx(training, abs=6e-5)


def ratio(distribution, sparsity):
    model = imagenet_resnet50()
    size = shapes(model)
    density = {n: k / size[n].numel() for n, k in nonzeros(distribution, size, sparsity).items()}
    return flops(model, (3, 224, 224), density) / flops(model, (3, 224, 224))


def test_real_masks_count_as_their_densities():
    model = imagenet_resnet50()
    size = shapes(model)
    counts = nonzeros("erk", size, 0.8)
    rows = {n: size[n].numel() // size[n][0] for n in counts}
    spread = {n: torch.arange(size[n].numel()).view(rows[n], -1).T.reshape(size[n]) for n in counts}
    masks = {n: spread[n] < k for n, k in counts.items()}
    densities = {n: k / size[n].numel() for n, k in counts.items()}
    assert robench.flops(model, (3, 224, 224), masks) == pytest.approx(flops(model, (3, 224, 224), densities), abs=1)


def test_layers_by_hand():
    model = nn.Sequential(
        nn.Conv2d(4, 6, 3, groups=2, padding=1), nn.ConvTranspose2d(6, 4, 2, stride=2), nn.Flatten(), nn.Linear(1024, 5)
    )
    expected = {
        "0.weight": (6 * 64 * 2 * 9, 6 * 64, 0),
        "1.weight": (6 * 64 * 4 * 4, 4 * 256, 1),
        "3.weight": (1024 * 5, 5, 0),
    }
    assert count_layers(model, (4, 8, 8)) == expected
    assert count_layers(nn.Conv1d(3, 5, 4), (3, 10)) == {"weight": (5 * 3 * 4 * 7, 5 * 7, 0)}
    dense = sum(2 * products - outputs for products, outputs, _ in expected.values())
    assert flops(model, (4, 8, 8)) == dense
    assert flops(model, (4, 8, 8), {"0.weight": 0.5}) == dense - 6 * 64 * 2 * 9


def test_an_output_without_inputs_costs_nothing():
    mask = torch.zeros(4, 10, dtype=torch.bool)
    mask[1, :6] = mask[2, :1] = True
    assert flops(nn.Linear(10, 4), (10,), {"weight": mask}) == (6 + 5) + (1 + 0)
    assert flops(nn.Linear(10, 4), (10,), {"weight": 0.0}) == 0
    transposed = torch.zeros(6, 4, 2, 2, dtype=torch.bool)
    transposed[0, 1] = True
    assert flops(nn.ConvTranspose2d(6, 4, 2, stride=2), (6, 8, 8), {"weight": transposed}) == 256


@pytest.mark.parametrize("training", [True, False])
@pytest.mark.parametrize("frozen", [True, False])
def test_torch_attention(training, frozen):
    layer = nn.TransformerEncoderLayer(32, 4, 64, batch_first=True).train(training).requires_grad_(not frozen)
    assert count_layers(layer, (10, 32)) == {
        "self_attn.in_proj_weight": (10 * 32 * 96, 10 * 96, 0),
        ATTENTION: (2 * 10 * 10 * 32, 4 * 10 * 10 + 10 * 32, 0),
        "self_attn.out_proj.weight": (10 * 32 * 32, 10 * 32, 0),
        "linear1.weight": (10 * 32 * 64, 10 * 64, 0),
        "linear2.weight": (10 * 64 * 32, 10 * 32, 0),
    }


def test_timm_attention():
    model = timm.create_model("vit_tiny_patch16_224", img_size=32, patch_size=8, depth=2, num_classes=10)
    layers = count_layers(model, (3, 32, 32))
    assert layers[ATTENTION] == (2 * 2 * 17 * 17 * 192, 2 * (3 * 17 * 17 + 17 * 192), 0)
    assert layers["blocks.0.attn.qkv.weight"] == (17 * 192 * 576, 17 * 576, 0)
    assert layers["patch_embed.proj.weight"] == (16 * 192 * 192, 16 * 192, 0)


def test_tied_and_reused_weights_count_each_use():
    model = nn.Sequential(nn.Linear(6, 6), nn.ReLU(), nn.Linear(6, 6))
    model[2].weight = model[0].weight
    assert count_layers(model, (6,)) == {"0.weight": (2 * 36, 2 * 6, 0)}


def test_counting_leaves_no_trace():
    model = torchvision.models.resnet18(num_classes=10).train()
    model.layer1.eval()
    before, random_state = copy.deepcopy(model.state_dict()), torch.random.get_rng_state()
    pointers = [parameter.data_ptr() for parameter in model.parameters()]
    flops(model, (3, 32, 32))
    assert torch.equal(random_state, torch.random.get_rng_state())
    assert all(torch.equal(value, before[name]) for name, value in model.state_dict().items())
    assert pointers == [parameter.data_ptr() for parameter in model.parameters()]
    assert all(parameter.grad is None for parameter in model.parameters())
    assert model.training
    assert not model.layer1.training
    assert not any(module._forward_hooks or module._forward_pre_hooks for module in model.modules())


def test_unknown_mask():
    with pytest.raises(InputError, match="did you mean 'weight'"):
        flops(nn.Linear(3, 3), (3,), {"weigth": 0.5})


def test_parameters_on_both_bases():
    model = nn.Sequential(nn.Linear(10, 10), nn.BatchNorm1d(10), nn.Linear(10, 4))
    masks = {"0.weight": torch.arange(100).view(10, 10) < 25}
    counts = count_parameters(model, masks)
    assert counts == (174, 99, 140, 65)
    assert counts.sparsity == pytest.approx(75 / 174)
    assert counts.maskable_sparsity == pytest.approx(75 / 140)
    assert density_by_layer(model, masks) == {"0.weight": 0.25, "2.weight": 1.0}
