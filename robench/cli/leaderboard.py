"""`robench leaderboard`: rank the finished runs of a store."""

from collections.abc import Iterable
from pathlib import Path
from typing import TYPE_CHECKING

import click

from robench.cli.options import STORE
from robench.errors import InputError, unknown

if TYPE_CHECKING:
    from robench.board import Board
    from robench.specs import RunSpec
    from robench.store import Scan

FORMATS = ("table", "markdown", "csv", "json")


@click.command
@STORE
@click.option("--suite", help="Only these suites, separated by commas.")
@click.option("--models", help="Only these models.")
@click.option("--methods", help="Only these methods, and the baseline.")
@click.option("--format", "kind", type=click.Choice(FORMATS), default="table", show_default=True, help="What to print.")
@click.option("--json", "as_json", is_flag=True, help="Same as --format json.")
@click.option("--output", type=click.Path(path_type=Path), help="Write to this file instead.")
@click.option("--baseline", help="Method the others are compared with, instead of the suite's.")
@click.option("--board", help="Only the board whose setting begins so.")
def command(
    store: Path | None,
    suite: str | None,
    models: str | None,
    methods: str | None,
    kind: str,
    as_json: bool,
    output: Path | None,
    baseline: str | None,
    board: str | None,
) -> int:
    """Rank the finished runs of a store, a board for each setting.

    A setting is all that runs must share to be compared: suite, corruptions and their source, recipe and limits.
    JSON and CSV hold one board; where there are several, --board or --suite chooses.
    """
    from robench.cli import printable
    from robench.leaderboard import build
    from robench.store import Store, default_root

    place = store or default_root()
    scan = Store(place).scan()
    for folder, reason in scan.damaged:
        click.echo(f"robench: {_line(f'{folder}: {reason}')}", err=True)
    if not scan.records:
        raise InputError(f"store: no finished run in {printable(place)}, {len(scan.unfinished)} unfinished")
    scan = _chosen(scan, {"suite": suite, "models": models, "methods": methods}, baseline)
    boards = [found for found in build(scan.records, scan.unfinished, baseline=baseline) if _is(found, board)]
    if not boards:
        raise unknown("board", board or "", {record.spec.setting for record in scan.records})
    _tell_unplaced(scan)
    _write(boards, "json" if as_json else kind, output)
    return 0


def _is(board: "Board", start: str | None) -> bool:
    return start is None or board.setting.startswith(start)


def _chosen(scan: "Scan", wanted: dict[str, str | None], baseline: str | None) -> "Scan":
    """Keep the runs that were asked for; records of the baseline stay, or nothing could be compared."""
    from robench.specs import split_names
    from robench.store import Scan

    names = {option: set(split_names(text)) for option, text in wanted.items() if text is not None}
    specs = [*(record.spec for record in scan.records), *scan.unfinished]
    for option, values in names.items():
        known = {_names(spec)[option] for spec in specs}
        for value in sorted(values - known):
            raise unknown(option, value, known)
    records = [
        record
        for record in scan.records
        if _fits(record.spec, names, keep={"methods": baseline or record.suite.baseline})
    ]
    return Scan(records, [spec for spec in scan.unfinished if _fits(spec, names, keep={})], scan.damaged)


def _names(spec: "RunSpec") -> dict[str, str]:
    return {"suite": spec.suite, "models": spec.model.name, "methods": spec.method.name}


def _fits(spec: "RunSpec", names: dict[str, set[str]], keep: dict[str, str]) -> bool:
    own = _names(spec)
    return all(own[option] in values or own[option] == keep.get(option) for option, values in names.items())


def _tell_unplaced(scan: "Scan") -> None:
    """Say which unfinished runs stand on no board, because no run of their setting has a record."""
    settings = {record.spec.setting for record in scan.records}
    left = [spec for spec in scan.unfinished if spec.setting not in settings]
    if left:
        click.echo(f"robench: {len(left)} unfinished runs of settings without any record, on no board", err=True)


def _write(boards: "list[Board]", kind: str, output: Path | None) -> None:
    from robench import atomic
    from robench.report import ONE_BOARD, REPORTS

    if kind in ONE_BOARD and len(boards) > 1:
        raise InputError(f"{kind}: holds one board, here are {len(boards)}; choose with --board: {_list(boards)}")
    text = "\n\n".join(REPORTS[kind](board) for board in boards)
    if output is None:
        click.echo(text)
        return
    try:
        atomic.write_text(output, click.unstyle(text) + "\n")
    except OSError as error:
        raise InputError(f"output: cannot write {output}: {error.strerror or error}") from None


def _list(boards: "Iterable[Board]") -> str:
    return ", ".join(
        f"{board.setting} ({board.suite}, {board.source}, {board.epochs} epochs, train {board.train_limit or 'all'}, "
        f"test {board.test_limit or 'all'})"
        for board in boards
    )


def _line(text: str) -> str:
    return " ".join(text.split())
