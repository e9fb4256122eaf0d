"""When the topology is rewired, and by how much."""

import math


def is_update(step: int, *, interval: int, stop: int, total: int) -> bool:
    """Say whether `step` (from 0) ends with a topology update.

    Updates fall on interval, 2*interval, ... below `stop`, never on step 0 (magnitudes there are those of the
    initialisation) and never on the last step, total - 1 (what grew there would stay untrained). RigL's code
    also fires at step 0 and at `stop`; at `stop` its cosine drop fraction is 0, so nothing would change.
    """
    return step > 0 and step % interval == 0 and step < min(stop, total - 1)


def cosine(initial: float, step: int, stop: int) -> float:
    """Return initial/2 * (1 + cos(pi * step / stop)): `initial` at step 0, 0 at `stop` (RigL, arXiv:1911.11134)."""
    return initial / 2 * (1 + math.cos(math.pi * step / stop))
