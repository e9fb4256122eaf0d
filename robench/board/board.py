"""Board: the ranked table of one setting, as plain data. Accuracies, errors and differences are fractions."""

from typing import TYPE_CHECKING, Any, Literal

from robench.contracts.role import Role
from robench.errors import InputError
from robench.schema import Frozen

if TYPE_CHECKING:
    from pandas import DataFrame
from collections.abc import Callable


class Spread(Frozen):
    """Mean and standard deviation (ddof 1, None for one network) over the networks of a row."""

    mean: float
    sd: float | None


class CellSpread(Frozen):
    """Error on one corruption at one severity, a fraction: mean and standard deviation over the networks of a row."""

    corruption: str
    severity: int
    mean: float
    sd: float | None


class Difference(Frozen):
    """Endpoint of a row minus that of the baseline row it is compared with, `Board.control`.

    low, high: Welch interval at 1 - alpha, not adjusted, None below two networks a group. p: two-sided Welch, None
    below three. p_adjusted: Holm over the board's comparisons. detectable: smallest true difference that one such
    test finds with the protocol's power, given the spread seen. None throughout where no network differs from another.

    p_noninferior: one-sided Welch test that the row is not worse by the protocol's margin or more; p_equivalent: two
    of them (TOST), that it differs by less than the margin either way; adjusted, `noninferior` and `equivalent` as for
    p. hedges_g: the difference in pooled standard deviations.
    """

    baseline: str
    baseline_sparsity: float
    mean: float
    low: float | None = None
    high: float | None = None
    p: float | None = None
    p_adjusted: float | None = None
    detectable: float | None = None
    hedges_g: float | None = None
    significant: bool = False
    p_noninferior: float | None = None
    p_noninferior_adjusted: float | None = None
    noninferior: bool = False
    p_equivalent: float | None = None
    p_equivalent_adjusted: float | None = None
    equivalent: bool = False


class Row(Frozen):
    """One method at one sparsity on one model. `label` and `model_label` add the options that tell rows apart.

    n: networks counted; planned: n and those missing. Within the model: rank, group and rank_range (what the tests
    leave open, `robench.stats.ranking.Standing`); rank_interval and p_best, over boards of resampled networks
    (`robench.stats.rank_stability`, None for one network); leave_one_out, the ranks by mean when one corruption is
    left out, None where the endpoint is no mean over corruptions. scores: the endpoint of each network, beside seeds
    and ids of their records. mce, relative_mce, costs: means over networks, relative_robustness too, None where it
    is undefined for one of them. updates: mean number of topology updates, None where a record does not say. role:
    what the method is compared as, None where the records do not say. unusual: options of the method that are not its
    defaults, sparsity apart, None likewise.
    """

    rank: int
    rank_range: tuple[int, int]
    rank_interval: tuple[int, int] | None
    p_best: float | None
    leave_one_out: tuple[int, int] | None
    group: str
    method: str
    role: Role | None
    label: str
    model: str
    model_label: str
    sparsity: float
    n: int
    planned: int
    preliminary: bool
    score: Spread
    scores: tuple[float, ...]
    clean_accuracy: Spread
    robust_accuracy: Spread
    mce: float
    relative_mce: float
    relative_robustness: float | None
    cells: tuple[CellSpread, ...]
    difference: Difference | None
    flops_train_ratio: float
    flops_inference_ratio: float
    parameters: int
    nonzero: int
    updates: float | None
    options: dict[str, Any]
    unusual: dict[str, Any] | None
    model_options: dict[str, Any]
    versions: dict[str, str]
    ids: tuple[str, ...]
    seeds: tuple[int, ...]


class Missing(Frozen):
    """A run that was asked for and is not counted, and why; labels as in `Row`."""

    id: str
    method: str
    label: str
    model: str
    model_label: str
    sparsity: float
    seed: int
    reason: str


class Procedure(Frozen):
    """The statistical protocol as declared by the suite and as carried out.

    Holm corrects over `comparisons` tests against the baseline; `all_pairs` names the procedure behind the ranks.
    """

    unit: str = "trained network"
    test: str = "Welch t-test, two-sided"
    correction: str = "Holm"
    all_pairs: str
    comparisons: int
    interval: float
    power: float
    margin: float
    test_from: int
    minimum_networks: int


