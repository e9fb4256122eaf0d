"""Footers: what a board has to say of itself so that its numbers are not read for more than they are."""

from collections.abc import Iterable, Sequence

from robench.board.board import Board, Row
from robench.board.endpoints import endpoint
from robench.runs.labels import text

_LONGEST = 120


def footers(board: Board, formulas: Sequence[str], added: Sequence[str] = ()) -> tuple[str, ...]:
    """One sentence or two each, in the order of reading; `formulas` name how FLOPs were counted, `added` the
    corruptions that the suite does not have.
    """
    lines = [
        _networks(board),
        *caveats(board),
        _comparison(board),
        _noninferiority(board),
        _ranking(board),
        two_tests(board),
        _images(board),
        _added(board, added),
        _training(board),
        f"mCE is the {board.mce_name}." if board.mce_name[:3] != "mCE" else f"{board.mce_name}.",
        _cost(formulas),
        f"Versions: {', '.join(_versions(board.rows))}." if board.rows else "",
    ]
    return tuple(line for line in lines if line)


def caveats(board: Board) -> tuple[str, ...]:
    """What every reader of the table has to know: rows that are short of networks or are not what their name says."""
    lines = [_preliminary(board), _missing(board), _resting(board), _unusual(board)]
    return tuple(line for line in lines if line)


def two_tests(board: Board) -> str:
    """Say why a row can be starred and share a letter with the row it is compared with, where one does; else empty."""
    if not any(row.difference and row.difference.significant and _one_letter(board, row) for row in board.rows):
        return ""
    return (
        f"A row can be starred and share a letter with {board.baseline}: * is the test against {board.baseline} "
        "alone, letters are tests of all pairs, corrected for more."
    )


def _one_letter(board: Board, row: Row) -> bool:
    control = board.control(row)
    return control is not None and bool(set(row.group) & set(control.group))


def _networks(board: Board) -> str:
    counts = sorted({row.n for row in board.rows})
    span = f" = {counts[0]} to {counts[-1]}" if len(counts) > 1 else f" = {counts[0]}" if counts else ""
    return (
        f"n{span} trained networks (seeds) a row; ± is their standard deviation. Training and test set are fixed: "
        "nothing is said about other data."
    )


def _comparison(board: Board) -> str:
    compared = [row.difference for row in board.rows if row.difference]
    if not compared:
        return (
            f"Endpoint: {board.endpoint} of each network. No other row to compare with the baseline {board.baseline}."
        )
    tests = board.protocol
    lines = [
        f"Endpoint: {board.endpoint} of each network. Difference: row minus {board.baseline} (baseline) on the same "
        f"model, with the {100 * tests.interval:g}% Welch interval (not adjusted)."
    ]
    if tests.comparisons:
        plural = "s" * (tests.comparisons != 1)
        lines.append(
            f"p: two-sided Welch t-test, Holm-adjusted over {tests.comparisons} comparison{plural}; "
            f"* is p <= {board.alpha:g}."
        )
    if any(difference.p is None for difference in compared):
        lines.append(f"No p where a group has fewer than {tests.test_from} networks (n too small) or nothing varies.")
    lines.append(
        f"MDE: the true difference in {endpoint(board.endpoint).difference_unit} that one unadjusted test finds with "
        f"probability {tests.power:g} at this n and spread. Hedges g: the difference in pooled standard deviations, "
        "corrected for small n."
    )
    return " ".join(lines)


def _noninferiority(board: Board) -> str:
    tested = [row for row in board.rows if row.difference and row.difference.p_noninferior is not None]
    if not tested:
        return ""
    metric = endpoint(board.endpoint)
    return (
        f"≥: not worse than the baseline by {metric.factor * board.protocol.margin:g} {metric.difference_unit} or more "
        f"(one-sided Welch test against that margin, Holm-adjusted over {len(tested)}, p <= {board.alpha:g})."
    )


