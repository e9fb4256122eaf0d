"""The documents of the repository taken apart: blocks of code, commands, links, and what stands as code in the text."""

import re
from pathlib import Path

ROOT = Path(__file__).parents[2]
READMES = [
    ROOT / "README.md",
    *(ROOT / room / "README.md" for room in ("robench", "plugins", "benchmarks", "leaderboard")),
]
DOCUMENTS = [*READMES, ROOT / ".github" / "CONTRIBUTING.md", ROOT / "robench" / "CHANGELOG.md"]
_BLOCK = re.compile(r"^```(\w*)\n(.*?)^```$", flags=re.MULTILINE | re.DOTALL)


def name(path: Path) -> str:
    return path.relative_to(ROOT).as_posix()


def blocks(text: str, language: str) -> list[str]:
    """Return the contents of the fenced blocks in a language."""
    return [content for found, content in _BLOCK.findall(text) if found == language]


def languages(text: str) -> set[str]:
    return {found for found, _ in _BLOCK.findall(text)}


def prose(text: str) -> str:
    """Return a document without its blocks."""
    return _BLOCK.sub("", text)


def commands(path: Path) -> list[str]:
    """Return the commands of the bash blocks, those joined by && one by one."""
    lines = [line for block in blocks(path.read_text(), "bash") for line in block.splitlines()]
    return [part.strip() for line in lines for part in line.split("&&")]


def spans(text: str) -> list[str]:
    """Return what stands in backticks outside the blocks."""
    return re.findall(r"`([^`]+)`", prose(text))


def links(text: str) -> list[str]:
    """Return the targets of links and pictures that are no web addresses."""
    targets = re.findall(r"\]\(([^)\s]+)\)", prose(text))
    return [target for target in targets if "://" not in target]


def anchors(text: str) -> set[str]:
    """Return what a link may name behind its #: headings in lower case, hyphens for spaces, no punctuation."""
    headings = re.findall(r"^#+ (.*)$", prose(text), flags=re.MULTILINE)
    return {re.sub(r"[^\w -]", "", heading.lower()).replace(" ", "-") for heading in headings}
