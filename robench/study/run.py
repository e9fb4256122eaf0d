"""Run a study: plan it, check everything, train, evaluate, rank. `robench run` is this and a display."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, final

from robench.board.board import Board
from robench.board.leaderboard import build
from robench.download import root
from robench.environment import resolve_device
from robench.errors import InputError, StoreError
from robench.execution.settings import Settings
from robench.places import expanded
from robench.progress import Progress, Report, noting, silent
from robench.registry import changed_sources
from robench.runs.result import result_of
from robench.runs.spec import RunSpec
from robench.runs.store import Store, default_root
from robench.schema import real, whole
from robench.study.estimate import Jobs, estimate
from robench.study.grid import grid_of
from robench.study.naming import labelled, telling
from robench.study.plan import expand
from robench.text import shown
from robench.training.stopping import heeding

Plugins = str | Sequence[str | Mapping[str, Mapping[str, Any]]]
"""Names with their options, `"dense,rigl(drop_fraction=0.5)"`, or a list of names and `{name: {option: value}}`."""


@final
@dataclass(frozen=True)
class Finished:
    """The boards of a study, and whether every run of it has a result that did not fail."""

    boards: list[Board]
    complete: bool


def run(
    name: str | None = None,
    *,
    spec: Path | str | None = None,
    suite: str | Sequence[str] | None = None,
    methods: Plugins | None = None,
    models: Plugins | None = None,
    sparsity: float | str | Sequence[float] | None = None,
    seeds: int | str | Sequence[int] | None = None,
    epochs: int | str | None = None,
    recipe: str | None = None,
    train_limit: int | str | None = None,
    test_limit: int | str | None = None,
    corruptions: str | Sequence[str] | None = None,
    severities: int | str | Sequence[int] | None = None,
    threads: int | str | None = None,
    baseline: str | None = None,
    data: Path | str | None = None,
    store: Path | str | None = None,
    device: str = "auto",
    jobs: Jobs = 1,
    checkpoint_seconds: float = 30.0,
    report: Report | None = None,
) -> list[Board]:
    """Train, evaluate and rank, as `robench run` with options of the same names does; finished runs are not done again.

    Without `name`, `spec` and `suite` the quickstart is run. With `jobs` above 1 processes are spawned, so a script
    calls this below `if __name__ == "__main__":`.

    Ctrl-C, SIGTERM, SIGHUP and SIGUSR1 save a checkpoint at the end of the step and raise
    `robench.training.stopping.Stopped`, a KeyboardInterrupt; the same call goes on there. A second signal stops at
    once. Afterwards signals are handled as before, and a handler of your own is called. In another thread than the
    main one signals are left alone.

    Args:
        name: A study that ships with robench (`robench list specs`).
        spec: A YAML file with a study.
        suite: What robustness is measured on, one name or several.
        methods: Training methods; the suite's own where None. So are `models`.
        sparsity: Shares of weights that are 0, each in [0, 1).
        seeds: Number of networks for each row, or a list of seeds.
        epochs: Instead of the recipe's; `recipe` instead of the model's.
        train_limit: Use only the first so many training images; `test_limit` test images.
        corruptions: "standard", "all" or names, of others than the suite's too; `severities` of them, 1 to 5.
        threads: Threads of a run on a CPU, 1 where None; part of its id, as sums are rounded otherwise.
        baseline: Method the others are compared with, instead of the suite's.
        data: Data root, else ROBENCH_DATA, else the user's cache. `store`: folder of the runs, likewise.
        device: "auto", "cpu", "cuda" or "cuda:N".
        jobs: Runs at the same time; "auto": one a core as far as memory and work go, one on a GPU.
        checkpoint_seconds: Time between two checkpoints of a run: the work that a kill can lose.
        report: Called with each `robench.progress.Progress`; None tells nothing.

    Returns:
        A board for each setting that has a result, ordered by suite and setting; `Board.to_frame()` is a data frame.
        Runs that failed stand in `Board.missing`.

    Raises:
        InputError: A name, a value, data, the device or the store is wrong, in one line, before anything starts.

    Example:
        >>> boards = run(suite="digits-c", methods="dense", seeds=1, epochs=0)
        Traceback (most recent call last):
        ...
        robench.errors.InputError: training: epochs = 0 is not allowed: Input should be greater than or equal to 1
    """
    fields = {
        "suite": suite,
        "methods": methods,
        "models": models,
        "sparsity": sparsity,
        "seeds": seeds,
        "recipe": recipe,
        "train_limit": train_limit,
        "test_limit": test_limit,
        "corruptions": corruptions,
        "severities": severities,
        "threads": threads,
        "baseline": baseline,
    }
    grid = grid_of(name, spec, epochs=epochs, **fields)
    jobs = jobs if jobs == "auto" else whole("jobs", jobs, 1)
    settings = settings_of(store, data, device, real("checkpoint_seconds", checkpoint_seconds, 0))
    specs = expand(grid, data=settings.data)
    return carry_out(specs, settings, report or silent, jobs=jobs, baseline=grid.baseline).boards


def settings_of(store: Path | str | None, data: Path | str | None, device: str, checkpoint_seconds: float) -> Settings:
    """Return where and how to work.

    Raises InputError for a device or a data root that is not there, and for a store without a name: as a path it would
    be the working directory.
    """
    if data is not None and not expanded("data", data).is_dir():
        raise InputError(f"data: {str(data)!r} is no folder that exists")
    return Settings(
        store=default_root() if store is None else expanded("store", store),
        data=root(None if data is None else Path(data)),
        device=resolve_device(device),
        checkpoint_seconds=checkpoint_seconds,
    )


def carry_out(
    specs: Sequence[RunSpec], settings: Settings, report: Report, *, jobs: Jobs = 1, baseline: str | None = None
) -> Finished:
    """Do the runs that have no result yet and rank all of them.

    Raises InputError before the first starts, Stopped where a signal asked to stop, when what is done is saved.
    """
    store, report = Store(settings.store), telling(report, labelled(specs))
    with heeding():
        if todo := _unfinished(specs, store, settings.data, report):
            _work(specs, todo, settings, report, jobs)
    return _ranked(specs, store, baseline)


def _work(specs: Sequence[RunSpec], todo: Sequence[RunSpec], settings: Settings, report: Report, jobs: Jobs) -> None:
    """Check and say what is to come, then do the runs of `todo`."""
    from robench.execution import local  # brings torch and Lightning, which planning need not wait for
    from robench.study.preflight import check_data, check_networks, check_room, prepare

    check_networks(todo, settings.device, report)
    expected = estimate(specs, todo, data=settings.data, device=settings.device, jobs=jobs)
    check_room(settings.store, expected)
    for line in expected.lines():
        report(noting(line))
    check_data(todo, settings.data, report)
    store = Store(settings.store)
    store.open()
    store.plan(todo)
    prepare(todo, settings.data, report)
    report(noting("", expected.seconds))
    local.run(todo, settings, report, jobs=expected.jobs)


def _unfinished(specs: Sequence[RunSpec], store: Store, data: Path, report: Report) -> list[RunSpec]:
    """Return the runs to do; of each that is skipped a line says so, and whether its plugins or images have changed.

    A damaged run is neither done again nor deleted: it is reported as failed.
    """
    todo = []
    from robench.execution.recording import images_at

    images = {name: images_at(name, data) for name in {spec.dataset for spec in specs}}
    for spec in specs:
        try:
            record = store.record(spec.id)
        except StoreError as error:
            text = f"{error}; delete {store.folder(spec.id)} to do it again"
            report(Progress(spec.id, spec.label, "failed", text=text))
            continue
        if record is None or not record.final:
            todo.append(spec)
            continue
        changed = changed_sources({name: note.source_digest for name, note in record.plugins.items()})
        since = f"; the source of {', '.join(changed)} has changed since" if changed else ""
        if images[spec.dataset] not in (None, record.suite.dataset_digest):
            since += f"; the images of {spec.dataset} in {shown(data)} are others than those it was made from"
        report(Progress(spec.id, spec.label, "skipped", text=f"already {record.status}{since}"))
    return todo


def _ranked(specs: Sequence[RunSpec], store: Store, baseline: str | None) -> Finished:
    """Build the boards of these runs from their records."""
    records, unfinished = [], []
    for spec in specs:
        try:
            record = store.record(spec.id)
        except StoreError:  # reported when the runs to do were chosen, or when its run failed; listed as missing
            record = None
        if record is None:
            unfinished.append(spec)
        else:
            records.append(record)
    boards = build(map(result_of, records), unfinished, baseline=baseline)
    return Finished(boards, not unfinished and not any(record.failure for record in records))
