"""Studies and walk-forwards made by hand."""

from __future__ import annotations

import itertools

import numpy as np

from hidden_regime.experiments.studies.study import make_study
from hidden_regime.experiments.studies.trial import Trial
from hidden_regime.experiments.trials.outcome import Outcome
from hidden_regime.experiments.walk_forward_result import WindowResult, finished
from hidden_regime.experiments.windows import random_windows, rolling_windows

HOSTILE = "<script>alert(1)</script>"
GRID = [
    {"name": "fast", "low": "10", "high": "40", "step": "10", "whole": True},
    {"name": "share", "low": "0.1", "high": "0.5", "step": "0.2"},
    {"name": "kind", "values": ["a", "b"]},
]


def spec(space, *, method="grid", objectives=(("Sharpe Ratio", "max"),), constraints=(), strategy="planted"):
    goals = [{"target": target, "direction": direction, "value": None} for target, direction in objectives]
    return {
        "strategy": strategy, "method": method, "space": space, "objectives": goals, "constraints": list(constraints), "seed": 0,
        "batch": 8, "segments": None, "parameters": {"assets": "SPY"}, "start": None, "end": None, "cash": None, "digests": {},
        "first": "2020-01-01", "last": "2020-12-31", "reads": ["assets"],
    }  # fmt: skip


def trial(number, parameters, values=(0.5,), *, status="complete", violations=(), error=""):
    texts = {"Sharpe Ratio": "0.5", "Drawdown": "12.3%", "Compounding Annual Return": "5.1%", "Total Orders": "33"}
    return Trial(number, dict(parameters), status, values, violations, texts if values else {}, error)


def curve(seed, drift=0.0003, n=260):
    days = np.arange("2020-01-01", "2021-12-31", dtype="datetime64[D]")
    days = days[np.is_busday(days)][:n]
    returns = np.random.default_rng([7, seed]).normal(drift, 0.01, len(days))
    return Outcome("complete", {}, days, 1e5 * np.cumprod(1.0 + returns))


def study(trials, space=GRID, *, notes=(), identity="0123456789abcdef", curves=True, **asked):
    complete = [t.number for t in trials if t.status == "complete"] if curves else []
    return make_study(spec(space, **asked), identity, trials, {n: curve(n) for n in complete}, "all", notes)


def grid(function, **asked):
    """All combinations of `GRID`, with the values of a function."""
    sets = itertools.product(("10", "20", "30", "40"), ("0.1", "0.3", "0.5"), ("a", "b"))
    names = [one["name"] for one in GRID]
    return study([trial(i, zip(names, texts, strict=True), (function(*texts),)) for i, texts in enumerate(sets)], **asked)


def rough(fast, share, kind):
    return np.sin(float(fast)) + 3 * float(share) * (kind == "a") + float(share) ** 2


def scattered(n=40, **asked):
    """Sets as of a search without a grid, some without a value."""
    rng = np.random.default_rng(3)
    space = [{"name": "x", "low": "0", "high": "1"}, {"name": "y", "low": "0", "high": "1"}, GRID[2]]
    out = []
    for i in range(n):
        x, y = rng.random(2).round(7)
        own = {"x": f"{x:.7f}", "y": f"{y:.7f}", "kind": "ab"[i % 2]}
        out.append(trial(i, own, (3 * x + 0.3 * rng.normal(), y)) if i % 7 else trial(i, own, None, status="failed", error="bad"))
    return study(out, space, method="tpe", objectives=(("Sharpe Ratio", "max"), ("Drawdown", "min")), **asked)


def walked(n=5, *, mode="rolling", lost=(), silent=(), medians=False, strategy="planted", kinds=("a", "b")):
    rng = np.random.default_rng(5)
    windows = rolling_windows("2010-01-01", "2020-12-31") if mode == "rolling" else random_windows("2010-01-01", "2020-12-31", n)
    results = []
    for window in windows[:n]:
        days = np.arange(window.oos_start, np.datetime64(window.oos_end) + 1, dtype="datetime64[D]")
        days = days[np.is_busday(days)]
        if window.number in lost:
            results.append(WindowResult(window, None, 9, 0, None, None, None, days[:0], np.empty(0)))
            continue
        won = {"fast": str(rng.integers(1, 5) * 10), "kind": kinds[window.number % len(kinds)]}
        inside, outside = rng.normal(1.0, 0.3), rng.normal(0.5, 0.5)
        out = trial(0, won, None if window.number in silent else (outside,), error=HOSTILE if window.number in silent else "")
        best = trial(0, won, (inside,))
        results.append(
            WindowResult(
                window,
                best,
                9,
                9,
                inside - 0.3,
                out,
                outside - 0.2 if medians else None,
                days,
                rng.normal(0.0003, 0.01, len(days)),
            )
        )
    asked = spec([GRID[0], {"name": "kind", "values": list(kinds)}], strategy=strategy) | {
        "mode": mode, "is_months": 12, "oos_months": 6, "runs": n, "train": 0.6, "n_assets": None, "n_trials": 9,
        "first": "2010-01-01", "last": "2020-12-31"}  # fmt: skip
    return finished(asked, "fedcba9876543210", results, {})
