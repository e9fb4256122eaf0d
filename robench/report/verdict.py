"""A verdict as text, one page: the answers, the contrasts behind them, then what holds over scenarios and blocks."""

from collections.abc import Sequence

from robench.board.endpoints import endpoint
from robench.board.verdict import LEAST, MOST, Answer, Contrast, OverBlocks, ScenarioCount, Verdict
from robench.contracts.role import Role
from robench.report.columns import estimate, probability
from robench.report.plain import aligned, folded
from robench.stats.welch import TEST_FROM
from robench.text import printable

_NAME = 40
_A_PAGE = 36
"""Contrasts that are listed; of more, only what holds over them."""


def render(verdicts: Sequence[Verdict]) -> str:
    """Return one page for each verdict, no line wider than 100 columns."""
    return "\n\n".join(map(_page, verdicts))


def _page(verdict: Verdict) -> str:
    lines = [
        f"Is dynamic sparse training more robust? {verdict.endpoint}, corruptions {verdict.source}, sparsity "
        f"{100 * LEAST:g} to {100 * MOST:g} %",
        *map(_answer, verdict.answers),
    ]
    for role in dict.fromkeys(contrast.role for contrast in verdict.contrasts):
        lines += ["", *_section(verdict, role)]
    return "\n".join([*lines, "", *_notes(verdict)])


def _answer(found: Answer) -> str:
    if not found.contrasts:
        return f"  than {found.role}: not answered, nothing to compare"
    return (
        f"  than {found.role}: significantly better in {found.better}, worse in {found.worse}, open in {found.open} "
        f"of {found.contrasts} comparisons"
    )


def _section(verdict: Verdict, role: Role) -> list[str]:
    lines = []
    contrasts = [contrast for contrast in verdict.contrasts if contrast.role == role]
    for control in dict.fromkeys(contrast.control for contrast in contrasts):
        lines.append(f"Better than {printable(control, 60)} ({role})?")
        if len(verdict.contrasts) <= _A_PAGE:
            lines += _table([contrast for contrast in contrasts if contrast.control == control], verdict)
        lines += [_count(count) for count in verdict.counts if (count.role, count.control) == (role, control)]
        across = [found for found in verdict.across if (found.role, found.control) == (role, control)]
        lines += _pooled([found for found in across if found.mean is not None], verdict)
    return lines


def _table(contrasts: Sequence[Contrast], verdict: Verdict) -> list[str]:
    """One line a contrast, under a heading for each model of each suite."""
    head = ("    method", "sparse %", "n", f"difference [{100 * (1 - verdict.alpha):g}%]", "p adj.", "MDE")
    factor = endpoint(verdict.endpoint).factor
    first, *rest = aligned([head, *(_contrast(contrast, factor) for contrast in contrasts)], words=1)
    lines, group = [first], ""
    for contrast, line in zip(contrasts, rest, strict=True):
        place = f"  {printable(contrast.suite, _NAME)} · {printable(contrast.model, _NAME)} · {contrast.setting}"
        lines += [line] if place == group else [place, line]
        group = place
    return lines


def _contrast(found: Contrast, factor: int) -> tuple[str, ...]:
    short = min(found.n, found.n_control) < TEST_FROM
    return (
        f"    {printable(found.method, _NAME)}",
        f"{100 * found.sparsity:g}",
        f"{found.n}:{found.n_control}",
        f"{estimate(found.mean, found.low, found.high, factor)}{'*' if found.significant else ' '}",
        f"n<{TEST_FROM}" if short else "–" if found.p_adjusted is None else probability(found.p_adjusted),
        "–" if found.detectable is None else f"{factor * found.detectable:.2f}",
    )


def _count(count: ScenarioCount) -> str:
    shown = f"shown better in at least {count.better_in_at_least} of {count.tested}" if count.tested else "none tested"
    return f"  {printable(count.method, _NAME)}: mean ahead in {count.ahead} of {count.scenarios} scenarios; {shown}"


def _pooled(found: Sequence[OverBlocks], verdict: Verdict) -> list[str]:
    """One line a method and sparsity: the difference over blocks."""
    if not found:
        return []
    head = ("    over blocks", "sparse %", "blocks", f"difference [{100 * (1 - verdict.alpha):g}%]", "Wilcoxon p adj.")
    return aligned([head, *(_over_blocks(one, verdict) for one in found)], words=1)


def _over_blocks(found: OverBlocks, verdict: Verdict) -> tuple[str, ...]:
    p, factor = found.p_adjusted, endpoint(verdict.endpoint).factor
    star = "*" if p is not None and p <= verdict.alpha else " "
    return (
        f"    {printable(found.method, _NAME)}",
        f"{100 * found.sparsity:g}",
        f"{found.blocks}",
        f"{estimate(found.mean or 0.0, found.low, found.high, factor)}{star}",
        "–" if p is None else probability(p),
    )


def _notes(verdict: Verdict) -> list[str]:
    better = "above 0 is better" if verdict.higher_is_better else "below 0 is better"
    unit = endpoint(verdict.endpoint).difference_unit
    notes = [
        f"Difference in {unit}: method minus control, networks as units ({better}), with its unadjusted Welch "
        f"interval; n: networks of method:control; p: two-sided Welch, Holm over the comparisons of a suite with "
        f"controls of one kind; * is p <= {verdict.alpha:g}. MDE: what one such test finds with probability 0.8. Open "
        "is not equal: the difference may lie anywhere in its interval.",
        "Shown better in at least u of N scenarios (suite, model, sparsity): partial conjunction in Bonferroni form, "
        f"one-sided, at {verdict.alpha:g}; one claim each, not adjusted over methods and controls.",
        *dict.fromkeys(f"Across blocks (suite, model): {found.refusal}." for found in verdict.across if found.refusal),
    ]
    if any(found.mean is not None for found in verdict.across):
        notes.append(
            "Over blocks: random-effects difference with Hartung and Knapp's interval, exact Wilcoxon p, Holm over the "
            "lines with controls of one kind."
        )
    if len(verdict.contrasts) > _A_PAGE:
        notes.append(f"The {len(verdict.contrasts)} comparisons stand in --verdict --json and in --figures.")
    if verdict.absent:
        notes.append(f"Not answered: {'; '.join(printable(text, 200) for text in verdict.absent)}.")
    return [line for note in notes for line in folded(note)]
