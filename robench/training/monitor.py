"""What happens beside the loop: divergence, log, progress, checkpoints."""

import json
import math
import time
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import torch

from robench import atomic, registry
from robench.contracts import Method
from robench.errors import DivergedError
from robench.progress import Progress
from robench.runs.folder import LOG, PARTIAL
from robench.training import resume, stopping
from robench.training.job import Job
from robench.training.stopping import Stopped

_REPORT_SECONDS = 0.5
_CHECK_STEPS_ON_ACCELERATOR = 20


class Monitor:
    """Called after each step of a training of `total` steps.

    `state` holds what a checkpoint is made of: name -> object with state_dict and load_state_dict. `seconds` is the
    time spent training so far, over all sessions of the run.
    """

    def __init__(
        self, job: Job, method: Method, state: Mapping[str, Any], steps_per_epoch: int, total: int, batch: int
    ) -> None:
        self._job, self._method, self._state = job, method, state
        self._steps_per_epoch, self._total, self._batch = steps_per_epoch, total, batch
        self._log = job.folder / LOG
        self._sources = registry.source_digests(job.spec.versions)
        self._unread: list[torch.Tensor] = []
        self._epoch_losses: list[float] = []
        self._told_step = 0
        self._clock = self._told = self._saved = time.monotonic()
        self.seconds = 0.0

    def __call__(self, step: int, loss: torch.Tensor) -> None:
        """Take note of one step.

        Raises DivergedError naming the step whose loss is not finite, Stopped, after saving, where a signal asked.
        """
        done = step + 1
        end_of_epoch = done % self._steps_per_epoch == 0
        self._unread.append(loss)
        if loss.device.type == "cpu" or end_of_epoch or len(self._unread) >= _CHECK_STEPS_ON_ACCELERATOR:
            self._read_losses(step)
        now = time.monotonic()
        self.seconds += now - self._clock
        self._clock = now
        if now - self._told >= _REPORT_SECONDS or done == self._total:
            self._tell(done, now)
        if end_of_epoch:
            self._write_log(done)
        asked = stopping.asked()
        if done < self._total and (asked is not None or now - self._saved >= self._job.checkpoint_seconds):
            self._read_losses(step)
            self.save(done)
            if asked is not None:
                raise Stopped(asked, f"after step {done} of {self._total} of {self._job.spec.label}")

    def save(self, done: int) -> None:
        """Write a checkpoint from which step `done` is next."""
        parts = {name: part.state_dict() for name, part in self._state.items()}
        own = {
            "step": done,
            "seconds": self.seconds,
            "losses": self._epoch_losses,
            "threads": torch.get_num_threads(),
            "sources": self._sources,
        }
        resume.save(self._job.folder, done, {**parts, **own})
        self._saved = self._clock = time.monotonic()

    def resume(self) -> int:
        """Load the last checkpoint where there is one and return the next step to do.

        A checkpoint that other source code of a plugin made, or another number of threads, is left alone: no run is
        half the work of each.
        """
        saved = resume.load(self._job.folder)
        if saved is None or saved.get("sources") != self._sources or saved.get("threads") != torch.get_num_threads():
            saved = {"step": 0}
        if saved["step"]:
            for name, part in self._state.items():
                part.load_state_dict(saved[name])
            self.seconds, self._epoch_losses = saved["seconds"], saved["losses"]
        if saved["step"] < self._total:
            (self._job.folder / PARTIAL).unlink(missing_ok=True)
        _cut_log(self._log, saved["step"])
        self._told_step = saved["step"]
        self._say_where(saved["step"])
        self._clock = self._told = self._saved = time.monotonic()
        return int(saved["step"])

    def _say_where(self, step: int) -> None:
        """Tell where a run goes on, or that the work of another session cannot be gone on with."""
        text = f"goes on after step {step} of {self._total}" if step else ""
        if not step and resume.exists(self._job.folder):
            text = "starts anew: its checkpoint is damaged, of other source code, or of another number of threads"
        if text:
            self._job.report(Progress(self._job.spec.id, self._job.spec.label, "note", text=text))

    def _read_losses(self, step: int) -> None:
        values = torch.stack(self._unread).tolist() if self._unread else []
        self._unread.clear()
        for offset, value in enumerate(values, start=step - len(values) + 1):
            if not math.isfinite(value):
                raise DivergedError(offset, value)
        self._epoch_losses += values

    def _write_log(self, done: int) -> None:
        line = {
            "epoch": done // self._steps_per_epoch,
            "step": done,
            "loss": sum(self._epoch_losses) / len(self._epoch_losses),
            "updates": self._method.updates,
            "seconds": round(self.seconds, 3),
        }
        self._epoch_losses = []
        with self._log.open("a") as file:
            file.write(json.dumps(line) + "\n")

    def _tell(self, done: int, now: float) -> None:
        steps = done - self._told_step
        rate = steps / max(now - self._told, 1e-9)
        recent = self._epoch_losses[-steps:]
        self._job.report(
            Progress(
                self._job.spec.id,
                self._job.spec.label,
                "train",
                done=done,
                total=self._total,
                epoch=-(-done // self._steps_per_epoch),
                epochs=self._total // self._steps_per_epoch,
                loss=sum(recent) / len(recent) if recent else None,
                images_per_second=rate * self._batch,
                seconds_left=(self._total - done) / rate,
                updates=self._method.updates,
            )
        )
        self._told, self._told_step = now, done


def _cut_log(log: Path, step: int) -> None:
    """Drop what a killed session wrote after its last checkpoint at `step`, a half-written line included."""
    lines = log.read_text().splitlines() if log.exists() else []
    atomic.write_text(log, "".join(line + "\n" for line in lines if _step_of(line) <= step))


def _step_of(line: str) -> float:
    try:
        return float(json.loads(line)["step"])
    except ValueError:
        return math.inf
