"""Groups: the networks that make one row, and the text that tells it from its neighbours."""

from collections.abc import Iterable, Mapping, Sequence
from typing import Any, NamedTuple

from robench.canonical import dumps
from robench.errors import InputError
from robench.runs.labels import Labels, Options, varying, versions
from robench.runs.result import Numbers, Result
from robench.runs.spec import RunSpec


def check_networks(networks: Sequence[str], weights: Sequence[str]) -> None:
    """Raise InputError where values of one network stand as separate observations, or two networks are one.

    networks: names of the observations of one group, such as run ids; weights: digests of their weights, in the same
    order. Cells and images of one network are not independent: a test over the 75 cells of networks of one law calls
    54 % of them different at a nominal 5 %.
    """
    names: set[str] = set()
    seen: dict[str, str] = {}
    for name, digest in zip(networks, weights, strict=True):
        if name in names:
            raise InputError(f"networks: {name[:80]} occurs twice; one trained network is one observation")
        if digest in seen:
            raise InputError(
                f"networks: {seen[digest][:80]} and {name[:80]} have identical weights ({digest[:12]}); "
                "another seed has to give another network"
            )
        names.add(name)
        seen[digest] = name


Key = tuple[str, str, str]


def key(spec: RunSpec) -> Key:
    """What makes a row: model, method and plugin versions, each as canonical JSON; its runs differ in the seed only."""
    model, method = (dumps({"name": part.name, "options": part.options}) for part in (spec.model, spec.method))
    return (model, method, dumps(spec.versions))


class RowLabel(NamedTuple):
    """Text for the model and for the method of a row, and the options of the method that are not its defaults."""

    model: str
    method: str
    unusual: dict[str, Any] | None


def row_labels(specs: Iterable[RunSpec], labels: Labels) -> dict[Key, RowLabel]:
    """Return the label of each row that these runs make; rows of two versions of a plugin say which."""
    rows = {key(spec): spec for spec in specs}
    twins: dict[tuple[str, str], list[Options]] = {}
    for (model, method, _), spec in rows.items():
        twins.setdefault((model, method), []).append(spec.versions)
    newer = {pair: varying(several) for pair, several in twins.items()}
    return {
        place: RowLabel(labels.model(spec), labels.row(spec, versions(spec, newer[place[:2]])), labels.unusual(spec))
        for place, spec in rows.items()
    }


Group = list[Result]
Groups = Mapping[Key, Group]


def grouped(results: Iterable[Result]) -> dict[Key, Group]:
    """Put networks that differ only in their seed together, in the order given.

    Raises InputError where a network counts twice: one seed twice in a row, or seeds whose weights are identical.
    """
    groups: dict[Key, Group] = {}
    for result in results:
        groups.setdefault(key(result.spec), []).append(result)
    for group in groups.values():
        _distinct(group)
    return groups


def numbers(group: Group) -> list[Numbers]:
    """Metrics and cost of the networks of a group that have them."""
    return [result.numbers for result in group if result.numbers]


def _distinct(group: Group) -> None:
    seeds: dict[int, str] = {}
    for result in group:
        if result.spec.seed in seeds:
            first = seeds[result.spec.seed]
            raise InputError(
                f"records: {result.spec.label[:120]} occurs twice ({first} and {result.id}); a network counts once"
            )
        seeds[result.spec.seed] = result.id
    check_networks([result.id for result in group], [result.weights or result.id for result in group])
