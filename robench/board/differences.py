"""Differences: each row against the baseline row it fits, on the endpoint of each network."""

from collections.abc import Mapping

import numpy as np

from robench.board.board import Difference
from robench.board.endpoints import endpoint, scores
from robench.board.groups import Group, Groups, Key, RowLabel
from robench.runs.record import SuiteNote
from robench.runs.spec import RunSpec
from robench.stats.effect import detectable_difference, hedges_g
from robench.stats.equivalence import noninferiority
from robench.stats.multiplicity import holm
from robench.stats.welch import welch

POWER = 0.8


def differences(
    groups: Groups, note: SuiteNote, baseline: str, labels: Mapping[Key, RowLabel]
) -> dict[Key, Difference]:
    """Compare each row with the nearest baseline row of its model; Holm over all comparisons that have a p.

    Baseline rows are those of the baseline method that have the fewest options: an option counts only where it is
    given, so a variant with more of them is compared like any other row.
    """
    controls = _controls(groups, baseline)
    found: dict[Key, Difference] = {}
    for place, group in groups.items():
        candidates, spec = controls.get(place[0], []), group[0].spec
        if candidates and place not in candidates:
            chosen = max(candidates, key=lambda control: _nearness(spec, groups[control]))
            found[place] = _difference(group, groups[chosen], note, labels[chosen].method)
    return _adjusted(found, note.alpha)


def _controls(groups: Groups, baseline: str) -> dict[str, list[Key]]:
    """Return the baseline rows of each model."""
    options: dict[str, dict[Key, int]] = {}
    for place, group in groups.items():
        if group[0].spec.method.name == baseline:
            options.setdefault(place[0], {})[place] = len(group[0].spec.method.options)
    return {
        model: [place for place in found if found[place] == min(found.values())] for model, found in options.items()
    }


def _adjusted(found: dict[Key, Difference], alpha: float) -> dict[Key, Difference]:
    """Holm, once over the tests of a difference, once over those of non-inferiority, once over those of equivalence."""
    for name, claim in (("p", "significant"), ("p_noninferior", "noninferior"), ("p_equivalent", "equivalent")):
        tested = {place: p for place, difference in found.items() if (p := getattr(difference, name)) is not None}
        for place, p in zip(tested, holm(list(tested.values())), strict=True):
            change = {f"{name}_adjusted": float(p), claim: bool(p <= alpha)}
            found[place] = found[place].model_copy(update=change)
    return found


def _nearness(spec: RunSpec, group: Group) -> tuple[int, float, int]:
    """How well a baseline row fits: versions shared, then sparsity, then networks."""
    other = group[0].spec
    shared = sum(other.versions.get(name) == version for name, version in spec.versions.items())
    return (shared, -abs(other.sparsity - spec.sparsity), len(group))


def _difference(group: Group, control: Group, note: SuiteNote, label: str) -> Difference:
    metric = endpoint(note.endpoint)
    a, b = scores(group, metric), scores(control, metric)
    test = welch(a, b, note.alpha)
    equal = noninferiority(a, b, note.margin, metric.higher_is_better, note.alpha)
    return Difference(
        baseline=label,
        baseline_sparsity=control[0].spec.sparsity,
        mean=float(np.mean(a) - np.mean(b)),
        low=test.low if test else None,
        high=test.high if test else None,
        p=test.p if test else None,
        p_noninferior=equal.p if equal else None,
        p_equivalent=equal.p_equivalent if equal else None,
        detectable=detectable_difference(a, b, note.alpha, POWER),
        hedges_g=hedges_g(a, b),
    )
