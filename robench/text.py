"""Text from outside, made fit to be shown or taken apart: names and messages of records may hold anything."""

from collections.abc import Iterable
from pathlib import Path

_LONGEST_PATH = 4096


def printable(text: str, longest: int = 60) -> str:
    """One line without control, format or other invisible characters (shown as escapes), cut at `longest`."""
    shown = "".join(
        letter if letter.isprintable() else letter.encode("unicode_escape").decode() for letter in text[: longest + 1]
    )
    return shown if len(shown) <= longest else f"{shown[: longest - 1]}…"


def shown(path: Path | str) -> str:
    """One line that names a file or folder, whatever bytes its name has.

    Example:
        >>> shown("photos/caf\\udce9.png")
        'photos/caf\\\\udce9.png'
    """
    return printable(str(path), _LONGEST_PATH)


def split_names(text: str) -> list[str]:
    """Split at the commas that stand outside brackets and quotes: `set,rigl(a=1,b='x,y')` has two parts.

    A quote opens where a name or value may begin, as in YAML.
    """
    parts, depth, start, quote, before = [], 0, 0, "", ","
    for position, letter in enumerate(text):
        if quote:
            if letter == quote and not (quote == '"' and before == "\\"):
                quote = ""
            before = "" if before == "\\" else letter  # two backslashes are one, and escape nothing
            continue
        if letter in "'\"" and before in ",=:([{'\"":
            quote, before = letter, ""
            continue
        depth += (letter in "([{") - (letter in ")]}")
        if letter == "," and depth == 0:
            parts.append(text[start:position])
            start = position + 1
        before = before if letter.isspace() else letter
    return [part.strip() for part in [*parts, text[start:]] if part.strip()]


def same(one: str, other: str) -> bool:
    """Say whether two names are one: without regard to case, "_" equal to "-"."""
    return one.lower().replace("_", "-") == other.lower().replace("_", "-")


def pick(written: str, known: Iterable[str]) -> str | None:
    """Return the known name that is meant: letter for letter, else the only one that is the `same`; None without one.

    Example:
        >>> pick("Fog", ["fog", "snow"]), pick("fogg", ["fog"])
        ('fog', None)
    """
    names = list(dict.fromkeys(known))
    matches = [written] if written in names else [name for name in names if same(name, written)]
    return matches[0] if len(matches) == 1 else None
