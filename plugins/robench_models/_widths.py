"""Widths of the stages of a network: one number for all of them, or one for each."""

from collections.abc import Sequence

from robench.errors import InputError


def stages(width: int, times: Sequence[int], widths: Sequence[int] | None) -> tuple[int, ...]:
    """Return the width of every stage: `widths` where given, else `width` times each of `times`.

    Raises InputError where `widths` has another length than `times`.
    """
    if widths is None:
        return tuple(width * factor for factor in times)
    if len(widths) != len(times):
        raise InputError(f"widths: {list(widths)} are {len(widths)} numbers; this model has {len(times)} stages")
    return tuple(widths)


def up_to(widths: Sequence[int]) -> tuple[range, ...]:
    """Return every width from 1 to that of the stage, for each stage."""
    return tuple(range(1, width + 1) for width in widths)
