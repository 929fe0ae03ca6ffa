"""Seconds before the first answer, each in processes of its own: importing, compiling, a first bar in the cloud, the main job."""

from __future__ import annotations

import os
import subprocess
import sys
import tempfile
from pathlib import Path
from time import perf_counter

from hidden_regime import kernels
from hidden_regime.bundle import write_bundle
from hidden_regime.bundle.proof import copy_engine

GOALS = {"import": 0.05, "numba": 3.0, "bundle": 4.0}

KERNELS = "from hidden_regime import kernels; from hidden_regime.kernels import backends; backends.module()"

FIRST_USE = """from time import perf_counter
import numpy as np
from hidden_regime import kernels
from hidden_regime.models.training import Task, train
begin = perf_counter()
x = np.random.default_rng(0).normal(size=(252, 1))
model = [part[None] for part in train([Task(x, 3, tol=1e-3)])[0].parameters[:4]]
kernels.smooth(x[None], np.array([[0, 0, 252]]), *model, covariance_type="diag")
kernels.step(x[:1], np.full((1, 3), 1 / 3), *model[1:], covariance_type="diag")
print(perf_counter() - begin)"""

STRATEGY = """from time import perf_counter

BEGIN = perf_counter()

from AlgorithmImports import *

from hidden_regime.quantconnect import HiddenRegimeAlgorithm


class FirstBar(HiddenRegimeAlgorithm):
    def initialize(self):
        self.set_start_date(2011, 6, 1)
        self.set_end_date(2011, 6, 3)
        self.asset = self.add_equity("SYN_MARKET", Resolution.DAILY).symbol
        self.initialize_regime_detection(self.asset, n_states=3, lookback_days=252)

    def on_data(self, data):
        if self.regime_is_ready(self.asset):
            self.set_holdings(self.asset, self.get_regime_allocation(self.asset))
            print(perf_counter() - BEGIN)
            self.quit()
"""

RUN = """import sys
sys.path[:0] = sys.argv[1:]
import hidden_engine.data, hidden_engine.simulator
market = hidden_engine.data.make_market(n_days=500).market
error = hidden_engine.simulator.run_file(sys.argv[1] + "/main.py", market).error
if error:
    raise error"""


def seconds(*command: str, **environment: str) -> float:
    """Seconds that a new process says it took, or that it took if it says nothing."""
    begin = perf_counter()
    done = subprocess.run([sys.executable, *command], env=os.environ | environment, capture_output=True, text=True, check=True)
    whole = perf_counter() - begin
    return float(done.stdout.split()[-1]) if done.stdout.strip() else whole


def compiled_anew(repeats: int, *command: str, **environment: str) -> float:
    """Least seconds of several processes, none of which finds anything of numba's in a cache."""
    found = []
    for _ in range(repeats):
        with tempfile.TemporaryDirectory() as folder:
            found.append(seconds(*command, NUMBA_CACHE_DIR=folder, **environment))
    return min(found)


def importing(repeats: int) -> None:
    """Print what importing the package adds to a bare interpreter, and what numpy and the kernels do."""
    bare, package, numpy, both = (
        min(seconds("-c", code) for _ in range(repeats)) for code in ("pass", "import hidden_regime", "import numpy", KERNELS)
    )
    print(f"import hidden_regime: {package - bare:.3f} s above a bare interpreter (goal at most {GOALS['import']} s)")
    print(f"  its kernels ({kernels.backend()}): {both - numpy:.3f} s above numpy, which takes {numpy - bare:.3f} s")


def compiling(repeats: int) -> None:
    """Print what numba's first use takes: its import, and a fit, a smoother and a step."""
    anew = compiled_anew(repeats, "-c", FIRST_USE, HIDDEN_REGIME_BACKEND="numba")
    with tempfile.TemporaryDirectory() as folder:
        cached = [seconds("-c", FIRST_USE, HIDDEN_REGIME_BACKEND="numba", NUMBA_CACHE_DIR=folder) for _ in range(3)]
    print(f"numba's first use: {anew:.2f} s (goal at most {GOALS['numba']:g} s), from its cache {min(cached[1:]):.2f} s")


def first_bar(repeats: int) -> None:
    """Print how long a bundle takes to its first bar with a regime: its imports, numba's, the compilation and the training."""
    with tempfile.TemporaryDirectory() as room:
        strategy, bundle, engine = (Path(room) / name for name in ("first_bar.py", "bundle", "engine"))
        strategy.write_text(STRATEGY, encoding="utf-8")
        write_bundle(strategy, bundle)
        copy_engine(engine / "hidden_engine")
        found = compiled_anew(repeats, "-I", "-B", "-c", RUN, str(bundle), str(engine))
    print(f"first bar of a bundle: {found:.2f} s (goal at most {GOALS['bundle']:g} s)")


def main(quick: bool = False) -> None:
    """Print the seconds."""
    repeats = 1 if quick else 3
    importing(5)
    compiling(repeats)
    first_bar(repeats)
    with tempfile.TemporaryDirectory() as folder:
        job = ("-m", "hidden_regime", "backtest", "optimized_multi_asset", "--quiet", "--out", f"{folder}/out")
        cold, *warm = (seconds(*job, NUMBA_CACHE_DIR=folder) for _ in range(1 + repeats))
        print(f"main job: cold {cold:.1f} s, warm {min(warm):.1f} s")
