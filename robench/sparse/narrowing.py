"""Narrowing: widths of stages that bring a network to a given size."""

from bisect import bisect_left
from collections.abc import Callable, Sequence
from functools import cache

StageWidths = tuple[int, ...]

_PARTS = 1 << 10
_NEIGHBOURS = 1 << 7
_NEAR_ENOUGH = 0.005


def narrow(choices: Sequence[Sequence[int]], size: Callable[[StageWidths], float], target: float) -> StageWidths:
    """Return one width for each stage so that `size(widths)` comes near `target`.

    All stages are scaled by one factor. Then, from the stage whose single step weighs most to the one whose step weighs
    least, each takes the width that comes nearest with the others as they are. Neighbouring factors, the nearest first,
    are tried until the size is within 0.5 %; otherwise the best is returned. How near that is depends on the steps
    there are.

    Args:
        choices: The widths that each stage may have, ascending.
        size: Grows with each of the widths.
        target: Above 0, in the unit of `size`.

    Example:
        One layer of equally many inputs and outputs, a quarter of 64 x 64 weights:

        >>> narrow([range(1, 65)], lambda widths: widths[0] ** 2, 1024)
        (32,)
    """
    size = cache(size)

    def scaled(part: int) -> StageWidths:
        return tuple(options[round(part * (len(options) - 1) / _PARTS)] for options in choices)

    def distance(widths: StageWidths) -> float:
        return abs(size(widths) / target - 1)

    middle = bisect_left(range(_PARTS), target, key=lambda part: size(scaled(part)))
    parts = sorted(
        range(max(0, middle - _NEIGHBOURS), min(_PARTS, middle + _NEIGHBOURS) + 1), key=lambda p: abs(p - middle)
    )
    best = scaled(middle)
    for start in dict.fromkeys(map(scaled, parts)):
        best = min(best, _refined(start, choices, size, target), key=distance)
        if distance(best) <= _NEAR_ENOUGH:
            break
    return best


def _refined(
    widths: StageWidths, choices: Sequence[Sequence[int]], size: Callable[[StageWidths], float], target: float
) -> StageWidths:
    heaviest_first = sorted(range(len(widths)), key=lambda stage: _step(widths, stage, choices[stage], size))[::-1]
    for stage in heaviest_first:
        widths = _nearest(widths, stage, choices[stage], size, target)
    return widths


def _step(widths: StageWidths, stage: int, options: Sequence[int], size: Callable[[StageWidths], float]) -> float:
    """Return what one step in the width of a stage adds."""
    above = max(1, options.index(widths[stage]))
    near = options[above - 1 : above + 1]
    return size(_set(widths, stage, near[-1])) - size(_set(widths, stage, near[0]))


def _nearest(
    widths: StageWidths, stage: int, options: Sequence[int], size: Callable[[StageWidths], float], target: float
) -> StageWidths:
    def at(width: int) -> float:
        return size(_set(widths, stage, width))

    above = bisect_left(options, target, key=at)
    near = options[max(0, above - 1) : above + 1]
    return _set(widths, stage, min(near, key=lambda width: abs(at(width) - target)))


def _set(widths: StageWidths, stage: int, width: int) -> StageWidths:
    return (*widths[:stage], width, *widths[stage + 1 :])
