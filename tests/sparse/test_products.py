"""Which products are counted under which weight, and what is said of the rest; values by hand."""

import warnings
from itertools import product

import pytest
import torch
from torch import nn
from torch.nn import functional as F
from torch.nn.utils import parametrizations, prune

import robench
from robench.errors import InputError
from robench.sparse.flops import not_counted
from robench.sparse.masks import layer_policy
from robench.sparse.products import ATTENTION, CONSTANT, LayerCost, products


class Applying(nn.Module):
    """16 inputs, 8 outputs: a function of the input and of a layer's weight."""

    def __init__(self, function):
        super().__init__()
        self.fc = nn.Linear(16, 8, bias=False)
        self.function = function

    def forward(self, x):
        return self.function(x, self.fc.weight)


@pytest.mark.parametrize(
    ("function", "times"),
    [
        (lambda x, w: F.linear(x.double(), w.double()), 1),
        (lambda x, w: x @ w.t().contiguous(), 1),
        (lambda x, w: F.linear(x, 0.1 * w), 1),
        (lambda x, w: F.linear(x, w / w.norm()), 1),
        (lambda x, w: w @ x[0], 1),
        (lambda x, w: x.expand(2, 1, 16).bmm(torch.stack([w, w]).transpose(1, 2)), 2),
    ],
)
def test_a_weight_whose_zeros_stay_is_that_weight(function, times):
    model = Applying(function)
    assert products(model, (16,)).layers == {"fc.weight": (times * 128, times * 8, 0)}
    mask = torch.arange(128).view(8, 16) % 2 == 0
    assert robench.flops(model, (16,), {"fc.weight": mask}) == times * 8 * (8 + 7)


@pytest.mark.parametrize(
    ("function", "operator"),
    [
        (lambda x, w: F.linear(x, w - w.mean()), "sub"),
        (lambda x, w: F.linear(x, w.softmax(1)), "_softmax"),
        (lambda x, w: F.linear(x, 1 / w), "reciprocal"),
        (lambda x, w: F.linear(x, F.layer_norm(w, (16,))), "native_layer_norm"),
    ],
)
def test_a_weight_that_is_changed_is_named_and_its_mask_refused(function, operator):
    model = Applying(function)
    seen = products(model, (16,))
    assert seen.layers == {"fc.weight (changed)": (128, 8, 0)}
    assert seen.changed == {"fc.weight": operator}
    assert robench.flops(model, (16,)) == 248
    with pytest.raises(InputError, match=f"fc.weight does not make its products fewer: it is changed by {operator}"):
        robench.flops(model, (16,), {"fc.weight": 0.5})


def test_experts_that_are_stacked_share_the_products():
    class Experts(nn.Module):
        def __init__(self):
            super().__init__()
            self.a, self.b = nn.Linear(6, 4), nn.Linear(6, 4)

        def forward(self, x):
            return F.linear(x, torch.cat([self.a.weight, self.b.weight]))

    assert products(Experts(), (6,)).layers == {"a.weight": (24, 4, 0), "b.weight": (24, 4, 0)}


class Uncounted(nn.Module):
    def __init__(self, function):
        super().__init__()
        self.table = nn.Parameter(torch.randn(8, 16))
        self.function = function

    def forward(self, x):
        return self.function(x, self.table)


@pytest.mark.parametrize(
    ("model", "size", "said"),
    [
        (Uncounted(lambda x, w: (x[:, None] * w).sum(-1)), (16,), ("mul with table",)),
        (Uncounted(lambda x, w: torch.cdist(x, w)), (16,), ("_cdist_forward with table",)),
        (Uncounted(lambda x, w: x + w[0]), (16,), ()),
        (Uncounted(lambda x, w: x * w[0]), (16,), ()),
        (Uncounted(lambda x, w: F.embedding(x.long(), w)), (16,), ()),
    ],
)
def test_what_is_not_counted_is_said(model, size, said):
    assert not_counted(products(model, size)) == said
    if said:
        with pytest.warns(UserWarning, match="FLOPs do not count " + said[0]):
            robench.flops(model, size)
    else:
        with warnings.catch_warnings():
            warnings.simplefilter("error")
            robench.flops(model, size)


def test_bilinear_and_deformable_layers_are_said():
    torchvision = pytest.importorskip("torchvision")

    class Both(nn.Module):
        def __init__(self):
            super().__init__()
            self.deformable = torchvision.ops.DeformConv2d(2, 3, 3)
            self.offset = nn.Conv2d(2, 18, 3)
            self.bilinear = nn.Bilinear(6, 6, 5)

        def forward(self, x):
            maps = self.deformable(x, self.offset(x))
            return self.bilinear(maps[..., 0, :], maps[..., 1, :])

    seen = products(Both(), (2, 8, 8))
    assert not_counted(seen) == ("deform_conv2d with deformable.weight", "_trilinear with bilinear.weight")
    assert list(seen.layers) == ["offset.weight"]


