"""Tests, intervals and ranks over trained networks; the unit is one network, its value one endpoint."""

from robench.stats.all_pairs import all_pairs
from robench.stats.effect import detectable_difference, hedges_g, networks_needed
from robench.stats.equivalence import noninferiority
from robench.stats.multiplicity import benjamini_yekutieli, better_in_at_least, holm, partial_conjunction
from robench.stats.random_effects import pooled
from robench.stats.rank_tests import friedman, signed_rank_p
from robench.stats.ranking import standings
from robench.stats.welch import welch

__all__ = [
    "all_pairs",
    "benjamini_yekutieli",
    "better_in_at_least",
    "detectable_difference",
    "friedman",
    "hedges_g",
    "holm",
    "networks_needed",
    "noninferiority",
    "partial_conjunction",
    "pooled",
    "signed_rank_p",
    "standings",
    "welch",
]
