"""Golden densities: RigL's rule (rigl/sparse_utils.py), computed on two standard networks."""

import math

import pytest
from hypothesis import given
from hypothesis import strategies as st

from robench.errors import InputError
from robench.sparse.distributions import densities, nonzeros
from tests.helpers.networks import cifar_resnet18, imagenet_resnet50, shapes

RESNET18 = {
    0.20: {"dense": 9, "conv1": 1, "layer1.0.conv1": 1, "layer2.0.conv1": 0.75384, "layer2.1.conv2": 0.49876}
    | {"layer2.0.downsample.0": 1, "layer3.0.conv1": 0.37121, "layer3.1.conv1": 0.24652}
    | {"layer3.0.downsample.0": 1, "layer4.0.conv1": 0.18418, "layer4.0.downsample.0": 1, "layer4.1.conv2": 0.12255},
    0.10: {"dense": 4, "conv1": 1, "layer1.0.conv1": 0.47968, "layer2.0.conv1": 0.35439, "layer2.1.conv2": 0.23447}
    | {"layer2.0.downsample.0": 1, "layer3.0.conv1": 0.17451, "layer3.1.conv1": 0.11589}
    | {"layer3.0.downsample.0": 1, "layer4.0.conv1": 0.08658, "layer4.0.downsample.0": 0.77523}
    | {"layer4.1.conv2": 0.05761},
    0.05: {"dense": 3, "conv1": 1, "layer1.0.conv1": 0.23273, "layer2.0.conv1": 0.17194, "layer2.1.conv2": 0.11376}
    | {"layer2.0.downsample.0": 1, "layer3.0.conv1": 0.08467, "layer3.1.conv1": 0.05623}
    | {"layer3.0.downsample.0": 0.75420, "layer4.0.conv1": 0.04201, "layer4.0.downsample.0": 0.37612}
    | {"layer4.1.conv2": 0.02795},
    0.01: {"dense": 1, "conv1": 0.5143, "layer1.0.conv1": 0.04425, "layer2.0.conv1": 0.03269}
    | {"layer2.1.conv2": 0.02163, "layer2.0.downsample.0": 0.28830, "layer3.0.conv1": 0.01610}
    | {"layer3.1.conv1": 0.01069, "layer3.0.downsample.0": 0.14340, "layer4.0.conv1": 0.00799}
    | {"layer4.0.downsample.0": 0.07152, "layer4.1.conv2": 0.00531, "fc": 1},
}
RESNET50 = {
    0.20: {"dense": 8, "conv1": 0.8572, "layer4.2.conv2": 0.04347, "fc": 0.14818, "layer1.0.downsample.0": 1},
    0.10: {"dense": 1, "conv1": 0.4200, "layer4.2.conv2": 0.02130, "fc": 0.07261, "layer1.0.conv1": 1},
    0.05: {"dense": 0, "conv1": 0.2098, "layer4.2.conv2": 0.01064, "fc": 0.03627},
    0.01: {"dense": 0, "conv1": 0.0420, "layer4.2.conv2": 0.00213, "fc": 0.00726},
}
CASES = [(cifar_resnet18, density, golden) for density, golden in RESNET18.items()]
CASES += [(imagenet_resnet50, density, golden) for density, golden in RESNET50.items()]


@pytest.mark.parametrize(("network", "density", "golden"), CASES)
def test_erk_golden(network, density, golden):
    layers = shapes(network())
    got = densities("erk", layers, round(1 - density, 2))
    assert sum(value == 1 for value in got.values()) == golden["dense"]
    for layer, value in golden.items():
        if layer != "dense":
            assert got[f"{layer}.weight"] == pytest.approx(value, abs=5.1e-5 if layer == "conv1" else 5.1e-6)


@pytest.mark.parametrize(("network", "density", "golden"), CASES)
def test_erk_total_and_layers_are_whole_numbers(network, density, golden):
    layers = shapes(network())
    counts = nonzeros("erk", layers, round(1 - density, 2))
    size = {name: math.prod(shape) for name, shape in layers.items()}
    exact = densities("erk", layers, round(1 - density, 2))
    assert 0 <= sum(counts.values()) - density * sum(size.values()) <= len(layers)
    assert all(abs(counts[name] - exact[name] * size[name]) < 1 for name in layers)


def test_er_ignores_the_kernel():
    layers = {"a": (40, 30, 3, 3), "b": (80, 40, 3, 3)}
    got = densities("er", layers, 0.9)
    assert got["a"] / got["b"] == pytest.approx((70 / 1200) / (120 / 3200))


def test_layers_that_tie_are_capped_together():
    layers = {"a": (4, 4), "b": (4, 4), "c": (400, 400)}
    assert nonzeros("erk", layers, 0.9) == {"a": 16, "b": 16, "c": 15972}


def test_uniform_keeps_the_first_layer_dense():
    layers = {"first": (8, 3, 3, 3), "second": (10, 10), "last": (10, 7)}
    assert nonzeros("uniform", layers, 0.9) == {"second": 10, "last": 7}
    assert nonzeros("uniform", {"only": (10, 10)}, 0.9) == {"only": 10}


@pytest.mark.parametrize("distribution", ["uniform", "er", "erk"])
def test_decimals_are_exact(distribution):
    assert nonzeros(distribution, {"only": (10, 10)}, 0.57) == {"only": 43}


@pytest.mark.parametrize("distribution", ["er", "erk"])
def test_sparsity_zero_is_dense(distribution):
    layers = shapes(cifar_resnet18())
    assert nonzeros(distribution, layers, 0.0) == {name: math.prod(shape) for name, shape in layers.items()}


@pytest.mark.parametrize("sparsity", [-0.1, 1.0, 1.5, math.nan])
def test_sparsity_outside_its_range(sparsity):
    with pytest.raises(InputError, match="sparsity"):
        nonzeros("erk", {"a": (3, 3)}, sparsity)


def test_empty_layers_are_refused():
    with pytest.raises(InputError, match="leaves no weight in tiny"):
        nonzeros("erk", {"tiny": (1, 1), "large": (1000, 1000)}, 0.99999)
    with pytest.raises(InputError, match="none has no weights"):
        nonzeros("erk", {"none": (0, 5), "large": (10, 10)}, 0.5)


def test_unknown_distribution():
    with pytest.raises(InputError, match="did you mean 'erk'"):
        nonzeros("erkk", {"a": (3, 3)}, 0.5)


@given(
    st.lists(st.lists(st.integers(1, 30), min_size=2, max_size=4), min_size=1, max_size=8),
    st.floats(0, 0.99),
    st.sampled_from(["er", "erk"]),
)
def test_budget_is_met_to_the_unit_or_refused(layers, sparsity, distribution):
    named = {str(index): tuple(shape) for index, shape in enumerate(layers)}
    each = {name: nonzeros("uniform", {name: shape}, sparsity)[name] for name, shape in named.items()}
    try:
        counts = nonzeros(distribution, named, sparsity)
    except InputError:
        assert min(densities(distribution, named, sparsity)[name] * math.prod(named[name]) for name in named) < 1
        return
    assert sum(counts.values()) == sum(each.values())
    assert all(1 <= counts[name] <= math.prod(shape) for name, shape in named.items())
