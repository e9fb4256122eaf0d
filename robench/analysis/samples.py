"""What corruptions look like: a clean image and its severities, for one corruption or for a suite."""

from collections.abc import Callable, Sequence
from pathlib import Path

import numpy as np

from robench import registry
from robench.analysis.contact_sheet import Sheet, SheetRow
from robench.analysis.photographs import centres
from robench.contracts import Corruption, Dataset, Preset, Suite
from robench.corruption.forms import Images
from robench.corruption.images import Maps, apply
from robench.data import images
from robench.download import root
from robench.errors import DataError, InputError, unknown

_SEVERITIES = (1, 2, 3, 4, 5)


def of_corruption(name: str, preset: str | None, severities: Sequence[int] | None, data: Path | None) -> Sheet:
    """Return two photographs at the size of `preset` (None: the corruption's first) and as the corruption makes them.

    Raises InputError for a preset or a severity that is not there, DataError for files that are missing.
    """
    corruption: Corruption = registry.load("corruption", name)
    preset = preset or next(iter(corruption.presets))
    known = [each for each in corruption.presets if each in Preset.__members__]
    if preset not in known:
        raise unknown("preset", preset, known)
    chosen = _chosen(severities, name, _SEVERITIES)
    side = Preset[preset].value
    clean = centres(side)
    cells = [_corrupted(corruption, clean, severity, preset, 0, data) for severity in chosen]
    rows = [SheetRow(label, [clean[n], *(cell[n] for cell in cells)]) for n, label in enumerate(("temple", "flower"))]
    title = f"{name}, preset {preset}, {side} pixels{_made_up(corruption)}"
    return Sheet(title, _columns(chosen), tuple(rows))


def of_suite(name: str, severities: Sequence[int] | None, data: Path | None, tell: Callable[[str], None]) -> Sheet:
    """Return the first test image of a suite under each of its corruptions, as in the set that robench generates.

    Where the test images are not there, `tell` is told why, and a photograph of their size stands in. A corruption
    that only the published set has gets a row that says so. Raises as `of_corruption`.
    """
    suite: Suite = registry.load("suite", name)
    chosen = _chosen(severities, name, suite.severities)
    clean, source = _first_test_image(registry.load("dataset", suite.dataset), data, tell)
    known = {entry.name for entry in registry.entries("corruption")}
    rows = [
        _row(suite, corruption, clean, chosen, data)
        if corruption in known
        else SheetRow(corruption, note="cannot be generated; in the published set only")
        for corruption in (*suite.standard, *suite.extra)
    ]
    return Sheet(f"{name}: {source}", _columns(chosen), tuple(rows))


def _row(suite: Suite, name: str, clean: Images, severities: Sequence[int], data: Path | None) -> SheetRow:
    corruption: Corruption = registry.load("corruption", name)
    seed = suite.corruption_seed
    cells = [_corrupted(corruption, clean, severity, suite.preset, seed, data)[0] for severity in severities]
    return SheetRow(f"{name}{_made_up(corruption)}", [_rgb(clean)[0], *map(_rgb, cells)])


def _corrupted(
    corruption: Corruption, clean: Images, severity: int, preset: str, seed: int, data: Path | None
) -> Images:
    return apply(corruption, clean, severity, preset, seed, data=data, maps=_slopes(corruption, clean.shape[:3]))


def _slopes(corruption: Corruption, shape: tuple[int, ...]) -> Maps:
    """Return a stand-in for each map that a corruption needs: a plain that is nearest at the lower edge."""
    slope = np.linspace(1, 0.1, shape[1], dtype=np.float32)[:, None] + np.zeros(shape, np.float32)
    return dict.fromkeys(corruption.maps, slope)


def _made_up(corruption: Corruption) -> str:
    return f" (made-up {' and '.join(corruption.maps)})" if corruption.maps else ""


def _first_test_image(dataset: Dataset, data: Path | None, tell: Callable[[str], None]) -> tuple[Images, str]:
    try:
        pixels, _ = images.load(dataset, root(data), "test", limit=1)
    except DataError as error:
        tell(f"{error}; a photograph stands in")
        size = dataset.inputs.image_size
        return centres(size)[:1], f"a photograph of {size} pixels, for the test images are not there"
    return np.ascontiguousarray(pixels[:1]), f"the first test image of {dataset.name}"


def _rgb(image: np.ndarray) -> np.ndarray:
    return np.broadcast_to(image, (*image.shape[:-1], 3)).copy()


def _chosen(asked: Sequence[int] | None, name: str, there: Sequence[int]) -> tuple[int, ...]:
    for severity in asked or ():
        if severity not in there:
            raise InputError(f"severities: {name!r} has {list(there)}, not {severity}")
    return tuple(asked or there)


def _columns(severities: Sequence[int]) -> tuple[str, ...]:
    return ("clean", *(f"severity {severity}" for severity in severities))
