"""Several suites and models on one board: every (suite, model) is a block, every row has one value in each.

Rows that do not stand in all blocks are named and left out: ranks over different blocks could not be compared.
"""

from collections import Counter
from collections.abc import Iterable, Sequence

import numpy as np

from robench.board.board import Board, Row
from robench.errors import InputError
from robench.schema import Frozen
from robench.stats.blocks import BlockRanks, compare_over_blocks, rank_over_blocks
from robench.stats.multiplicity import better_in_at_least
from robench.stats.ranking import clique_letters
from robench.stats.welch import Floats, better_p


class Block(Frozen):
    """One model on one suite; `setting` names the board it comes from."""

    suite: str
    model: str
    setting: str


class Against(Frozen):
    """A row minus its baseline row, over blocks: pooled difference (fraction) with its interval, None below two blocks.

    p_adjusted: exact Wilcoxon over blocks, Holm over all pairs of rows, None where it is refused. ahead: blocks in
    which the mean is better; better_in_at_least: of the `tested` ones, by partial conjunction.
    """

    baseline: str
    baseline_sparsity: float
    mean: float | None
    low: float | None
    high: float | None
    p_adjusted: float | None
    ahead: int
    tested: int
    better_in_at_least: int


class AcrossRow(Frozen):
    """A row over all blocks. means: its mean endpoint in each, a fraction. mean_rank: 1 is best. group: letters; two
    rows have one in common exactly where the pairwise tests do not tell them apart.
    """

    method: str
    sparsity: float
    mean_rank: float
    group: str
    means: tuple[float, ...]
    against: Against | None


class Across(Frozen):
    """Boards of one source, endpoint, alpha and baseline. Entries stand by mean rank; `bars` are the cliques of a
    critical-difference diagram, places of entries.

    friedman: p in Iman and Davenport's form. It and `bars` are None with too few blocks; `refusal` says why, and why
    no pair was tested. `left_out`: rows that are not in all blocks.
    """

    source: str
    endpoint: str
    higher_is_better: bool
    alpha: float
    baseline: str
    blocks: tuple[Block, ...]
    entries: tuple[AcrossRow, ...]
    friedman: float | None
    bars: tuple[tuple[int, ...], ...] | None
    refusal: str | None
    left_out: tuple[str, ...]


Name = tuple[str, float]
Rows = dict[Name, Row]


def across(boards: Iterable[Board]) -> list[Across]:
    """One overview for the boards of each source, endpoint, alpha and baseline that have two blocks and common rows.

    Raises InputError where a (suite, model) stands on two boards: its networks would count as two blocks.
    """
    kinds: dict[tuple[str, str, float, str], list[Board]] = {}
    for board in boards:
        kinds.setdefault((board.source, board.endpoint, board.alpha, board.baseline), []).append(board)
    found = [_across(kinds[kind]) for kind in sorted(kinds)]
    return [one for one in found if one]


def repeated(blocks: Iterable[tuple[str, str]]) -> str | None:
    """Say which (suite, model) occurs twice, None where none does."""
    twice = [name for name, count in Counter(blocks).items() if count > 1]
    return f"{twice[0][0]} with {twice[0][1]} stands on two boards; its networks are one block" if twice else None


def _across(boards: Sequence[Board]) -> Across | None:
    places = [(board, model) for board in boards for model in board.models]
    reason = repeated((board.suite, model) for board, model in places)
    if reason:
        raise InputError(f"across: {reason}; choose with --board")
    columns = [_rows(board, model) for board, model in places]
    names = [name for name in columns[0] if all(name in column for column in columns)] if columns else []
    if len(columns) < 2 or len(names) < 2:
        return None
    first = boards[0]
    table = np.array([[column[name].score.mean for name in names] for column in columns])
    ranked = rank_over_blocks(table, first.alpha, first.higher_is_better)
    order = [int(place) for place in np.argsort(ranked.ranks, kind="stable")]
    spread = {name for column in columns for name in column} - set(names)
    return Across(
        source=first.source,
        endpoint=first.endpoint,
        higher_is_better=first.higher_is_better,
        alpha=first.alpha,
        baseline=first.baseline,
        blocks=tuple(Block(suite=board.suite, model=model, setting=board.setting) for board, model in places),
        entries=tuple(_entries(places, columns, names, ranked, order, table)),
        friedman=ranked.friedman,
        bars=ranked.cliques and tuple(tuple(order.index(place) for place in bar) for bar in ranked.cliques),
        refusal=ranked.refusal,
        left_out=tuple(sorted(f"{method} {sparsity:g}" for method, sparsity in spread)),
    )


def _rows(board: Board, model: str) -> Rows:
    return {(row.label, row.sparsity): row for row in board.rows if row.model_label == model}


def _entries(
    places: Sequence[tuple[Board, str]],
    columns: Sequence[Rows],
    names: Sequence[Name],
    ranked: BlockRanks,
    order: Sequence[int],
    table: Floats,
) -> list[AcrossRow]:
    alpha = places[0][0].alpha
    apart = np.zeros((len(names), len(names)), dtype=bool) if ranked.p is None else ranked.p <= alpha
    letters = clique_letters(apart, list(order))
    return [
        AcrossRow(
            method=names[place][0],
            sparsity=names[place][1],
            mean_rank=ranked.ranks[place],
            group=letters[place],
            means=tuple(table[:, place].tolist()),
            against=_against(places, [column[names[place]] for column in columns], names, ranked, place),
        )
        for place in order
    ]


def _against(
    places: Sequence[tuple[Board, str]], rows: Sequence[Row], names: Sequence[Name], ranked: BlockRanks, place: int
) -> Against | None:
    """Compare with the baseline row of each block; None where that is not the same in all of them."""
    controls = [board.control(row) for (board, _), row in zip(places, rows, strict=True)]
    found = [control for control in controls if control]
    name = {(control.label, control.sparsity) for control in found}
    if len(found) < len(rows) or len(name) > 1:
        return None
    ((label, sparsity),) = name
    higher, alpha = places[0][0].higher_is_better, places[0][0].alpha
    treated, compared = [row.scores for row in rows], [control.scores for control in found]
    pooled = compare_over_blocks(treated, compared, alpha).pooled
    tests = [better_p(one, other, higher) for one, other in zip(treated, compared, strict=True)]
    p = [value for value in tests if value is not None]
    gaps = [row.score.mean - control.score.mean for row, control in zip(rows, found, strict=True)]
    return Against(
        baseline=label,
        baseline_sparsity=sparsity,
        mean=pooled.mean if pooled else None,
        low=pooled.low if pooled else None,
        high=pooled.high if pooled else None,
        p_adjusted=None if ranked.p is None else float(ranked.p[place, names.index((label, sparsity))]),
        ahead=sum((gap > 0) == higher and gap != 0 for gap in gaps),
        tested=len(p),
        better_in_at_least=better_in_at_least(p, alpha),
    )
