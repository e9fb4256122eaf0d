"""Count the FLOPs of one forward pass, layer by layer, without running it."""

import copy
from collections.abc import Callable, Mapping, Sequence
from typing import Any, NamedTuple

import torch
from torch import Tensor, nn
from torch.nn.attention import SDPBackend, sdpa_kernel
from torch.utils._python_dispatch import TorchDispatchMode
from torch.utils.flop_counter import flop_registry

ATTENTION = "attention"
"""Where products of two activations are booked: no weight, so no sparsity, takes part in them."""
_TRANSPOSED = 6
"""Place of the flag among the arguments of aten.convolution; a transposed weight is (inputs, outputs, ...)."""


class Layer(NamedTuple):
    """What a weight computes for one sample: multiplications (MACs) and outputs, the weight's axis of outputs."""

    multiplications: int
    outputs: int
    axis: int = 0

    @property
    def flops(self) -> int:
        """Dense FLOPs: an output of v inputs takes v multiplications and v - 1 additions."""
        return 2 * self.multiplications - self.outputs


def count_layers(model: nn.Module, input_size: Sequence[int]) -> dict[str, Layer]:
    """Return dense inference cost per sample, by the name of the weight that takes part.

    `input_size` is one sample without the batch, such as (3, 32, 32). Products of two activations (QK^T, AV) are
    under "attention". Linear layers, convolutions of any dimension and matrix products count; biases, norms,
    activations, pooling and additions do not. A weight used twice counts twice.

    The pass runs on shapes alone (meta device), in eval mode, on a copy that shares no tensor with `model`:
    weights, BatchNorm statistics, hooks, mode and random state are left as they are.
    """
    twin = _meta_copy(model).eval()
    counter = _Counter({name: weight for name, weight in twin.named_parameters() if weight.dim() > 1})
    # As two plain products, attention shows how many outputs each has.
    with torch.random.fork_rng(devices=[]), torch.enable_grad(), sdpa_kernel(SDPBackend.MATH), counter:
        twin(torch.empty(1, *input_size, device="meta"))
    return counter.layers


def _meta_copy(model: nn.Module) -> nn.Module:
    memo: dict[int, Any] = {}
    for parameter in model.parameters():
        # A weight that requires a gradient keeps attention off its fused inference path, which has no formula.
        memo[id(parameter)] = nn.Parameter(_meta(parameter), requires_grad=parameter.is_floating_point())
    for buffer in model.buffers():
        memo[id(buffer)] = _meta(buffer)
    return copy.deepcopy(model, memo)


def _meta(tensor: Tensor) -> Tensor:
    return torch.empty_like(tensor, device="meta", requires_grad=False)


class _Counter(TorchDispatchMode):  # type: ignore[no-untyped-call]  # torch leaves its base untyped
    """Adds up the products of each operator under the name of the weight among its inputs."""

    def __init__(self, weights: Mapping[str, Tensor]) -> None:
        super().__init__()  # type: ignore[no-untyped-call]  # torch leaves its base untyped
        self.layers: dict[str, Layer] = {}
        self._names = {_storage(weight): name for name, weight in weights.items()}

    def __torch_dispatch__(
        self,
        func: Any,
        types: Any,
        args: tuple[Any, ...] = (),
        kwargs: dict[str, Any] | None = None,
    ) -> Any:
        out = func(*args, **(kwargs or {}))
        formula: Callable[..., int] | None = flop_registry.get(func._overloadpacket)
        if formula is not None:
            tensors = [value for value in args if isinstance(value, Tensor)]
            named = [self._names[_storage(t)] for t in tensors if _storage(t) in self._names]
            name = named[0] if named else ATTENTION
            known = self.layers.get(name, Layer(0, 0))
            products = int(formula(*args, **(kwargs or {}), out_val=out)) // 2
            axis = int(func._overloadpacket is torch.ops.aten.convolution and bool(args[_TRANSPOSED]))
            self.layers[name] = Layer(known.multiplications + products, known.outputs + out.numel(), axis)
        return out


def _storage(tensor: Tensor) -> int:
    """Views of a weight (its transpose, a chunk of a joint projection) share its storage."""
    return int(tensor.untyped_storage()._cdata)
