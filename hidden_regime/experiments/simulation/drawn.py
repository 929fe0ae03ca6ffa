"""Simulations that draw from what a run has left: its days or its trades."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np

from hidden_regime.exceptions import ParameterError
from hidden_regime.experiments.honesty.resampling import block_length
from hidden_regime.experiments.result import Result
from hidden_regime.experiments.simulation.asked import (
    Asked,
    as_result,
    expect_unused,
    identity_of,
    is_run_here,
    key_of,
    run_of,
    setup_key,
    setup_of,
)
from hidden_regime.experiments.simulation.drawing import draw
from hidden_regime.experiments.simulation.figures import curves_of, figures_of
from hidden_regime.experiments.simulation.folder import expect_own
from hidden_regime.experiments.simulation.simulation import Simulation
from hidden_regime.experiments.simulation.summary import fan_of, figures_summary, probabilities_of
from hidden_regime.experiments.simulation.trades import trade_returns
from hidden_regime.kernels.results import Floats
from hidden_regime.regimes.statistics import days_per_year

FEW_BLOCKS = 10
"""Blocks in the source below which it is said that there are few."""
FEW_TRADES = 30


def again(asked: Asked, folder: Path | None) -> Simulation:
    """Days or trades drawn again."""
    import pandas as pd

    identity, run = "", {}
    if is_run_here(asked.source):  # who it is is known before it runs
        setup = setup_of(asked)
        key, run = setup_key(setup), run_of(setup)
        identity = identity_of(asked.question(asked.name or setup.name, **run), key) if key else ""
        if identity and folder is not None:
            expect_own(folder, identity)
    else:
        expect_unused(asked)
    result = as_result(asked)
    question = asked.question(result.name, **run)
    if not identity:
        identity = identity_of(question, key_of(result))
        if folder is not None:
            expect_own(folder, identity)
    notes = [f"The run ended early: {result.error}"] if result.error else []
    days, values = _curve(result)
    year = float(days_per_year(days))
    returns, per_year, block = values[1:] / values[:-1] - 1.0, year, 1.0
    told: dict[str, Any] = {"unit": "day", "first": str(days[1]), "last": str(days[-1])}
    if asked.kind == "bootstrap":
        block = asked.block or block_length(returns, squares=True)
        if len(returns) < FEW_BLOCKS * block:
            notes.append(
                f"The source has {len(returns):,} days, about {len(returns) / block:.1f} blocks: paths are made of few pieces"
            )
    else:
        taken = trade_returns(result)
        per_year = len(taken) * year / len(returns)
        returns, told["unit"] = taken, "trade"
        if len(taken) < FEW_TRADES:
            notes.append(f"There are {len(taken)} trades: what none of them was, no path can be")
    n_steps = len(returns) if asked.years is None else max(round(asked.years * per_year), 1)
    told |= {"n_observed": len(returns), "n_steps": n_steps, "per_year": per_year, "same_length": n_steps == len(returns)}
    told |= {"block": block} if asked.kind == "bootstrap" else {}
    found = draw(returns, n_steps, block, asked.n_paths, asked.seed, per_year, asked.progress)
    curve = curves_of(returns[None])
    source = source_figures(curve, per_year)
    table = pd.DataFrame(found.figures)
    return Simulation(
        question, identity, told, table, fan_of(found.steps, found.curves, curve[0]),
        figures_summary(table, source, same_length=told["same_length"]), probabilities_of(table, asked.ruin, asked.drawdowns),
        source, notes=tuple(notes))  # fmt: skip


def source_figures(curve: Floats, per_year: float) -> dict[str, float | None]:
    """Figures of one curve, (1, n_steps + 1), None where it has none."""
    found = {name: float(value[0]) for name, value in figures_of(curve, per_year).named().items()}
    return {name: value if np.isfinite(value) else None for name, value in found.items()}


def _curve(result: Result) -> tuple[Any, Floats]:
    """Trading days and equity, which has to be above 0 on each."""
    equity = result.equity["equity"].dropna()
    values = equity.to_numpy(np.float64)
    if len(values) < 3:
        raise ParameterError("source", result.name, "a run of at least three trading days", result.error)
    if not (np.isfinite(values) & (values > 0.0)).all():
        raise ParameterError(
            "source", result.name, "equity above 0 on each day", "After the loss of everything there are no returns to draw."
        )
    return equity.index.to_numpy().astype("datetime64[D]"), values
