"""Text from outside, made fit to be shown: names and messages of records may hold anything."""


def printable(text: str, longest: int = 60) -> str:
    """One line without control, format or other invisible characters (shown as escapes), cut at `longest`."""
    shown = "".join(
        letter if letter.isprintable() else letter.encode("unicode_escape").decode() for letter in text[: longest + 1]
    )
    return shown if len(shown) <= longest else f"{shown[: longest - 1]}…"
