"""A backtest in LEAN's result format as tables, whoever ran it: LEAN here, QuantConnect's cloud, or the embedded engine."""

from __future__ import annotations

import json
import math
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from datetime import UTC, datetime
from typing import Any

import numpy as np
import pandas as pd

from hidden_regime.exceptions import DataError
from hidden_regime.regimes.statistics import EVERY_DAY
from hidden_regime.research.tables import ORDER_COLUMNS, Backtest
from hidden_regime.simulator import result as lean_result
from hidden_regime.simulator.clock import TradingCalendar
from hidden_regime.simulator.enums import OrderStatus, OrderType, SecurityType

MIDNIGHT = np.timedelta64(301, "m")
"""A sample at New York's midnight, 4 or 5 h of UTC, belongs to the day before."""
BROKEN = (LookupError, TypeError, ValueError, AttributeError, ArithmeticError)


def backtest_of_lean(
    lean: Mapping[str, Any],
    events: Sequence[Mapping[str, Any]] = (),
    log: Sequence[str] = (),
    *,
    name: str,
    market: str,
    origin: str,
) -> Backtest:
    """Tables of a result.

    Parameters
    ----------
    lean : mapping
        The content of LEAN's result file.
    events : sequence of mapping
        That of its order events: fees are told there alone.
    log : sequence of str
    name : str
        Of the strategy.
    market, origin : str
        What it was run on, and by whom.

    Raises
    ------
    DataError
        It isn't a result of LEAN.
    """
    with intact(name):
        content = dict(lean)
        content["statistics"] = {str(key): str(value) for key, value in (content.get("statistics") or {}).items()}
        state = content.get("state") or {}
        message = str(state.get("RuntimeError") or "").split("\n")[0]
        return Backtest(
            name, content, _files(name, content, events, log), _equity(content), _orders(content, events), market, origin,
            status=str(state.get("Status") or "Completed"), message=message, engine=market,
        )  # fmt: skip


def equity_of_lean(lean: Mapping[str, Any], name: str) -> pd.DataFrame:
    """Equity and benchmark at the close of each trading day, of a result of which no more is needed.

    Raises
    ------
    DataError
    """
    with intact(name):
        return _equity(lean)


@contextmanager
def intact(name: str) -> Iterator[None]:
    """Say of what isn't a result of LEAN that it is none."""
    try:
        yield
    except BROKEN as error:
        text = f"{type(error).__name__}: {str(error)[:200]}"
        raise DataError(f"{name}: expected a backtest's result in LEAN's format ({text}). Run it again.") from error


def _files(name: str, lean: Mapping[str, Any], events: Sequence[Mapping[str, Any]], log: Sequence[str]) -> dict[str, str]:
    texts = (
        json.dumps(lean, indent=2),
        json.dumps({key: value for key, value in lean.items() if key not in ("orders", "profitLoss")}, indent=2),
        json.dumps(list(events)) if events else None,
        "".join(f"{line}\n" for line in log),
    )
    return {file: text for file, text in zip(lean_result.names(name), texts, strict=True) if text is not None}


def points(lean: Mapping[str, Any], chart: str, series: str) -> list[tuple[float, float]]:
    """Seconds since 1970 and values of one line of a chart; those without a value are skipped, of candles the close is taken."""
    found = ((lean.get("charts") or {}).get(chart) or {}).get("series") or {}
    out = []
    for one in (found.get(series) or {}).get("values") or ():
        parts = [one.get("x"), one.get("y")] if isinstance(one, Mapping) else list(one)
        if len(parts) > 1 and parts[0] is not None and parts[-1] is not None:
            out.append((float(parts[0]), float(parts[-1])))
    return out


