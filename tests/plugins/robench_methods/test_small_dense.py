"""The narrow control against counts made here: parameters by hand, FLOPs by torch's own counter."""

import math
from functools import partial

import pytest
import torch
from torch import nn
from torch.utils.flop_counter import FlopCounterMode

import robench
from robench import registry
from robench.contracts import Factory
from robench.errors import InputError
from robench.registry.options import validate
from tests.helpers.thoroughly import thoroughly

SPARSITIES = (0.1, 0.3, 0.5, 0.8, 0.9)


def factory(name, **options):
    model = registry.load("model", name)
    options = validate(name, model.build, options)
    return Factory(partial(model.build, 10, 3, 32, **options), (3, 32, 32), model.widths(**options))


def parameters(model):
    return sum(parameter.numel() for parameter in model.parameters())


def small(name, **options):
    with torch.device("meta"):
        return robench.method("small-dense", **options).build(factory(name))


def full(name):
    with torch.device("meta"):
        return factory(name)()


@pytest.mark.parametrize("sparsity", SPARSITIES)
@pytest.mark.parametrize("name", thoroughly(["cnn-small", "mlp", "resnet20", "resnet18", "vgg16"], always=["resnet20"]))
def test_parameters_match_within_one_percent(name, sparsity):
    model = full(name)
    weights = [m.weight.numel() for m in model.modules() if isinstance(m, nn.Conv2d | nn.Linear)]
    target = parameters(model) - sum(math.floor(sparsity * 100) * size // 100 for size in weights)
    assert parameters(small(name, sparsity=sparsity)) == pytest.approx(target, rel=0.01)


@pytest.mark.parametrize(("depth", "sparsity"), [*thoroughly([(12, 0.5)]), *((2, sparsity) for sparsity in SPARSITIES)])
def test_parameters_of_a_vision_transformer_match(depth, sparsity):
    with torch.device("meta"):
        make = factory("vit-tiny", depth=depth)
        model = robench.method("small-dense", sparsity=sparsity).build(make)
    inner = depth * 12 * 192 * 192 + 192 * 3 * 16 + 192 * 10
    target = parameters(make()) - sparsity * inner
    assert parameters(model) == pytest.approx(target, rel=0.01)


def inputs_and_outputs(model):
    """Weights of one output and number of outputs, of every convolution and linear layer in model order."""
    found = []
    for module in model.modules():
        if isinstance(module, nn.Conv2d | nn.Linear):
            module.register_forward_hook(lambda m, _, out: found.append((m.weight[0].numel(), out.numel())))
    model.eval()(torch.zeros(1, 3, 32, 32, device="meta"))
    return found


def operations(layers, density=1.0):
    """Multiplications and additions: v of the one and v - 1 of the other for an output of v inputs."""
    return sum((2 * density * inputs - 1) * outputs for inputs, outputs in layers)


@pytest.mark.parametrize("sparsity", SPARSITIES)
@pytest.mark.parametrize("name", thoroughly(["cnn-small", "resnet20"], always=["cnn-small"]))
def test_flops_match_within_one_percent(name, sparsity):
    first, *rest = inputs_and_outputs(full(name))
    target = operations([first]) + operations(rest, 1 - sparsity)
    model = small(name, sparsity=sparsity, match="flops", distribution="uniform")
    assert operations(inputs_and_outputs(model)) == pytest.approx(target, rel=0.01)


def counted(model):
    """FLOPs as torch counts them: 2 for each multiply-accumulate."""
    with FlopCounterMode(display=False) as counter:
        model.eval()(torch.zeros(1, 3, 32, 32, device="meta"))
    return counter.get_total_flops()


def test_flops_of_attention_count_too():
    with torch.device("meta"):
        whole = factory("vit-tiny", depth=2)()
        model = robench.method("small-dense", match="flops", distribution="uniform").build(factory("vit-tiny", depth=2))
    first = 2 * 64 * whole.patch_embed.proj.weight.numel()
    products = 2 * 2 * 2 * 65 * 65 * 192
    masked = counted(whole) - first - products
    assert counted(model) == pytest.approx(first + products + masked / 2, rel=0.01)


def test_it_is_the_plain_model_of_its_widths():
    torch.manual_seed(3)
    ours = robench.method("small-dense", sparsity=0.5).build(factory("resnet20"))
    widths = [ours.layer1[0].conv1.out_channels, ours.layer2[0].conv1.out_channels, ours.layer3[0].conv1.out_channels]
    torch.manual_seed(3)
    theirs = factory("resnet20", widths=widths)()
    assert all(torch.equal(a, b) for a, b in zip(ours.state_dict().values(), theirs.state_dict().values(), strict=True))


def test_sparsity_zero_is_the_network_itself():
    assert parameters(small("resnet20", sparsity=0.0)) == parameters(full("resnet20"))


def test_a_model_without_widths_is_named():
    plain = Factory(partial(nn.Linear, 2, 3), (3, 32, 32))
    with pytest.raises(InputError, match="no widths to choose"):
        robench.method("small-dense").build(plain)


def test_what_cannot_be_matched_says_how_near_it_comes():
    coarse = factory("mlp", width=8, depth=1)
    with pytest.raises(InputError, match="not within 1 %"):
        robench.method("small-dense", sparsity=0.56).build(coarse)
