"""Checkpoints: one trained network against another, image by image, from the bits that the store keeps."""

from dataclasses import dataclass

from robench.errors import InputError
from robench.rng import stream
from robench.runs.record import RunRecord
from robench.runs.store import Store
from robench.stats.paired_images import CheckpointDifference, McNemar, compare_checkpoints, mcnemar

_SHARED = ("suite", "dataset", "source", "corruptions", "severities", "corruption_seed", "test_limit")


@dataclass(frozen=True)
class Comparison:
    """Run `treated` minus run `control`: robust accuracy over all cells of an image together, and clean accuracy."""

    treated: RunRecord
    control: RunRecord
    robust: CheckpointDifference
    clean: McNemar


def compare_runs(store: Store, treated: str, control: str) -> Comparison:
    """Compare two finished runs, each given by the start of its id; their bits are verified first.

    Raises InputError where a run is not there, has no result, or was tested on other images than the other.
    """
    one, other = _record(store, treated), _record(store, control)
    if one.id == other.id:
        raise InputError(f"compare: {treated!r} and {control!r} are one run, {one.id}")
    for name in _SHARED:
        values = [getattr(record.spec, name) for record in (one, other)]
        if values[0] != values[1]:
            raise InputError(f"compare: {name} differs, {values[0]!s:.60} and {values[1]!s:.60}; not the same images")
    if one.suite.dataset_digest != other.suite.dataset_digest or one.images != other.images:
        raise InputError("compare: the two runs were tested on different images")
    (clean, cells), (other_clean, other_cells) = store.bits(one), store.bits(other)
    robust = compare_checkpoints(cells, other_cells, stream(0, "checkpoints"), one.suite.alpha)
    return Comparison(one, other, robust, mcnemar(clean, other_clean))


def _record(store: Store, start: str) -> RunRecord:
    found = store.starting_with(start)
    if len(found) != 1:
        raise InputError(f"compare: {len(found)} runs begin with {start[:40]!r}")
    record = store.record(found[0])
    if record is None or record.metrics is None:
        raise InputError(f"compare: run {found[0]} has no result")
    return record
