"""Board: the ranked table of one setting, as plain data. Accuracies, errors and differences are fractions."""

from typing import Any, Literal

from robench.specs import Frozen


class Spread(Frozen):
    """Mean and standard deviation (ddof 1, None for one network) over the networks of a row."""

    mean: float
    sd: float | None


class Difference(Frozen):
    """Endpoint of a row minus that of the baseline row it is compared with.

    low, high: Welch interval at 1 - alpha, not adjusted, None below two networks a group. p: two-sided Welch, None
    below three. p_adjusted: Holm over the board's comparisons. detectable: smallest true difference that one such
    test finds with the protocol's power, given the spread seen. None throughout where no network differs from another.
    """

    baseline: str
    mean: float
    low: float | None = None
    high: float | None = None
    p: float | None = None
    p_adjusted: float | None = None
    detectable: float | None = None
    hedges_g: float | None = None
    significant: bool = False


class Row(Frozen):
    """One method at one sparsity on one model. `label` and `model_label` add the options that tell rows apart.

    n: networks counted; planned: n and those missing. rank, rank_interval and group are within the model
    (`robench.stats.ranking.Standing`). mce, relative_mce, costs: means over networks, relative_robustness too, None
    where it is undefined for one of them. updates: mean number of topology updates, None where a record does not say.
    ids: records by seed.
    """

    rank: int
    rank_interval: tuple[int, int]
    group: str
    method: str
    label: str
    model: str
    model_label: str
    sparsity: float
    n: int
    planned: int
    preliminary: bool
    score: Spread
    clean_accuracy: Spread
    robust_accuracy: Spread
    mce: float
    relative_mce: float
    relative_robustness: float | None
    difference: Difference | None
    flops_train_ratio: float
    flops_inference_ratio: float
    parameters: int
    nonzero: int
    updates: float | None
    options: dict[str, Any]
    model_options: dict[str, Any]
    versions: dict[str, str]
    ids: tuple[str, ...]


class Missing(Frozen):
    """A run that was asked for and is not counted, and why."""

    id: str
    method: str
    model: str
    sparsity: float
    seed: int
    reason: str


class Procedure(Frozen):
    """The statistical protocol as declared by the suite and as carried out; Holm corrects over `comparisons` tests."""

    unit: str = "trained network"
    test: str = "Welch t-test, two-sided"
    correction: str = "Holm"
    comparisons: int
    interval: float
    power: float
    margin: float
    test_from: int
    minimum_networks: int


class Board(Frozen):
    """Everything one table says. `score` of a row is the endpoint; n_min the smallest n of a row, 0 without rows."""

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
    missing: tuple[Missing, ...]
    footers: tuple[str, ...] = ()

    @property
    def models(self) -> tuple[str, ...]:
        """Labels of the models, in the order of the rows."""
        return tuple(dict.fromkeys(row.model_label for row in self.rows))
