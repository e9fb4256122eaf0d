"""`robench leaderboard`: rank the finished runs of a store."""

from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from robench.cli.options import STORE
from robench.errors import InputError, unknown

if TYPE_CHECKING:
    from robench.board import Board
    from robench.index import Scan
    from robench.selection import Selection

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
@click.option("--board", help="Only the board whose setting begins so.")
@click.option("--verdict", is_flag=True, help="Is dynamic sparse training better than dense, static, small dense?")
@click.option("--calibrate", is_flag=True, help="Simulate how often the tests of these boards err.")
@click.option(
    "--compare", nargs=2, metavar="RUN_A RUN_B", help="Two checkpoints, image by image; ids may be cut short."
)
def command(
    store: Path | None,
    kind: str,
    as_json: bool,
    output: Path | None,
    baseline: str | None,
    board: str | None,
    verdict: bool,
    calibrate: bool,
    compare: tuple[str, str] | None,
    **wanted: Any,
) -> int:
    """Rank the finished runs of a store, a board for each setting.

    A setting is all that runs must share to be compared: suite, corruptions and their source, recipe and limits.
    Several boards are printed one after the other; as JSON in {"boards": [...]}.
    """
    from robench.leaderboard import build

    kind = "json" if as_json else kind
    if sum(map(bool, (verdict, calibrate, compare))) > 1:
        raise InputError("verdict, calibrate, compare: one at a time")
    if (verdict or calibrate or compare) and kind not in ("table", "json"):
        raise InputError(f"format: {kind} holds boards; --verdict, --calibrate and --compare give table or json")
    if compare:
        _print(_compared(store, compare, kind), output)
        return 0
    scan = _selection(wanted, baseline).apply(_scan(store))
    boards = [found for found in build(scan.results, scan.unfinished, baseline=baseline) if _is(found, board)]
    if not boards:
        raise unknown("board", board or "", {result.spec.setting for result in scan.results})
    _tell_unplaced(scan)
    _print(_report(boards, scan, kind, verdict, calibrate), output)
    return 0


def _report(boards: "list[Board]", scan: "Scan", kind: str, verdict: bool, calibrate: bool) -> str:
    if verdict:
        from robench.report.verdict import render
        from robench.verdict import verdicts

        found = verdicts(boards)
        return _json({"verdicts": [one.model_dump(mode="json") for one in found]}) if kind == "json" else render(found)
    if calibrate:
        from robench.calibration import calibrations
        from robench.report import calibration as text

        rates = calibrations(boards, scan.results)
        return _json({"calibrations": [asdict(one) for one in rates]}) if kind == "json" else text.render(rates)
    from robench.report import REPORTS

    return REPORTS[kind](boards)


def _compared(store: Path | None, runs: tuple[str, str], kind: str) -> str:
    from robench.checkpoints import compare_runs
    from robench.report.checkpoints import render
    from robench.store import Store, default_root

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
    from robench.index import scan
    from robench.store import Store, default_root
    from robench.text import printable as shown

    place = store or default_root()
    found = scan(Store(place))
    for folder, reason in found.damaged:
        click.echo(f"robench: {shown(folder)}: {shown(reason, 300)}", err=True)
    if not found.results:
        raise InputError(f"store: no finished run in {printable(place)}, {len(found.unfinished)} unfinished")
    return found


def _selection(wanted: dict[str, str | None], baseline: str | None) -> "Selection":
    from robench.selection import Selection
    from robench.specs import split_names

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
    return start is None or board.setting.startswith(start)


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
