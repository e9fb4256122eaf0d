"""Lists of classes that ship beside this file."""

from pathlib import Path


def classes_of(name: str) -> tuple[str, ...]:
    """Return the WordNet ids, in order, of a list that ships beside this file."""
    return tuple((Path(__file__).parent / name).read_text(encoding="ascii").split())
