"""Standing of the rows of one model: rank and group by tests, and how firmly the order holds."""

from dataclasses import dataclass, field

from robench.board.endpoints import by_corruption, endpoint, scores
from robench.board.groups import Group, Groups, Key
from robench.contracts import Metric
from robench.rng import stream
from robench.runs.record import SuiteNote
from robench.stats.all_pairs import all_pairs
from robench.stats.rank_stability import RankInterval, leave_one_out_ranks, resampled_ranks
from robench.stats.ranking import Standing, standings


@dataclass(frozen=True)
class Ranks:
    """Where a row stands in its model: by tests, over resampled networks, and over corruptions left out.

    `resampled` is None for a row of one network; `left_out` where the endpoint is no mean over corruptions of what
    records hold, or there is one corruption.
    """

    standing: Standing
    resampled: RankInterval | None
    left_out: tuple[int, int] | None


@dataclass
class Order:
    """The rows of a board in order: the place of each; for each model (canonical JSON) the mean Kendall tau of
    resampled orders with it, and the procedures by which pairs were tested.
    """

    places: dict[Key, Ranks] = field(default_factory=dict)
    agreement: dict[str, float] = field(default_factory=dict)
    procedures: set[str] = field(default_factory=set)


def rank_rows(groups: Groups, note: SuiteNote) -> Order:
    """Rank the rows of each model; the draws are the same at every call."""
    metric = endpoint(note.endpoint)
    higher = metric.higher_is_better
    found = Order()
    for model in dict.fromkeys(place[0] for place in groups):
        places = [place for place in groups if place[0] == model]
        values = [scores(groups[place], metric) for place in places]
        resampled = resampled_ranks(values, stream(0, "ranks"), higher, 1 - note.alpha)
        left_out = _left_out([groups[place] for place in places], metric)
        tested = standings(values, note.alpha, higher)
        found.places.update(zip(places, map(Ranks, tested, resampled.rows, left_out), strict=True))
        found.procedures.add(all_pairs(values).procedure)
        if resampled.tau is not None:
            found.agreement[model] = resampled.tau
    return found


def _left_out(groups: list[Group], metric: Metric) -> list[tuple[int, int] | None]:
    parts = [found for group in groups if (found := by_corruption(metric, group)) is not None]
    if not parts or len(groups[0][0].spec.corruptions) < 2:
        return [None] * len(groups)
    return list(leave_one_out_ranks(parts, metric.higher_is_better))
