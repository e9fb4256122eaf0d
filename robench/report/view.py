"""View: what of a board is shown. The same for every format that people read."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal, final

Notes = Literal["brief", "legend", "all"]


@final
@dataclass(frozen=True)
class View:
    """`columns`: their names, None for the usual ones. `notes`: how much is said below, None for what is usual.

    "brief" says what rows lack, "legend" also what the columns mean, "all" how each was made and tested. `document`:
    LaTeX to compile rather than to input.
    """

    columns: tuple[str, ...] | None = None
    notes: Notes | None = None
    document: bool = False


USUAL = View()


def once(notes: Sequence[Sequence[str]]) -> tuple[list[list[str]], list[str]]:
    """Split the notes of several boards into those of each alone and those that all have, which are said once."""
    if len(notes) < 2:
        return [list(each) for each in notes], []
    common = [note for note in notes[0] if all(note in others for others in notes[1:])]
    return [[note for note in each if note not in common] for each in notes], common
