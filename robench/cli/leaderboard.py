"""`robench leaderboard`: rank the finished runs of a store."""

from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from robench.cli import completion
from robench.cli.command import Command
from robench.cli.options import STORE, unused
from robench.errors import InputError

if TYPE_CHECKING:
    from robench.board.board import Board
    from robench.board.leaderboard import Ranking
    from robench.report.view import View

FORMATS = ("table", "markdown", "latex", "csv", "json")


@click.command(cls=Command, example="robench leaderboard --suite cifar10c --sparsity 0.3,0.5 --format latex")
@STORE
@click.option(
    "--suite",
    show_default="all",
    help="Only these suites, separated by commas.",
    shell_complete=completion.plugins("suite"),
)
@click.option("--models", show_default="all", help="Only these models.", shell_complete=completion.plugins("model"))
@click.option(
    "--methods",
    show_default="all",
    help="Only these methods, and the baseline.",
    shell_complete=completion.plugins("method"),
)
@click.option(
    "--sparsity", show_default="all", help="Only these shares of weights that are 0, and a dense baseline: 0.3,0.5."
)
@click.option("--plugin", show_default="any", help="Only this version of a distribution of plugins: my-method==1.2.")
@click.option("--format", "kind", type=click.Choice(FORMATS), default="table", show_default=True, help="What to print.")
@click.option("--json", "as_json", is_flag=True, help="Same as --format json.")
@click.option(
    "--columns",
    show_default="those that fit",
    help="These columns, in this order: method,robust_accuracy,mce; a wrong name lists all.",
)
@click.option("--brief", is_flag=True, help="Below the table only what its rows lack.")
@click.option("--notes", is_flag=True, help="Below the table all notes on how it was made and tested.")
@click.option("--document", is_flag=True, help="LaTeX that compiles as it is, instead of a table to input.")
@click.option("--output", type=click.Path(path_type=Path), show_default="stdout", help="Write to this file.")
@click.option(
    "--baseline",
    show_default="the suite's",
    help="Method the others are compared with.",
    shell_complete=completion.plugins("method"),
)
@click.option("--board", show_default="all", help="Only the boards whose setting begins so: ef2a,51310763.")
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
    board: str | None,
    compare: tuple[str, str] | None,
    figures: Path | None,
    **more: Any,
) -> None:
    """Rank the finished runs of a store, a board for each setting.

    A setting is all that runs must share to be compared: suite, corruptions and their source, recipe and limits.
    Several boards are printed one after the other; as JSON in {"boards": [...]}.
    """
    from robench.runs.store import default_root

    kind = "json" if as_json else kind
    shown = {name: more.pop(name) for name in SHOWN}
    view = _view({name: more.pop(name) for name in VIEWS}, compare, kind)
    look = _look(kind, view or ("compare" if compare else None), **shown)
    if compare:
        unused({**more, "board": board, "figures": figures}, "not with --compare, which reads two runs and no boards")
        return _print(_compared(store or default_root(), compare, kind), output)
    ranking = _ranked(store or default_root(), board, more)
    text = VIEWS[view](ranking, kind == "json") if view else _boards(ranking.boards, kind, look)
    if figures:
        _draw(ranking.boards, figures)
    _print(text, output)


def _view(asked: dict[str, bool], compare: tuple[str, str] | None, kind: str) -> str | None:
    """Return which view is asked for, None for the boards themselves; InputError for what does not go together."""
    views = [name for name in asked if asked[name]]
    if len(views) + bool(compare) > 1:
        raise InputError(f"{', '.join(VIEWS)}, compare: one at a time")
    if (views or compare) and kind not in ("table", "json"):
        raise InputError(f"format: {kind} holds boards; --{views[0] if views else 'compare'} gives table or json")
    return views[0] if views else None


def _ranked(store: Path, board: str | None, wanted: dict[str, str | None]) -> "Ranking":
    """Rank the store; name what is not counted on stderr, a line each."""
    from robench.board.leaderboard import rank_store
    from robench.board.selection import select

    return rank_store(store, select(**wanted), lambda line: click.echo(f"robench: {line}", err=True), board)


def _boards(boards: "list[Board]", kind: str, look: "View") -> str:
    from robench.report import REPORTS

    return REPORTS[kind](boards, look)


def _look(kind: str, view: str | None, *, columns: str | None, brief: bool, notes: bool, document: bool) -> "View":
    """Return what of the boards is shown; InputError for what the format or the view has not."""
    from robench.report.names import checked
    from robench.report.view import View
    from robench.text import split_names

    asked = {"columns": columns is not None, "brief": brief, "notes": notes, "document": document}
    for name in (name for name, given in asked.items() if given):
        if view:
            raise InputError(f"{name}: says what of a board is shown; not with --{view}")
        if kind not in SHOWN[name]:
            raise InputError(f"{name}: not with the format {kind}; with {', '.join(SHOWN[name])}")
    if brief and notes:
        raise InputError("brief: leaves out what --notes asks for; one of the two")
    return View(
        columns=None if columns is None else checked(split_names(columns)),
        notes="brief" if brief else "all" if notes else None,
        document=document,
    )


def _verdict(ranking: "Ranking", as_json: bool) -> str:
    from robench.board.verdict import verdicts
    from robench.report.verdict import render

    found = verdicts(ranking.boards)
    return _json({"verdicts": [one.model_dump(mode="json") for one in found]}) if as_json else render(found)


def _across(ranking: "Ranking", as_json: bool) -> str:
    from robench.board.across import across
    from robench.report.across import render

    found = across(ranking.boards)
    if not found:
        raise InputError("across: needs two (suite, model) with two rows in common, of one source and protocol")
    return _json({"across": [one.model_dump(mode="json") for one in found]}) if as_json else render(found)


def _calibrated(ranking: "Ranking", as_json: bool) -> str:
    from robench.board.calibration import calibrations
    from robench.report.calibration import render

    found = calibrations(ranking.boards, ranking.scan.results)
    return _json({"calibrations": [asdict(one) for one in found]}) if as_json else render(found)


def _explored(ranking: "Ranking", as_json: bool) -> str:
    from robench.board.per_corruption import per_corruption
    from robench.report.per_corruption import render

    found = per_corruption(ranking.boards, ranking.scan.results)
    if not found:
        raise InputError("explore: no row is compared with a baseline")
    return _json({"grids": [one.model_dump(mode="json") for one in found]}) if as_json else render(found)


_READ = ("table", "markdown", "latex")
SHOWN = {"columns": (*_READ, "csv"), "brief": _READ, "notes": _READ, "document": ("latex",)}
"""Options that say what of a board is shown, and the formats that each goes with."""
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


def _compared(store: Path, runs: tuple[str, str], kind: str) -> str:
    from robench.board.checkpoints import compare_runs
    from robench.report.checkpoints import render
    from robench.runs.store import Store

    found = compare_runs(Store(store), *runs)
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


def _print(text: str, output: Path | None) -> None:
    from robench import atomic

    if output is None:
        click.echo(text)
    else:
        atomic.write_named("output", output, f"{click.unstyle(text)}\n".encode())
