"""What a network and its training cost, from masks: FLOPs, counted layer by layer, and parameters."""

import warnings
from collections.abc import Iterable, Mapping, Sequence
from typing import Any, ClassVar, NamedTuple, final

import torch
from torch import Tensor, nn

from robench.contracts.method import Method
from robench.errors import InputError, unknown
from robench.sparse.masks import maskable
from robench.sparse.products import ATTENTION, LayerCost, Products, products


def count_layers(model: nn.Module, input_size: Sequence[int]) -> dict[str, LayerCost]:
    """Return dense inference cost per sample, by the name of the weight that takes part.

    Products of two activations (QK^T, AV) are under "attention", those with a fixed filter under its name or
    "constant". Linear layers, convolutions of any dimension and matrix products count; biases, norms, activations,
    pooling and additions do not. A weight used twice counts twice; padding counts as input, so that every weight of a
    kernel takes part at every place of the output, as in RigL's count and other tools'.

    A weight that is copied, cast, stacked or scaled before its product is still that weight. One that is changed so
    that its zeros are zeros no more, as by weight standardisation, stands under "NAME (changed)". What meets
    activations in an operator that is not counted (element-wise product, nn.Bilinear, deformable convolution) is in
    `products.products(model, input_size).uncounted`.

    The pass runs on shapes alone (meta device), in eval mode, on a copy that shares no tensor with `model`:
    weights, BatchNorm statistics, hooks, mode and random state are left as they are.

    Args:
        model: In any mode, on any device.
        input_size: One sample without the batch, such as (3, 32, 32).

    Example:
        A 3 x 3 convolution of 2 channels, padded, on 8 x 8 pixels: 18 multiplications for each of 4 x 64 outputs.

        >>> count_layers(nn.Conv2d(2, 4, 3, padding=1), (2, 8, 8))
        {'weight': LayerCost(multiplications=4608, outputs=256, transposed=0)}

    Raises:
        InputError: A lazy layer has no shape yet, or the pass fails on one float input that has no values: where
            control flow depends on values, or the model takes something else.
    """
    return products(model, input_size).layers


__all__ = [
    "ATTENTION",
    "LayerCost",
    "Parameters",
    "TrainingCost",
    "count_layers",
    "count_parameters",
    "density_by_layer",
    "flops",
    "not_counted",
    "refuse_idle",
]


def flops(model: nn.Module, input_size: Sequence[int], masks: Mapping[str, Tensor | float] | None = None) -> float:
    """Return inference FLOPs per sample, multiplications + additions, each layer with the weights its mask leaves.

    An output of v active inputs takes v multiplications and v - 1 additions, as RigL (arXiv:1911.11134) counts:
    2 x MAC less one addition an output. What counts: see `count_layers`.

    Args:
        model: In any mode, on any device.
        input_size: One sample without the batch, such as (3, 32, 32).
        masks: Names as in `named_parameters()` -> bool masks, or densities in [0, 1]; layers that are not named count
            as dense.

    Warns where weights take part in what is not counted, and names them.

    Raises:
        InputError: A name that the model does not have, or the mask of a weight that is changed before its product, so
            that it would make nothing less.

    Example:
        5 outputs of 10 inputs, then of 4:

        >>> flops(nn.Linear(10, 5), (10,)), flops(nn.Linear(10, 5), (10,), {"weight": 0.4})
        (95.0, 35.0)
    """
    names = dict(model.named_parameters())
    for name in masks or {}:
        if name not in names:
            raise unknown("masks", name, names)
    seen = products(model, input_size)
    refuse_idle(seen, masks or {})
    if left_out := not_counted(seen):
        warnings.warn(f"FLOPs do not count {', '.join(left_out)}", stacklevel=2)
    return weigh(seen.layers, masks or {})


def refuse_idle(seen: Products, masked: Iterable[str]) -> None:
    """Raise InputError where a mask of one of these weights would do nothing, or not be counted.

    Example:
        >>> refuse_idle(Products(changed={"fc.weight": "sub"}), ["fc.weight"])
        Traceback (most recent call last):
        ...
        robench.errors.InputError: masks: a mask of fc.weight does not make its products fewer: it is changed by sub \
before its product
    """
    idle = {name: f"changed by {seen.changed[name]} before its product" for name in masked if name in seen.changed}
    idle |= {name: f"in {seen.uncounted[name]}, not counted" for name in masked if name in seen.uncounted}
    if idle:
        name, why = next(iter(idle.items()))
        more = f" and of {len(idle) - 1} more" if len(idle) > 1 else ""
        raise InputError(f"masks: a mask of {name}{more} does not make its products fewer: it is {why}")


def not_counted(seen: Products, masked: Iterable[str] = ()) -> tuple[str, ...]:
    """Return what FLOPs leave out, such as "mul with head.scale"; nothing for common networks.

    Masked weights that take no part in inference, as those of auxiliary heads, are named too.

    Example:
        >>> class Gate(nn.Module):
        ...     def __init__(self):
        ...         super().__init__()
        ...         self.table = nn.Parameter(torch.ones(3, 4))
        ...     def forward(self, x):
        ...         return (self.table * x[:, None]).sum(-1)
        >>> not_counted(products(Gate(), (4,)))
        ('mul with table',)
    """
    apart = (f"{name}, which takes no part in inference" for name in masked if name in seen.unread)
    return (*(f"{operator} with {name}" for name, operator in seen.uncounted.items()), *apart)


def weigh(layers: Mapping[str, LayerCost], masks: Mapping[str, Tensor | float]) -> float:
    """Return the FLOPs of `layers` (from `count_layers`) under `masks`; a layer without mask is dense.

    Example:
        Of two outputs one has two active inputs, 2 + 1, the other none:

        >>> weigh({"weight": LayerCost(6, 2)}, {"weight": torch.tensor([[True, True, False], [False, False, False]])})
        3.0
    """
    return float(sum(_flops(layer, masks[n]) if n in masks else layer.flops for n, layer in layers.items()))


