"""LEAN's QuantBook: the engine's algorithm without its loop."""

from __future__ import annotations

from datetime import date, datetime, timedelta
from pathlib import Path
from typing import TYPE_CHECKING, Any

from hidden_regime.data.market import MarketData
from hidden_regime.exceptions import NoDataError, ParameterError, UnsupportedError
from hidden_regime.notebooks.quantbook.lean_only import REMEDIES, refusal
from hidden_regime.notebooks.quantbook.past import Past
from hidden_regime.notebooks.quantbook.present import market_of, present
from hidden_regime.simulator.algorithm import QCAlgorithm
from hidden_regime.simulator.clock import to_utc
from hidden_regime.simulator.enums import Resolution
from hidden_regime.simulator.objects import Slice, Symbol, TradeBar
from hidden_regime.simulator.run_state import run_state_of
from hidden_regime.simulator.spelling import snake

if TYPE_CHECKING:
    import pandas as pd

    from hidden_regime.simulator.account.security import Security

FINEST = (Resolution.MINUTE, Resolution.HOUR, Resolution.DAILY)


class QuantBook(QCAlgorithm):
    """Past data and indicators for a notebook, as LEAN's QuantBook gives them.

    All that a strategy may ask in `initialize` can be asked here, in both spellings, and gives what the engine gives a strategy
    at that time. What LEAN alone has says so.

    Parameters
    ----------
    data : MarketData, str or Path, optional
        A market, a packaged set's name, a LEAN data folder, or files of prices. Default: what the environment variable
        HIDDEN_REGIME_DATA names, else the packaged set that `hidden-regime backtest` takes.
    now : date or datetime, optional
        New York time at which history ends; of a date, its midnight, as LEAN has it. Default: the morning after the last day
        that the data have. `set_start_date` moves it.

    Examples
    --------
    >>> from hidden_regime.simulator.enums import Resolution
    >>> qb = QuantBook("us_stocks")
    >>> spy = qb.add_equity("MSFT").symbol
    >>> qb.set_start_date(2004, 2, 1)
    >>> qb.history(spy, 2, Resolution.DAILY).index.get_level_values("time").strftime("%Y-%m-%d").tolist()
    ['2004-01-29', '2004-01-30']
    """

    def __init__(self, data: MarketData | str | Path | None = None, *, now: date | datetime | None = None) -> None:
        core = run_state_of(self)
        core.catalog.offer(market_of(data))
        core.now = present(now, core.catalog)
        core.start = datetime.combine(core.now.date(), datetime.min.time())
        core.history = Past(core)

    def __getattr__(self, name: str) -> Any:
        try:
            return super().__getattr__(name)
        except UnsupportedError:
            plain = snake(name)
        except AttributeError:
            plain = snake(name)
            if plain not in REMEDIES:
                raise
        raise UnsupportedError(refusal(plain))

    def add_equity(self, ticker: str | Symbol, resolution: Resolution | None = None, *places: Any, **options: Any) -> Security:
        """Subscribe to a US equity.

        Without a resolution it is MINUTE, as in LEAN. Where the data have no minutes of it the asset is there all the same, and
        each request for its history has to name a resolution that they have.
        """
        if resolution is None and not places:
            finest = self._finest(ticker)
            if finest is not None and finest != Resolution.MINUTE:
                made = super().add_equity(ticker, finest, **options)
                run_state_of(self).history.coarser[made.symbol] = finest
                return made
        made = super().add_equity(ticker, resolution, *places, **options)
        run_state_of(self).history.coarser.pop(made.symbol, None)
        self._warn_of_none(made)
        return made

    def _finest(self, ticker: str | Symbol) -> Resolution | None:
        """The shortest bars of a ticker; None where the data have none, which the subscription itself tells."""
        catalog = run_state_of(self).catalog
        for resolution in FINEST:
            try:
                if catalog.check(str(getattr(ticker, "value", ticker)), resolution) is None:
                    return resolution
            except NoDataError:
                continue
        return None

    def _warn_of_none(self, security: Security) -> None:
        """Say that a LEAN folder has no such bars: LEAN's frames of them are empty, without a word."""
        catalog = run_state_of(self).catalog
        said = catalog.check(security.symbol.value, security.resolution)
        if said is not None:
            catalog.warn(said)

    def indicator(
        self, indicator: Any, symbol: Any, *window: Any, period: int | None = None, span: timedelta | None = None,
        start: Any = None, end: Any = None, resolution: Resolution | None = None, selector: Any = None,
    ) -> pd.DataFrame:  # fmt: skip
        """Values of an indicator over past bars, as a frame by time.

        The indicator is reset and fed with the bars of the window alone, as LEAN's `QuantBook.Indicator` does it: the rows
        begin where it is ready. `indicator_history` feeds enough bars before the window.

        Parameters
        ----------
        indicator : indicator
            Of LEAN's, or of your own.
        symbol : Symbol or str
        *window
            A number of bars, or a timedelta, or start and end; then, if you like, resolution and selector.
        period, span, start, end, resolution, selector
            The same by name.

        Returns
        -------
        DataFrame
            A column for each of the indicator's parts in small letters without underscores, in order, `current` among them.
        """
        given = list(window)
        if period is None and span is None and start is None and given:
            first = given.pop(0)
            if isinstance(first, timedelta):
                span = first
            elif isinstance(first, date):
                start, end = first, end if end is not None or not given else given.pop(0)
            else:
                period = first
        if given and resolution is None:
            resolution = given.pop(0)
        if given and selector is None:
            selector = given.pop(0)
        if given:
            raise TypeError(f"No method matches given arguments for Indicator: {window!r}: too many of them.")
        if start is not None and end is None:
            raise ParameterError("end", end, "a date or datetime, since there is a start")
        bounds = (start, end) if start is not None else (period if span is None else span,)
        bars = self.history[TradeBar](run_state_of(self).symbol_of(symbol), *bounds, resolution)
        slices = [Slice(bar.end_time, to_utc(bar.end_time), {bar.symbol: bar}) for bar in bars]
        frame: pd.DataFrame = self.indicator_history(indicator, history=slices, selector=selector).data_frame
        return frame
