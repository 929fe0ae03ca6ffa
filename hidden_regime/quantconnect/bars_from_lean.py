"""LEAN's bars: asked from history, without what LEAN made up, and turned into a detector's."""

from __future__ import annotations

import math
from datetime import timedelta
from typing import Any

from hidden_regime.bars.bar import Bar
from hidden_regime.detection.detector import RegimeDetector
from hidden_regime.quantconnect._lean import QuoteBar, Resolution, SecurityType, TradeBar


def to_bar(given: Any) -> Bar:
    """A detector's bar of LEAN's: of a trade bar, of a quote bar, which has no volume, or of a single price."""
    if not hasattr(given, "close"):
        price = float(given.value)
        return Bar(given.end_time, price, price, price, price)
    volume = float(getattr(given, "volume", math.nan))
    return Bar(given.end_time, float(given.open), float(given.high), float(given.low), float(given.close), volume)


def is_filled(bar: Any, detector: RegimeDetector, close: float | None = None) -> bool:
    """Whether LEAN made the bar up; `close` is that of the bar before, as LEAN gave it, if it is known.

    Hourly ones made into a day lose their flag: what remains is a bar without volume that repeats the last close, of an
    asset that does have volumes.
    """
    if bar.is_fill_forward:
        return True
    if getattr(bar, "volume", 1) != 0:
        return False
    last = detector.latest_bar
    if last is None or not last.volume > 0.0:
        return False
    return math.isclose(bar.close, last.close if close is None else close, rel_tol=1e-9)


def latest_days(algorithm: Any, symbol: Any, count: int, mode: Any = None) -> list[Any]:
    """The latest completed days, oldest first, at most `count`, in the subscription's prices or in those of a mode.

    LEAN's number of bars for a count depends on the hour: after the close of a half day it counts weekends too. So the
    count is not trusted: what is too many is cut, and what is too few asked for by time.
    """
    found = ask(algorithm, symbol, count, mode=mode)
    if len(found) < count:
        begin = algorithm.time - timedelta(days=count * 3 // 2 + 10)
        found = ask(algorithm, symbol, begin, algorithm.time, mode=mode)
    return found[-count:]


def ask(algorithm: Any, symbol: Any, *window: Any, mode: Any, resolution: Any = Resolution.DAILY, **options: Any) -> list[Any]:
    """Bars of history: of a number, or from one time to another, in a mode's prices or the subscription's."""
    security = algorithm.securities[symbol] if algorithm.securities.contains_key(symbol) else None
    quoted = security is not None and security.type in (SecurityType.FOREX, SecurityType.CFD)
    if mode is not None:
        options["data_normalization_mode"] = mode
    return list(algorithm.history[QuoteBar if quoted else TradeBar](symbol, *window, resolution, **options))
