"""Verdict: is dynamic sparse training more robust than dense, static sparse and small dense training at low sparsity.

The question of arXiv:2410.03030, asked in every scenario (suite, model, sparsity) of boards that may be compared. Rows
take part by the role that their method declares; which plugins there are is not known here.
"""

import math
from collections.abc import Iterable, Sequence
from typing import NamedTuple

from robench.board.across import repeated
from robench.board.board import Board, Row
from robench.contracts.role import Role
from robench.schema import Frozen
from robench.stats.blocks import compare_over_blocks
from robench.stats.effect import detectable_difference
from robench.stats.multiplicity import better_in_at_least, holm
from robench.stats.welch import better_p, welch

CONTROLS = (Role.DENSE, Role.STATIC, Role.SMALL)
LEAST, MOST = 0.1, 0.5


class Contrast(Frozen):
    """One dynamic row against one control of its scenario: endpoint of the row minus that of the control, a fraction.

    low, high, p, detectable: as in `board.Difference`. p_adjusted: Holm over the contrasts of the board with controls
    of this role. p_better: one-sided, that the row is better, not adjusted.
    """

    suite: str
    setting: str
    model: str
    sparsity: float
    method: str
    control: str
    role: Role
    n: int
    n_control: int
    mean: float
    low: float | None
    high: float | None
    p: float | None
    p_adjusted: float | None = None
    p_better: float | None
    detectable: float | None
    significant: bool = False


class Answer(Frozen):
    """How the contrasts with controls of one role came out: significantly better, significantly worse, or `open`."""

    role: Role
    contrasts: int
    better: int
    worse: int
    open: int


class ScenarioCount(Frozen):
    """A method against a control over scenarios: in how many of `scenarios` its mean is ahead, and in at least how
    many of the `tested` ones it is better (partial conjunction, Bonferroni form, Dror et al. 2017).
    """

    method: str
    control: str
    role: Role
    scenarios: int
    ahead: int
    tested: int
    better_in_at_least: int


class OverBlocks(Frozen):
    """A method against a control at one sparsity over `blocks` (suite, model): pooled difference, exact Wilcoxon p.

    mean, low, high are None below two blocks with an interval; p is None with `refusal` saying why. p_adjusted: Holm
    over the methods and sparsities with controls of this role.
    """

    method: str
    control: str
    role: Role
    sparsity: float
    blocks: int
    mean: float | None
    low: float | None
    high: float | None
    p: float | None
    p_adjusted: float | None = None
    refusal: str | None


class Verdict(Frozen):
    """All contrasts of boards of one source, endpoint and protocol, and what follows over scenarios and blocks.

    margin: that of non-inferiority, a fraction.

    `absent`: the scenarios without a control of some role, in words.
    """

    source: str
    endpoint: str
    higher_is_better: bool
    alpha: float
    margin: float
    answers: tuple[Answer, ...]
    contrasts: tuple[Contrast, ...]
    counts: tuple[ScenarioCount, ...]
    across: tuple[OverBlocks, ...]
    absent: tuple[str, ...]


def verdicts(boards: Iterable[Board]) -> list[Verdict]:
    """One verdict for the boards of each source, endpoint, alpha and margin, in that order; none without rows."""
    kinds: dict[tuple[str, str, float, float], list[Board]] = {}
    for board in boards:
        if board.rows:
            kind = (board.source, board.endpoint, board.alpha, board.protocol.margin)
            kinds.setdefault(kind, []).append(board)
    return [_verdict(kinds[kind]) for kind in sorted(kinds)]


def _verdict(boards: Sequence[Board]) -> Verdict:
    pairs = [pair for board in boards for pair in _pairs(board)]
    contrasts = [contrast for board in boards for contrast in _adjusted(board)]
    first = boards[0]
    return Verdict(
        source=first.source,
        endpoint=first.endpoint,
        higher_is_better=first.higher_is_better,
        alpha=first.alpha,
        margin=first.protocol.margin,
        answers=tuple(_answer(role, contrasts, first.higher_is_better) for role in CONTROLS),
        contrasts=tuple(contrasts),
        counts=tuple(_counts(contrasts, first)),
        across=tuple(_across(pairs, first.alpha)),
        absent=tuple(text for board in boards for text in _absent(board)),
    )


class Pair(NamedTuple):
    """A dynamic row and a control row of its scenario."""

    suite: str
    row: Row
    control: Row
    role: Role


def _pairs(board: Board) -> list[Pair]:
    """Each dynamic row at the sparsities asked about with each control of its model, sparse ones at its sparsity."""
    return [
        Pair(board.suite, row, other, role)
        for role in CONTROLS
        for row in _asked(board)
        for other in board.rows
        if other.role == role and other.model_label == row.model_label and _alike(row, other)
    ]


def _asked(board: Board) -> list[Row]:
    rows = [row for row in board.rows if row.role == Role.DYNAMIC and LEAST - 1e-9 <= row.sparsity <= MOST + 1e-9]
    return sorted(rows, key=lambda row: (row.model_label, row.sparsity, row.label))