def _equity(lean: Mapping[str, Any]) -> pd.DataFrame:
    """Equity and benchmark at the close of each trading day, as known at the midnight after."""
    marks, values = points(lean, "Benchmark", "Benchmark"), dict(points(lean, "Strategy Equity", "Equity"))
    times = [time for time, _ in marks] if len(marks) > 1 else list(values)
    days = _utc(times) - MIDNIGHT
    days = days.astype("datetime64[D]")
    keep = np.append(days[1:] != days[:-1], True)[: len(days)]
    if len(days):
        first = _first_day(lean) or days[0].item()
        if _never_closes(lean):
            keep &= (days >= np.datetime64(first)) & (days <= np.datetime64(_last_day(lean) or days[-1].item()))
        else:
            sessions = TradingCalendar(first, days[-1].item()).between(max(first, days[0].item()), days[-1].item())
            keep &= np.isin(days, np.array([session.date for session in sessions], "datetime64[D]"))
    marked = dict(marks)
    index = pd.DatetimeIndex(days[keep].astype("datetime64[us]"), name="date")
    chosen = [time for time, kept in zip(times, keep, strict=True) if kept]
    table = {
        "equity": [values.get(time, math.nan) for time in chosen],
        "benchmark": [marked.get(time, math.nan) for time in chosen],
    }
    return pd.DataFrame(table, index=index, dtype=np.float64)


def _never_closes(lean: Mapping[str, Any]) -> bool:
    """Whether every day is one of trading: coins were traded, or their broker was chosen."""
    listed = lean.get("orders") or {}
    orders = listed.values() if isinstance(listed, Mapping) else listed
    if any(order.get("securityType") == SecurityType.CRYPTO.value for order in orders):
        return True
    return (lean.get("algorithmConfiguration") or {}).get("tradingDaysPerYear") == EVERY_DAY


def _first_day(lean: Mapping[str, Any]) -> Any:
    """The first day of the backtest, where the result tells its dates: equity is sampled at the midnight before it, too."""
    told = (lean.get("algorithmConfiguration") or {}).get("startDate")
    return None if told is None else datetime.fromisoformat(str(told)).date()


def _last_day(lean: Mapping[str, Any]) -> Any:
    """The last day of the backtest, where the result tells it: a day of UTC that begins on it ends on the next."""
    told = (lean.get("algorithmConfiguration") or {}).get("endDate")
    return None if told is None else datetime.fromisoformat(str(told)).date()


def _utc(times: Sequence[float]) -> np.ndarray[Any, Any]:
    return np.array([int(time) for time in times], "int64").astype("datetime64[s]")


def _orders(lean: Mapping[str, Any], events: Sequence[Mapping[str, Any]]) -> pd.DataFrame:
    orders = lean.get("orders") or {}
    listed = list(orders.values()) if isinstance(orders, Mapping) else list(orders)
    fees: dict[int, float] = {}
    for event in events or [event for order in listed for event in order.get("events") or ()]:
        fees[int(event["orderId"])] = fees.get(int(event["orderId"]), 0.0) + float(event.get("orderFeeAmount") or 0.0)
    rows = [
        [
            int(order["id"]), _time(str(order.get("createdTime") or order["time"])), _ticker(order["symbol"]),
            _word(OrderType, order["type"]), order["quantity"], _word(OrderStatus, order["status"]), order.get("price") or 0.0,
            fees.get(int(order["id"]), 0.0), order.get("tag") or "",
        ]
        for order in sorted(listed, key=lambda one: int(one["id"]))
    ]  # fmt: skip
    return pd.DataFrame(rows, columns=ORDER_COLUMNS)


def _time(text: str) -> datetime:
    found = datetime.fromisoformat(text.replace("Z", "+00:00"))
    return found if found.tzinfo is None else found.astimezone(UTC).replace(tzinfo=None)


def _ticker(symbol: Any) -> str:
    return str(symbol.get("value") or symbol.get("id")) if isinstance(symbol, Mapping) else str(symbol).split(" ")[0]


def _word(kind: Any, value: Any) -> str:
    """The engine's word for an order's number, or for LEAN's word."""
    try:
        return str(kind(int(value)))
    except (TypeError, ValueError):
        folded = "".join(c for c in str(value).lower() if c.isalnum())
        return next((str(one) for one in kind if one.name.replace("_", "").lower() == folded), str(value))
