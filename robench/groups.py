"""Groups: the networks of each row, and their values of an endpoint."""

from collections.abc import Iterable, Mapping

from robench.errors import InputError
from robench.labels import Key, key
from robench.runs.result import Numbers, Result
from robench.stats.observations import check_networks

Group = list[Result]
Groups = Mapping[Key, Group]

HIGHER_IS_BETTER = {
    "clean_accuracy": True,
    "robust_accuracy": True,
    "relative_robustness": True,
    "mce": False,
    "relative_mce": False,
}


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


def scores(group: Group, endpoint: str) -> list[float]:
    """The endpoint of each network, float (networks,)."""
    return [getattr(found, endpoint) for found in numbers(group)]


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
