"""A contact sheet: small images in labelled rows and columns."""

import io
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import final

import numpy as np
from PIL import Image, ImageDraw, ImageFont

from robench import atomic
from robench.errors import InputError

_SMALLEST = 128
"""Side in pixels that smaller images are enlarged to, whole pixels each."""
_GAP = 6
_SMALLEST_LETTER = 15
_INK, _PAPER = (20, 20, 20), (255, 255, 255)


@final
@dataclass(frozen=True)
class SheetRow:
    """One row: `images` uint8 (H, W, 3), all of one size, or none and a `note` that says why."""

    label: str
    images: Sequence[np.ndarray] = ()
    note: str = ""


@final
@dataclass(frozen=True)
class Sheet:
    """What is drawn: a title of one line, the columns' names, and rows with an image for each column."""

    title: str
    columns: tuple[str, ...]
    rows: tuple[SheetRow, ...]


def draw(sheet: Sheet) -> Image.Image:
    """Draw a sheet with at least one image; small images are enlarged by repeating pixels, never smoothed."""
    height, width = _tile(sheet)
    letter = max(_SMALLEST_LETTER, width // 11)
    font, line = ImageFont.load_default(letter), letter + 2 * _GAP
    left = max(round(font.getlength(row.label)) for row in sheet.rows) + 3 * _GAP
    tops = np.cumsum([2 * line, *(height + _GAP if row.images else line for row in sheet.rows)]).tolist()
    full = max(left + len(sheet.columns) * (width + _GAP), round(font.getlength(sheet.title)) + 2 * _GAP)
    paper = Image.new("RGB", (full, tops[-1]), _PAPER)
    pen = ImageDraw.Draw(paper)
    pen.text((_GAP, line // 2), sheet.title, _INK, font, anchor="lm")
    places = [left + number * (width + _GAP) for number in range(len(sheet.columns))]
    for x, name in zip(places, sheet.columns, strict=True):
        pen.text((x + width // 2, line * 3 // 2), name, _INK, font, anchor="mm")
    for row, top, end in zip(sheet.rows, tops, tops[1:], strict=False):
        pen.text((_GAP, (top + end - _GAP) // 2), row.label, _INK, font, anchor="lm")
        pen.text((left, (top + end - _GAP) // 2), row.note, _INK, font, anchor="lm")
        for x, image in zip(places, row.images, strict=False):
            paper.paste(Image.fromarray(image).resize((width, height), Image.Resampling.NEAREST), (x, top))
    return paper


def _tile(sheet: Sheet) -> tuple[int, int]:
    """Return the height and width that images are drawn at."""
    height, width = next(row.images[0].shape[:2] for row in sheet.rows if row.images)
    factor = max(1, _SMALLEST // min(height, width))
    return height * factor, width * factor


def check_place(path: Path) -> None:
    """Raise InputError in one line unless a picture can be written to `path`."""
    if path.suffix.lower() != ".png":
        raise InputError(f"save: {path.name!r}; expected a name that ends in .png")
    if path.is_dir() or not path.parent.is_dir():
        raise InputError(f"save: {path} is a folder or lies in none; expected a file in a folder that exists")


def save(picture: Image.Image, path: Path) -> None:
    """Write a picture as PNG, whole or not at all; raises InputError in one line."""
    check_place(path)
    content = io.BytesIO()
    picture.save(content, format="PNG")
    atomic.write_named("save", path, content.getvalue())