def test_a_fixed_filter_is_no_attention():
    class Blur(nn.Module):
        def __init__(self, *, buffer):
            super().__init__()
            self.register_buffer("kernel", torch.ones(1, 1, 2, 2) if buffer else None)

        def forward(self, x):
            return F.conv2d(x, torch.ones(1, 1, 2, 2, device=x.device) if self.kernel is None else self.kernel)

    assert products(Blur(buffer=True), (1, 3, 3)).layers == {"kernel": (16, 4, 0)}
    assert products(Blur(buffer=False), (1, 3, 3)).layers == {CONSTANT: (16, 4, 0)}
    assert products(Applying(lambda x, w: x.t() @ x), (16,)).layers == {ATTENTION: (256, 256, 0)}


def test_weights_that_take_no_part_are_told_apart():
    model = Applying(lambda x, w: x @ w.t())
    model.auxiliary = nn.Linear(16, 8)
    seen = products(model, (16,))
    assert seen.unread == {"auxiliary.weight"}
    assert not_counted(seen) == ()
    assert not_counted(seen, ["auxiliary.weight"]) == ("auxiliary.weight, which takes no part in inference",)


@pytest.mark.filterwarnings("ignore:.*weight_norm.* is deprecated:FutureWarning")
@pytest.mark.parametrize(
    "wrap",
    [
        nn.utils.weight_norm,
        nn.utils.spectral_norm,
        lambda layer: prune.l1_unstructured(layer, "weight", amount=0.5),
        parametrizations.weight_norm,
        parametrizations.spectral_norm,
    ],
)
def test_weights_that_torch_computes_anew_each_pass(wrap):
    model = nn.Sequential(wrap(nn.Linear(64, 32)), nn.ReLU(), nn.Linear(32, 10))
    assert robench.flops(model, (64,)) == 2 * 64 * 32 - 32 + 2 * 32 * 10 - 10 == 4694.0


def brute_force(layer, mask, size):
    """FLOPs by trying which inputs reach which output: v multiplications and v - 1 additions each."""
    weight = layer.weight
    with torch.no_grad():
        ones = torch.ones(1, *size)
        weight.copy_(mask.to(weight.dtype))
        counts = type(layer)(*arguments(layer), bias=False)
        counts.weight.copy_(weight)
        reached = counts(ones)
        return float((2 * reached - (reached > 0).float()).sum())


def arguments(layer):
    return (layer.in_channels, layer.out_channels, layer.kernel_size, layer.stride, 0, 0, layer.groups)


@pytest.mark.parametrize(("groups", "seed"), list(product([1, 2, 3], range(4))))
def test_grouped_transposed_convolutions_against_brute_force(groups, seed):
    # Stride = kernel: every output has its inputs from one place, and all of them lie inside the map.
    layer = nn.ConvTranspose2d(6, 6, 2, stride=2, groups=groups, bias=False)
    rng = torch.Generator().manual_seed(seed)
    mask = torch.zeros(layer.weight.shape, dtype=torch.bool)
    # Whole channels, as all places of a channel are taken to have equally many: (inputs, outputs of a group).
    mask |= torch.rand(mask.shape[:2], generator=rng)[..., None, None] < 0.4
    expected = brute_force(layer, mask, (6, 3, 3))
    assert robench.flops(layer, (6, 3, 3), {"weight": mask}) == expected


def test_standardised_convolutions_are_never_masked():
    timm = pytest.importorskip("timm")
    layers = timm.layers
    model = nn.Sequential(
        layers.StdConv2d(3, 8, 3), layers.ScaledStdConv2d(8, 8, 3), layers.Conv2dSame(8, 8, 3), nn.Conv2d(8, 8, 3)
    )
    policy = {name: reason for name, reason in layer_policy(model).items() if name.endswith("weight")}
    assert list(policy.values()) == ["reparametrised", "reparametrised", "masked", "masked"]
    seen = products(model, (3, 16, 16))
    assert seen.changed.keys() >= {"0.weight", "1.weight"}
    assert {"2.weight", "3.weight"} <= seen.layers.keys()


class ByValue(nn.Module):
    def forward(self, x):
        return x * 2 if x.sum() > 0 else x


@pytest.mark.parametrize(
    ("model", "size", "said"),
    [
        (nn.Sequential(nn.LazyLinear(10)), (64,), "0.weight has no shape yet"),
        (ByValue(), (3,), r"ByValue fails on one float input of \(1, 3\) that has a shape but no values"),
        (nn.Embedding(3, 4), (5,), "Embedding fails on one float input"),
        (Applying(lambda x, w: x["image"] @ w.t()), (16,), "Applying fails on one float input"),
        (Applying(lambda x, w: torch.tensor(x.numpy()) @ w.t()), (16,), "Applying fails on one float input"),
    ],
)
def test_what_cannot_be_counted_is_an_error_of_one_line(model, size, said):
    with pytest.raises(InputError, match=said) as caught:
        robench.flops(model, size)
    assert "\n" not in str(caught.value)


def test_a_cost_of_one_output():
    assert LayerCost(10, 1).flops == 19
