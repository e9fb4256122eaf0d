"""Sheets: every pixel of every image stands where it should, and files are written whole or not at all."""

from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from robench.analysis.contact_sheet import Sheet, SheetRow, draw, save
from robench.errors import InputError


def _sheet(height: int, width: int, rows: int = 2, note: str = "") -> Sheet:
    random = np.random.default_rng(0)
    lines = [SheetRow(f"row {n}", list(random.integers(0, 256, (3, height, width, 3), np.uint8))) for n in range(rows)]
    return Sheet("a title", ("clean", "one", "two"), (*lines, *([SheetRow("last", note=note)] if note else [])))


def _found(paper: np.ndarray, image: np.ndarray, factor: int) -> list[tuple[int, int]]:
    """Return where `image`, each pixel repeated, stands on the paper: row and column of its corner."""
    large = image.repeat(factor, axis=0).repeat(factor, axis=1)
    corners = np.argwhere((paper[: 1 - len(large) or None, :] == large[0, 0]).all(axis=2)).tolist()
    return [(y, x) for y, x in corners if np.array_equal(paper[y : y + len(large), x : x + large.shape[1]], large)]


@pytest.mark.parametrize(("size", "factor"), [((32, 32), 4), ((64, 64), 2), ((224, 224), 1), ((32, 48), 4)])
def test_images_stand_in_rows_and_columns_with_their_own_pixels(size: tuple[int, int], factor: int) -> None:
    sheet = _sheet(*size)
    paper = np.asarray(draw(sheet))
    places = [[_found(paper, image, factor) for image in row.images] for row in sheet.rows]
    assert all(len(found) == 1 for row in places for found in row)
    corners = np.array(places)[:, :, 0]
    assert (np.diff(corners[:, :, 0], axis=0) == size[0] * factor + 6).all()
    assert (np.diff(corners[:, :, 1], axis=1) == size[1] * factor + 6).all()
    assert (corners[:, :, 0] == corners[:, :1, 0]).all()
    assert (corners[:, :, 1] == corners[:1, :, 1]).all()


def test_titles_labels_and_notes_are_written() -> None:
    with_all, without_note = (np.asarray(draw(_sheet(32, 32, note=note))) for note in ("not to be had", ""))
    assert (with_all[without_note.shape[0] :] < 128).any()
    renamed = Sheet("another title", ("clean", "1", "2"), (SheetRow("line", _sheet(32, 32).rows[0].images),))
    paper = np.asarray(draw(renamed))
    ((top, left),) = _found(paper, renamed.rows[0].images[0], 4)
    assert (paper[:top] < 128).any()
    assert (paper[top : top + 128, :left] < 128).any()


def test_a_long_title_is_not_cut() -> None:
    rows = _sheet(32, 32).rows
    widths = [draw(Sheet(title, ("a", "b", "c"), rows)).width for title in ("short", "long " * 100)]
    assert widths[1] > widths[0]
    assert (np.asarray(draw(Sheet("long " * 100, ("a", "b", "c"), rows)))[:, -4:] == 255).all()


def test_saved_sheets_are_lossless_and_replace_older_ones(tmp_path: Path) -> None:
    picture = draw(_sheet(32, 32))
    path = tmp_path / "sheet.PNG"
    path.write_text("older")
    save(picture, path)
    with Image.open(path) as saved:
        np.testing.assert_array_equal(np.asarray(saved), np.asarray(picture))
    assert [each.name for each in tmp_path.iterdir()] == ["sheet.PNG"]


@pytest.mark.parametrize(
    ("name", "message"),
    [
        ("sheet.gif", r"save: 'sheet\.gif'; expected a name that ends in \.png"),
        ("sheet", "save: 'sheet'; expected a name"),
        ("missing/sheet.png", "is a folder or lies in none"),
        ("folder.png", "is a folder or lies in none"),
    ],
)
def test_places_that_cannot_hold_a_sheet_are_named(name: str, message: str, tmp_path: Path) -> None:
    (tmp_path / "folder.png").mkdir()
    with pytest.raises(InputError, match=message):
        save(draw(_sheet(32, 32)), tmp_path / name)
    assert [each.name for each in tmp_path.iterdir()] == ["folder.png"]


def test_a_failed_write_leaves_what_was_there(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = tmp_path / "sheet.png"
    path.write_text("older")

    def full(self: Path, content: bytes) -> int:
        with self.open("wb") as file:
            file.write(content[:9])
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(Path, "write_bytes", full)
    with pytest.raises(InputError, match=r"save: .*sheet\.png: No space left on device"):
        save(draw(_sheet(32, 32)), path)
    assert path.read_text() == "older"
    assert len(list(tmp_path.iterdir())) == 1
