"""Leaderboard: records -> Board. The protocol is read from the records; no plugin is loaded.

One board holds what may be compared: one suite, corruptions from one source, one recipe, one protocol. Its unit is the
trained network. Ranks and comparisons are made within one model. What has no result is listed, never averaged away.
"""

from collections import Counter
from collections.abc import Iterable, Sequence

from robench.board import Board, Missing, Procedure, Row
from robench.canonical import content_hash, dumps
from robench.errors import unknown
from robench.footers import footers
from robench.records import RunRecord, SuiteNote
from robench.rows import HIGHER_IS_BETTER, POWER, key, refuse_twice, rows
from robench.specs import RunSpec
from robench.stats.welch import TEST_FROM

__all__ = ["Board", "build"]

SHARED = {"suite", "dataset", "source", "corruptions", "severities", "train_limit", "test_limit"}
DECLARED = {"endpoint", "alpha", "mce_name", "dataset_digest"}

Group = list[RunRecord]


def build(
    records: Iterable[RunRecord], unfinished: Iterable[RunSpec] = (), *, baseline: str | None = None
) -> list[Board]:
    """One Board for each `RunSpec.setting` that has a record, ordered by suite and setting.

    Records of one setting whose suites declare another protocol, mCE or data digest get boards of their own, named
    `setting.xxxx`. `unfinished` runs are listed on the boards of their setting. `baseline` names the method that others
    are compared with in place of the suite's. Raises InputError for an id or a seed of a row that occurs twice, and
    for a baseline that is none of the methods.
    """
    known = list(records)
    refuse_twice([record.id for record in known], "id")
    settings: dict[str, dict[str, Group]] = {}
    for record in known:
        settings.setdefault(record.spec.setting, {}).setdefault(_declared(record.suite), []).append(record)
    seen = {record.id for record in known}
    pending = [spec for spec in unfinished if spec.id not in seen]
    methods = {spec.method.name for spec in [*(record.spec for record in known), *pending]}
    if baseline is not None and methods and baseline not in methods:
        raise unknown("baseline", baseline, methods)
    boards = []
    for setting, notes in settings.items():
        waiting = [spec for spec in pending if spec.setting == setting]
        for note, group in notes.items():
            name = setting if len(notes) == 1 else f"{setting}.{content_hash(note)[:4]}"
            boards.append(_board(name, sorted(group, key=_place), waiting, baseline))
    return sorted(boards, key=lambda board: (board.suite, board.setting))


def _declared(note: SuiteNote) -> str:
    return dumps(note.model_dump(mode="json", exclude={"baseline"}))


def _place(record: RunRecord) -> tuple[str, int, str]:
    return (dumps(key(record.spec)), record.spec.seed, record.id)


def _board(setting: str, records: Group, pending: Sequence[RunSpec], baseline: str | None) -> Board:
    note, spec = records[0].suite, records[0].spec
    if note.endpoint not in HIGHER_IS_BETTER:
        raise unknown("endpoint", note.endpoint, HIGHER_IS_BETTER)
    chosen = baseline or Counter(record.suite.baseline for record in records).most_common(1)[0][0]
    missing = _missing(records, pending, note.endpoint)
    absent = {run.id for run in missing}
    counted = [record for record in records if record.id not in absent]
    left_out = Counter(key(spec) for spec in [*(r.spec for r in records if r.id in absent), *pending])
    ranked = rows(counted, left_out, note, chosen)
    board = Board(
        **spec.model_dump(include=SHARED),
        **note.model_dump(include=DECLARED),
        setting=setting,
        epochs=spec.training.epochs,
        baseline=chosen,
        higher_is_better=HIGHER_IS_BETTER[note.endpoint],
        protocol=_procedure(note, ranked),
        n_min=min((row.n for row in ranked), default=0),
        rows=tuple(ranked),
        missing=missing,
    )
    formulas = sorted({record.cost.formula for record in records if record.cost})
    return board.model_copy(update={"footers": footers(board, formulas)})


def _procedure(note: SuiteNote, ranked: Sequence[Row]) -> Procedure:
    return Procedure(
        comparisons=sum(row.difference is not None and row.difference.p is not None for row in ranked),
        interval=1 - note.alpha,
        power=POWER,
        margin=note.margin,
        test_from=TEST_FROM,
        minimum_networks=note.minimum_networks,
    )


def _missing(records: Group, pending: Sequence[RunSpec], endpoint: str) -> tuple[Missing, ...]:
    reasons = [(record.id, record.spec, _reason(record, endpoint)) for record in records]
    return tuple(
        Missing(
            id=run_id,
            method=spec.method.name,
            model=spec.model.name,
            sparsity=spec.sparsity,
            seed=spec.seed,
            reason=reason,
        )
        for run_id, spec, reason in [*reasons, *((spec.id, spec, "unfinished") for spec in pending)]
        if reason
    )


def _reason(record: RunRecord, endpoint: str) -> str:
    """Why a record does not count, empty where it does."""
    if record.failure or record.status == "failed":
        failure = record.failure
        at = f" at step {failure.step}" if failure and failure.step is not None else ""
        return f"failed{at}: {failure.message}" if failure else "failed"
    if record.metrics is None or record.cost is None:
        return "the record holds no metrics or no cost"
    return f"{endpoint} is undefined" if getattr(record.metrics, endpoint) is None else ""
