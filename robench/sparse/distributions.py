"""How a global sparsity is spread over layers: uniform, ER, ERK."""

import math
from collections.abc import Mapping, Sequence
from fractions import Fraction
from typing import Literal, get_args

from robench.errors import InputError, unknown

Distribution = Literal["uniform", "er", "erk"]
Shapes = Mapping[str, Sequence[int]]


def nonzeros(distribution: Distribution, shapes: Shapes, sparsity: float) -> dict[str, int]:
    """Return the number of active weights of every layer that is to be masked.

    - `uniform`: every layer keeps N - floor(sparsity * N) weights, but the first layer stays dense: it is
      left out of the result and of the budget, so the named sparsity holds over the other layers
      (RigL, arXiv:1911.11134). The only layer of a model is masked all the same.
    - `erk`: density proportional to sum(shape) / prod(shape), capped at 1 by RigL's rule; `er` takes the
      first two dimensions in place of all (SET, arXiv:1707.04780). Every layer is in the budget, capped ones
      too; the total is the sum of what `uniform` would keep in each layer, met exactly by largest remainders.

    Args:
        distribution: "uniform", "er" or "erk".
        shapes: Torch weight shapes (out, in, *kernel) in model order.
        sparsity: In [0, 1).

    Raises:
        InputError: An unknown name, a sparsity outside [0, 1), or a layer that would keep no weight.

    Example:
        Two layers of 16 weights can take no more than 16 of the 2 + 2 + 16000:

        >>> layers = {"a": (4, 4), "b": (4, 4), "c": (400, 400)}
        >>> nonzeros("erk", layers, 0.9)
        {'a': 16, 'b': 16, 'c': 15972}
        >>> nonzeros("uniform", layers, 0.9)
        {'b': 2, 'c': 16000}
    """
    if distribution not in get_args(Distribution):
        raise unknown("distribution", distribution, get_args(Distribution))
    if not 0 <= sparsity < 1:
        raise InputError(f"sparsity: {sparsity} is outside [0, 1)")
    for name, shape in shapes.items():
        if math.prod(shape) == 0:
            raise InputError(f"model: {name} has no weights")
    if distribution == "uniform":
        masked = list(shapes)[1:] or list(shapes)
        counts = {name: _uniform(math.prod(shapes[name]), sparsity) for name in masked}
    else:
        counts = _whole(densities(distribution, shapes, sparsity), shapes, sparsity)
    for name, count in counts.items():
        if count == 0:
            raise InputError(f"sparsity: {sparsity} with {distribution} leaves no weight in {name}")
    return counts


def densities(distribution: Distribution, shapes: Shapes, sparsity: float) -> dict[str, float]:
    """Return the real-valued ER or ERK density of every layer, in (0, 1].

    RigL's capping: while the largest raw density times the common factor exceeds 1, that layer and all that
    tie with it become dense, are charged to the budget, and the factor is solved for again.

    Args:
        distribution: "er" or "erk".
        shapes: Torch weight shapes (out, in, *kernel) in model order.
        sparsity: In [0, 1).

    Example:
        The raw densities are 20 / 100 and 40 / 400. At a budget of 250 the factor is 250 / (20 + 40); at 400 the small
        layer is dense, and the other gets 300 of its 400.

        >>> layers = {"a": (10, 10), "b": (20, 20)}
        >>> [round(density, 4) for density in densities("erk", layers, 0.5).values()]
        [0.8333, 0.4167]
        >>> densities("erk", layers, 0.2)
        {'a': 1.0, 'b': 0.75}
    """
    # d_l = min(1, e r_l), r_l the raw density; e is such that sum d_l N_l = budget = sum over layers of N_l - zeros_l.
    # With the layers of D dense, e = (budget - sum over D of N_l) / sum over the others of r_l N_l. (RigL's numerator,
    # ones of the open layers less zeros of the dense ones, is the same: N_l = ones_l + zeros_l.)
    # No mask can hold e r_l > 1, so such a layer joins D: that takes N_l from the numerator and r_l N_l from the
    # denominator, of which e times is more than N_l, so e rises. A layer above 1 would stay above it, and more may
    # pass it: hence again, at most once a layer, and which of them goes first does not matter.
    raw = {name: _raw(distribution, shape) for name, shape in shapes.items()}
    size = {name: math.prod(shape) for name, shape in shapes.items()}
    open_layers = set(shapes)
    while open_layers:
        budget = sum(_uniform(size[n], sparsity) - (0 if n in open_layers else size[n]) for n in shapes)
        factor = budget / sum(raw[n] * size[n] for n in shapes if n in open_layers)
        largest = max(raw[n] for n in open_layers)
        if largest * factor <= 1:
            break
        open_layers -= {n for n in open_layers if raw[n] == largest}
    return {name: factor * raw[name] if name in open_layers else 1.0 for name in shapes}


def _raw(distribution: Distribution, shape: Sequence[int]) -> float:
    dims = shape if distribution == "erk" else shape[:2]
    return sum(dims) / math.prod(dims)


def _uniform(size: int, sparsity: float) -> int:
    """Exact in decimals: 0.57 of 100 is 57, which binary floating point floors to 56."""
    return size - math.floor(Fraction(repr(float(sparsity))) * size)


def _whole(density: Mapping[str, float], shapes: Shapes, sparsity: float) -> dict[str, int]:
    size = {name: math.prod(shape) for name, shape in shapes.items()}
    counts = {name: math.floor(density[name] * size[name]) for name in shapes}
    missing = sum(_uniform(size[name], sparsity) for name in shapes) - sum(counts.values())
    by_remainder = sorted(shapes, key=lambda name: counts[name] - density[name] * size[name])
    for name in by_remainder[:missing]:
        counts[name] += 1
    return counts
