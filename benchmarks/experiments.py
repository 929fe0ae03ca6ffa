"""Sweeps: a trial with and without known regimes, a Bayesian study, a walk-forward, two workers, the search's own share."""

from __future__ import annotations

import os
import tempfile
from collections.abc import Callable
from datetime import date
from pathlib import Path
from time import perf_counter, process_time
from typing import Any

from hidden_regime.experiments.optimization import as_objectives, make_spec, optimize
from hidden_regime.experiments.reads import watch
from hidden_regime.experiments.search import Told
from hidden_regime.experiments.trials.kept_tapes import KeptTapes
from hidden_regime.experiments.trials.running import outcome_of, run_setup
from hidden_regime.experiments.trials.setup import make_setup
from hidden_regime.experiments.walking_forward import walk_forward
from hidden_regime.simulator import result as lean_result

TEMPLATE = "optimized_multi_asset"
SPACE = {"sideways": "0:1:0.25", "bear": "0:0.5:0.25", "invested": "0.8:1:0.05", "lookback": [126, 189, 252, 378]}
SHARES = {"sideways": "0:1:0.01", "invested": "0.8:1:0.01"}
"""A sweep that leaves the model alone."""


def main(quick: bool = False) -> None:
    """Print seconds of CPU against goals; of the study and the walk-forward those of all processes together."""
    print(f"{os.cpu_count()} cores; the packaged stocks, twelve years, monthly trainings; seconds of CPU")
    _trial(2 if quick else 5)
    trials, end = (16, date(2003, 3, 12)) if quick else (100, None)
    with tempfile.TemporaryDirectory() as folder:
        seconds = _cpu(lambda: optimize(TEMPLATE, SPACE, n_trials=trials, workers=1, store=f"{folder}/a", end=end))
        aim = "" if quick else " (goal 120)"
        print(f"  {trials} Bayesian trials that vary shares and window  {seconds:7.1f}{aim}", flush=True)
        shares = _cpu(lambda: optimize(TEMPLATE, SHARES, n_trials=trials, workers=1, store=f"{folder}/b", end=end))
        print(f"  {trials} Bayesian trials that vary shares alone       {shares:7.1f}")
        own = _own_share(trials)
        print(
            f"  of it the search itself, each trial told          {own:7.2f}, {own / shares:.1%} of the latter (goal 3%)",
            flush=True,
        )
    _two_workers(8 if quick else 32, end)
    with tempfile.TemporaryDirectory() as folder:
        each = 6 if quick else 50
        options: dict[str, Any] = {"end": date(2004, 3, 12)} if quick else {}
        seconds = _cpu(lambda: walk_forward(TEMPLATE, SPACE, n_trials=each, workers=1, store=folder, **options))
        aim = "" if quick else " (goal 300)"
        print(f"  walk-forward 12/6, {each} trials in each window         {seconds:7.1f}{aim}", flush=True)


def _trial(repeats: int) -> None:
    """One trial, as a sweep did it before, without tapes, and with the tapes of an earlier trial."""
    setup, tapes = make_setup(TEMPLATE), KeptTapes()
    parameters = {"invested": "0.7"}

    def whole() -> Any:
        return lean_result.build(run_setup(setup, parameters), "trial")

    def bare() -> Any:
        return outcome_of(run_setup(setup, parameters), parameters)

    def taped() -> Any:
        return outcome_of(run_setup(setup, parameters, tapes=tapes), parameters)

    taped()
    before, without, cached = (min(_cpu(work) for _ in range(repeats + 1)) for work in (whole, bare, taped))
    print(f"  a trial with all of LEAN's result file            {before:7.2f}")
    print(f"  a trial of statistics and equity                  {without:7.2f}, {without / before:.2f}x")
    print(f"  the same, its regimes found by an earlier trial   {cached:7.2f}, {cached / without:.2f}x (goal 0.45x)", flush=True)


def _own_share(trials: int) -> float:
    """What proposing costs, without running anything."""
    setup = make_setup(TEMPLATE)
    spec = make_spec(setup, SHARES, watch(setup), "tpe", trials, as_objectives("Sharpe Ratio"), (), 0, 8, None, fixed={})
    search, told = spec.search(), []
    search.propose([])  # Optuna is imported

    def propose() -> None:
        while proposed := search.propose(told):
            told.extend(Told(one, (float(one["sideways"]) - float(one["invested"]),)) for one in proposed)

    return _cpu(propose)


def _two_workers(trials: int, end: date | None) -> None:
    """Seconds on the clock with one and with two processes, each warm."""
    space = {"lookback": f"100:{100 + trials - 1}:1"}
    took = []
    for workers in (1, 2):
        with tempfile.TemporaryDirectory() as folder:
            common: dict[str, Any] = {"method": "grid", "workers": workers, "end": end}
            optimize(TEMPLATE, {"lookback": "100:101:1"}, store=Path(folder) / "warm", **common)
            begin = perf_counter()
            optimize(TEMPLATE, space, store=Path(folder) / "cold", **common)
            took.append(perf_counter() - begin)
    print(
        f"  {trials} trials, on the clock: one process {took[0]:.1f} s, two {took[1]:.1f} s, {took[0] / took[1]:.2f}x (goal 1.8x)"
    )


def _cpu(work: Callable[[], Any]) -> float:
    begin = process_time()
    work()
    return process_time() - begin
