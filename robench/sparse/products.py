"""Which products one pass makes, and with which weights: on shapes alone, knowing where every tensor comes from."""

import copy
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, NamedTuple, final

import torch
from torch import Tensor, nn
from torch.nn.attention import SDPBackend, sdpa_kernel
from torch.nn.parameter import is_lazy
from torch.utils._python_dispatch import TorchDispatchMode
from torch.utils._pytree import tree_leaves
from torch.utils.flop_counter import flop_registry

from robench.errors import FOREIGN, InputError, first_line

ATTENTION = "attention"
"""Where products of two activations are booked: no weight, so no sparsity, takes part in them."""
CONSTANT = "constant"
"""Where products with what is neither an activation nor a weight are booked, such as a fixed filter."""

aten = torch.ops.aten
_FACTORS = {aten.addmm: slice(1, 3), aten.baddbmm: slice(1, 3)}
"""Places of the two factors among the arguments, where a summand stands before them; else the first two."""
_TRANSPOSED, _GROUPS = 6, 8
"""Places of the flag and the groups among the arguments of aten.convolution."""
_ZEROS_STAY = {
    *(aten.clone, aten._to_copy, aten.copy_, aten._unsafe_view, aten.mul, aten.mul_, aten.div, aten.div_, aten.neg),
    *(aten.index_select, aten.index, aten.gather, aten.flip, aten.roll, aten.repeat, aten.constant_pad_nd, aten.cat),
    *(aten.stack, aten.abs, aten.sign, aten.round, aten.tanh, aten.relu, aten._weight_norm_interface),
}
"""What leaves a 0 of its first weight a 0: a mask still acts on what comes out."""
_JOINS = {aten.cat, aten.stack}
_ADDS = {
    *(aten.add, aten.add_, aten.sub, aten.sub_, aten.rsub, aten.where, aten.copy_, aten.fill_, aten.lerp, aten.cat),
    *(aten.stack, aten.index, aten.index_put, aten.index_put_, aten.index_add, aten.index_add_, aten.index_select),
    *(
        aten.embedding,
        aten._embedding_bag,
        aten.gather,
        aten.scatter,
        aten.scatter_,
        aten.scatter_add,
        aten.masked_fill,
    ),
    *(
        aten.native_batch_norm,
        aten.native_layer_norm,
        aten.native_group_norm,
        aten._native_batch_norm_legit_no_training,
    ),
    *(aten.maximum, aten.minimum, aten.slice_scatter, aten.select_scatter, aten.masked_scatter),
}
"""What adds a weight to activations, picks from it or normalises with it: no FLOPs by the convention."""

Layer = nn.Linear | nn.Conv1d | nn.Conv2d | nn.Conv3d | nn.ConvTranspose1d | nn.ConvTranspose2d | nn.ConvTranspose3d
"""Layers of torch that multiply a weight."""
_FORWARD = ("forward", "_conv_forward")


class LayerCost(NamedTuple):
    """What a weight computes for one sample: multiplications (MACs) and outputs.

    `transposed` is 0 for a weight (outputs, inputs, ...), else the number of groups of a transposed one, whose outputs
    lie on its second axis, anew for each group of its inputs.

    Example:
        5 outputs of 10 inputs, each 10 multiplications and 9 additions:

        >>> LayerCost(multiplications=50, outputs=5).flops
        95
    """

    multiplications: int
    outputs: int
    transposed: int = 0

    @property
    def flops(self) -> int:
        """Dense FLOPs: an output of v inputs takes v multiplications and v - 1 additions."""
        return 2 * self.multiplications - self.outputs


@final
@dataclass(frozen=True)
class Products:
    """What one pass multiplies.

    Example:
        >>> products(nn.Linear(4, 2), (4,)).layers
        {'weight': LayerCost(multiplications=8, outputs=2, transposed=0)}

    Attributes:
        layers: Cost by the name of the weight that takes part, or "attention", or "constant". What a weight computes
            that is changed before its product stands under "NAME (changed)": no mask of it makes that less.
        changed: Weight -> the operator that changes it, so that its zeros are zeros no more.
        uncounted: Weight -> the operator in which it meets activations, whose FLOPs nothing here counts.
        unread: Weights (of two dimensions or more) that take no part in the pass at all.
    """

    layers: dict[str, LayerCost] = field(default_factory=dict)
    changed: dict[str, str] = field(default_factory=dict)
    uncounted: dict[str, str] = field(default_factory=dict)
    unread: frozenset[str] = frozenset()


class _Origin(NamedTuple):
    """Where a tensor comes from: from the input, or from weights (name -> elements); what changed those, if anything.

    A buffer is a weight that is not `trained`: it stands back where a parameter takes part.
    """

    active: bool = False
    weights: Mapping[str, int] = {}
    change: str = ""
    trained: bool = False


