"""A portfolio's weights through time, and what came of them beside equal weights."""

from __future__ import annotations

import math
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from hidden_regime.display import facts
from hidden_regime.kernels.results import Floats
from hidden_regime.regimes.statistics import TRADING_DAYS

if TYPE_CHECKING:
    import pandas as pd
    import plotly.graph_objects as go

    from hidden_regime.operation.portfolio.plan import Plan

EQUAL_LINE = "equal weights"


@dataclass(frozen=True)
class Line:
    """What a portfolio, or a strategy alone, came to over the same days, costs taken off.

    Attributes
    ----------
    name : str
    annual_return, volatility, drawdown : float
        Fractions; the return compounds, the volatility is of daily returns times the root of the days of a year.
    sharpe : float or None
        Mean over deviation of trading days, a year; None where no day differs.
    turnover : float or None
        Bought and sold between strategies a year, over the value; None of a strategy alone.
    cost : float or None
        What that cost a year, as a fraction.
    """

    name: str
    annual_return: float
    volatility: float
    sharpe: float | None
    drawdown: float
    turnover: float | None = None
    cost: float | None = None


def line_of(name: str, returns: Floats, turnover: Floats | None = None, cost: float = 0.0, *,
            days_a_year: int = TRADING_DAYS) -> Line:  # fmt: skip
    """Figures of daily returns."""
    curve = np.concatenate([[1.0], np.cumprod(1.0 + returns)])
    deviation = float(returns.std(ddof=1)) if len(returns) > 1 else 0.0
    years = len(returns) / days_a_year
    traded = None if turnover is None else float(turnover.sum()) / years
    return Line(
        name, float(curve[-1]) ** (1.0 / years) - 1.0, deviation * math.sqrt(days_a_year),
        float(returns.mean()) / deviation * math.sqrt(days_a_year) if deviation > 0.0 else None,
        float(1.0 - (curve / np.maximum.accumulate(curve)).min()), traded, None if traded is None else traded * cost,
    )  # fmt: skip


@dataclass(frozen=True, eq=False)
class Weights:
    """Weights of strategies.

    Attributes
    ----------
    spec : dict
        What was asked: names, method, covariance, rebalance, lookback, min_days, cost, n_states, and the first and last day.
    weights : (n_rebalancings, n) DataFrame
        By the day that begins with them; each row is from the days before it alone.
    latest : dict of str to float
        From all days until the last: what to hold next.
    lines : tuple of Line
        The portfolio, the same with another covariance, equal weights, and the strategies alone, over the same days.
    returns : (n_days, n_lines) DataFrame
        Of each line, by day, costs taken off.
    difference : dict of str to float
        Sharpe ratio of the portfolio less that of equal weights, a year, with its error, interval of 95% and p, by blocks of
        days drawn again.
    notes : tuple of str
    """

    spec: dict[str, Any]
    weights: pd.DataFrame
    latest: dict[str, float]
    lines: tuple[Line, ...]
    returns: pd.DataFrame
    difference: dict[str, float]
    notes: tuple[str, ...] = ()

    @property
    def names(self) -> tuple[str, ...]:
        """The strategies."""
        return tuple(self.latest)

    @property
    def headline(self) -> str:
        """Whether it was worth it."""
        told = self.difference
        if not told:
            return "Equal weights were asked for: there is nothing to compare them with."
        better = "higher" if told["difference"] > 0 else "lower"
        sure = "can be told from luck" if told["p"] <= 0.05 else "can't be told from luck"
        return (
            f"The Sharpe ratio is {abs(told['difference']):.2f} {better} than with equal weights, which {sure} "
            f"(95%: {told['low']:.2f} to {told['high']:.2f}, p {told['p']:.3f})."
        )

    def table(self) -> pd.DataFrame:
        """A row a line: return a year, volatility, Sharpe ratio, drawdown, turnover and its cost."""
        import pandas as pd

        rows = [vars(line) for line in self.lines]
        return pd.DataFrame(rows).set_index("name")

    def plan(self, total: float = 1.0) -> Plan:
        """The latest weights as an allocation plan of a share of the money."""
        from hidden_regime.operation.portfolio.plan import plan_of

        return plan_of(self.latest, total)

    def plot(self) -> go.Figure:
        """Weights through time."""
        from hidden_regime.operation.portfolio.figures import through_time

        return through_time(self)

    def to_html(self) -> str:
        """The page, which opens without a network."""
        from hidden_regime.operation.portfolio.page import portfolio_page

        return portfolio_page(self)

    def write(self, folder: str | Path) -> list[Path]:
        """Write portfolio.json, weights.csv, returns.csv, plan.toml and the page into a folder."""
        from hidden_regime.operation.portfolio.folder import write_weights

        return write_weights(self, Path(folder))

    def _repr_html_(self) -> str:
        """What a notebook shows."""
        return facts(repr(self), {name: f"{value:.1%}" for name, value in self.latest.items()})

    def __repr__(self) -> str:
        return f"Weights({len(self.latest)} strategies, {self.spec['method']}: {self.headline})"
