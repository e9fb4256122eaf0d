"""When the topology is rewired, and by how much."""

import math


def is_update(step: int, *, interval: int, stop: int, total: int) -> bool:
    """Say whether `step` (from 0) ends with a topology update.

    Updates fall on interval, 2*interval, ... below `stop`, never on step 0 (magnitudes there are those of the
    initialisation) and never on the last step, total - 1 (what grew there would stay untrained). RigL's code
    also fires at step 0 and at `stop`; at `stop` its cosine drop fraction is 0, so nothing would change.

    Example:
        >>> [step for step in range(1000) if is_update(step, interval=100, stop=400, total=1000)]
        [100, 200, 300]
    """
    return step > 0 and step % interval == 0 and step < min(stop, total - 1)


def last_update(step: int, *, interval: int, stop: int, total: int) -> int:
    """Return the last step at or before `step` for which `is_update` holds, 0 where there is none.

    Example:
        >>> [last_update(step, interval=100, stop=400, total=1000) for step in (99, 250, 999)]
        [0, 200, 300]
    """
    return max(0, min(step, stop - 1, total - 2) // interval * interval)


def landing(stop: int, total: int) -> int:
    """Return the step of the update that brings a density schedule to its target.

    It is `stop`, but leaves at least one step to train where there are two; 0 <= landing < total.

    Example:
        >>> landing(stop=750, total=1000), landing(stop=1000, total=1000), landing(stop=1, total=1)
        (750, 998, 0)
    """
    return max(0, min(stop, total - 2))


def cubic(step: int, begin: int, end: int) -> float:
    """Return the share of a surplus that is left: (1 - (step - begin) / (end - begin))^3, 1 before and 0 after.

    Gradual pruning, Zhu and Gupta 2017, arXiv:1710.01878.

    Example:
        >>> [cubic(step, begin=100, end=300) for step in (0, 100, 200, 300)]
        [1.0, 1.0, 0.125, 0.0]
    """
    if step >= end:
        return 0.0
    return (1 - (step - begin) / (end - begin)) ** 3 if step > begin else 1.0


def cosine(initial: float, step: int, stop: int) -> float:
    """Return initial/2 * (1 + cos(pi * step / stop)): `initial` at step 0, 0 at `stop` (RigL, arXiv:1911.11134).

    Example:
        >>> [round(cosine(0.3, step, stop=750), 4) for step in (0, 250, 375, 750)]
        [0.3, 0.225, 0.15, 0.0]
    """
    return initial / 2 * (1 + math.cos(math.pi * step / stop))
