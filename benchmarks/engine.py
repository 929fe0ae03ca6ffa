"""How long the embedded engine takes."""

from __future__ import annotations

import statistics
from pathlib import Path
from time import perf_counter

from hidden_regime.data import LeanFolder
from hidden_regime.simulator import run_file

CASES = Path(__file__).parent.parent / "tests" / "cases"


def main(quick: bool = False) -> None:
    """Print seconds of a run of 15 years and five assets, without regimes; data are read anew each time."""
    seconds = []
    for _ in range(3 if quick else 7):
        market = LeanFolder(CASES / "data", synthetic=True)
        begin = perf_counter()
        run = run_file(CASES / "algorithms" / "r20_regime_shape.py", market)
        seconds.append(perf_counter() - begin)
    later = statistics.median(seconds[1:])
    print(f"r20, {run.steps} steps: first {seconds[0]:.2f} s, then median {later:.2f} s, best {min(seconds):.2f} s")
