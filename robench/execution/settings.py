"""Where and how to work."""

from dataclasses import dataclass
from pathlib import Path


@dataclass(frozen=True)
class Settings:
    """Nothing here enters the content hash. `device` is "cpu", "cuda" or "cuda:N"."""

    store: Path
    data: Path
    device: str = "cpu"
    checkpoint_seconds: float = 30.0
