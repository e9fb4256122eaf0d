"""What training and evaluation of one run work with."""

from dataclasses import dataclass
from pathlib import Path

from lightning_fabric import Fabric

from robench.contracts import Dataset
from robench.progress import Report
from robench.runs.spec import RunSpec


@dataclass(frozen=True)
class Job:
    """One run at work. `folder` is its run folder; unfinished work is saved there every `checkpoint_seconds`."""

    spec: RunSpec
    dataset: Dataset
    fabric: Fabric
    folder: Path
    checkpoint_seconds: float
    report: Report

    @property
    def input_size(self) -> tuple[int, ...]:
        """Channels, height and width of one image."""
        return self.dataset.inputs.shape
