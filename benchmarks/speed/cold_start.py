"""CPU seconds of the first call of each corruption: in a fresh installation, and in a later process.

    python benchmarks/speed/cold_start.py [NAME ...] [--data DIR]

Each figure is the worst over the corruption's presets and comes from processes of its own. The first call compiles
into an empty Numba cache; the later one, in another process, finds the code there. Imports are not counted, and so
Numba's own start is not either: it imports 200 modules before a process's first compiled function; the last line
tells its time. A corruption without the files it needs is left out and named.
"""

import argparse
import json
import os
import subprocess
import sys
import tempfile
import time
from pathlib import Path

from robench import registry
from robench.corruption.images import apply, keyword_of_assets
from robench.errors import DataError
from robench.testing.corruption import maps, patterns

FIRST_GOAL, LATER_GOAL = 3.0, 0.3
SIDE = 32
"""One image of the smallest size: what is measured is the start, not the work."""


def measure(name: str, preset: str, data: str | None) -> float:
    """Return the CPU seconds of one call in this process, which has not called anything before."""
    corruption = registry.load("corruption", name)
    keyword_of_assets(corruption, data)
    numbas_own_start()
    images, given = patterns(1, SIDE, SIDE), maps(corruption, 1, SIDE, SIDE)
    start = time.process_time()
    apply(corruption, images, 3, preset, data=data, maps=given)
    return time.process_time() - start


def numbas_own_start() -> float:
    from numba.core.registry import cpu_target

    start = time.process_time()
    cpu_target.typing_context.refresh()
    cpu_target.target_context.refresh()
    return time.process_time() - start


def in_a_new_process(name: str, preset: str, data: str | None, cache: Path) -> float:
    command = [sys.executable, __file__, "--one", json.dumps([name, preset, data])]
    environment = {**os.environ, "NUMBA_CACHE_DIR": str(cache), "OMP_NUM_THREADS": "1"}
    done = subprocess.run(command, env=environment, check=True, capture_output=True, text=True)
    return float(done.stdout)


def seconds(name: str, data: str | None) -> tuple[float, float]:
    """Return the worst first and the worst later call over the presets."""
    firsts, laters = [], []
    for preset in registry.load("corruption", name).presets:
        with tempfile.TemporaryDirectory() as folder:
            firsts.append(in_a_new_process(name, preset, data, Path(folder)))
            laters.append(in_a_new_process(name, preset, data, Path(folder)))
    return max(firsts), max(laters)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("names", nargs="*")
    parser.add_argument("--data")
    parser.add_argument("--one", help=argparse.SUPPRESS)
    options = parser.parse_args()
    if options.one:
        print(measure(*json.loads(options.one)))
        return
    print(f"{'corruption':<32}{'first call':>12}{'later':>8}   goals {FIRST_GOAL} and {LATER_GOAL}")
    over = []
    for name in options.names or [entry.name for entry in registry.entries("corruption")]:
        try:
            keyword_of_assets(registry.load("corruption", name), options.data)
        except DataError as error:
            print(f"{name:<32}{'left out':>12}   {error}")
            continue
        first, later = seconds(name, options.data)
        late = first > FIRST_GOAL or later > LATER_GOAL
        over += [name] * late
        print(f"{name:<32}{first:>12.2f}{later:>8.2f}{'   over' if late else ''}", flush=True)
    print(f"\nover the goals: {', '.join(over) or 'none'}")
    print(f"Numba's own start: {numbas_own_start():.2f}")


if __name__ == "__main__":
    main()
