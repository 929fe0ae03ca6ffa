"""LEAN's bars: asked from history, without what LEAN made up, and turned into a detector's. Every piece takes them so."""

from __future__ import annotations

import math
from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Any

from hidden_regime.bars.bar import Bar
from hidden_regime.detection.detector import RegimeDetector
from hidden_regime.quantconnect._lean import DataNormalizationMode, QuoteBar, Resolution, SecurityType, TradeBar

INSTANT, SUNDAY = timedelta(microseconds=1), 6


def to_bar(given: Any) -> Bar:
    """A detector's bar of LEAN's: of a trade bar, of a quote bar, which has no volume, or of a single price."""
    if not hasattr(given, "close"):
        price = float(given.value)
        return Bar(given.end_time, price, price, price, price)
    volume = float(getattr(given, "volume", math.nan))
    return Bar(given.end_time, float(given.open), float(given.high), float(given.low), float(given.close), volume)


def observed(given: Any, detector: RegimeDetector, close: float | None = None) -> Bar | None:
    """What a detector observes of LEAN's bar; None where LEAN made it up.

    Parameters
    ----------
    given : TradeBar, QuoteBar or IndicatorDataPoint
    detector : RegimeDetector
        Which knows the bars before.
    close : float, optional
        Close of the bar before as LEAN gave it, if it is known.
    """
    price = getattr(given, "close", None)  # to read a field of LEAN's takes longer than what is done with it
    if price is None:
        return to_bar(given)
    volume = getattr(given, "volume", None)
    if given.is_fill_forward or (volume == 0 and _is_repeated(price, detector, close)):
        return None
    volume = math.nan if volume is None else float(volume)
    return Bar(given.end_time, float(given.open), float(given.high), float(given.low), float(price), volume)


def _is_repeated(price: Any, detector: RegimeDetector, close: float | None) -> bool:
    """Whether a bar without volume was filled forward.

    Hourly ones made into a day lose their flag: what remains is a bar without volume that repeats the last close, of an
    asset that does have volumes.
    """
    last = detector.latest_bar
    if last is None or not last.volume > 0.0:
        return False
    return math.isclose(price, last.close if close is None else close, rel_tol=1e-9)


def catch_up(algorithm: Any, symbol: Any, ticker: str, detector: RegimeDetector,
             read: Callable[[int, datetime | None], list[Any]] | None = None) -> tuple[RegimeDetector, list[Any]]:  # fmt: skip
    """History that fills a detector's window, or reaches back to the latest bar that it knows.

    Adjusted prices, for in raw ones an old split would be a crash that no event explains. The bars that a detector knows
    are brought to the same scale by history's bar of the latest day: dividends since then have changed what adjusted means.

    Parameters
    ----------
    algorithm : QCAlgorithm
    symbol : Symbol
    ticker : str
    detector : RegimeDetector
    read : callable, optional
        Adjusted bars of history: the latest of a number, or those from the end of a known one on. Default: completed days.

    Returns
    -------
    detector : RegimeDetector
        The one given, or a fresh one like it where history and its bars have nothing in common.
    history : list
        LEAN's bars, oldest first, and some that the detector knows among them.
    """
    kept = detector.latest_bar
    count = int(detector.lookback) + 1
    if read is not None:
        history = read(count, None if kept is None else kept.end_time)
    else:
        if kept is not None:
            count = max(2, (algorithm.time - kept.end_time).days) + 5
        history = latest_days(algorithm, symbol, count, DataNormalizationMode.ADJUSTED)
    if kept is None or joins(detector, kept, history, algorithm.time):
        return detector, history
    algorithm.log(f"hidden_regime: {ticker}: history has no bar of {kept.end_time}: starting from history.")
    return catch_up(algorithm, symbol, ticker, detector.clone(), read)


def joins(detector: RegimeDetector, kept: Bar, history: list[Any], now: datetime) -> bool:
    """Bring a detector to history's scale by the latest bar that it kept. False where the two have nothing in common.

    History that doesn't reach that bar yet has nothing new, and costs no model.
    """
    same = next((bar for bar in history if bar.end_time == kept.end_time), None)
    if same is None:
        return kept.end_time <= now and all(bar.end_time <= kept.end_time for bar in history)
    if same.close != kept.close:
        detector.rescale(float(same.close) / kept.close)
    return True


def latest_days(algorithm: Any, symbol: Any, count: int, mode: Any = None) -> list[Any]:
    """The latest completed days, oldest first, at most `count`, in the subscription's prices or in those of a mode.

    LEAN's number of bars for a count depends on the hour: after the close of a half day it counts weekends too. So the
    count is not trusted: what is too many is cut, and what is too few asked for by time.
    """
    found = _whole(algorithm, symbol, ask(algorithm, symbol, count, mode=mode))
    if len(found) < count:
        begin = algorithm.time - timedelta(days=count * 3 // 2 + 10)
        found = _whole(algorithm, symbol, ask(algorithm, symbol, begin, algorithm.time, mode=mode))
    return found[-count:]


def is_stub(security: Any, bar: Any) -> bool:
    """Whether a day of currencies is a Sunday's, on which they trade for a few hours: what happens then is Monday's.

    Its close is left out, so that Monday's return reaches from Friday's close, and a week has five days.
    """
    return bool(security.type == SecurityType.FOREX and (bar.end_time - INSTANT).weekday() == SUNDAY)


def _whole(algorithm: Any, symbol: Any, days: list[Any]) -> list[Any]:
    if not algorithm.securities.contains_key(symbol):
        return days
    security = algorithm.securities[symbol]
    return [day for day in days if not is_stub(security, day)] if security.type == SecurityType.FOREX else days


def is_quoted(security: Any) -> bool:
    """Whether LEAN has quotes alone of an asset."""
    return security.type in (SecurityType.FOREX, SecurityType.CFD)


def ask(algorithm: Any, symbol: Any, *window: Any, mode: Any, resolution: Any = Resolution.DAILY, **options: Any) -> list[Any]:
    """Bars of history: of a number, or from one time to another, in a mode's prices or the subscription's."""
    quoted = algorithm.securities.contains_key(symbol) and is_quoted(algorithm.securities[symbol])
    if mode is not None:
        options["data_normalization_mode"] = mode
    return list(algorithm.history[QuoteBar if quoted else TradeBar](symbol, *window, resolution, **options))
