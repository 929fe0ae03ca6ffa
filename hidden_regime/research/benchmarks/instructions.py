"""Instructions of a fixed piece of work, by valgrind: a figure that a busy machine can't change."""

from __future__ import annotations

import os
import re
import shutil
import subprocess
import sys

# Without the collector: a pass over all that is imported falls on one of few bars by chance, and weighs more than they do.
WORK = """
import gc
import sys
gc.disable()
from hidden_regime import RegimeDetector
from hidden_regime.many.run import run_many
from hidden_regime.research.benchmarks.market import make_frames
frames = make_frames(6, 61 + int(sys.argv[1]))
run_many(frames, RegimeDetector(3, lookback=60, retrain={retrain!r}, challenge_every=21), max_workers=1)
"""
DAYS = 20


def is_installed() -> bool:
    """Whether valgrind is there."""
    return shutil.which("valgrind") is not None


def _count(retrain: str, days: int) -> int:
    counter = ["valgrind", "--tool=callgrind", "--callgrind-out-file=/dev/null"]
    command = [*counter, sys.executable, "-c", WORK.format(retrain=retrain), str(days)]
    # Hashes, addresses and threads would each change the count.
    environment = os.environ | {"PYTHONHASHSEED": "0", "OPENBLAS_NUM_THREADS": "1", "OMP_NUM_THREADS": "1"}
    done = subprocess.run(command, capture_output=True, text=True, check=True, env=environment)
    found = re.search(r"Collected : (\d+)", done.stderr)
    if found is None:
        raise OSError(f"valgrind said no count: {done.stderr[-300:]}")
    return int(found.group(1))


def count() -> dict[str, float]:
    """Instructions of an asset and day, never retrained and retrained on each bar: differences of runs, so start-up drops out."""
    short, long, trained = _count("never", DAYS), _count("never", 2 * DAYS), _count("daily", 2 * DAYS)
    a_bar = (long - short) / (6 * DAYS)
    return {"a bar without training": a_bar, "a bar with training": a_bar + (trained - long) / (6 * (2 * DAYS - 1))}
