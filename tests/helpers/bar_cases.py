"""Names and digests that the tests of C-bar share."""

import json
from pathlib import Path

GOLDEN = json.loads((Path(__file__).parents[1] / "golden" / "corruptions_bar.json").read_text())
REFERENCE = [(preset, key) for preset, digests in GOLDEN["reference"].items() for key in digests]
FIRST_PRESET = {key.rpartition("_")[0]: preset for preset, key in reversed(REFERENCE)}
"""Each of the 15 corruptions -> the first preset that it has."""
