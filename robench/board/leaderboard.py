"""Leaderboard: results -> Board. The protocol is read from the records; no plugin is loaded.

One board holds what may be compared: one suite, corruptions from one source, one recipe, one protocol. Its unit is the
trained network. Ranks and comparisons are made within one model. What has no result is listed, never averaged away.
"""

from collections import Counter
from collections.abc import Iterable, Sequence

from robench.board.board import Board, Missing, Procedure
from robench.board.differences import POWER
from robench.board.footers import footers
from robench.board.groups import HIGHER_IS_BETTER, key
from robench.board.rows import Ranked, rank
from robench.canonical import content_hash, dumps
from robench.errors import InputError, unknown
from robench.runs.record import SuiteNote
from robench.runs.result import Result
from robench.runs.spec import RunSpec
from robench.stats.welch import TEST_FROM

__all__ = ["Board", "build"]

SHARED = {"suite", "dataset", "source", "corruptions", "severities", "train_limit", "test_limit"}
DECLARED = {"endpoint", "alpha", "mce_name", "dataset_digest"}

Group = list[Result]


def build(results: Iterable[Result], unfinished: Iterable[RunSpec] = (), *, baseline: str | None = None) -> list[Board]:
    """One Board for each `RunSpec.setting` that has a result, ordered by suite and setting.

    Results of one setting whose suites declare another protocol, mCE or data digest get boards of their own, named
    `setting.xxxx`. `unfinished` runs are listed on the boards of their setting. `baseline` names the method that others
    are compared with in place of the suite's. Raises InputError for an id, a seed of a row or weights of a row that
    occur twice, and for a baseline that is none of the methods.
    """
    known = list(results)
    _refuse_twice(known)
    settings: dict[str, dict[str, Group]] = {}
    for result in known:
        settings.setdefault(result.spec.setting, {}).setdefault(_declared(result.suite), []).append(result)
    seen = {result.id for result in known}
    pending: dict[str, list[RunSpec]] = {}
    for spec in unfinished:
        if spec.id not in seen:
            pending.setdefault(spec.setting, []).append(spec)
    waiting = [spec for specs in pending.values() for spec in specs]
    methods = {spec.method.name for spec in [*(result.spec for result in known), *waiting]}
    if baseline is not None and methods and baseline not in methods:
        raise unknown("baseline", baseline, methods)
    boards = []
    for setting, notes in settings.items():
        for note, group in notes.items():
            name = setting if len(notes) == 1 else f"{setting}.{content_hash(note)[:4]}"
            boards.append(_board(name, sorted(group, key=_place), pending.get(setting, []), baseline))
    return sorted(boards, key=lambda board: (board.suite, board.setting))


def _refuse_twice(results: Sequence[Result]) -> None:
    twice = [run_id for run_id, count in Counter(result.id for result in results).items() if count > 1]
    if twice:
        raise InputError(f"records: id {twice[0][:80]} occurs twice; a network counts once")


def _declared(note: SuiteNote) -> str:
    return dumps(note.model_dump(mode="json", exclude={"baseline"}))


def _place(result: Result) -> tuple[str, int, str]:
    return (dumps(key(result.spec)), result.spec.seed, result.id)


def _board(setting: str, results: Group, pending: Sequence[RunSpec], baseline: str | None) -> Board:
    note, spec = results[0].suite, results[0].spec
    if note.endpoint not in HIGHER_IS_BETTER:
        raise unknown("endpoint", note.endpoint, HIGHER_IS_BETTER)
    chosen = baseline or Counter(result.suite.baseline for result in results).most_common(1)[0][0]
    missing = _missing(results, pending, note.endpoint)
    absent = {run.id for run in missing}
    counted = [result for result in results if result.id not in absent]
    left_out = Counter(key(spec) for spec in [*(r.spec for r in results if r.id in absent), *pending])
    ranked = rank(counted, left_out, note, chosen)
    board = Board(
        **spec.model_dump(include=SHARED),
        **note.model_dump(include=DECLARED),
        setting=setting,
        epochs=spec.training.epochs,
        baseline=chosen,
        higher_is_better=HIGHER_IS_BETTER[note.endpoint],
        protocol=_procedure(note, ranked),
        n_min=min((row.n for row in ranked.rows), default=0),
        rows=ranked.rows,
        agreement=ranked.agreement,
        missing=missing,
    )
    formulas = sorted({result.numbers.flops_formula for result in results if result.numbers})
    return board.model_copy(update={"footers": footers(board, formulas)})


def _procedure(note: SuiteNote, ranked: Ranked) -> Procedure:
    return Procedure(
        comparisons=sum(row.difference is not None and row.difference.p is not None for row in ranked.rows),
        all_pairs=" or ".join(ranked.procedures),
        interval=1 - note.alpha,
        power=POWER,
        margin=note.margin,
        test_from=TEST_FROM,
        minimum_networks=note.minimum_networks,
    )


def _missing(results: Group, pending: Sequence[RunSpec], endpoint: str) -> tuple[Missing, ...]:
    reasons = [(result.id, result.spec, _reason(result, endpoint)) for result in results]
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


def _reason(result: Result, endpoint: str) -> str:
    """Why a result does not count, empty where it does."""
    if failure := result.failure:
        return f"failed{'' if failure.step is None else f' at step {failure.step}'}: {failure.message}"
    if result.numbers is None:
        return "the record holds no metrics or no cost"
    return f"{endpoint} is undefined" if getattr(result.numbers, endpoint) is None else ""
