"""The laws of the corruption contract, each a check that raises AssertionError where it is broken.

    for check in CHECKS:
        check(my_corruption, data_root)

The first line of a check's docstring is the law. `data` is the root of the files that the corruption declares, None
for the usual one. Images are small patterns and flat images; maps are smooth and positive.
"""

import random
from collections.abc import Callable, Iterator
from itertools import product
from pathlib import Path
from typing import Any

import numpy as np

from robench.contracts import Corruption, Draws, Preset
from robench.corruption.forms import Images
from robench.corruption.images import Maps, apply, keyword_of_assets
from robench.testing.check import ensure

SHAPES = ((2, 32, 32), (2, 33, 47), (1, 48, 35))
"""Square, wide and high; two images and one."""

CorruptionCheck = Callable[[Corruption, Path | None], None]


def patterns(count: int, height: int, width: int) -> Images:
    """Return images of slopes, stripes, squares and a coloured disk, uint8 (N, H, W, 3), no two alike."""
    y, x, c = np.ogrid[:height, :width, :3]
    images = []
    for i in range(count):
        slope = (5 * x + 3 * y * (c + 1) + 40 * i) % 256
        stripes = ((x + (i + 1) * y) // 5 % 2) * 190 + 20 * c
        squares = (x // 8 + y // 8) % 2
        inside = (x - width // 2) ** 2 + (y - height // 3) ** 2 < (min(height, width) // 4) ** 2
        image = np.where(squares == 1, slope, stripes)
        images.append(np.where(inside, (60 + 70 * c * (i + 1)) % 256, image))
    return np.stack(images).astype(np.uint8)


def maps(corruption: Corruption, count: int, height: int, width: int) -> Maps:
    """Return the maps that a corruption needs: a slope in (0, 1] behind a nearer disk, another for each image."""
    n, y, x = np.ogrid[:count, :height, :width]
    slope = 0.9 - 0.6 * y / height - 0.01 * (n % 9)
    disk = (x - width // 2) ** 2 + (y - height // 2) ** 2 < (min(height, width) // 3) ** 2
    values = np.where(disk, 0.2 + 0.01 * (n % 7), slope).astype(np.float32)
    return dict.fromkeys(corruption.maps, values)


def _apply(corruption: Corruption, images: Images, severity: int, data: Path | None, **changed: Any) -> Images:
    """Corrupt by the first preset that the corruption has."""
    arguments = {"preset": next(iter(corruption.presets)), "maps": maps(corruption, *images.shape[:3])} | changed
    return apply(corruption, images, severity, data=data, **arguments)


def _call(corruption: Corruption, images: Images, level: Any, draws: Draws, data: Path | None, given: Maps) -> Any:
    """Call the function itself, without the copies and checks that robench puts around it."""
    return corruption.function(images, level, draws, **keyword_of_assets(corruption, data), **given)


def _sources(count: int) -> list[np.random.RandomState]:
    return [np.random.RandomState(number) for number in range(count)]


def five_levels(corruption: Corruption, data: Path | None = None) -> None:
    """Each preset is a known one and has five levels, no two alike."""
    ensure(bool(corruption.presets), "no preset")
    for preset, levels in corruption.presets.items():
        ensure(preset in Preset.__members__, f"preset {preset!r}; known: {', '.join(Preset.__members__)}")
        ensure(len({repr(level) for level in levels}) == len(levels) == 5, f"levels of {preset!r}: {levels}")


def bytes_and_shape(corruption: Corruption, data: Path | None = None) -> None:
    """The result is uint8 of the shape of the images, square or not, and differs from them, at every level."""
    for shape, (preset, levels) in product(SHAPES, corruption.presets.items()):
        for severity, level in enumerate(levels, 1):
            images, where = patterns(*shape), f"{preset!r}, severity {severity}, {shape}"
            result = _call(corruption, images.copy(), level, iter(_sources(shape[0])), data, maps(corruption, *shape))
            seen = f"{getattr(result, 'dtype', type(result).__name__)} {getattr(result, 'shape', '')}"
            ensure(seen == f"uint8 {images.shape}", f"{where}: returned {seen}")
            ensure(bool((result != images).any()), f"{where}: changed nothing")


def arguments_kept(corruption: Corruption, data: Path | None = None) -> None:
    """No argument is written to, neither images nor maps."""
    for levels in corruption.presets.values():
        images, given = patterns(2, 33, 47), maps(corruption, 2, 33, 47)
        result = _call(corruption, images, levels[4], iter(_sources(2)), data, given)
        ensure(np.array_equal(images, patterns(2, 33, 47)), "wrote to its images")
        ensure(not np.shares_memory(result, images), "returned the memory of its images")
        for name, values in maps(corruption, 2, 33, 47).items():
            ensure(np.array_equal(values, given[name]), f"wrote to its map {name!r}")


def flat_images(corruption: Corruption, data: Path | None = None) -> None:
    """One image that is black, white, grey or of one colour is corrupted without a division by 0 or an overflow."""
    flat = {"black": (0, 0, 0), "white": (255, 255, 255), "grey": (100, 100, 100), "red": (200, 30, 30)}
    for (preset, _), severity, (kind, colour) in product(corruption.presets.items(), (1, 3, 5), flat.items()):
        image = np.full((1, 32, 32, 3), colour, np.uint8)
        try:
            with np.errstate(divide="raise", invalid="raise", over="raise"):
                _apply(corruption, image, severity, data, preset=preset)
        except ArithmeticError as error:
            raise AssertionError(f"{kind}, {preset!r}, severity {severity}: {error}") from error


def grey_images(corruption: Corruption, data: Path | None = None) -> None:
    """Images of one channel are corrupted as colour images of equal channels are."""
    grey = patterns(2, 33, 47)[..., :1]
    coloured = _apply(corruption, np.repeat(grey, 3, axis=3), 3, data)
    ensure(np.array_equal(_apply(corruption, grey, 3, data), coloured[..., 1:2]), "another result for one channel")


def repeatable(corruption: Corruption, data: Path | None = None) -> None:
    """The same call gives the same bytes again, whatever was corrupted in between."""
    images, others = patterns(3, 32, 40), patterns(2, 48, 35)
    for stream, preset in product(("counter", "legacy"), corruption.presets):
        first = _apply(corruption, images, 4, data, preset=preset, stream=stream)
        _apply(corruption, others, 2, data, preset=preset, stream=stream)
        again = _apply(corruption, images, 4, data, preset=preset, stream=stream)
        ensure(np.array_equal(first, again), f"{stream} stream, {preset!r}: other bytes the second time")


def any_batch_and_order(corruption: Corruption, data: Path | None = None) -> None:
    """The bytes of an image are the same in one call and in pieces of any size, made in any order."""
    count = 50
    images, given = patterns(count, 32, 32), maps(corruption, count, 32, 32)
    whole = _apply(corruption, images, 4, data, seed=7)
    for start, stop in ((43, count), (0, 1), (1, 43)):
        part = {name: values[start:stop] for name, values in given.items()}
        piece = _apply(corruption, images[start:stop], 4, data, seed=7, first_index=start, maps=part)
        ensure(np.array_equal(piece, whole[start:stop]), f"images {start} to {stop - 1} differ when made alone")


def no_neighbours(corruption: Corruption, data: Path | None = None) -> None:
    """An image does not depend on the pixels, nor on the maps, of its neighbours."""
    images, given = patterns(5, 32, 32), maps(corruption, 5, 32, 32)
    whole = _apply(corruption, images, 3, data)
    kept = np.arange(5)[:, None, None] == 2
    others = np.where(kept[..., None], images, 255 - images)
    changed = {name: np.where(kept, values, values[:, ::-1]) for name, values in given.items()}
    result = _apply(corruption, others, 3, data, maps=changed)
    ensure(np.array_equal(result[2], whole[2]), "an image changed with its neighbours")


def draws_in_turn(corruption: Corruption, data: Path | None = None) -> None:
    """Random numbers come from the image's own source: every source is asked for in turn, or none is."""
    images = patterns(3, 32, 40)
    asked: list[np.random.RandomState] = []
    left: list[str] = []

    def sources() -> Iterator[np.random.RandomState]:
        for source in _sources(3):
            asked.append(source)
            yield source
            left.append(repr(source.get_state(legacy=False)))

    for levels in corruption.presets.values():
        asked.clear()
        left.clear()
        _call(corruption, images.copy(), levels[2], sources(), data, maps(corruption, 3, 32, 40))
        ensure(len(asked) in (0, 3), f"asked for {len(asked)} sources for 3 images")
        for number, (source, state) in enumerate(zip(asked, left, strict=False)):
            now = repr(source.get_state(legacy=False))
            ensure(now == state, f"used the source of image {number} after it asked for the next one")


def no_global_random_state(corruption: Corruption, data: Path | None = None) -> None:
    """The global random states of Python and NumPy are neither read nor changed."""
    images, results = patterns(2, 32, 32), []
    kept = np.random.get_state(), random.getstate()
    try:
        for seed in (1, 2):
            np.random.seed(seed)
            random.seed(seed)
            before = repr(np.random.get_state()), random.getstate()
            results.append(_apply(corruption, images, 3, data))
            ensure((repr(np.random.get_state()), random.getstate()) == before, "changed a global random state")
    finally:
        np.random.set_state(kept[0])
        random.setstate(kept[1])
    ensure(np.array_equal(results[0], results[1]), "took numbers from a global random state")


CHECKS: tuple[CorruptionCheck, ...] = (
    five_levels,
    bytes_and_shape,
    arguments_kept,
    flat_images,
    grey_images,
    repeatable,
    any_batch_and_order,
    no_neighbours,
    draws_in_turn,
    no_global_random_state,
)
