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

    Attributes:
        baseline: The method others are compared with.
        endpoint: The metric of one network that is tested.
        alpha: Level of the tests, and 1 - the coverage of the intervals.
        margin: The non-inferiority margin as a fraction of accuracy.
        minimum_networks: Below it a row is preliminary.
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

    Attributes:
        folder: Relative to the data root, POSIX.
        files: Corruption -> its file.
        labels: The file of labels.
        download: What brings them.
    """

    folder: str
    files: Mapping[str, File]
    labels: File
    download: Download | None = None


@dataclass(frozen=True)
class PublishedFolders:
    """Image files as published: `<folder>/<corruption>/<severity>/<class>/<image>` below the data root.

    A severity's folder is named 1, 2, ..., or by the level, in rising order. Images have the size of the dataset's.

    Attributes:
        folder: Relative to the data root, POSIX.
        downloads: What brings them.
        paired: Every cell has the class and name (less the suffix) of each clean test image; otherwise all cells have
            one list of names among themselves, and as many images of each class as the test set.
        errata: Corruption -> what is known to be wrong with it in some copies of the set.
    """

    folder: str
    downloads: tuple[Download, ...] = ()
    paired: bool = True
    errata: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True)
class Suite:
    """A dataset under corruptions.

    Attributes:
        name: As it is registered.
        dataset: Name of the dataset.
        preset: The severity table of the corruptions.
        standard: Corruptions that count unless others are asked for.
        protocol: How results are judged.
        default_model: Trained unless another is asked for.
        default_methods: Train it unless others are asked for.
        reference: Where the suite is defined.
        extra: Corruptions that come with `--corruptions all`.
        severities: Of every corruption, 1 to 5.
        corruption_seed: Images are corrupted with it, the same for every run.
        published: Where the corrupted set lies as published; None where it is always generated.
        baseline_errors: Corruption -> error of the reference network at each severity, or one number, its mean over
            severities 1 to 5; plus "clean". It normalises CE and mCE, which run over the corruptions it has; where it
            is None the suite reports the unnormalised mean corruption error.
        api_version: `API_VERSION` that it is made for.

    Example:
        >>> suite = Suite("my-fog", "my-set", "cifar", ("fog",), Protocol("dense"), "my-net", ("dense",), "")
        >>> suite.severities, suite.protocol.endpoint
        ((1, 2, 3, 4, 5), 'robust_accuracy')
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
