"""A finished run as plain tables: nothing in it runs any more, so it can be kept, sent and compared."""

from __future__ import annotations

import math
from dataclasses import dataclass, field
from functools import cached_property
from typing import TYPE_CHECKING, Any

import numpy as np

from hidden_regime.display import facts
from hidden_regime.experiments.objective import fractions
from hidden_regime.experiments.reads import Read
from hidden_regime.regimes.statistics import days_per_year

if TYPE_CHECKING:
    import pandas as pd
    import plotly.graph_objects as go

SHOWN = ("Net Profit", "Compounding Annual Return", "Drawdown", "Sharpe Ratio", "Total Orders", "Total Fees")


@dataclass(frozen=True, eq=False)
class Result:
    """What a run of a strategy came to.

    Attributes
    ----------
    name : str
    parameters : dict of str to str
        All that `get_parameter` was given.
    reads : dict of str to Read
        What the strategy asked for.
    texts : dict of str to str
        LEAN's statistics as LEAN writes them.
    equity : DataFrame
        Columns equity and benchmark at the close of each trading day; of a run with coins that is every day.
    orders, trades : DataFrame
        Empty where details weren't asked for.
    regimes : dict of str to DataFrame
        Filtered regimes bar by bar, by ticker; empty where details weren't asked for.
    trainings : int
        Models that this run trained.
    replayed : int
        Assets whose regimes an earlier run had found.
    error : str
        What ended the run early; empty if nothing did. Everything until then is there.
    data : dict of str to str
        Name and origin of the data, and, of a run, the ticker that it is measured against.
    key : str
        Digest of all that the run depends on; empty where nobody knows what the data hold.
    """

    name: str
    parameters: dict[str, str]
    reads: dict[str, Read]
    texts: dict[str, str]
    equity: pd.DataFrame
    orders: pd.DataFrame
    trades: pd.DataFrame
    regimes: dict[str, pd.DataFrame] = field(default_factory=dict)
    trainings: int = 0
    replayed: int = 0
    error: str = ""
    data: dict[str, str] = field(default_factory=dict)
    key: str = ""

    @cached_property
    def statistics(self) -> dict[str, float]:
        """LEAN's statistics as numbers, percents as fractions. LEAN dilutes its ratios by weekends; `sharpe` doesn't."""
        return fractions(self.texts)

    @property
    def returns(self) -> pd.Series:
        """Return of each trading day."""
        return self.equity["equity"].pct_change().dropna()

    @property
    def sharpe(self) -> float:
        """Mean over deviation of trading days' returns, a year; NaN without a deviation. No interest is taken off."""
        returns = self.returns.to_numpy(np.float64)
        if len(returns) < 2 or not returns.std() > 0.0:
            return math.nan
        return float(returns.mean() / returns.std(ddof=1) * math.sqrt(days_per_year(self.equity.index)))

    def table(self) -> pd.DataFrame:
        """LEAN's statistics, a row each."""
        import pandas as pd

        return pd.DataFrame({"value": self.texts}).rename_axis("statistic")

    def plot(self) -> go.Figure:
        """Equity and drawdown, with the benchmark's."""
        from hidden_regime.research.figures import equity_and_drawdown

        return equity_and_drawdown(self.equity, "benchmark")

    def to_html(self) -> str:
        """Statistics and picture as a page that opens without a network."""
        return f"<h1>{_escaped(self.name)}</h1>{self._repr_html_()}{self.plot().to_html(full_html=False, include_plotlyjs=True)}"

    def _repr_html_(self) -> str:
        """What a notebook shows."""
        shown: dict[str, Any] = {name: self.texts[name] for name in SHOWN if name in self.texts}
        return facts(f"{self.name}: {self.error or 'completed'}", shown)

    def __repr__(self) -> str:
        said = ", ".join(f"{name} {self.texts[name]}" for name in SHOWN[:4] if name in self.texts)
        return f"Result({self.name!r}: {self.error or said or 'no trading day'})"


def _escaped(text: str) -> str:
    from html import escape

    return escape(text)
