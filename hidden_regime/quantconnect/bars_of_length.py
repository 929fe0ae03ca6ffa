"""Bars of a length out of history: finer ones put through a consolidator equal to the one that makes those to come."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any

from hidden_regime.quantconnect._lean import QuoteBarConsolidator, Resolution, TradeBarConsolidator
from hidden_regime.quantconnect.bar_length import BarLength, span_of
from hidden_regime.quantconnect.bars_from_lean import ask, is_quoted, latest_days
from hidden_regime.quantconnect.currency_days import begin_of, period_of


def pieces_of(algorithm: Any, symbol: Any, begin: datetime, mode: Any = None) -> list[Any]:
    """The subscription's bars from a time of the exchange on, without those that LEAN fills forward."""
    resolution = algorithm.securities[symbol].resolution
    chosen = Resolution.SECOND if resolution == Resolution.TICK else resolution
    # A day more: history is asked for in the algorithm's time zone, and answers in the exchange's.
    since = begin - timedelta(days=1)
    found = ask(algorithm, symbol, since, algorithm.time, mode=mode, resolution=chosen, fill_forward=False)
    return [piece for piece in found if piece.time >= begin]


def bars_since(algorithm: Any, symbol: Any, length: BarLength, begin: datetime, mode: Any = None) -> list[Any]:
    """Completed bars of a length from a time on, oldest first."""
    security = algorithm.securities[symbol]
    pieces = pieces_of(algorithm, symbol, begin_of(security, length, begin), mode)
    if length.span == span_of(security.resolution):
        return pieces
    made: list[Any] = []
    consolidator = (QuoteBarConsolidator if is_quoted(security) else TradeBarConsolidator)(period_of(security, length))
    consolidator.data_consolidated += lambda sender, bar: made.append(bar)
    for piece in pieces:
        consolidator.update(piece)
    consolidator.scan(security.local_time)
    return made


def latest_bars(algorithm: Any, symbol: Any, length: BarLength, count: int, mode: Any = None) -> list[Any]:
    """The latest completed bars of a length, oldest first, at most `count`."""
    if length.is_daily:
        return latest_days(algorithm, symbol, count, mode)
    found: list[Any] = []
    reach, known = length.reach(count), -1
    while len(found) < count and len(found) > known:  # a late listing has no more, however far back it is asked for
        known = len(found)
        found = bars_since(algorithm, symbol, length, algorithm.time - reach, mode)
        reach *= 2
    return found[-count:]
