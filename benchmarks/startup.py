"""Seconds before the first answer: import, first compilation, the main job cold and warm. Each in a process of its own."""

from __future__ import annotations

import os
import subprocess
import sys
import tempfile
from time import perf_counter

FIT = """from time import perf_counter
import numpy as np, numba, scipy.optimize
from hidden_regime import GaussianHMM
begin = perf_counter()
x = np.random.default_rng(0).normal(size=(300, 2))
GaussianHMM(3, init=("volatility",)).fit(x).filter_proba(x)
print(f"{perf_counter() - begin:.2f}")"""
IMPORT = "from time import perf_counter; b = perf_counter(); import hidden_regime; print(f'{perf_counter() - b:.3f}')"


def main(quick: bool = False) -> None:
    """Print the seconds."""
    with tempfile.TemporaryDirectory() as folder:
        environment = os.environ | {"NUMBA_CACHE_DIR": folder}

        def run(*command: str) -> tuple[float, str]:
            begin = perf_counter()
            done = subprocess.run([sys.executable, *command], env=environment, capture_output=True, text=True, check=True)
            return perf_counter() - begin, done.stdout.strip()

        print(f"import hidden_regime: {min(run('-c', IMPORT)[1] for _ in range(3))} s")
        print(f"first fit, compiled anew: {run('-c', FIT)[1]} s; from numba's cache: {run('-c', FIT)[1]} s")
    with tempfile.TemporaryDirectory() as folder:
        environment = os.environ | {"NUMBA_CACHE_DIR": folder}
        job = ("-m", "hidden_regime", "backtest", "optimized_multi_asset", "--quiet", "--out", f"{folder}/out")
        cold = run(*job)[0]
        print(f"main job: cold {cold:.1f} s, warm {min(run(*job)[0] for _ in range(1 if quick else 3)):.1f} s")
