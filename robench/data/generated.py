"""Corrupted sets that robench made itself: where in the cache they lie and whether they are still right.

A folder has the published layout (`<corruption>.npy` of stacked severities, `labels.npy`) and an index with the SHA-256
of each file and the recipe it was made by. Folders are told apart by what all files share; a file whose own
plugin changed is made again in place.
"""

import json
from pathlib import Path

from robench import atomic, registry
from robench.canonical import content_hash
from robench.contracts import Corruption, Dataset, File, Suite
from robench.data import digests
from robench.data.places import cache

INDEX = "index.json"
LABELS = "labels"
LAYOUT = 1


def home(suite: Suite, dataset: Dataset, limit: int | None) -> Path:
    """Return the folder of the set made from the first `limit` test images, from all where `limit` is None."""
    shared = {
        "layout": LAYOUT,
        "dataset": dataset.digest,
        "preset": suite.preset,
        "seed": suite.corruption_seed,
        "severities": list(suite.severities),
    }
    part = "" if limit is None else f"-n{limit}"
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
    return digests.fault(folder / f"{name}.npy", File(f"{name}.npy", f"sha256:{entry['sha256']}")) is None


def add(folder: Path, name: str, made_by: str) -> None:
    """Enter a finished file into the index."""
    path = folder / f"{name}.npy"
    digest = digests.compute(path, "sha256")
    digests.seal(path, digest)
    files = index(folder) | {name: {"recipe": made_by, "sha256": digest.partition(":")[2]}}
    atomic.write_text(folder / INDEX, json.dumps({"layout": LAYOUT, "files": files}, indent=1, sort_keys=True))


def index(folder: Path) -> dict[str, dict[str, str]]:
    """Return name -> {"recipe", "sha256"} of the files made so far; one that cannot be read counts as none."""
    try:
        files = json.loads((folder / INDEX).read_text(encoding="utf-8"))["files"]
    except (OSError, ValueError, KeyError):
        return {}
    return dict(files)
