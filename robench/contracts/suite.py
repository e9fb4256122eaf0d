"""Suite: what robustness is measured on, and how it will be judged."""

from collections.abc import Mapping
from dataclasses import dataclass, field

from robench.contracts.files import Download, File
from robench.contracts.version import UNSTATED

Table = Mapping[str, tuple[float, ...] | float]
"""Corruption, or "clean" -> error of a reference network at severities 1, 2, ..., or its mean over 1 to 5."""


@dataclass(frozen=True)
class Protocol:
    """The statistical protocol, declared before any result is seen.

    `endpoint`: the metric of one network that is tested. `baseline`: the method others are compared with.
    `margin`: the non-inferiority margin as a fraction of accuracy. `minimum_networks`: below it a row is preliminary.
    """

    baseline: str
    endpoint: str = "robust_accuracy"
    alpha: float = 0.05
    margin: float = 0.005
    minimum_networks: int = 5


@dataclass(frozen=True)
class Published:
    """Where the corrupted set as published lies: `<folder>/<corruption>.npy` and `labels` below the data root.

    An .npy file is uint8 (S*N, H, W, C): rows (s-1)*N .. s*N are severity s in test-set order.
    """

    folder: str
    files: Mapping[str, File]
    labels: File
    download: Download | None = None


@dataclass(frozen=True)
class PublishedFolders:
    """Image files as published: `<folder>/<corruption>/<severity>/<class>/<image>` below the data root.

    A severity's folder is named 1, 2, ..., or by the level, in rising order. Images have the size of the dataset's.
    `paired`: every cell has the class and name (less the suffix) of each clean test image; otherwise all cells have
    one list of names among themselves, and as many images of each class as the test set. `errata` says what is known
    to be wrong with a corruption in some copies of the set.
    """

    folder: str
    downloads: tuple[Download, ...] = ()
    paired: bool = True
    errata: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True)
class Suite:
    """A dataset under corruptions.

    `standard` corruptions count unless others are asked for, `extra` come with `--corruptions all`. `preset` picks
    the severity table, `default_model` is trained by `default_methods` unless others are asked for. Images are
    corrupted with `corruption_seed`, the same for every run. `baseline_errors` (corruption -> error of the reference
    network at each severity, or one number, its mean over severities 1 to 5; plus "clean") normalises CE and mCE,
    which run over the corruptions it has; where it is None the suite reports the unnormalised mean corruption error.
    """

    name: str
    dataset: str
    preset: str
    standard: tuple[str, ...]
    protocol: Protocol
    default_model: str
    default_methods: tuple[str, ...]
    reference: str
    extra: tuple[str, ...] = ()
    severities: tuple[int, ...] = (1, 2, 3, 4, 5)
    corruption_seed: int = 0
    published: Published | PublishedFolders | None = None
    baseline_errors: Table | None = None
    api_version: int = UNSTATED