def _flops(layer: LayerCost, mask: Tensor | float) -> float:
    """An output without any active input takes no addition; of a density, all outputs have inputs or none."""
    # Sum over outputs of v: every weight takes part equally often, once for each place of the map (padding counts as
    # input), so a mask leaves its density of the products. Sum of v - 1 over outputs with v > 0: the same less their
    # number, the share of channels with an active weight times all outputs, as channels have equally many.
    products = layer.multiplications * _density(mask)
    return products + max(products - layer.outputs * _occupied(mask, layer.transposed), 0.0)


def _occupied(mask: Tensor | float, transposed: int) -> float:
    """Return the share of outputs that have an active input."""
    if not isinstance(mask, Tensor):
        return float(mask > 0)
    if transposed:  # (groups x inputs, outputs of a group, ...)
        mask = mask.view(transposed, -1, *mask.shape[1:]).transpose(1, 2).flatten(0, 1)
    rows = torch.any(mask.flatten(1), 1)
    return int(rows.sum()) / rows.numel()


def density_by_layer(model: nn.Module, masks: Mapping[str, Tensor]) -> dict[str, float]:
    """Return the density of every maskable weight in model order, from masks; 1 where there is none.

    Example:
        >>> density_by_layer(nn.Linear(2, 1), {"weight": torch.tensor([[True, False]])})
        {'weight': 0.5}
    """
    return {name: _density(masks[name]) if name in masks else 1.0 for name in maskable(model)}


class Parameters(NamedTuple):
    """Numbers of parameters; nonzero ones by mask, so a weight just grown at 0 counts.

    Example:
        >>> Parameters(total=100, nonzero=40, maskable=80, maskable_nonzero=20).maskable_sparsity
        0.75
    """

    total: int
    nonzero: int
    maskable: int
    maskable_nonzero: int

    @property
    def sparsity(self) -> float:
        """Share of zeros among all parameters, biases and norms included."""
        return 1 - self.nonzero / self.total

    @property
    def maskable_sparsity(self) -> float:
        """Share of zeros among maskable weights."""
        return 1 - self.maskable_nonzero / self.maskable


def count_parameters(model: nn.Module, masks: Mapping[str, Tensor]) -> Parameters:
    """Count parameters, tied ones once; all that is not masked away is nonzero.

    Example:
        >>> count_parameters(nn.Linear(2, 1), {"weight": torch.tensor([[True, False]])})
        Parameters(total=3, nonzero=2, maskable=2, maskable_nonzero=1)
    """
    total = sum(parameter.numel() for parameter in model.parameters())
    candidates = sum(weight.numel() for weight in maskable(model).values())
    zeros = sum(mask.numel() - int(mask.sum()) for mask in masks.values())
    return Parameters(total, total - zeros, candidates, candidates - zeros)


@final
class TrainingCost:
    """Adds up training FLOPs step by step.

    Per sample: 3 f, one forward and a backward of twice its cost, f with the masks of that step; a step with a
    dense weight gradient 2 f + f_dense (RigL, arXiv:1911.11134, appendix). The dense total takes 3 `full`.
    Masks are counted again only when `method.updates` changes.

    Args:
        layers: From `count_layers`.
        full: Dense inference FLOPs of the network that ratios are taken to, where it is not this one.

    Example:
        One output of 10 inputs, of which 5 are left: f is 9, dense 19.

        >>> from robench.sparse import DynamicSparse
        >>> model, method = nn.Linear(10, 1), DynamicSparse(sparsity=0.5)
        >>> method.start(model, torch.optim.SGD(model.parameters(), lr=0.1), total_steps=1, seed=0)
        >>> cost = TrainingCost(count_layers(model, (10,)))
        >>> cost.add(method, step=0, samples=2)
        >>> cost.total, cost.full_total
        (54.0, 114.0)
    """

    formula: ClassVar[str] = (
        "f = multiplications + additions; step = 3 f(masks), or 2 f(masks) + f(dense) with a dense weight gradient"
    )

    def __init__(self, layers: Mapping[str, LayerCost], *, full: float | None = None) -> None:
        self._layers = dict(layers)
        self._dense = self._sparse = weigh(layers, {})
        self.full = self._dense if full is None else full
        self._counted: int | None = None
        self.total = 0.0
        self.full_total = 0.0

    def add(self, method: Method, step: int, samples: int) -> None:
        """Book one step over `samples` samples. Call it before `method.before_step(step)`, whose masks it uses."""
        if self._counted != method.updates:
            self._sparse = weigh(self._layers, method.masks)
            self._counted = method.updates
        forward = self._sparse
        self.total += samples * (2 * forward + self._dense if method.dense_gradient(step) else 3 * forward)
        self.full_total += samples * 3 * self.full

    @property
    def ratio(self) -> float:
        """Training FLOPs over those of dense training of the same model for as many samples; NaN before a step."""
        return self.total / self.full_total if self.full_total else float("nan")

    def state_dict(self) -> dict[str, Any]:
        """Return plain JSON values."""
        return {"total": self.total, "full_total": self.full_total}

    def load_state_dict(self, state: Mapping[str, Any]) -> None:
        """Continue from `state_dict()`; raises InputError where a value is missing."""
        try:
            self.total, self.full_total = float(state["total"]), float(state["full_total"])
        except KeyError as error:
            raise InputError(f"state: training cost without {error}") from error
        self._counted = None


def _density(mask: Tensor | float) -> float:
    return int(mask.sum()) / mask.numel() if isinstance(mask, Tensor) else float(mask)
