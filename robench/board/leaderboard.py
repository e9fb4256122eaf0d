"""Leaderboard: results -> Board. The protocol is read from the records; no plugin is loaded but a
metric that records do not hold.

One board holds what may be compared: one suite, corruptions from one source, one recipe, one protocol. Its unit is the
trained network. Ranks and comparisons are made within one model. What has no result is listed, never averaged away.
"""

import warnings
from collections import Counter
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import final

from robench.board.board import Board, Missing, Procedure
from robench.board.differences import POWER
from robench.board.endpoints import endpoint, value
from robench.board.footers import footers
from robench.board.groups import Group, Key, RowLabel, key, row_labels
from robench.board.rows import Ranked, rank
from robench.board.selection import Selection, recorded, select, several
from robench.canonical import content_hash, dumps
from robench.contracts import Metric
from robench.errors import InputError, PluginError, unknown
from robench.places import expanded, tilde
from robench.runs.index import Scan, scan
from robench.runs.labels import Labels
from robench.runs.record import SuiteNote
from robench.runs.result import Result
from robench.runs.spec import RunSpec
from robench.runs.store import Store, default_root
from robench.stats.welch import TEST_FROM
from robench.text import printable

SHARED = {"suite", "dataset", "source", "corruptions", "severities", "train_limit", "test_limit"}
DECLARED = {"endpoint", "alpha", "mce_name", "dataset_digest"}

_LONGEST_REASON = 300


@final
@dataclass(frozen=True)
class Ranking:
    """The boards of a store, and the runs that they were built from."""

    boards: list[Board]
    scan: Scan


def leaderboard(
    store: Path | str | None = None,
    *,
    suite: str | Sequence[str] | None = None,
    models: str | Sequence[str] | None = None,
    methods: str | Sequence[str] | None = None,
    sparsity: float | str | Sequence[float] | None = None,
    plugin: str | Sequence[str] | None = None,
    baseline: str | None = None,
    board: str | Sequence[str] | None = None,
) -> list[Board]:
    """Rank the finished runs of a store, as `robench leaderboard` with options of the same names does.

    A damaged run is not counted; a warning names it.

    Args:
        store: Folder of the runs, else ROBENCH_STORE, else one in the user's data folder.
        suite: Only these suites; `models`, `methods` (and the baseline) and `sparsity` likewise.
        plugin: Only this version of a distribution of plugins, "my-method==1.2".
        baseline: Method the others are compared with, instead of the suite's.
        board: Only the boards whose setting begins so.

    Returns:
        A board for each setting that has a result, ordered by suite and setting; `Board.to_frame()` is a data frame.

    Raises:
        InputError: No run of the store is finished, or none is what was asked for.

    Example:
        >>> leaderboard("no/such/folder")
        Traceback (most recent call last):
        ...
        robench.errors.InputError: store: no finished run in no/such/folder, 0 unfinished
    """
    place = default_root() if store is None else expanded("store", store)
    wanted = select(suite=suite, models=models, methods=methods, sparsity=sparsity, plugin=plugin, baseline=baseline)
    return rank_store(place, wanted, lambda line: warnings.warn(line, stacklevel=4), board).boards


def rank_store(
    store: Path, wanted: Selection, tell: Callable[[str], None], board: str | Sequence[str] | None = None
) -> Ranking:
    """Rank what is wanted of a store; raises as `leaderboard`. `tell` gets a line for each run that is not counted."""
    found = scan(Store(store))
    for folder, reason in found.damaged:
        tell(f"{printable(folder)}: {printable(reason, _LONGEST_REASON)}")
    found.results = [result for result in found.results if _has_endpoint(result, tell)]
    if not found.results:
        raise InputError(f"store: no finished run in {tilde(store)}, {len(found.unfinished)} unfinished")
    chosen = wanted.apply(found)
    starts = None if board is None else tuple(several(board))
    boards = build(chosen.results, chosen.unfinished, baseline=wanted.baseline)
    kept = [one for one in boards if starts is None or one.setting.startswith(starts)]
    settings = {result.spec.setting for result in chosen.results}
    if not kept:
        raise unknown("board", str(board or ""), settings)
    if unplaced := [spec for spec in chosen.unfinished if spec.setting not in settings]:
        tell(f"{len(unplaced)} unfinished runs of settings without any record, on no board")
    return Ranking(kept, chosen)


