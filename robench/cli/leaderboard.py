"""`robench leaderboard`: rank the finished runs of a store."""

from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from robench.cli.options import STORE
from robench.errors import InputError, unknown

if TYPE_CHECKING:
    from robench.board.board import Board
    from robench.board.selection import Selection
    from robench.runs.index import Scan

FORMATS = ("table", "markdown", "latex", "csv", "json")


@click.command
@STORE
@click.option("--suite", help="Only these suites, separated by commas.")
@click.option("--models", help="Only these models.")
@click.option("--methods", help="Only these methods, and the baseline.")
@click.option("--sparsity", help="Only these shares of weights that are 0, and a dense baseline: 0.3,0.5.")
@click.option("--plugin", help="Only this version of a distribution of plugins: my-method==1.2.")
@click.option("--format", "kind", type=click.Choice(FORMATS), default="table", show_default=True, help="What to print.")
@click.option("--json", "as_json", is_flag=True, help="Same as --format json.")
@click.option("--output", type=click.Path(path_type=Path), help="Write to this file instead.")
@click.option("--baseline", help="Method the others are compared with, instead of the suite's.")
@click.option("--board", help="Only the boards whose setting begins so: ef2a,51310763.")
@click.option("--verdict", is_flag=True, help="Is dynamic sparse training better than dense, static, small dense?")
@click.option("--across", is_flag=True, help="Rank over all suites and models, each pair of them a block.")
@click.option("--calibrate", is_flag=True, help="Simulate how often the tests of these boards err.")
@click.option("--explore", is_flag=True, help="Differences on each corruption; exploratory.")
@click.option(
    "--compare", nargs=2, metavar="RUN_A RUN_B", help="Two checkpoints, image by image; ids may be cut short."
)
@click.option("--figures", type=click.Path(path_type=Path), help="Draw every figure into this folder, SVG and PNG.")
def command(
    store: Path | None,
    kind: str,
    as_json: bool,
    output: Path | None,
    baseline: str | None,
    board: str | None,
    compare: tuple[str, str] | None,
    figures: Path | None,
    **more: Any,
) -> int:
    """Rank the finished runs of a store, a board for each setting.

    A setting is all that runs must share to be compared: suite, corruptions and their source, recipe and limits.
    Several boards are printed one after the other; as JSON in {"boards": [...]}.
    """
    from robench.board.leaderboard import build

    kind = "json" if as_json else kind
    views = [name for name in VIEWS if more.pop(name)]
    if len(views) + bool(compare) > 1:
        raise InputError(f"{', '.join(VIEWS)}, compare: one at a time")
    if (views or compare) and kind not in ("table", "json"):
        raise InputError(f"format: {kind} holds boards; --{views[0] if views else 'compare'} gives table or json")
    if compare:
        if figures:
            raise InputError("figures: show boards; not with --compare")
        _print(_compared(store, compare, kind), output)
        return 0
    scan = _selection(more, baseline).apply(_scan(store))
    boards = [found for found in build(scan.results, scan.unfinished, baseline=baseline) if _is(found, board)]
    if not boards:
        raise unknown("board", board or "", {result.spec.setting for result in scan.results})
    _tell_unplaced(scan)
    text = VIEWS[views[0]](boards, scan, kind == "json") if views else _boards(boards, kind)
    if figures:
        _draw(boards, figures)
    _print(text, output)
    return 0


def _boards(boards: "list[Board]", kind: str) -> str:
    from robench.report import REPORTS

    return REPORTS[kind](boards)


def _verdict(boards: "list[Board]", _: "Scan", as_json: bool) -> str:
    from robench.board.verdict import verdicts
    from robench.report.verdict import render

    found = verdicts(boards)
    return _json({"verdicts": [one.model_dump(mode="json") for one in found]}) if as_json else render(found)


def _across(boards: "list[Board]", _: "Scan", as_json: bool) -> str:
    from robench.board.across import across
    from robench.report.across import render

    found = across(boards)
    if not found:
        raise InputError("across: needs two (suite, model) with two rows in common, of one source and protocol")
    return _json({"across": [one.model_dump(mode="json") for one in found]}) if as_json else render(found)