def _ranking(board: Board) -> str:
    if not board.rows:
        return ""
    within = " within a model" if len(board.models) > 1 else ""
    lines = [
        f"Rank{within}: 1 + number of rows significantly better (all pairs, {board.protocol.all_pairs}), up to rows "
        "- number significantly worse; rows with a letter in common are not separable. Order inside a rank is by mean "
        "only."
    ]
    if any(row.rank_interval for row in board.rows):
        lines.append(
            f"Resampled: ranks by mean in {100 * board.protocol.interval:g}% of boards whose networks are drawn anew, "
            f"no test; P best: share of them it leads{_agreement(board)}."
        )
    if any(row.leave_one_out for row in board.rows):
        lines.append("One out: ranks by mean when any one corruption is left out.")
    return " ".join(lines)


def _agreement(board: Board) -> str:
    several = len(board.agreement) > 1
    shown = [f"{tau:.2f}{f' ({model[:_LONGEST]})' if several else ''}" for model, tau in board.agreement.items()]
    return f"; Kendall tau with the order shown {', '.join(shown)}" if shown else ""


def _images(board: Board) -> str:
    severities = ", ".join(map(str, board.severities))
    return (
        f"Corrupted images of {board.dataset}: {board.source}; {len(board.corruptions)} corruptions at severities "
        f"{severities}: {', '.join(board.corruptions)}."
    )


def _added(board: Board, added: Sequence[str]) -> str:
    if not added:
        return ""
    return f"Not the suite's own set: {board.suite} does not have {', '.join(name[:_LONGEST] for name in added)}."


def _training(board: Board) -> str:
    train = f"the first {board.train_limit}" if board.train_limit else "all"
    test = f"the first {board.test_limit}" if board.test_limit else "all"
    epochs = f"{board.epochs} epoch{'s' * (board.epochs != 1)}"
    return f"{epochs} on {train} training images, tested on {test} test images; setting {board.setting}."


def _cost(formulas: Sequence[str]) -> str:
    if not formulas:
        return ""
    return (
        "FLOPs are theoretical, what common hardware does not realise for unstructured sparsity; ratios are to dense "
        f"training of the same model: {'; '.join(formulas)}."
    )


def _versions(rows: Iterable[Row]) -> list[str]:
    return sorted({version for row in rows for version in row.versions.values()})


def _preliminary(board: Board) -> str:
    rows = [f"{_name(board, row)} (n = {row.n})" for row in board.rows if row.preliminary]
    if not rows:
        return ""
    which = "every row" if len(rows) == len(board.rows) else ", ".join(rows)
    return f"† preliminary, fewer than {board.protocol.minimum_networks} networks: {which}."


def _missing(board: Board) -> str:
    if not board.missing:
        return ""
    seeds: dict[tuple[str, str], list[int]] = {}
    for run in board.missing:
        name = f"{run.label[:_LONGEST]} {run.sparsity:g} {run.model_label[:_LONGEST]}"
        seeds.setdefault((name, run.reason[:_LONGEST]), []).append(run.seed)
    runs = [
        f"{name} seed{'s' * (len(numbers) > 1)} {', '.join(map(str, sorted(numbers)))} ({reason})"
        for (name, reason), numbers in seeds.items()
    ]
    return f"Missing, not counted: {'; '.join(runs)}."


def _resting(board: Board) -> str:
    """Name the rows that were to rewire and never did: they are networks with a fixed mask under another name."""
    rows = [_name(board, row) for row in board.rows if "update_interval" in row.options and row.updates == 0]
    if not rows:
        return ""
    return f"Topology never updated, fewer steps than update_interval: {', '.join(rows)}; these masks were fixed."


def _unusual(board: Board) -> str:
    """Name the options that no label shows because all rows of their method have them, but that are not defaults."""
    found: dict[tuple[str, ...], dict[str, None]] = {}
    for row in board.rows:
        shown = (f"{name}={text(value)}" for name, value in (row.unusual or {}).items())
        if parts := tuple(part for part in shown if part not in row.label):
            found.setdefault(parts, {})[row.label[:_LONGEST]] = None
    several = [f"{', '.join(sorted(labels))} {', '.join(parts)}" for parts, labels in found.items()]
    return f"Not at their defaults: {'; '.join(several)}." if several else ""


def _name(board: Board, row: Row) -> str:
    model = f" {row.model_label}" if len(board.models) > 1 else ""
    return f"{row.label} {row.sparsity:g}{model}"