def products(model: nn.Module, input_size: Sequence[int]) -> Products:
    """Return what a pass of one sample multiplies; see `flops.count_layers`.

    Raises:
        InputError: A lazy layer has no shape yet, or the pass fails on shapes alone.

    Example:
        >>> products(nn.Linear(4, 2), (4,)).changed
        {}
    """
    if lazy := [name for name, tensor in _tensors(model) if is_lazy(tensor)]:
        raise InputError(f"model: {lazy[0]} has no shape yet; run one forward pass before counting")
    twin = _meta_copy(model).eval()
    sample = torch.empty(1, *input_size, device="meta")
    counter = _Counter(twin, sample)
    # As two plain products (MATH), attention shows how many outputs each has: QK^T L x L and AV L x d, each output of
    # v products taking v - 1 additions. A fused operator tells the products of both, but only the outputs of AV.
    try:
        with torch.random.fork_rng(devices=[]), torch.enable_grad(), sdpa_kernel(SDPBackend.MATH), counter:
            twin(sample)
    except FOREIGN as error:
        raise InputError(
            f"model: {type(model).__name__} fails on one float input of {tuple(sample.shape)} that has a shape but no "
            f"values, on which FLOPs are counted: {first_line(error)}"
        ) from error
    return counter.found()


def uses_plainly(layer: Layer) -> bool:
    """Say whether a Linear or convolution multiplies its weight as it is; a subclass with a forward pass may not.

    Such a layer is tried alone, on shapes. One that cannot be (its forward takes more than an input) is believed to:
    the pass of the whole model shows it.

    Example:
        >>> class Centred(nn.Linear):
        ...     def forward(self, x):
        ...         return nn.functional.linear(x, self.weight - self.weight.mean())
        >>> uses_plainly(nn.Linear(2, 3)), uses_plainly(Centred(2, 3))
        (True, False)
    """
    if is_lazy(layer.weight) or _forward(layer) == _forward(_torch_class(layer)):
        return True
    size = _smallest_input(layer)
    try:
        seen = products(layer, size)
    except InputError:
        return True
    return "weight" not in seen.changed


def _forward(layer: Any) -> tuple[Any, ...]:
    """Return the functions that make up the forward pass."""
    return tuple(getattr(getattr(layer, name, None), "__func__", getattr(layer, name, None)) for name in _FORWARD)


def _torch_class(layer: Layer) -> type[nn.Module]:
    return next(cls for cls in type(layer).__mro__ if cls.__module__.startswith("torch.nn.modules"))


def _smallest_input(layer: Layer) -> tuple[int, ...]:
    if isinstance(layer, nn.Linear):
        return (layer.in_features,)
    reach = zip(layer.kernel_size, layer.dilation, strict=True)
    return (layer.in_channels, *(dilation * (size - 1) + 1 for size, dilation in reach))


def _tensors(model: nn.Module) -> Iterable[tuple[str, Tensor]]:
    yield from model.named_parameters()
    yield from model.named_buffers()


def _meta_copy(model: nn.Module) -> nn.Module:
    memo: dict[int, Any] = {}
    for parameter in model.parameters():
        # A weight that requires a gradient keeps attention off its fused inference path, which has no formula.
        memo[id(parameter)] = nn.Parameter(_meta(parameter), requires_grad=parameter.is_floating_point())
    # Buffers, and tensors that hooks compute from parameters (weight_norm, prune), which torch does not deep-copy.
    for module in model.modules():
        for value in (*module._buffers.values(), *vars(module).values()):
            if isinstance(value, Tensor):
                memo[id(value)] = _meta(value)
    return copy.deepcopy(model, memo)


def _meta(tensor: Tensor) -> Tensor:
    return torch.empty_like(tensor, device="meta", requires_grad=False)


