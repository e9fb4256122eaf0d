"""Selection: which runs a board is made of."""

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import TypeVar

from robench.errors import InputError, unknown
from robench.registry import OWN
from robench.runs.index import Scan
from robench.runs.spec import RunSpec
from robench.schema import real
from robench.text import pick, same, split_names

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
        found = self._as_recorded(specs)
        results = [
            result for result in scan.results if found._keeps(result.spec, found.baseline or result.suite.baseline)
        ]
        return Scan(results, [spec for spec in scan.unfinished if found._keeps(spec, None)], scan.damaged)

    def _as_recorded(self, specs: list[RunSpec]) -> "Selection":
        """Return the selection with names as the runs have them."""
        asked = {"suite": self.suites, "models": self.models, "methods": self.methods}
        suites, models, methods = (
            None if names is None else frozenset(one for name in names for one in recorded(option, name, specs))
            for option, names in asked.items()
        )
        versions = {version for spec in specs for version in spec.versions.values()}
        plugins = None if self.plugins is None else frozenset(_version(text, versions) for text in self.plugins)
        shares = {spec.sparsity for spec in specs}
        for value in sorted((self.sparsity or frozenset()) - shares):
            raise InputError(f"sparsity: no run at {value:g}; there are {', '.join(f'{x:g}' for x in sorted(shares))}")
        baseline = None if self.baseline is None else recorded("baseline", self.baseline, specs)[0]
        return Selection(suites, models, methods, self.sparsity, plugins, baseline)

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
    """Return the selection of what is asked for, lists or text with commas; InputError for nothing and for a sparsity
    that is none.
    """
    named = {"suite": suite, "models": models, "methods": methods, "plugin": plugin}
    suites, kept_models, kept_methods, plugins = (
        None if given is None else frozenset(_some(option, given)) for option, given in named.items()
    )
    return Selection(suites, kept_models, kept_methods, _shares(sparsity), plugins, baseline)


def _shares(given: float | str | Sequence[float] | None) -> frozenset[float] | None:
    if given is None:
        return None
    many = given if isinstance(given, str | Iterable) else [given]
    try:
        return frozenset(
            float(value) if isinstance(value, str) else real("sparsity", value, 0) for value in _some("sparsity", many)
        )
    except ValueError as error:
        raise error if isinstance(error, InputError) else InputError(f"sparsity: {error}") from None


def _some(option: str, given: str | Iterable[Item]) -> "list[str] | list[Item]":
    """Refuse the empty text that an unset variable leaves: it would keep no run."""
    if not (found := several(given)):
        raise InputError(f"{option}: it is empty")
    return found


_KINDS: Mapping[str, tuple[str, Callable[[RunSpec], str]]] = {
    "suite": ("suite", lambda spec: spec.suite),
    "models": ("model", lambda spec: spec.model.name),
    "methods": ("method", lambda spec: spec.method.name),
    "baseline": ("method", lambda spec: spec.method.name),
}
"""Option -> the kind of plugin it names, and the name that a run has."""


def recorded(option: str, written: str, specs: Iterable[RunSpec]) -> list[str]:
    """Return the names of runs that `written` means, without regard to case, qualified or not, itself first.

    No plugin is looked up: which distribution a name is of stands in the runs. InputError where no run has it.
    """
    kind, name_of = _KINDS[option]
    ways = {name_of(spec): _ways(kind, name_of(spec), spec.versions) for spec in specs}
    found = [name for name, several in ways.items() if any(same(written.strip(), way) for way in several)]
    if not found:
        raise unknown(option, written, ways)
    return sorted(found, key=lambda name: (name != written, name))


def _ways(kind: str, name: str, versions: Mapping[str, str]) -> set[str]:
    """Return how a plugin of a run may be written; robench's own needs no qualification."""
    bare, entry = name.rpartition(":")[2], name.partition("/")[0]
    version = versions.get(f"{kind}:{entry}") or versions.get(f"{kind}:{entry.rpartition(':')[2]}", "")
    distribution = version.partition("==")[0]
    return {name, f"{distribution}:{bare}", *([bare] if distribution == OWN else [])}


def _version(written: str, known: set[str]) -> str:
    if (found := pick(written, known)) is None:
        raise unknown("plugin", written, known)
    return found


def several(given: str | Iterable[Item]) -> "list[str] | list[Item]":
    """Return the names of a list, or of text with commas."""
    return split_names(given) if isinstance(given, str) else list(given)
