"""How much of what a network multiplies stands outside the masks, and is trained dense in silence."""

import warnings
from collections.abc import Container, Iterable, Iterator, Sequence
from contextlib import contextmanager

from torch import nn

from robench.sparse.flops import refuse_idle
from robench.sparse.masks import MASKED, REPARAMETRISED, layer_policy
from robench.sparse.products import Products, products

TOLERATED = 0.03
"""Share of the matrix parameters that may stand outside the masks without a word."""
_SHOWN = 3


def outside(model: nn.Module, seen: Products | None = None) -> str | None:
    """Return one line where more than 3 % of the matrix parameters stand outside the masks, naming them; else None.

    Matrix parameters take part in products and have two dimensions or more: weights of recurrent layers, parametrised
    ones (weight_norm, spectral_norm, prune), those of layers of the model's own, and those that are masked. Norms,
    embeddings, tokens and position embeddings (one for the whole batch) are none; depthwise convolutions and frozen
    weights are left dense on purpose.

    Args:
        model: Whose `masks.maskable` weights are masked.
        seen: Its products, where they are known; without, every parameter of that form is taken to be in one.

    Example:
        >>> outside(nn.Sequential(nn.Linear(10, 10), nn.ReLU(), nn.Linear(10, 10)))
        >>> print(outside(nn.ModuleList([nn.Linear(10, 20), nn.RNN(10, 20)])))
        masks: 75 % of the matrix parameters stand outside and stay dense: 1.weight_ih_l0, 1.weight_hh_l0
    """
    known = {*seen.layers, *seen.changed, *seen.uncounted} if seen else None
    policy = layer_policy(model)
    names = [n for n, reason in policy.items() if reason in ("free", REPARAMETRISED) and _is_matrix(model, n, known)]
    left = sum(model.get_parameter(name).numel() for name in names)
    masked = sum(model.get_parameter(name).numel() for name, reason in policy.items() if reason == MASKED)
    if not left or left / (left + masked) <= TOLERATED:
        return None
    more = f" and {len(names) - _SHOWN} more" if len(names) > _SHOWN else ""
    share = 100 * left / (left + masked)
    return (
        f"masks: {share:.0f} % of the matrix parameters stand outside and stay dense: {', '.join(names[:_SHOWN])}{more}"
    )


def examine(model: nn.Module, masked: Iterable[str], input_size: Sequence[int]) -> str | None:
    """Refuse masks that do nothing (`flops.refuse_idle`); return what `outside` says of a model that is masked.

    Example:
        >>> examine(nn.Linear(4, 2), ["weight"], (4,)) is None
        True
    """
    seen, names = products(model, input_size), list(masked)
    refuse_idle(seen, names)
    return outside(model, seen) if names else None


def warn_outside(model: nn.Module) -> None:
    """Warn once where `outside` has something to say.

    Example:
        >>> warn_outside(nn.Linear(4, 2))
    """
    if line := outside(model):
        warnings.warn(line, OutsideMasks, stacklevel=2)


@contextmanager
def quietly() -> Iterator[None]:
    """Start methods without that warning, where the line is told in another way.

    Example:
        >>> with quietly():
        ...     warn_outside(nn.ModuleList([nn.Linear(10, 20), nn.RNN(10, 20)]))
    """
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", OutsideMasks)
        yield


class OutsideMasks(UserWarning):
    """Much of a network stands outside the masks.

    Example:
        >>> issubclass(OutsideMasks, UserWarning)
        True
    """


def _is_matrix(model: nn.Module, name: str, known: Container[str] | None) -> bool:
    shape = tuple(model.get_parameter(name).shape)
    if known is not None and name not in known:
        return False
    return len(shape) > 1 and shape[0] > 1 and sum(size > 1 for size in shape) > 1
