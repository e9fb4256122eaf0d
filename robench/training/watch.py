"""What happens beside the loop: cost, divergence, log, progress, checkpoints."""

import json
import math
import time
from collections.abc import Callable
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

import torch

from robench import atomic
from robench.contracts import Method
from robench.errors import DivergedError
from robench.progress import Progress, Report
from robench.sparse.flops import TrainingCost

_REPORT_SECONDS = 0.5
_CHECK_STEPS_ON_ACCELERATOR = 20


@dataclass
class Watch:
    """Called after each step. `start` is the first message: its `done` is the first step, its `total` the last.

    `save(step)` is called every `checkpoint_seconds` with the next step to do. `seconds` is the time spent training so
    far, over all sessions of the run.
    """

    method: Method
    cost: TrainingCost
    start: Progress
    steps_per_epoch: int
    images_per_step: int
    report: Report
    log: Path
    checkpoint_seconds: float
    save: Callable[[int], None]
    seconds: float = 0.0
    losses: list[torch.Tensor] = field(default_factory=list)
    epoch_loss: list[float] = field(default_factory=list)

    def __post_init__(self) -> None:
        self._clock = self._reported = self._saved = time.monotonic()
        self._reported_step = self.start.done

    def __call__(self, step: int, loss: torch.Tensor) -> None:
        """Account for one step; raises DivergedError naming the step whose loss is not finite."""
        self.cost.add(self.method, step)
        self.losses.append(loss)
        done = step + 1
        end_of_epoch = done % self.steps_per_epoch == 0
        if loss.device.type == "cpu" or end_of_epoch or len(self.losses) >= _CHECK_STEPS_ON_ACCELERATOR:
            self._check(step)
        now = time.monotonic()
        self.seconds += now - self._clock
        self._clock = now
        if end_of_epoch:
            self._write_log(done)
        if now - self._reported >= _REPORT_SECONDS or done == self.start.total:
            self._tell(done, now)
        if now - self._saved >= self.checkpoint_seconds:
            self._check(step)
            self.save(done)
            self._saved = self._clock = time.monotonic()

    def begin(self, step: int) -> None:
        """Start at `step` instead of 0."""
        self.start = replace(self.start, done=step)
        self._reported_step = step

    def state_dict(self) -> dict[str, Any]:
        """Return what a continued run needs to go on counting."""
        return {"cost": self.cost.state_dict(), "seconds": self.seconds, "epoch_loss": self.epoch_loss}

    def load_state_dict(self, state: dict[str, Any]) -> None:
        """Continue from `state_dict()`."""
        self.cost.load_state_dict(state["cost"])
        self.seconds, self.epoch_loss = state["seconds"], state["epoch_loss"]

    def _check(self, step: int) -> None:
        if not self.losses:
            return
        values = torch.stack(self.losses).tolist()
        self.losses.clear()
        for offset, value in enumerate(values):
            if not math.isfinite(value):
                raise DivergedError(step - len(values) + 1 + offset, value)
        self.epoch_loss += values

    def _write_log(self, done: int) -> None:
        line = {
            "epoch": done // self.steps_per_epoch,
            "step": done,
            "loss": sum(self.epoch_loss) / len(self.epoch_loss),
            "updates": self.method.updates,
            "seconds": round(self.seconds, 3),
        }
        self.epoch_loss.clear()
        with self.log.open("a") as file:
            file.write(json.dumps(line) + "\n")

    def _tell(self, done: int, now: float) -> None:
        rate = (done - self._reported_step) / max(now - self._reported, 1e-9)
        recent = self.epoch_loss[-(done - self._reported_step) :]
        self.report(
            replace(
                self.start,
                done=done,
                epoch=min(done // self.steps_per_epoch + 1, self.start.epochs),
                loss=sum(recent) / len(recent) if recent else None,
                images_per_second=rate * self.images_per_step,
                seconds_left=(self.start.total - done) / rate,
                updates=self.method.updates,
            )
        )
        self._reported, self._reported_step = now, done


def cut_log(log: Path, step: int) -> None:
    """Drop what a killed session wrote after its last checkpoint at `step`, a half-written line included."""
    lines = log.read_text().splitlines() if log.exists() else []
    atomic.write_text(log, "".join(line + "\n" for line in lines if _step_of(line) <= step))


def _step_of(line: str) -> float:
    try:
        return float(json.loads(line)["step"])
    except ValueError:
        return math.inf
