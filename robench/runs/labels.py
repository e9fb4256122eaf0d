"""Labels: the words by which people tell runs, and rows of runs, apart. One rule, for every list, line and table.

An option of a model or a method is shown where runs shown together that bear its name differ in it, and where it is
not the plugin's default, as far as that is known. In the rows of a table a method shows only the former; the table says
the latter once. What else differs (recipe, limits, corruptions, threads) is shown among runs of one suite and model.
Runs that would still read alike show the versions of plugins that differ, and where that is not enough their ids.
"""

import json
import re
from collections.abc import Callable, Hashable, Iterable, Mapping, Sequence
from typing import Any, Literal, final

from robench.canonical import dumps
from robench.runs.spec import PluginSpec, RunSpec

Kind = Literal["model", "method"]
Options = Mapping[str, Any]
Defaults = Mapping[str, Options]
"""Options of the model and of the method of a run with their defaults, by kind; empty where they are not known."""

KINDS: tuple[Kind, ...] = ("model", "method")
_IN_THE_NAME = {"suite", "dataset", "model", "method", "seed", "training", "versions", "follows"}
_BARE = re.compile(r"[^\s,=()\"]+")
_MOST_ITEMS = 3


@final
class Labels:
    """Labels of the models and methods of runs that are shown together."""

    def __init__(self, runs: Iterable[tuple[RunSpec, Defaults]]) -> None:
        self._defaults: dict[Hashable, Options] = {}
        options: dict[Hashable, dict[str, Options]] = {}
        for spec, defaults in runs:
            for kind in KINDS:
                part = getattr(spec, kind)
                options.setdefault((kind, part.name), {}).setdefault(dumps(part.options), part.options)
                if kind in defaults:
                    self._defaults[_plugin(kind, spec)] = defaults[kind]
        self._told = {name: varying(list(several.values())) for name, several in options.items()}

    def model(self, spec: RunSpec) -> str:
        """Return the model with the options that tell it apart or are not its defaults."""
        return self._label("model", spec, self._unusual("model", spec))

    def method(self, spec: RunSpec) -> str:
        """Return the method with the options that tell it apart or are not its defaults, sparsity apart."""
        return self._label("method", spec, self._unusual("method", spec))

    def row(self, spec: RunSpec, more: Iterable[str] = ()) -> str:
        """Return the method with the options that tell it apart, sparsity apart, and with `more`."""
        return self._label("method", spec, (), more)

    def unusual(self, spec: RunSpec) -> dict[str, Any] | None:
        """Return the options of the method that are not its defaults, sparsity apart; None where these are unknown."""
        if _plugin("method", spec) not in self._defaults:
            return None
        names = self._unusual("method", spec) - {"sparsity"}
        return {name: value for name, value in spec.method.options.items() if name in names}

    def _unusual(self, kind: Kind, spec: RunSpec) -> set[str]:
        given, known = getattr(spec, kind).options, self._defaults.get(_plugin(kind, spec))
        return set() if known is None else varying([given, known])

    def _label(self, kind: Kind, spec: RunSpec, unusual: Iterable[str], more: Iterable[str] = ()) -> str:
        part: PluginSpec = getattr(spec, kind)
        names = {*self._told.get((kind, part.name), ()), *unusual} - ({"sparsity"} if kind == "method" else set())
        shown = [f"{name}={text(value)}" for name, value in part.options.items() if name in names]
        return bracketed(part.name, [*shown, *more])


def run_labels(runs: Sequence[tuple[RunSpec, Defaults]]) -> dict[str, str]:
    """Return a label for each run, by its id; no two are equal."""
    labels, specs = Labels(runs), list({spec.id: spec for spec, _ in runs}.values())
    differing = _grouped(specs, lambda spec: (spec.suite, spec.model.name))
    fields = {place: varying([_facts(spec) for spec in group]) for place, group in differing.items()}

    def words(spec: RunSpec) -> str:
        shown = fields[spec.suite, spec.model.name]
        rest = [f"{name}={_short(value)}" for name, value in _facts(spec).items() if name in shown]
        return " ".join([spec.worded(labels.model(spec), labels.method(spec)), *rest])

    found = {spec.id: words(spec) for spec in specs}
    for twins in _grouped(specs, lambda spec: found[spec.id]).values():
        newer = varying([spec.versions for spec in twins])
        for spec in twins:
            found[spec.id] = " ".join([found[spec.id], *versions(spec, newer)])
    for twins in _grouped(specs, lambda spec: found[spec.id]).values():
        for spec in twins if len(twins) > 1 else ():
            found[spec.id] = f"{found[spec.id]} [{spec.id}]"
    return found


def versions(spec: RunSpec, names: Iterable[str]) -> list[str]:
    """Return the versions of the plugins of these names, each once."""
    return list(dict.fromkeys(value for name, value in spec.versions.items() if name in names))


def varying(several: Sequence[Options]) -> set[str]:
    """Return the names whose value is not the same in all."""
    names = {name for options in several for name in options}
    return {name for name in names if any(_differ(name, options, several[0]) for options in several)}


def bracketed(name: str, parts: Sequence[str]) -> str:
    """Return a name with what belongs to it in brackets."""
    return f"{name}({', '.join(parts)})" if parts else name


def text(value: Any) -> str:
    """Return the text of a plain JSON value, which no other value has."""
    if isinstance(value, str) and _BARE.fullmatch(value) and not _is_json(value):
        return value
    return dumps(value)


def _differ(name: str, one: Options, other: Options) -> bool:
    return (name in one) != (name in other) or (name in one and dumps(one[name]) != dumps(other[name]))


def _is_json(value: str) -> bool:
    try:
        json.loads(value)
    except ValueError:
        return False
    return True


def _plugin(kind: Kind, spec: RunSpec) -> Hashable:
    """A plugin at the version that a run used: its defaults are those of that version."""
    origin = next((version for name, version in spec.versions.items() if name.startswith(f"{kind}:")), "")
    return (kind, getattr(spec, kind).name, origin)


def _facts(spec: RunSpec) -> dict[str, Any]:
    own = {name: getattr(spec, name) for name in RunSpec.model_fields if name not in _IN_THE_NAME}
    return {**dict(spec.training), **own}


def _short(value: Any) -> str:
    """Return a value as text; of a long list how many there are."""
    if isinstance(value, tuple):
        return "+".join(map(str, value)) if len(value) <= _MOST_ITEMS else f"{len(value)} of them"
    return text(value)


def _grouped(specs: Iterable[RunSpec], place: Callable[[RunSpec], Hashable]) -> dict[Hashable, list[RunSpec]]:
    found: dict[Hashable, list[RunSpec]] = {}
    for spec in specs:
        found.setdefault(place(spec), []).append(spec)
    return found
