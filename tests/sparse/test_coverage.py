"""Which share of a network's products stands outside the masks, and what is said of it."""

import warnings

import pytest
import timm
import torch
from torch import nn
from torch.nn.utils import parametrizations

import robench
from robench.errors import InputError
from robench.sparse.coverage import OutsideMasks, examine, outside, quietly
from robench.sparse.products import products


class Recurrent(nn.Module):
    def __init__(self):
        super().__init__()
        self.rnn = nn.GRU(8, 8, batch_first=True)
        self.head = nn.Linear(8, 4)

    def forward(self, x):
        return self.head(self.rnn(x)[0][:, -1])


class Own(nn.Module):
    """A layer of its own kind."""

    def __init__(self):
        super().__init__()
        self.matrix = nn.Parameter(torch.randn(20, 10))
        self.scale = nn.Parameter(torch.ones(20))
        self.position = nn.Parameter(torch.zeros(1, 100, 100))

    def forward(self, x):
        return nn.functional.linear(x, self.matrix) * self.scale + self.position[0, 0, :20]


def start(model, **options):
    method = robench.method("static", **options)
    method.start(model, torch.optim.SGD(model.parameters(), lr=0.1), total_steps=1, seed=0)
    return method


def test_recurrent_weights_are_named():
    # 2 x 3 x 8 x 8 weights of the GRU, 4 x 8 of the head: 384 of 416.
    expected = "masks: 92 % of the matrix parameters stand outside and stay dense: rnn.weight_ih_l0, rnn.weight_hh_l0"
    model = Recurrent()
    assert outside(model) == outside(model, products(model, (5, 8))) == expected
    with pytest.warns(OutsideMasks, match="92 %"):
        start(model)
    with warnings.catch_warnings(), quietly():
        start(model)


def test_parametrised_and_own_layers_are_named():
    model = nn.Sequential(parametrizations.weight_norm(nn.Linear(10, 10)), nn.Linear(10, 10), Own())
    line = outside(model)
    assert line == outside(model, products(model, (10,)))
    assert "75 %" in line
    assert line.endswith("0.parametrizations.weight.original1, 2.matrix")


def test_up_to_three_percent_is_let_pass():
    small, large = nn.Bilinear(3, 1, 10, bias=False), nn.Linear(97, 10)
    assert outside(nn.ModuleList([small, large])) is None
    assert outside(nn.ModuleList([nn.Bilinear(4, 1, 10, bias=False), large])) is not None


@pytest.mark.parametrize("name", ["deit_tiny_patch16_224", "swin_tiny_patch4_window7_224", "convnext_atto", "resnet18"])
def test_common_networks_are_silent(name):
    with torch.device("meta"):
        model = timm.create_model(name)
    assert outside(model) is None
    assert examine(model, ["head.weight"], (3, 224, 224)) is None


def test_standardised_weights_are_left_out_and_named():
    model = timm.create_model("test_nfnet", num_classes=10)
    line = examine(model, start_quietly(model).masks, (3, 32, 32))
    # 188,400 weights of layers that torch would mask, 91 % of them standardised.
    assert "91 %" in line
    assert "stem.conv1.weight" in line


def start_quietly(model):
    with quietly():
        return start(model)


def test_where_nothing_is_left_to_mask_it_is_refused():
    with pytest.raises(InputError, match="no weight that can be masked"):
        start(timm.layers.StdConv2d(3, 4, 3))


def test_what_only_the_whole_pass_shows_is_refused():
    class Centred(nn.Module):
        def __init__(self):
            super().__init__()
            self.fc = nn.Linear(8, 8)

        def forward(self, x):
            return nn.functional.linear(x, self.fc.weight - self.fc.weight.mean())

    model = Centred()
    with pytest.raises(InputError, match=r"fc\.weight does not make its products fewer: it is changed by sub before"):
        examine(model, start(model).masks, (8,))
    assert examine(model, [], (8,)) is None