class Board(Frozen):
    """Everything one table says. `score` of a row is the endpoint; n_min the smallest n of a row, 0 without rows.

    agreement: for each model, the mean Kendall tau of the orders of resampled networks with the order shown.
    """

    suite: str
    setting: str
    dataset: str
    dataset_digest: str
    source: Literal["published", "generated"]
    corruptions: tuple[str, ...]
    severities: tuple[int, ...]
    epochs: int
    train_limit: int | None
    test_limit: int | None
    baseline: str
    endpoint: str
    higher_is_better: bool
    alpha: float
    protocol: Procedure
    mce_name: str
    n_min: int
    rows: tuple[Row, ...]
    agreement: dict[str, float]
    missing: tuple[Missing, ...]
    footers: tuple[str, ...] = ()

    def to_frame(self) -> "DataFrame":
        """Return a pandas data frame with a line for each row, columns as in CSV; InputError without pandas."""

        try:
            from pandas import DataFrame
        except ModuleNotFoundError:
            raise InputError("to_frame: needs pandas, which is not installed; pip install pandas") from None
        return DataFrame(flat_rows(self))

    def control(self, row: Row) -> Row | None:
        """Return the baseline row that `row` is compared with, None where there is none."""
        if row.difference is None:
            return None
        wanted = (row.model_label, self.baseline, row.difference.baseline, row.difference.baseline_sparsity)
        return next((o for o in self.rows if (o.model_label, o.method, o.label, o.sparsity) == wanted), None)

    @property
    def models(self) -> tuple[str, ...]:
        """Labels of the models, in the order of the rows."""
        return tuple(dict.fromkeys(row.model_label for row in self.rows))


Value = str | int | float | bool | None


def flat_rows(board: Board) -> list[dict[str, Value]]:
    """Return the columns of each row by name, in one order; None where a value does not exist."""
    shared = {name: value(board) for name, value in BOARD.items()}
    return [{**shared, **{name: value(row) for name, value in ROW.items()}} for row in board.rows]


def _of_difference(name: str) -> Callable[[Row], Value]:
    def value(row: Row) -> Value:
        found: Value = getattr(row.difference, name) if row.difference else None
        return found

    return value


BOARD: dict[str, Callable[[Board], Value]] = {
    "suite": lambda board: board.suite,
    "setting": lambda board: board.setting,
    "source": lambda board: board.source,
    "epochs": lambda board: board.epochs,
    "train_limit": lambda board: board.train_limit,
    "test_limit": lambda board: board.test_limit,
    "endpoint": lambda board: board.endpoint,
    "baseline": lambda board: board.baseline,
    "mce_name": lambda board: board.mce_name,
}
ROW: dict[str, Callable[[Row], Value]] = {
    "model": lambda row: row.model_label,
    "method": lambda row: row.label,
    "role": lambda row: row.role and str(row.role),
    "sparsity_fraction": lambda row: row.sparsity,
    "n": lambda row: row.n,
    "n_planned": lambda row: row.planned,
    "preliminary": lambda row: row.preliminary,
    "rank": lambda row: row.rank,
    "rank_low": lambda row: row.rank_range[0],
    "rank_high": lambda row: row.rank_range[1],
    "group": lambda row: row.group,
    "rank_resampled_low": lambda row: row.rank_interval and row.rank_interval[0],
    "rank_resampled_high": lambda row: row.rank_interval and row.rank_interval[1],
    "p_best": lambda row: row.p_best,
    "rank_one_out_low": lambda row: row.leave_one_out and row.leave_one_out[0],
    "rank_one_out_high": lambda row: row.leave_one_out and row.leave_one_out[1],
    "endpoint_mean_fraction": lambda row: row.score.mean,
    "endpoint_sd_fraction": lambda row: row.score.sd,
    "clean_accuracy_mean_fraction": lambda row: row.clean_accuracy.mean,
    "clean_accuracy_sd_fraction": lambda row: row.clean_accuracy.sd,
    "robust_accuracy_mean_fraction": lambda row: row.robust_accuracy.mean,
    "robust_accuracy_sd_fraction": lambda row: row.robust_accuracy.sd,
    "mce_fraction": lambda row: row.mce,
    "relative_mce_fraction": lambda row: row.relative_mce,
    "relative_robustness_fraction": lambda row: row.relative_robustness,
    "compared_with": _of_difference("baseline"),
    "compared_with_sparsity_fraction": _of_difference("baseline_sparsity"),
    "difference_mean_fraction": _of_difference("mean"),
    "difference_low_fraction": _of_difference("low"),
    "difference_high_fraction": _of_difference("high"),
    "p": _of_difference("p"),
    "p_adjusted": _of_difference("p_adjusted"),
    "significant": _of_difference("significant"),
    "p_noninferior": _of_difference("p_noninferior"),
    "p_noninferior_adjusted": _of_difference("p_noninferior_adjusted"),
    "noninferior": _of_difference("noninferior"),
    "p_equivalent": _of_difference("p_equivalent"),
    "p_equivalent_adjusted": _of_difference("p_equivalent_adjusted"),
    "equivalent": _of_difference("equivalent"),
    "detectable_fraction": _of_difference("detectable"),
    "hedges_g": _of_difference("hedges_g"),
    "flops_train_ratio": lambda row: row.flops_train_ratio,
    "flops_inference_ratio": lambda row: row.flops_inference_ratio,
    "parameters": lambda row: row.parameters,
    "nonzero": lambda row: row.nonzero,
    "ids": lambda row: " ".join(row.ids),
}
