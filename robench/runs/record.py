"""What came out of a run: the record that is stored, and the correctness bits beside it.

Accuracies, errors, densities and ratios are fractions in [0, 1] (ratios may exceed 1); times are in seconds.
"""

from typing import Annotated, Any, Literal

from annotated_types import Ge, Gt, Le
from pydantic import Field, SerializerFunctionWrapHandler, model_serializer

from robench.contracts.role import Role
from robench.contracts.suite import Table
from robench.errors import DivergedError
from robench.runs.spec import RunSpec
from robench.schema import Frozen

SCHEMA_VERSION = 1
Share = Annotated[float, Ge(0), Le(1)]
Amount = Annotated[float, Ge(0)]
Ratio = Annotated[float, Ge(0), Le(1e9)]
Rise = Annotated[float, Ge(-1e9), Le(1e9)]
Number = Annotated[int, Ge(0)]


class Cell(Frozen):
    """Error of the network on one corruption at one severity."""

    corruption: str
    severity: int
    error: Share


class Metrics(Frozen):
    """Accuracy and robustness; definitions in `robench.metrics.robustness`."""

    clean_accuracy: Share
    robust_accuracy: Share
    mce: Ratio
    relative_mce: Rise
    relative_robustness: Ratio | None
    cells: tuple[Cell, ...]


class Cost(Frozen):
    """What the network and its training cost; FLOPs are multiplications + additions.

    `density` is over the maskable parameters, `density_all` over all of them. `flops_inference` is for one sample,
    `flops_train` for the whole run. The ratios are to dense training of the same model for as many steps.
    `not_counted` names what those FLOPs leave out, nothing for common networks and in records older than the field.
    """

    parameters: Number
    nonzero: Number
    density: Share
    density_all: Share
    density_by_layer: dict[str, Share]
    flops_inference: Amount
    flops_inference_ratio: Ratio
    flops_train: Amount
    flops_train_ratio: Ratio
    formula: str
    not_counted: tuple[str, ...] = ()
    seconds_train: Amount
    seconds_evaluate: Amount
    peak_memory_bytes: Number


class Topology(Frozen):
    """What the masks did: number of updates, active weights at the end, share of weights that was ever active."""

    updates: Number
    nonzero: Number
    exploration_rate: Share


class Failure(Frozen):
    """Why a run has no result; `step` counts optimiser steps from 0."""

    kind: str
    message: str
    step: int | None = None


class SuiteNote(Frozen):
    """What the table built from the record has to say of its suite.

    `added_corruptions` are those of the run that the suite does not have; it is written only where there are some.
    """

    baseline: str
    endpoint: str
    alpha: Annotated[float, Ge(1e-6), Le(0.5)]
    margin: Annotated[float, Gt(0), Le(1)]
    minimum_networks: Number
    mce_name: str
    dataset_digest: str
    added_corruptions: tuple[str, ...] = ()

    @model_serializer(mode="wrap")
    def _plain(self, serialise: SerializerFunctionWrapHandler) -> dict[str, Any]:
        plain: dict[str, Any] = serialise(self)
        return {key: value for key, value in plain.items() if key != "added_corruptions" or value}


class PluginNote(Frozen):
    """Where a plugin came from: `distribution==version` and the SHA-256 of its source file.

    `role` is what a method is compared as, None for other plugins and in records older than the field. `defaults` are
    the options of a method or a model with the values they have where none is given, None likewise.
    """

    origin: str
    source_digest: str
    role: Role | None = None
    defaults: dict[str, Any] | None = None


class RunRecord(Frozen):
    """Everything known of one finished run. `files` maps each other file of the folder to its SHA-256."""

    schema_version: Literal[1] = 1
    id: str
    spec: RunSpec
    status: Literal["finished", "failed"]
    suite: SuiteNote
    environment: dict[str, Any]
    plugins: dict[str, PluginNote]
    seeds: dict[str, int]
    metrics: Metrics | None = None
    cost: Cost | None = None
    topology: Topology | None = None
    images: Number | None = None
    failure: Failure | None = None
    files: dict[str, str] = Field(default_factory=dict)

    @property
    def final(self) -> bool:
        """Whether doing the run again would give the same: it finished, or its loss diverged."""
        return self.failure is None or self.failure.kind == DivergedError.__name__


def mce_name(table: Table | None) -> str:
    """What to call the mCE made with `table`: the unnormalised one must not pass for the other."""
    return "unnormalised mean corruption error" if table is None else "mCE against the suite's reference network"
