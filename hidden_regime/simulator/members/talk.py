"""What the strategy says and keeps: logs, charts, statistics, the object store."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from hidden_regime.exceptions import UnsupportedError
from hidden_regime.simulator.binding import bound
from hidden_regime.simulator.charts import Chart
from hidden_regime.simulator.core import Core
from hidden_regime.simulator.enums import SeriesType
from hidden_regime.simulator.members.assigning import refusing
from hidden_regime.simulator.object_store import ObjectStore
from hidden_regime.simulator.objects import TradeBar
from hidden_regime.simulator.overloads import figure, spoken
from hidden_regime.simulator.spelling import snake

EQUITY = "Strategy Equity"


class StatisticsResults(dict[str, str]):
    """Figures of the strategy's own. LEAN reckons its figures of the run so far as well, in `summary` and beside it."""

    def __getattr__(self, name: str) -> Any:
        if snake(name) in ("summary", "total_performance", "rolling_performances"):
            raise UnsupportedError(
                f"statistics.{name} exists in LEAN only: the embedded engine reckons its figures after the run. Run the strategy "
                "in LEAN, or do without."
            )
        raise AttributeError(f"'StatisticsResults' object has no attribute '{name}'")


@refusing
@bound
class TalkMembers:
    """See the module."""

    _sim: Core

    def log(self, message: object) -> None:
        """Write a line into the log."""
        self._sim.logs.say("log", spoken(message))

    def debug(self, message: object) -> None:
        """Write a line into the log, unless it is the same as the last."""
        self._sim.logs.say("debug", spoken(message))

    def error(self, message: object) -> None:
        """Write a line into the log, unless it is the same as the last."""
        self._sim.logs.say("error", spoken(message))

    def quit(self, message: str = "") -> None:
        """End the run after this step."""
        self._sim.logs.say("debug", f"Quit(): {spoken(message)}")
        self._sim.quit_reason = message or "quit"

    @property
    def object_store(self) -> ObjectStore:
        """Objects that outlive the run."""
        return self._sim.object_store

    def plot(self, *arguments: Any, **options: Any) -> None:
        """Add a point to a chart: (chart, series, value), (series, value), (chart, series, bar or four prices), or (chart,
        indicators)."""
        charts, given = self._sim.charts, list(arguments)
        given += [
            options[name] for name in ("chart", "series", "value", "open", "high", "low", "close", "bar") if name in options
        ]
        if len(given) > 1 and all(hasattr(item, "current") for item in given[1:]):
            for item in given[1:]:
                charts.plot(str(given[0]), item.name, item.current.value)
        elif len(given) == 2:
            charts.plot(EQUITY, str(given[0]), given[1])
        elif len(given) == 3 and isinstance(given[2], TradeBar):
            bar = given[2]
            charts.plot(str(given[0]), str(given[1]), bar.open, bar.high, bar.low, bar.close)
        else:
            charts.plot(str(given[0]), str(given[1]), *given[2:])

    def record(self, series: str, value: Any) -> None:
        """Add a point to the equity chart."""
        self.plot(series, value)

    def plot_indicator(self, chart: str, wait_for_ready: bool = False, indicators: Sequence[Any] = (), first: Any = None,
                       second: Any = None, third: Any = None, fourth: Any = None) -> None:  # fmt: skip
        """Plot indicators each time that they change: (chart, [wait_for_ready,] indicators)."""
        for indicator in (*indicators, *(given for given in (first, second, third, fourth) if given is not None)):

            def draw(sender: Any, point: Any, item: Any = indicator) -> None:
                if not wait_for_ready or item.is_ready:
                    self._sim.charts.plot(chart, item.name, item.current.value)

            indicator.updated += draw

    def add_chart(self, chart: Chart) -> None:
        """Add a chart."""
        self._sim.charts.add(chart)

    def add_series(self, chart: str, series: str, series_type: SeriesType = SeriesType.LINE, unit: str = "$") -> None:
        """Add a series to a chart."""
        self._sim.charts.add_series(chart, series, series_type, unit)

    def set_runtime_statistic(self, name: str, value: object) -> None:
        """Show a figure of the strategy's own."""
        self._sim.runtime_statistics[str(name)] = figure("SetRuntimeStatistic", value)

    def set_summary_statistic(self, name: str, value: object) -> None:
        """Add a figure of the strategy's own to the statistics."""
        if not self._sim.locked:
            raise AttributeError(
                "Object reference not set to an instance of an object: set_summary_statistic works after initialize."
            )
        self._sim.summary_statistics[str(name)] = figure("SetSummaryStatistic", value)

    @property
    def statistics(self) -> StatisticsResults:
        """Figures of the strategy's own."""
        return StatisticsResults(self._sim.summary_statistics)

    @property
    def runtime_statistics(self) -> dict[str, str]:
        """Figures of the strategy's own that are shown while it runs."""
        return dict(self._sim.runtime_statistics)