def _has_endpoint(result: Result, tell: Callable[[str], None]) -> bool:
    """Say whether the metric that a run is to be ranked by is here; `tell` why not."""
    try:
        endpoint(result.suite.endpoint)
    except PluginError as error:
        tell(f"{result.id}: {printable(str(error), _LONGEST_REASON)}")
        return False
    return True


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
    specs = [*(result.spec for result in known), *waiting]
    if baseline is not None and specs:
        baseline = recorded("baseline", baseline, specs)[0]
    labels = Labels([*((result.spec, result.defaults) for result in known), *((spec, {}) for spec in waiting)])
    boards = []
    for setting, notes in settings.items():
        for note, group in notes.items():
            name = setting if len(notes) == 1 else f"{setting}.{content_hash(note)[:4]}"
            boards.append(_board(name, sorted(group, key=_place), pending.get(setting, []), baseline, labels))
    return sorted(boards, key=lambda board: (board.suite, board.setting))


def _refuse_twice(results: Sequence[Result]) -> None:
    twice = [run_id for run_id, count in Counter(result.id for result in results).items() if count > 1]
    if twice:
        raise InputError(f"records: id {twice[0][:80]} occurs twice; a network counts once")


def _declared(note: SuiteNote) -> str:
    return dumps(note.model_dump(mode="json", exclude={"baseline"}))


def _place(result: Result) -> tuple[str, int, str]:
    return (dumps(key(result.spec)), result.spec.seed, result.id)


def _board(setting: str, results: Group, pending: Sequence[RunSpec], baseline: str | None, labels: Labels) -> Board:
    note, spec = results[0].suite, results[0].spec
    metric = endpoint(note.endpoint)
    chosen = baseline or Counter(result.suite.baseline for result in results).most_common(1)[0][0]
    names = row_labels([*(result.spec for result in results), *pending], labels)
    missing = _missing(results, pending, metric, names)
    absent = {run.id for run in missing}
    counted = [result for result in results if result.id not in absent]
    left_out = Counter(key(spec) for spec in [*(r.spec for r in results if r.id in absent), *pending])
    ranked = rank(counted, left_out, note, chosen, names)
    board = Board(
        **spec.model_dump(include=SHARED),
        **note.model_dump(include=DECLARED),
        setting=setting,
        epochs=spec.training.epochs,
        baseline=chosen,
        higher_is_better=metric.higher_is_better,
        protocol=_procedure(note, ranked),
        n_min=min((row.n for row in ranked.rows), default=0),
        rows=ranked.rows,
        agreement=ranked.agreement,
        missing=missing,
    )
    formulas = sorted({result.numbers.flops_formula for result in results if result.numbers})
    return board.model_copy(update={"footers": footers(board, formulas, note.added_corruptions)})


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


def _missing(
    results: Group, pending: Sequence[RunSpec], metric: Metric, names: Mapping[Key, RowLabel]
) -> tuple[Missing, ...]:
    reasons = [(result.id, result.spec, _reason(result, metric)) for result in results]
    return tuple(
        Missing(
            id=run_id,
            method=spec.method.name,
            label=names[key(spec)].method,
            model=spec.model.name,
            model_label=names[key(spec)].model,
            sparsity=spec.sparsity,
            seed=spec.seed,
            reason=reason,
        )
        for run_id, spec, reason in [*reasons, *((spec.id, spec, "unfinished") for spec in pending)]
        if reason
    )


def _reason(result: Result, metric: Metric) -> str:
    """Why a result does not count, empty where it does."""
    if failure := result.failure:
        return f"failed{'' if failure.step is None else f' at step {failure.step}'}: {failure.message}"
    if result.numbers is None:
        return "the record holds no metrics or no cost"
    return f"{metric.name} is undefined" if value(metric, result) is None else ""
