"""What `robench leaderboard` costs on a large store: wall and CPU seconds and peak memory of the command.

Stores of synthetic runs, each with 75 cells x 10,000 images of bits: suites of 4 models x 50 rows x 5 networks. The
first call verifies every run and makes the index, the second reads the index. Exits 1 where the largest store takes
more than 20 s or 1 GB, or more than 1.1 x its share of the CPU time of the smallest (start-up, that of `robench
--help`, is taken off both).

    python benchmarks/speed/leaderboard.py [--runs 1000 10000] [--folder DIR]
"""

import argparse
import hashlib
import os
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path

import numpy as np

from robench.metrics.robustness import summarize
from robench.runs.bits import encode
from robench.runs.folder import BITS, RECORD, SPEC
from robench.runs.record import Cost, PluginNote, RunRecord, SuiteNote, Topology
from robench.runs.spec import PluginSpec, RunSpec, Training

IMAGES, SEEDS, MODELS = 10_000, 5, 4
CORRUPTIONS = tuple(f"corruption_{number}" for number in range(15))
ROWS = [("dense", 0.0), *((f"method-{m}", s / 10) for m in range(7) for s in range(1, 8))]
NOTE = SuiteNote(
    baseline="dense",
    endpoint="robust_accuracy",
    alpha=0.05,
    margin=0.005,
    minimum_networks=5,
    mce_name="unnormalised mean corruption error",
    dataset_digest="0" * 64,
)
LIMIT_SECONDS, LIMIT_BYTES = 20.0, 1e9


def specs(runs: int) -> Iterator[RunSpec]:
    per_suite = MODELS * len(ROWS) * SEEDS
    for number in range(runs):
        suite, rest = divmod(number, per_suite)
        model, rest = divmod(rest, len(ROWS) * SEEDS)
        row, seed = divmod(rest, SEEDS)
        method, sparsity = ROWS[row]
        names = {"suite": f"suite-{suite}", "dataset": "images", "model": f"model-{model}", "method": method}
        plugins = [*names.items(), *(("corruption", name) for name in CORRUPTIONS)]
        yield RunSpec(
            suite=names["suite"],
            dataset=names["dataset"],
            source="generated",
            corruptions=CORRUPTIONS,
            severities=(1, 2, 3, 4, 5),
            corruption_seed=0,
            model=PluginSpec(name=names["model"]),
            method=PluginSpec(name=method, options={"sparsity": sparsity} if sparsity else {}),
            training=Training(epochs=100, batch_size=128, optimizer="sgd", learning_rate=0.1),
            seed=seed,
            versions={f"{kind}:{name}": "robench==0.1.0" for kind, name in plugins},
        )


def record_of(spec: RunSpec, rng: np.random.Generator) -> tuple[RunRecord, bytes]:
    """Return a record and the bits that it comes from."""
    accuracy = 0.7 + 0.02 * spec.sparsity + rng.normal(0, 0.004) + rng.normal(0, 0.01, len(spec.cells))
    correct = rng.random((1, IMAGES), dtype=np.float32) < accuracy[:, None]
    clean, bits = correct[0], encode(correct[0], correct)
    density, dense = 1 - spec.sparsity, 1_000_000
    cost = Cost(
        parameters=dense,
        nonzero=round(dense * density),
        density=density,
        density_all=round(dense * density) / dense,
        density_by_layer={f"layer{number}.weight": density for number in range(20)},
        flops_inference=8e7 * density,
        flops_inference_ratio=density,
        flops_train=1e15 * density,
        flops_train_ratio=density,
        formula="multiplications + additions",
        seconds_train=1000.0,
        seconds_evaluate=100.0,
        peak_memory_bytes=10**9,
    )
    record = RunRecord(
        id=spec.id,
        spec=spec,
        status="finished",
        suite=NOTE,
        environment={"python": "3.11.9", "torch": "2.4.0", "platform": "Linux", "git_commit": "0" * 40},
        plugins={name: PluginNote(origin=origin, source_digest="0" * 64) for name, origin in spec.versions.items()},
        seeds={"run": spec.seed, "corruption": 0},
        metrics=summarize(clean, correct, spec.cells, None),
        cost=cost,
        topology=Topology(updates=10, nonzero=cost.nonzero, exploration_rate=0.9),
        images=IMAGES,
    )
    return record, bits


def fill(store: Path, runs: int) -> None:
    """Write the folders as the store would, without its calls to sync each file to the disk."""
    rng = np.random.default_rng(0)
    for spec in specs(runs):
        folder = store / "runs" / spec.id
        folder.mkdir(parents=True)
        record, bits = record_of(spec, rng)
        text = spec.model_dump_json().encode()
        (folder / BITS).write_bytes(bits)
        (folder / SPEC).write_bytes(text)
        digests = {name: hashlib.sha256(content).hexdigest() for name, content in ((BITS, bits), (SPEC, text))}
        sealed = record.model_copy(update={"files": {**digests, "model.safetensors": content_of(spec)}})
        (folder / RECORD).write_text(sealed.model_dump_json(indent=1))


def content_of(spec: RunSpec) -> str:
    """Stand for the digest of the weights, which boards compare and never read."""
    return hashlib.sha256(spec.id.encode()).hexdigest()


def measure(*words: str) -> tuple[float, float, int]:
    """Return wall seconds, CPU seconds and peak bytes of `robench WORDS`."""
    began = time.perf_counter()
    command = [sys.executable, "-m", "robench", *words]
    process = subprocess.Popen(command, stdout=subprocess.DEVNULL, env={**os.environ, "COLUMNS": "100"})
    _, status, usage = os.wait4(process.pid, 0)
    process.returncode = os.waitstatus_to_exitcode(status)
    if process.returncode:
        raise SystemExit(f"robench {' '.join(words)} ended with {process.returncode}")
    return time.perf_counter() - began, usage.ru_utime + usage.ru_stime, 1024 * usage.ru_maxrss


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--runs", type=int, nargs="+", default=[1000, 10_000])
    parser.add_argument("--folder", type=Path, help="where the stores are made; about 100 KB a run")
    args = parser.parse_args()
    start = measure("--help")[1]
    taken: dict[int, list[tuple[float, float, int]]] = {}
    for runs in sorted(args.runs):
        with tempfile.TemporaryDirectory(dir=args.folder) as folder:
            fill(Path(folder), runs)
            taken[runs] = [measure("leaderboard", "--store", folder) for _ in range(2)]
        for name, (wall, cpu, peak) in zip(("index made", "index read"), taken[runs], strict=True):
            print(f"{runs:6d} runs, {name}: {wall:5.1f} s wall, {cpu:5.1f} s CPU, {peak / 1e6:4.0f} MB", flush=True)
    least, most = min(taken), max(taken)
    pairs = list(zip(taken[least], taken[most], strict=True))
    growth = max((large[1] - start) / (small[1] - start) / (most / least) for small, large in pairs)
    print(f"growth of CPU time from {least} to {most}: {growth:.2f} of linear at most; start-up {start:.2f} s")
    slow = any(wall > LIMIT_SECONDS or peak > LIMIT_BYTES for wall, _, peak in taken[most])
    return int(slow or growth > 1.1)


if __name__ == "__main__":
    sys.exit(main())