@final
class _Counter(TorchDispatchMode):  # type: ignore[no-untyped-call]  # torch leaves its base untyped
    """Adds up the products of each operator under the name of the weight among its factors.

    Args:
        model: On the meta device, each of its tensors with a storage of its own.
        sample: Its input.
    """

    # Below autograd, modules and functions alike have become a few aten operators: a linear layer is
    # addmm(bias, x, weight.t()), a projection of cross-attention the same with a chunk of a joint weight. For each
    # that multiplies torch has a formula in shapes, 2 x the products. A tensor is known by its storage, which its views
    # share. All that come up are held until the end, so that no storage is used anew.

    def __init__(self, model: nn.Module, sample: Tensor) -> None:
        super().__init__()  # type: ignore[no-untyped-call]  # torch leaves its base untyped
        self._layers: dict[str, LayerCost] = {}
        self._changed: dict[str, str] = {}
        self._uncounted: dict[str, str] = {}
        self._parameters = {name: weight.dim() for name, weight in model.named_parameters()}
        self._origins = {
            _storage(tensor): _Origin(weights={name: tensor.numel()}, trained=name in self._parameters)
            for name, tensor in _tensors(model)
        }
        self._origins[_storage(sample)] = _Origin(active=True)
        self._read: set[str] = set()
        self._held = [sample, *(tensor for _, tensor in _tensors(model))]

    def found(self) -> Products:
        """Return what was seen so far."""
        matrices = {name for name, dim in self._parameters.items() if dim > 1}
        return Products(self._layers, self._changed, self._uncounted, frozenset(matrices - self._read))

    def __torch_dispatch__(
        self, func: Any, types: Any, args: tuple[Any, ...] = (), kwargs: dict[str, Any] | None = None
    ) -> Any:
        kwargs = kwargs or {}
        operands = [value for value in tree_leaves((args, kwargs)) if isinstance(value, Tensor)]
        # Before the call: an operator that works in place changes what one of them is.
        origins = [self._origin(tensor) for tensor in operands]
        out = func(*args, **kwargs)
        packet = func._overloadpacket
        self._read.update(name for origin in origins for name in origin.weights)
        formula: Callable[..., int] | None = flop_registry.get(packet)
        if formula is not None:
            self._book(packet, args, int(formula(*args, **kwargs, out_val=out)) // 2, out.numel())
            result = _Origin(active=any(origin.active for origin in origins))
        else:
            if packet is aten.mv and any(origin.active for origin in origins):
                self._book(packet, args, args[0].numel(), out.numel())
            elif packet not in _ADDS:
                self._note(packet, operands, origins)
            result = _combined(packet, origins)
        for tensor in tree_leaves(out):
            if isinstance(tensor, Tensor):
                self._held.append(tensor)
                if func._schema.is_mutable or _storage(tensor) not in self._origins:
                    self._origins[_storage(tensor)] = result
        return out

    def _origin(self, tensor: Tensor) -> _Origin:
        return self._origins.get(_storage(tensor), _Origin())

    def _book(self, packet: Any, args: tuple[Any, ...], multiplications: int, outputs: int) -> None:
        factors = [self._origin(tensor) for tensor in args[_FACTORS.get(packet, slice(2))]]
        transposed = int(args[_GROUPS]) if packet is aten.convolution and args[_TRANSPOSED] else 0
        active = any(factor.active for factor in factors)
        weights = [factor for factor in factors if not factor.active]
        if not weights:
            self._add(ATTENTION, multiplications, outputs, transposed)
            return
        # Of two, a layer's weight, which stands last, not a token, a fixed table or what was computed from both.
        weight = min(reversed(weights), key=lambda weight: (not weight.trained, bool(weight.change)))
        if weight.change:
            if active:
                self._changed.update({name: weight.change for name in weight.weights if name in self._parameters})
            name = max(weight.weights, key=lambda name: weight.weights[name])
            self._add(f"{name} (changed)", multiplications, outputs, transposed)
            return
        self._share(weight.weights or {CONSTANT: 1}, multiplications, outputs, transposed)

    def _share(self, weights: Mapping[str, int], multiplications: int, outputs: int, transposed: int) -> None:
        """Book a product with several weights, joined, under each by its number of elements."""
        left = sum(weights.values())
        for name, elements in weights.items():
            mine, mine_out = multiplications * elements // max(left, 1), outputs * elements // max(left, 1)
            self._add(name, mine, mine_out, transposed)
            multiplications, outputs, left = multiplications - mine, outputs - mine_out, left - elements

    def _add(self, name: str, multiplications: int, outputs: int, transposed: int) -> None:
        known = self._layers.get(name, LayerCost(0, 0))
        self._layers[name] = LayerCost(known.multiplications + multiplications, known.outputs + outputs, transposed)

    def _note(self, packet: Any, operands: Sequence[Tensor], origins: Sequence[_Origin]) -> None:
        if any(origin.active for origin in origins):
            for tensor, origin in zip(operands, origins, strict=True):
                # A vector that scales channels is a norm's or LayerScale's: it costs as little as they do.
                if origin.trained and sum(size > 1 for size in tensor.shape) > 1:
                    self._uncounted.update({name: _name(packet) for name in origin.weights if name in self._parameters})


def _combined(packet: Any, origins: Sequence[_Origin]) -> _Origin:
    """Return where the output of an operator that is no product comes from."""
    if any(origin.active for origin in origins):
        return _Origin(active=True)
    weights = [o for o in origins if o.trained] or [o for o in origins if o.weights]
    if not weights:
        return _Origin()
    joined = {name: elements for origin in weights for name, elements in origin.weights.items()}
    if packet in _JOINS:
        return _Origin(False, joined, next((w.change for w in weights if w.change), ""), weights[0].trained)
    # A factor has no more elements than what it scales; what is divided stands first.
    first = weights[0] if packet in (aten.div, aten.div_) else max(weights, key=lambda w: sum(w.weights.values()))
    if packet in _ZEROS_STAY and (packet not in (aten.div, aten.div_) or first is origins[0]):
        return first
    return _Origin(False, joined, first.change or _name(packet), first.trained)


def _name(packet: Any) -> str:
    return str(packet).rpartition(".")[2]


def _storage(tensor: Tensor) -> int:
    """Views of a weight (its transpose, a chunk of a joint projection) share its storage."""
    return int(tensor.untyped_storage()._cdata)


__all__ = ["ATTENTION", "CONSTANT", "LayerCost", "Products", "products", "uses_plainly"]
