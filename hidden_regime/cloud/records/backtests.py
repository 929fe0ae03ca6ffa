"""Backtests, and when one is over."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from hidden_regime.cloud.reading import anything, flag, integer, listing, mapping, moment, number, text
from hidden_regime.cloud.records.orders import Trade
from hidden_regime.cloud.records.record import Record, told
from hidden_regime.experiments.objective import fractions


@dataclass(frozen=True, kw_only=True)
class Performance(Record):
    """Figures that the server computes when a backtest is over: all of them fractions, none per cent."""

    portfolio_statistics: dict[str, Any] = told(mapping(anything), factory=dict)
    trade_statistics: dict[str, Any] = told(mapping(anything), factory=dict)
    closed_trades: tuple[Trade, ...] = told(listing(Trade.read), default=())


@dataclass(frozen=True, kw_only=True)
class Backtest(Record):
    """A backtest, as far as it is.

    Attributes
    ----------
    completed : bool
        As the server says: it comes a little before the figures do. `done` is what to ask.
    progress : float
        0 to 1.
    status : str
        Free text, such as "In Queue..." or "Running: 37%".
    statistics : dict of str to str
        LEAN's table as LEAN writes it. `fractions` has numbers.
    """

    backtest_id: str = told(text, "id", default="")
    project_id: int | None = told(integer)
    name: str = told(text, default="")
    note: str = told(text, default="")
    created: datetime | None = told(moment)
    completed: bool = told(flag, default=False)
    progress: float = told(number, default=0.0)
    status: str = told(text, default="")
    error: str = told(text, default="")
    stacktrace: str = told(text, default="")
    statistics: dict[str, str] = told(mapping(text), factory=dict)
    runtime_statistics: dict[str, str] = told(mapping(text), factory=dict)
    total_performance: Performance | None = told(Performance.read)
    parameter_set: dict[str, str] = told(mapping(text), factory=dict)
    charts: dict[str, Any] = told(mapping(anything), factory=dict)
    rolling_window: dict[str, Any] = told(mapping(anything), factory=dict)
    backtest_start: datetime | None = told(moment)
    backtest_end: datetime | None = told(moment)
    tradeable_dates: int | None = told(integer)
    snapshot_id: str = told(text, default="")
    optimization_id: str = told(text, default="")
    sharpe_ratio: float | None = told(number)
    analysis: Any = told(anything)

    @property
    def failed(self) -> bool:
        """Whether an error ended it."""
        return bool(self.error or self.stacktrace)

    @property
    def done(self) -> bool:
        """Whether nothing will change any more: failed, or completed with both sets of figures there."""
        figures = self.total_performance is not None and bool(self.total_performance.portfolio_statistics)
        return self.failed or (self.completed and bool(self.statistics) and figures)

    @property
    def fractions(self) -> dict[str, float]:
        """LEAN's table as numbers, percents as fractions; what is no number is left out."""
        return fractions(self.statistics)

    @property
    def url(self) -> str:
        """Where the backtest is in a browser."""
        return f"https://www.quantconnect.com/project/{self.project_id}/{self.backtest_id}"


@dataclass(frozen=True, kw_only=True)
class LogPage(Record):
    """Lines of a log, and how many there are in all."""

    lines: tuple[str, ...] = told(listing(text), "logs", "backtestLogs", default=())
    length: int | None = told(integer)
    deployment_offset: int | None = told(integer)
