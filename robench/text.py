"""Text from outside, made fit to be shown or taken apart: names and messages of records may hold anything."""


def printable(text: str, longest: int = 60) -> str:
    """One line without control, format or other invisible characters (shown as escapes), cut at `longest`."""
    shown = "".join(
        letter if letter.isprintable() else letter.encode("unicode_escape").decode() for letter in text[: longest + 1]
    )
    return shown if len(shown) <= longest else f"{shown[: longest - 1]}…"


def split_names(text: str) -> list[str]:
    """Split at the commas that stand outside brackets: `set,rigl(a=1,b=2)` has two parts."""
    parts, depth, start = [], 0, 0
    for position, letter in enumerate(text):
        depth += (letter in "([{") - (letter in ")]}")
        if letter == "," and depth == 0:
            parts.append(text[start:position])
            start = position + 1
    return [part.strip() for part in [*parts, text[start:]] if part.strip()]
