"""What is asked of a corrupted set, and what comes of it."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from functools import cached_property
from pathlib import Path
from typing import Literal, Self, final

import numpy as np

from robench import registry
from robench.contracts import Corruption, Dataset, Suite
from robench.data import images
from robench.data.generation import cache
from robench.data.image_files import ImageSource
from robench.download.fetch import ensure
from robench.errors import DataError, InputError, PluginError
from robench.progress import Report
from robench.runs.spec import RunSpec

Source = Literal["published", "generated"]
OpenCell = Callable[[str, int], ImageSource]


@final
@dataclass(frozen=True)
class Storage:
    """How generated image files are kept, and what they are made from beside the images.

    `quality` of JPEG files, None for files that lose nothing, as runs use them; `maps` the folder of each map that a
    corruption needs, such as "depth".
    """

    quality: int | None = None
    maps: Mapping[str, Path] = field(default_factory=dict)


LOSSLESS = Storage()


@final
@dataclass(frozen=True)
class Request:
    """The first `limit` test images (None: all) under some corruptions; `root` is the data root.

    A limit at or above the size of the test set is None. Raises InputError for a severity that the suite has not.
    """

    suite: Suite
    dataset: Dataset
    root: Path
    corruptions: tuple[str, ...]
    severities: tuple[int, ...]
    limit: int | None
    source: Source
    storage: Storage = LOSSLESS

    def __post_init__(self) -> None:
        for severity in self.severities:
            if severity not in self.suite.severities:
                raise InputError(f"severities: {self.suite.name!r} has {list(self.suite.severities)}, not {severity}")
        if self.limit is not None and self.limit >= self.dataset.sizes["test"]:
            object.__setattr__(self, "limit", None)

    def __hash__(self) -> int:
        """Hash what tells requests apart; records of plugins hold tables, which have no hash."""
        return hash((self.suite.name, self.root, self.corruptions, self.severities, self.limit, self.source))

    @classmethod
    def of_run(cls, spec: RunSpec, root: Path) -> Self:
        """Return what a run asks for; raises PluginError for its suite or dataset."""
        suite: Suite = registry.load("suite", spec.suite)
        dataset: Dataset = registry.load("dataset", spec.dataset)
        return cls(suite, dataset, root, spec.corruptions, spec.severities, spec.test_limit, spec.source)

    @property
    def count(self) -> int:
        """Number of images in a cell."""
        return self.limit or self.dataset.sizes["test"]

    @property
    def homes(self) -> list[Path]:
        """The folders where a generated set may lie: the whole one first, then that of just these images."""
        limits = (None,) if self.limit is None else (None, self.limit)
        return [cache.home(self.suite, self.content, limit, self.storage.quality) for limit in limits]

    @cached_property
    def content(self) -> str:
        """The digest of the test images as they are found; raises DataError where they are not whole."""
        return images.digest_of(self.dataset, self.root, "test")

    def recipes(self, names: tuple[str, ...]) -> dict[str, str]:
        """Return corruption -> recipe; raises DataError for one that cannot be generated."""
        lost = [name for name in names if not registry.registers("corruption", name)]
        if lost:
            raise DataError(
                f"{self.suite.name}: {', '.join(lost)} cannot be generated; it is in the published set only "
                f"(`robench data fetch {self.suite.name}`)"
            )
        return {name: cache.recipe(name) for name in names}

    def prepare(self, name: str, report: Report) -> None:
        """See that a corruption can be generated: it has levels for the preset, its files and maps are there."""
        plugin: Corruption = registry.load("corruption", name)
        if self.suite.preset not in plugin.presets:
            known = ", ".join(sorted(plugin.presets))
            raise PluginError(f"corruption {name!r} has no levels for preset {self.suite.preset!r}; it has {known}")
        lacking = [kind for kind in plugin.maps if kind not in self.storage.maps]
        if lacking:
            raise DataError(
                f"{self.suite.name}: {name} needs a {lacking[0]} map of each image; give their folder, "
                f"`robench data generate {self.suite.name} --map {lacking[0]}=DIR`, or fetch the published set"
            )
        for asset in plugin.assets:
            ensure(asset, self.root, report)


@final
@dataclass(frozen=True)
class CorruptedSet:
    """The cells of a suite. `labels` int64 (N,); `folders` are those that the files lie in.

    `images(corruption, severity)` opens the N images of a cell, (N, H, W, C), in test-set order, to be read only.
    """

    labels: np.ndarray
    source: Source
    folders: tuple[Path, ...]
    images: OpenCell
