"""The laws of the Model contract."""

from typing import Any

import torch
from torch import Tensor, nn

from robench.benchmarks import names
from robench.contracts import API_VERSION, Inputs, Model
from robench.errors import InputError
from robench.registry.options import describe, validate
from robench.sparse.coverage import outside
from robench.sparse.flops import not_counted, refuse_idle
from robench.sparse.masks import maskable
from robench.sparse.products import products
from robench.testing.check import Check, check, ensure
from robench.testing.method.trial import difference

_CLASSES = 7
_SIZES = (Inputs(3, 32, 32), Inputs(1, 32, 32), Inputs(3, 64, 64), Inputs(3, 32, 48))
"""Colour and grey, the sizes of CIFAR and of Tiny-ImageNet, and images that are not square."""


def _build(model: Model, options: dict[str, Any], inputs: Inputs = _SIZES[0], seed: int = 0) -> nn.Module:
    """Build with checked options and fixed weights; random states are put back."""
    variant = {"variant": options["variant"]} if "variant" in options else {}
    given = {name: value for name, value in options.items() if name != "variant"}
    checked = validate(model.name, model.build, given, without=("variant",))
    with torch.random.fork_rng(devices=[]):
        torch.manual_seed(seed)
        return model.build(_CLASSES, inputs.channels, inputs.image_size, **checked, **variant)


def _images(count: int, inputs: Inputs = _SIZES[0]) -> Tensor:
    return torch.randn(count, *inputs.shape, generator=torch.Generator().manual_seed(count))


@check()
def declaration(model: Model, **options: Any) -> str:
    """The record is a Model for this API; its recipe exists; options have types and defaults, others are refused."""
    ensure(isinstance(model, Model), f"{type(model).__name__} is not a Model")
    ensure(model.api_version == API_VERSION, f"api_version is {model.api_version}, this robench has {API_VERSION}")
    recipes = names("recipe")
    ensure(model.recipe in recipes, f"recipe {model.recipe!r} does not exist; known: {', '.join(recipes)}")
    ensure(model.reference.strip(), "reference is empty")
    known = [option.name for option in describe(model.build, without=("variant",))]
    for name in known:
        ensure(_refused(model, name, {"any": ["thing"]}), f"option {name} takes any value; give it a type")
    ensure(_refused(model, "no_such_option", 0), "an option that does not exist is taken")
    return ", ".join(known) or "no options"


@check()
def logits(model: Model, **options: Any) -> str:
    """Images of 1x32x32, 3x32x32, 3x64x64 and 3x32x48 give finite float32 logits (N, num_classes), or InputError."""
    seen = []
    for inputs in _SIZES:
        try:
            network = _build(model, options, inputs)
        except InputError:
            continue
        result = network(_images(2, inputs))
        ensure(tuple(result.shape) == (2, _CLASSES), f"{inputs}: logits are {tuple(result.shape)}")
        ensure(result.dtype == torch.float32, f"{inputs}: logits are {result.dtype}")
        ensure(result.isfinite().all(), f"{inputs}: logits are not finite")
        seen.append(str(inputs))
    ensure(seen, "every input size is refused")
    return ", ".join(seen)


@check(19)
def same_seed(model: Model, **options: Any) -> str:
    """The same seed gives the same weights, another seed gives others."""
    one, same, other = (_build(model, options, seed=seed).state_dict() for seed in (3, 3, 4))
    differs = difference(one, same)
    ensure(differs is None, f"{differs} differs between two builds at one seed")
    ensure(difference(one, other), "two seeds give the same weights")
    return f"{sum(value.numel() for value in one.values())} numbers"


@check()
def independent_images(model: Model, **options: Any) -> str:
    """In evaluation an image's logits do not depend on its batch, nothing is drawn, and no buffer changes."""
    network = _build(model, options).eval()
    images, before = _images(5), {name: value.clone() for name, value in network.state_dict().items()}
    with torch.no_grad():
        state = torch.random.get_rng_state()
        together, again = network(images), network(images)
        alone = torch.cat([network(image[None]) for image in images])
    ensure(torch.equal(state, torch.random.get_rng_state()), "evaluation draws from the global generator")
    ensure(torch.equal(together, again), "two evaluations of one batch differ")
    apart = (together - alone).abs().max() / together.abs().max().clamp(min=1e-6)
    ensure(apart < 1e-3, f"logits of an image alone and in its batch differ by {apart:.1e} of the largest")
    ensure(together.std(0).max() > 0, "all images have the same logits")
    changed = difference(before, network.state_dict())
    ensure(changed is None, f"evaluation changes {changed}")
    return f"largest relative difference {apart:.1e}"


@check()
def every_parameter_learns(model: Model, **options: Any) -> str:
    """It comes in training mode, trainable, and the gradient of a loss reaches every parameter."""
    network = _build(model, options)
    ensure(network.training, "it does not come in training mode")
    loss = nn.functional.cross_entropy(network(_images(4)), torch.arange(4))
    torch.autograd.backward(loss)
    for name, weight in network.named_parameters():
        ensure(weight.requires_grad, f"{name} is frozen")
        ensure(weight.grad is not None, f"no gradient reaches {name}")
        ensure(weight.grad is not None and weight.grad.isfinite().all(), f"the gradient of {name} is not finite")
    return f"{sum(1 for _ in network.parameters())} parameters"


@check(15)
def plain_state(model: Model, **options: Any) -> str:
    """The state dict holds tensors alone, and a new network that loads it gives the same logits."""
    network, other = _build(model, options), _build(model, options, seed=1)
    state = network.state_dict()
    strange = [name for name, value in state.items() if not torch.is_tensor(value)]
    ensure(not strange, f"{strange[:1]} is no tensor")
    other.load_state_dict(state)
    with torch.no_grad():
        same = torch.equal(network.eval()(_images(2)), other.eval()(_images(2)))
    ensure(same, "a network with the same state dict gives other logits")
    return f"{len(state)} entries"


@check(11, 17)
def sparse_training(model: Model, **options: Any) -> str:
    """It has weights that can be masked, masks make its FLOPs fewer, and they are counted without touching it."""
    network = _build(model, options)
    before = {name: value.clone() for name, value in network.state_dict().items()}
    weights, seen = maskable(network), products(network, _SIZES[0].shape)
    ensure(weights, "there is no weight of a linear layer, convolution or attention projection")
    refuse_idle(seen, weights)
    ensure(seen.layers.keys() & weights.keys(), "no FLOPs are counted for the weights that can be masked")
    changed = difference(before, network.state_dict())
    ensure(changed is None, f"counting FLOPs changes {changed}")
    masked, total = (sum(w.numel() for w in group) for group in (weights.values(), network.parameters()))
    notes = [outside(network, seen), *(f"not counted: {what}" for what in not_counted(seen))]
    return "; ".join([f"{masked} of {total} parameters can be masked", *filter(None, notes)])


def _refused(model: Model, option: str, value: Any) -> bool:
    try:
        validate(model.name, model.build, {option: value}, without=("variant",))
    except InputError:
        return True
    return False


CHECKS: tuple[Check, ...] = (
    declaration,
    logits,
    same_seed,
    independent_images,
    every_parameter_learns,
    plain_state,
    sparse_training,
)