def _alike(row: Row, control: Row) -> bool:
    return control.role == Role.DENSE or math.isclose(row.sparsity, control.sparsity)


def _contrast(board: Board, pair: Pair) -> Contrast:
    _, row, control, role = pair
    test = welch(row.scores, control.scores, board.alpha)
    return Contrast(
        suite=board.suite,
        setting=board.setting,
        model=row.model_label,
        sparsity=row.sparsity,
        method=row.label,
        control=control.label,
        role=role,
        n=row.n,
        n_control=control.n,
        mean=row.score.mean - control.score.mean,
        low=test.low if test else None,
        high=test.high if test else None,
        p=test.p if test else None,
        p_better=better_p(row.scores, control.scores, board.higher_is_better),
        detectable=detectable_difference(row.scores, control.scores, board.alpha, board.protocol.power),
    )


def _adjusted(board: Board) -> list[Contrast]:
    found = [_contrast(board, pair) for pair in _pairs(board)]
    for role in CONTROLS:
        places = [place for place, contrast in enumerate(found) if contrast.role == role and contrast.p is not None]
        raw = [contrast.p for contrast in found if contrast.role == role and contrast.p is not None]
        for place, p in zip(places, holm(raw), strict=True):
            change = {"p_adjusted": float(p), "significant": bool(p <= board.alpha)}
            found[place] = found[place].model_copy(update=change)
    return found


def _answer(role: Role, contrasts: Sequence[Contrast], higher_is_better: bool) -> Answer:
    asked = [contrast for contrast in contrasts if contrast.role == role]
    better = [(contrast.mean > 0) == higher_is_better for contrast in asked if contrast.significant]
    return Answer(
        role=role,
        contrasts=len(asked),
        better=sum(better),
        worse=len(better) - sum(better),
        open=len(asked) - len(better),
    )


def _counts(contrasts: Sequence[Contrast], board: Board) -> list[ScenarioCount]:
    groups: dict[tuple[Role, str, str], list[Contrast]] = {}
    for contrast in contrasts:
        groups.setdefault((contrast.role, contrast.control, contrast.method), []).append(contrast)
    counts = []
    for (role, control, method), group in groups.items():
        p = [contrast.p_better for contrast in group if contrast.p_better is not None]
        ahead = sum((contrast.mean > 0) == board.higher_is_better and contrast.mean != 0 for contrast in group)
        counts.append(
            ScenarioCount(
                method=method,
                control=control,
                role=role,
                scenarios=len(group),
                ahead=ahead,
                tested=len(p),
                better_in_at_least=better_in_at_least(p, board.alpha),
            )
        )
    return counts


def _across(pairs: Sequence[Pair], alpha: float) -> list[OverBlocks]:
    groups: dict[tuple[Role, str, str, float], list[Pair]] = {}
    for pair in pairs:
        groups.setdefault((pair.role, pair.control.label, pair.row.label, pair.row.sparsity), []).append(pair)
    found = []
    for role in CONTROLS:
        mine = {name: group for name, group in groups.items() if name[0] == role}
        tested = [_over_blocks(group, alpha, len(mine)) for group in mine.values()]
        places = [place for place, one in enumerate(tested) if one.p is not None]
        for place, p in zip(places, holm([one.p for one in tested if one.p is not None]), strict=True):
            tested[place] = tested[place].model_copy(update={"p_adjusted": float(p)})
        found += tested
    return found


def _over_blocks(group: Sequence[Pair], alpha: float, comparisons: int) -> OverBlocks:
    """Test one method against one control at one sparsity; nothing where a (suite, model) is there twice."""
    first = group[0]
    test = compare_over_blocks(
        [pair.row.scores for pair in group], [pair.control.scores for pair in group], alpha, comparisons
    )
    twice = repeated((pair.suite, pair.row.model_label) for pair in group)
    pooled = None if twice else test.pooled
    return OverBlocks(
        method=first.row.label,
        control=first.control.label,
        role=first.role,
        sparsity=first.row.sparsity,
        blocks=len(group),
        mean=pooled.mean if pooled else None,
        low=pooled.low if pooled else None,
        high=pooled.high if pooled else None,
        p=None if twice else test.p,
        refusal=twice or test.refusal,
    )


def _absent(board: Board) -> list[str]:
    """Name the scenarios that lack a control, and rows that cannot be placed."""
    answered = {(id(pair.row), pair.role) for pair in _pairs(board)}
    lacking: dict[tuple[str, float], set[Role]] = {}
    for asked in _asked(board):
        roles = {role for role in CONTROLS if (id(asked), role) not in answered}
        if roles:
            lacking.setdefault((asked.model_label, asked.sparsity), set()).update(roles)
    texts = [
        f"{board.suite} {model} at {sparsity:g}: no {', '.join(sorted(roles))} control"
        for (model, sparsity), roles in lacking.items()
    ]
    unknown = sorted({row.label for row in board.rows if row.role is None})
    if unknown:
        texts.append(f"{board.suite}: records of {', '.join(unknown)} do not say what the method is compared as")
    if not _asked(board):
        texts.append(f"{board.suite}: no dynamic method at sparsity {LEAST:g} to {MOST:g}")
    return texts
