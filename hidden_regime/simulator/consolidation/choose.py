"""Which consolidator `consolidate` and `register_indicator` make of a period."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

from hidden_regime.exceptions import ParameterError
from hidden_regime.simulator.clock import TradingCalendar
from hidden_regime.simulator.consolidation.base import Consolidator, IdentityConsolidator
from hidden_regime.simulator.consolidation.bricks import RangeConsolidator, RenkoConsolidator, VolumeRenkoConsolidator
from hidden_regime.simulator.consolidation.periods import (
    CALENDARS,
    PeriodConsolidator,
    SessionConsolidator,
    fixed,
    own,
)
from hidden_regime.simulator.consolidation.quote_bars import QuoteBarConsolidator
from hidden_regime.simulator.consolidation.ticks import TickConsolidator, TickIdentityConsolidator, TickQuoteBarConsolidator
from hidden_regime.simulator.consolidation.trade_bars import TradeBarConsolidator
from hidden_regime.simulator.consolidation.values import BaseDataConsolidator
from hidden_regime.simulator.enums import Calendar, Resolution, TickType
from hidden_regime.simulator.failures import EngineError
from hidden_regime.simulator.lengths import LENGTHS
from hidden_regime.simulator.objects import BaseData, QuoteBar, TradeBar
from hidden_regime.simulator.objects.price_bars import RangeBar, RenkoBar, VolumeRenkoBar

FINER = (
    "Unable to create {symbol} consolidator because {symbol} is registered for {resolution} data. Consolidators require higher "
    "resolution data to produce lower resolution data."
)
COUNT = (
    "No method matches given arguments for consolidate: period = {!r}: expected a Resolution, a timedelta, a Calendar period or "
    "a function. For a number of bars use TradeBarConsolidator with add_consolidator."
)


def _of_ticks(period: Any, tick_type: TickType) -> Consolidator:
    """The consolidator of a period for ticks of a type."""
    if period is None or (isinstance(period, Resolution) and period == Resolution.TICK):
        return TickIdentityConsolidator(tick_type)
    kind = TickQuoteBarConsolidator if tick_type == TickType.QUOTE else TickConsolidator
    return kind(LENGTHS.get(period, period) if isinstance(period, Resolution) else period)


def make(symbol: Any, resolution: Resolution, period: Any, calendar: TradingCalendar, *, sessions: bool = True,
         exchange: Any = None, tick_type: TickType = TickType.TRADE) -> Consolidator:  # fmt: skip
    """The consolidator of a period, for a subscription of a resolution.

    Only Resolution.DAILY makes bars of sessions; `timedelta(days=1)` reaches from midnight to midnight, as in LEAN.

    Parameters
    ----------
    sessions : bool
        Whether the market has sessions; custom data have none.
    exchange : Exchange, optional
        Of a pair.
    tick_type : TickType
        Whether it is of trades or of quotes.
    """
    if isinstance(period, Consolidator):
        return period
    if resolution == Resolution.TICK:
        daily = isinstance(period, Resolution) and period == Resolution.DAILY
        return SessionConsolidator(calendar) if daily and tick_type == TickType.TRADE else _of_ticks(period, tick_type)
    increment, quotes = LENGTHS[resolution], tick_type == TickType.QUOTE
    if quotes or exchange is not None:
        return _of_pair(symbol, resolution, period, quotes=quotes)
    if period is None:
        return IdentityConsolidator()
    if isinstance(period, Calendar):
        return PeriodConsolidator(CALENDARS[period])
    daily = isinstance(period, Resolution) and period == Resolution.DAILY
    if isinstance(period, Resolution):
        period = LENGTHS[period]
    if isinstance(period, timedelta):
        if period < increment:
            raise EngineError(FINER.format(symbol=symbol, resolution=resolution.to_string()))
        if period == increment:
            return IdentityConsolidator()
        if daily and sessions:
            return SessionConsolidator(calendar)
        return PeriodConsolidator(fixed(period), period)
    if callable(period):
        return PeriodConsolidator(own(period))
    raise TypeError(COUNT.format(period))


def _of_pair(symbol: Any, resolution: Resolution, period: Any, *, quotes: bool) -> Consolidator:
    """The same of quotes, or of a pair's trades: a day reaches from midnight to midnight of its exchange."""
    increment = LENGTHS[resolution]
    length = LENGTHS[period] if isinstance(period, Resolution) else period
    if length is None or length == increment:
        made = IdentityConsolidator()
        made.of_quotes = quotes
        return made
    if isinstance(length, timedelta):
        if length < increment:
            raise EngineError(FINER.format(symbol=symbol, resolution=resolution.to_string()))
    elif not isinstance(length, Calendar) and not callable(length):
        raise TypeError(COUNT.format(period))
    return (QuoteBarConsolidator if quotes else TradeBarConsolidator)(length)


SIZED: dict[type, tuple[type[Consolidator], type]] = {
    RenkoBar: (RenkoConsolidator, float), VolumeRenkoBar: (VolumeRenkoConsolidator, float), RangeBar: (RangeConsolidator, int),
    TradeBar: (TradeBarConsolidator, int), QuoteBar: (QuoteBarConsolidator, int), BaseData: (BaseDataConsolidator, int),
}  # fmt: skip


TICKS: dict[type[Consolidator], type[Consolidator]] = {
    TradeBarConsolidator: TickConsolidator,
    QuoteBarConsolidator: TickQuoteBarConsolidator,
}


def of_size(kind: Any, size: Any, *, ticks: bool = False) -> Consolidator:
    """The consolidator of bars of a type and a size: bricks and ranges of prices or volumes, other bars of so many data.

    Raises
    ------
    ParameterError
        There is none of such bars.
    """
    found = SIZED.get(kind)
    if found is None:
        raise ParameterError("type", getattr(kind, "__name__", kind), f"one of {', '.join(k.__name__ for k in SIZED)}")
    made, number = found
    made = TICKS.get(made, made) if ticks else made
    return made(number(size))  # type: ignore[call-arg]
