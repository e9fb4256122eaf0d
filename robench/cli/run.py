"""`robench run`: train, evaluate, rank."""

from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from robench.cli.options import STORE, grid_of, grid_options
from robench.errors import InputError

if TYPE_CHECKING:
    from robench.execution.settings import Settings
    from robench.progress import Report
    from robench.runs.spec import RunSpec
    from robench.runs.store import Store


def _number(context: click.Context, option: click.Parameter, value: float) -> float:
    if value != value:
        raise click.BadParameter("nan is not in the range x>=0.")
    return value


@click.command
@grid_options
@STORE
@click.option("--device", default="auto", show_default=True, help="auto, cpu, cuda or cuda:N.")
@click.option("--jobs", type=click.IntRange(min=1), default=1, show_default=True, help="Runs at the same time.")
@click.option(
    "--checkpoint-seconds",
    type=click.FloatRange(min=0),
    default=30.0,
    callback=_number,
    show_default=True,
    help="Time between two checkpoints of a run: the work that a kill can lose.",
)
@click.option("--dry-run", is_flag=True, help="Print the plan, start nothing.")
@click.option("--json", "as_json", is_flag=True, help="Print the board as JSON.")
def command(
    store: Path | None,
    data: Path | None,
    device: str,
    jobs: int,
    checkpoint_seconds: float,
    dry_run: bool,
    as_json: bool,
    **given: Any,
) -> int:
    """Train, evaluate and rank.

    NAME is a spec that ships with robench (`robench list specs`). Without NAME, --spec and --suite the
    quickstart runs: real data, no download, about two minutes. Finished runs are not done again.
    """
    from robench.cli.display import Display
    from robench.download import root
    from robench.environment import cores, resolve_device
    from robench.execution.settings import Settings
    from robench.runs.store import Store, default_root
    from robench.study.plan import expand

    given["data"] = data
    grid = grid_of(given)
    data_root = root(data)
    specs = expand(grid, data=data_root)
    device = resolve_device(device)
    if as_json and len({spec.setting for spec in specs}) > 1:
        raise InputError("json: these runs make several boards; ask for one suite and recipe at a time")
    place = Store(store or default_root())
    if dry_run:
        from robench.cli.plan import show

        show(specs, place, as_json)
        return 0
    with Display(len(specs)) as display:
        todo = _unfinished(specs, place, display)
        if todo:
            threads = max(1, cores() // jobs) if jobs > 1 else None
            _work(todo, Settings(place.root, data_root, device, threads, checkpoint_seconds), display, jobs)
    return _board(specs, place, grid.baseline, as_json)


def _unfinished(specs: "list[RunSpec]", store: "Store", report: "Report") -> "list[RunSpec]":
    """Return the runs to do; of each that is skipped a line says so, and whether its plugins have changed since.

    A damaged run is neither done again nor deleted: it is reported as failed.
    """
    from robench.errors import StoreError
    from robench.progress import Progress
    from robench.registry import changed_sources

    todo = []
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
        report(Progress(spec.id, spec.label, "skipped", text=f"already {record.status}{since}"))
    return todo


def _work(specs: "list[RunSpec]", settings: "Settings", report: "Report", jobs: int) -> None:
    from robench.execution import local
    from robench.runs.store import Store
    from robench.study.preflight import check, prepare

    store = Store(settings.store)
    check(specs, settings.data, settings.store, report, jobs=jobs)
    store.open()
    store.plan(specs)
    prepare(specs, settings.data, report)
    local.run(specs, settings, report, jobs=jobs)


def _board(specs: "list[RunSpec]", store: "Store", baseline: str | None, as_json: bool) -> int:
    """Print the board of these runs; return the exit code."""
    from robench.board.leaderboard import build
    from robench.errors import StoreError
    from robench.report import REPORTS
    from robench.runs.result import result_of

    records, unfinished = [], []
    for spec in specs:
        try:
            record = store.record(spec.id)
        except StoreError:
            record = None
        if record is None:
            unfinished.append(spec)
        else:
            records.append(record)
    if boards := build(map(result_of, records), unfinished, baseline=baseline):
        click.echo(REPORTS["json" if as_json else "table"](boards))
    return 1 if unfinished or any(record.failure for record in records) else 0
