"""Naming: what planned runs are called, told apart by their options and by what is not a plugin's default."""

from collections.abc import Iterable
from dataclasses import replace

from robench import registry
from robench.progress import Progress, Report
from robench.runs.labels import KINDS, Defaults, run_labels
from robench.runs.spec import RunSpec


def labelled(specs: Iterable[RunSpec]) -> dict[str, str]:
    """Return the label of each run by its id, no two equal; the plugins are loaded for their defaults."""
    known: dict[tuple[str, str], Defaults] = {}
    runs = []
    for spec in specs:
        names = (spec.model.name, spec.method.name)
        if names not in known:
            known[names] = {kind: registry.defaults(kind, getattr(spec, kind).name) or {} for kind in KINDS}
        runs.append((spec, known[names]))
    return run_labels(runs)


def telling(report: Report, labels: dict[str, str]) -> Report:
    """Return a report in which runs bear these labels, whatever process tells of them: one run knows no other."""

    def tell(message: Progress) -> None:
        report(replace(message, label=labels.get(message.id, message.label)))

    return tell
