"""Corrupted sets that robench made itself: where in the cache they lie and whether they are still right.

A folder has the published layout (`<corruption>.npy` of stacked severities and `labels.npy`, or image files in
`<corruption>/<severity>/<class>`) and an index with the recipe each corruption was made by, and the SHA-256 of a .npy
file or the number of image files. Folders are told apart by what all files share; a corruption whose own plugin
changed is made again in place.
"""

import json
from pathlib import Path

from robench import atomic, registry
from robench.canonical import content_hash
from robench.contracts import Corruption, File, Suite
from robench.download import checksums
from robench.download.roots import cache

INDEX = "index.json"
LABELS = "labels"
LAYOUT = 1


def home(suite: Suite, content: str, limit: int | None, quality: int | None = None) -> Path:
    """Return the folder of the set made from the first `limit` test images, from all where `limit` is None.

    `content` is the digest of all test images, as they were found and not as they are declared
    (`robench.data.images.digest_of`), so sets made from other images of the same names are others.
    `quality` is that of JPEG files, None for files that lose nothing.
    """
    shared = {
        "layout": LAYOUT,
        "test images": content,
        "preset": suite.preset,
        "seed": suite.corruption_seed,
        "severities": list(suite.severities),
    }
    part = ("" if limit is None else f"-n{limit}") + ("" if quality is None else f"-q{quality}")
    return cache() / "generated" / f"{suite.name}-{content_hash(shared)[:16]}{part}"


def recipe(corruption: str) -> str:
    """Return the hash of what makes the bytes of one file: the plugin's version and source, and its assets."""
    plugin: Corruption = registry.load("corruption", corruption)
    entry = registry.find("corruption", corruption)
    return content_hash(
        {
            "plugin": f"{entry.distribution}=={entry.version}",
            "source": entry.source_digest,
            "assets": [[asset.file.path, asset.file.digest] for asset in plugin.assets],
        }
    )


def ready(folder: Path, name: str, made_by: str) -> bool:
    """Say whether `<name>.npy` is there, was made by this recipe, and still has the bytes that were written."""
    entry = index(folder).get(name)
    if entry is None or entry["recipe"] != made_by:
        return False
    return checksums.fault(folder / f"{name}.npy", File(f"{name}.npy", f"sha256:{entry['sha256']}")) is None


def add(folder: Path, name: str, made_by: str) -> None:
    """Enter a finished .npy file into the index."""
    path = folder / f"{name}.npy"
    digest = checksums.compute(path, "sha256")
    checksums.seal(path, digest)
    _enter(folder, name, {"recipe": made_by, "sha256": digest.partition(":")[2]})


def finished(folder: Path, name: str, made_by: str) -> bool:
    """Say whether all image files of a corruption were made by this recipe."""
    entry = index(folder).get(name, {})
    return entry.get("recipe") == made_by and "images" in entry


def begin(folder: Path, name: str, made_by: str) -> None:
    """Enter a corruption whose image files are about to be made."""
    _enter(folder, name, {"recipe": made_by})


def finish(folder: Path, name: str, images: int) -> None:
    """Enter that all image files of a corruption are there."""
    _enter(folder, name, {**index(folder)[name], "images": str(images)})


def _enter(folder: Path, name: str, entry: dict[str, str]) -> None:
    files = index(folder) | {name: entry}
    atomic.write_text(folder / INDEX, json.dumps({"layout": LAYOUT, "files": files}, indent=1, sort_keys=True))


def index(folder: Path) -> dict[str, dict[str, str]]:
    """Return name -> {"recipe", "sha256" or "images"} of what was made; an index that cannot be read counts as none.

    Image files of a corruption without "images" were begun and not finished.
    """
    try:
        files = json.loads((folder / INDEX).read_text(encoding="utf-8"))["files"]
    except (OSError, ValueError, KeyError):
        return {}
    return dict(files)
