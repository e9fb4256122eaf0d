"""The training loop of these tests lies beside those of the engine."""

import sys
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parents[1] / "sparse"))
