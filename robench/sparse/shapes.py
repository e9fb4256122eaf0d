"""Shapes alone: a network on the meta device, without the work of drawing values that it cannot hold."""

from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from typing import Any, final

import torch
from torch import Tensor
from torch.overrides import TorchFunctionMode

_FILLS = {Tensor.normal_, Tensor.uniform_, Tensor.fill_, Tensor.zero_}


@contextmanager
def shapes_alone() -> Iterator[None]:
    """Build networks on the meta device; what fills a tensor there is skipped, most of the time that a build takes.

    Example:
        >>> with shapes_alone():
        ...     layer = torch.nn.Linear(3, 4)
        >>> layer.weight.device.type, layer.weight.shape
        ('meta', torch.Size([4, 3]))
    """
    with torch.device("meta"), _Unfilled():
        yield


@final
class _Unfilled(TorchFunctionMode):
    def __torch_function__(
        self,
        func: Callable[..., Any],
        types: Sequence[type],
        args: Sequence[Any] = (),
        kwargs: Mapping[str, Any] | None = None,
    ) -> Any:
        if func in _FILLS and args[0].is_meta:
            return args[0]
        return func(*args, **(kwargs or {}))