def _calibrated(boards: "list[Board]", scan: "Scan", as_json: bool) -> str:
    from robench.board.calibration import calibrations
    from robench.report.calibration import render

    found = calibrations(boards, scan.results)
    return _json({"calibrations": [asdict(one) for one in found]}) if as_json else render(found)


def _explored(boards: "list[Board]", scan: "Scan", as_json: bool) -> str:
    from robench.board.per_corruption import per_corruption
    from robench.report.per_corruption import render

    found = per_corruption(boards, scan.results)
    if not found:
        raise InputError("explore: no row is compared with a baseline")
    return _json({"grids": [one.model_dump(mode="json") for one in found]}) if as_json else render(found)


VIEWS = {"verdict": _verdict, "across": _across, "calibrate": _calibrated, "explore": _explored}
"""What is asked of boards instead of the boards themselves: option, and the function that answers as text or JSON."""


def _draw(boards: "list[Board]", folder: Path) -> None:
    """Draw the figures; say on stderr how many, and which cannot be drawn."""
    from robench.report.figures.draw import draw

    try:
        drawn = draw(boards, folder)
    except OSError as error:
        raise InputError(f"figures: cannot write {folder}: {error.strerror or error}") from None
    for reason in drawn.refused:
        click.echo(f"robench: {reason}", err=True)
    click.echo(f"robench: {len(drawn.paths)} files in {folder}", err=True)


def _compared(store: Path | None, runs: tuple[str, str], kind: str) -> str:
    from robench.board.checkpoints import compare_runs
    from robench.report.checkpoints import render
    from robench.runs.store import Store, default_root

    found = compare_runs(Store(store or default_root()), *runs)
    if kind != "json":
        return render(found)
    return _json(
        {
            "treated": found.treated.id,
            "control": found.control.id,
            "robust_accuracy": asdict(found.robust),
            "clean_accuracy": asdict(found.clean),
        }
    )


def _json(value: dict[str, Any]) -> str:
    import json

    return json.dumps(value, indent=2, allow_nan=False)


def _scan(store: Path | None) -> "Scan":
    """Look at the store; name what is damaged on stderr, a line each."""
    from robench.cli import printable
    from robench.runs.index import scan
    from robench.runs.store import Store, default_root
    from robench.text import printable as shown

    place = store or default_root()
    found = scan(Store(place))
    for folder, reason in found.damaged:
        click.echo(f"robench: {shown(folder)}: {shown(reason, 300)}", err=True)
    if not found.results:
        raise InputError(f"store: no finished run in {printable(place)}, {len(found.unfinished)} unfinished")
    return found


def _selection(wanted: dict[str, str | None], baseline: str | None) -> "Selection":
    from robench.board.selection import Selection
    from robench.study.grid import split_names

    def names(option: str) -> frozenset[str] | None:
        text = wanted[option]
        return None if text is None else frozenset(split_names(text))

    try:
        shares = names("sparsity")
        sparsity = None if shares is None else frozenset(map(float, shares))
    except ValueError as error:
        raise InputError(f"sparsity: {error}") from None
    return Selection(names("suite"), names("models"), names("methods"), sparsity, names("plugin"), baseline)


def _is(board: "Board", start: str | None) -> bool:
    return start is None or board.setting.startswith(tuple(part.strip() for part in start.split(",") if part.strip()))


def _tell_unplaced(scan: "Scan") -> None:
    """Say which unfinished runs stand on no board, because no run of their setting has a record."""
    settings = {result.spec.setting for result in scan.results}
    left = [spec for spec in scan.unfinished if spec.setting not in settings]
    if left:
        click.echo(f"robench: {len(left)} unfinished runs of settings without any record, on no board", err=True)


def _print(text: str, output: Path | None) -> None:
    from robench import atomic

    if output is None:
        click.echo(text)
        return
    try:
        atomic.write_text(output, click.unstyle(text) + "\n")
    except OSError as error:
        raise InputError(f"output: cannot write {output}: {error.strerror or error}") from None
