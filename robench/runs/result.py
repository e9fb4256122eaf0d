"""Result: what boards need of a record, small enough to hold those of ten thousand networks at once."""

from typing import Any

from robench.contracts.role import Role
from robench.runs.folder import MODEL
from robench.runs.labels import KINDS
from robench.runs.record import Failure, Number, Ratio, Rise, RunRecord, Share, SuiteNote
from robench.runs.spec import RunSpec
from robench.schema import Frozen


class Numbers(Frozen):
    """Metrics and cost of one network, as in its record; `errors` by cell, in the order of `RunSpec.cells`.

    `updates` is the number of topology updates, None in records that do not say.
    """

    clean_accuracy: Share
    robust_accuracy: Share
    mce: Ratio
    relative_mce: Rise
    relative_robustness: Ratio | None
    errors: tuple[Share, ...]
    parameters: Number
    nonzero: Number
    flops_train_ratio: Ratio
    flops_inference_ratio: Ratio
    flops_formula: str
    updates: Number | None


class Result(Frozen):
    """One run. `numbers` is None where it has none: it failed, or its record lacks metrics or cost.

    `weights` is the SHA-256 of the trained weights, empty where none are listed. `role` is what the method is
    compared as, None where the record does not say. `defaults` are those of the options of its model and its method, by
    kind, where the record says.
    """

    id: str
    spec: RunSpec
    suite: SuiteNote
    role: Role | None
    weights: str
    failure: Failure | None
    numbers: Numbers | None
    defaults: dict[str, dict[str, Any]]


def result_of(record: RunRecord) -> Result:
    """Take from a record what boards need."""
    notes = (note.role for name, note in record.plugins.items() if name.startswith("method:"))
    return Result(
        id=record.id,
        spec=record.spec,
        suite=record.suite,
        role=next(notes, None),
        weights=record.files.get(MODEL, ""),
        failure=record.failure,
        numbers=_numbers(record),
        defaults=defaults_of(record),
    )


def defaults_of(record: RunRecord) -> dict[str, dict[str, Any]]:
    """Return the options of the model and the method of a record with their defaults, by kind, where it says."""
    notes = {name.partition(":")[0]: note.defaults for name, note in record.plugins.items()}
    return {kind: note for kind, note in notes.items() if kind in KINDS and note is not None}


def _numbers(record: RunRecord) -> Numbers | None:
    metrics, cost = record.metrics, record.cost
    if record.status != "finished" or metrics is None or cost is None:
        return None
    return Numbers(
        **metrics.model_dump(exclude={"cells"}),
        errors=tuple(cell.error for cell in metrics.cells),
        parameters=cost.parameters,
        nonzero=cost.nonzero,
        flops_train_ratio=cost.flops_train_ratio,
        flops_inference_ratio=cost.flops_inference_ratio,
        flops_formula=cost.formula,
        updates=record.topology.updates if record.topology else None,
    )
