"""What schedulers leave in the environment changes nothing: a run is one process on this machine."""

from pathlib import Path

import pytest

import robench
from robench.runs.store import Store

SLURM = {
    "SLURM_JOB_ID": "77",
    "SLURM_JOB_NAME": "job",
    "SLURM_NTASKS": "4",
    "SLURM_NNODES": "1",
    "SLURM_PROCID": "0",
    "SLURM_LOCALID": "0",
    "SLURM_NODELIST": "localhost",
}
OTHERS = {"LOCAL_RANK": "1", "RANK": "1", "WORLD_SIZE": "2", "GROUP_RANK": "0", "LSB_JOBID": "5", "PMI_SIZE": "2"}


@pytest.mark.parametrize("variables", [{}, SLURM, OTHERS], ids=["srun", "slurm", "others"])
def test_a_run_ends_with_the_same_bytes(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, variables: dict[str, str]
) -> None:
    def digests(store: Path) -> dict[str, str]:
        (board,) = robench.run(
            suite="digits-c", models="mlp(width=4)", methods="dense", seeds=1, epochs=1, train_limit=64, test_limit=20,
            corruptions="contrast", severities=1, store=store, device="cpu",
        )  # fmt: skip
        record = Store(store).record(board.rows[0].ids[0])
        assert record is not None
        return {name: digest for name, digest in record.files.items() if name != "log.jsonl"}

    alone = digests(tmp_path / "alone")
    commands = tmp_path / "commands"
    commands.mkdir()
    (commands / "srun").write_text("#!/bin/sh\nexit 1\n")
    (commands / "srun").chmod(0o755)
    monkeypatch.setenv("PATH", str(commands), prepend=":")
    for name, value in variables.items():
        monkeypatch.setenv(name, value)
    assert digests(tmp_path / "there") == alone
