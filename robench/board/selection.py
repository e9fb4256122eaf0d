"""Selection: which runs a board is made of."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import TypeVar

import numpy as np

from robench.errors import InputError, unknown
from robench.runs.index import Scan
from robench.runs.spec import RunSpec
from robench.text import split_names

Item = TypeVar("Item")


@dataclass(frozen=True)
class Selection:
    """Names and values that runs are kept for; None keeps all.

    `plugins` are texts `distribution==version`: a run that uses another version of that distribution is left out.
    Runs of the baseline at a sparsity asked for, or at 0, stay whatever the methods: without them nothing could be
    compared.
    """

    suites: frozenset[str] | None = None
    models: frozenset[str] | None = None
    methods: frozenset[str] | None = None
    sparsity: frozenset[float] | None = None
    plugins: frozenset[str] | None = None
    baseline: str | None = None

    def apply(self, scan: Scan) -> Scan:
        """Keep what was asked for; InputError for a name or value that no run has."""
        specs = [*(result.spec for result in scan.results), *scan.unfinished]
        self._check(specs)
        results = [
            result for result in scan.results if self._keeps(result.spec, self.baseline or result.suite.baseline)
        ]
        return Scan(results, [spec for spec in scan.unfinished if self._keeps(spec, None)], scan.damaged)

    def _check(self, specs: list[RunSpec]) -> None:
        known: dict[str, tuple[Iterable[str] | None, set[str]]] = {
            "suite": (self.suites, {spec.suite for spec in specs}),
            "models": (self.models, {spec.model.name for spec in specs}),
            "methods": (self.methods, {spec.method.name for spec in specs}),
            "plugin": (self.plugins, {version for spec in specs for version in spec.versions.values()}),
        }
        for option, (asked, there) in known.items():
            for name in sorted(set(asked or ()) - there):
                raise unknown(option, name, there)
        shares = {spec.sparsity for spec in specs}
        for value in sorted((self.sparsity or frozenset()) - shares):
            raise InputError(f"sparsity: no run at {value:g}; there are {', '.join(f'{x:g}' for x in sorted(shares))}")

    def _keeps(self, spec: RunSpec, baseline: str | None) -> bool:
        control = spec.method.name == baseline
        return (
            (self.suites is None or spec.suite in self.suites)
            and (self.models is None or spec.model.name in self.models)
            and (self.methods is None or spec.method.name in self.methods or control)
            and (self.sparsity is None or spec.sparsity in self.sparsity or (control and not spec.sparsity))
            and not self._of_another_version(spec)
        )

    def _of_another_version(self, spec: RunSpec) -> bool:
        asked = {text.partition("==")[0] for text in self.plugins or ()}
        return any(
            version.partition("==")[0] in asked and version not in (self.plugins or ())
            for version in spec.versions.values()
        )


def select(
    *,
    suite: str | Sequence[str] | None = None,
    models: str | Sequence[str] | None = None,
    methods: str | Sequence[str] | None = None,
    sparsity: float | str | Sequence[float] | None = None,
    plugin: str | Sequence[str] | None = None,
    baseline: str | None = None,
) -> Selection:
    """Return the selection of what is asked for, lists or text with commas; InputError for a sparsity that is none."""
    shares = sparsity if sparsity is None or isinstance(sparsity, str) else np.atleast_1d(sparsity).tolist()
    try:
        kept = None if shares is None else frozenset(map(float, several(shares)))
    except ValueError as error:
        raise InputError(f"sparsity: {error}") from None
    named = {"suites": suite, "models": models, "methods": methods, "plugins": plugin}
    return Selection(
        **{field: None if given is None else frozenset(several(given)) for field, given in named.items()},
        sparsity=kept,
        baseline=baseline,
    )


def several(given: str | Iterable[Item]) -> "list[str] | list[Item]":
    """Return the names of a list, or of text with commas."""
    return split_names(given) if isinstance(given, str) else list(given)
