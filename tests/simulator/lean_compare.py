"""What equal means: a run of the embedded engine against what real LEAN answered.

Orders and events in the same order with the same ids, types, times, quantities, statuses and messages; prices and fees
within 1e-6, equity within 1e-4 (LEAN computes in decimals); statistics as printed, capacity excepted; log lines with
their numbers within 1e-6.
"""

from __future__ import annotations

import datetime as dt
import json
import math
import re
from pathlib import Path
from typing import Any

NUMBER = re.compile(r"-?\d+\.\d+(?:[eE][-+]?\d+)?")
IGNORED = {"Estimated Strategy Capacity", "Lowest Capacity Asset", "Volume"}
ORDER_TYPES = {0: "Market", 4: "MarketOnOpen"}
ORDER_STATUS = {1: "Submitted", 3: "Filled", 5: "Canceled", 7: "Invalid"}
SKIPPED = {"id", "algorithmId", "symbol", "symbolPermtick", "fillPriceCurrency", "orderFeeCurrency"}
OWN_CHARTS = {"Drawdown", "Portfolio Turnover", "Strategy Equity", "Benchmark"}


def utc(seconds: float) -> str:
    return dt.datetime.fromtimestamp(seconds, dt.UTC).strftime("%Y-%m-%dT%H:%M:%SZ")


def collect(folder: Path, name: str) -> dict[str, Any]:
    """The facts of a result folder in LEAN's format."""
    result = json.loads((folder / f"{name}.json").read_text())
    path = folder / f"{name}-order-events.json"
    events = json.loads(path.read_text()) if path.exists() else []
    orders = [
        {"id": o["id"], "type": ORDER_TYPES[o["type"]], "symbol": o["symbol"]["value"], "quantity": o["quantity"],
         "status": ORDER_STATUS[o["status"]], "price": o["price"], "time": o["time"], "last_fill_time": o.get("lastFillTime"),
         "tag": o["tag"]}
        for o in result["orders"].values()
    ]  # fmt: skip
    charts = result["charts"]
    fields = (
        "entryTime",
        "entryPrice",
        "direction",
        "quantity",
        "exitTime",
        "exitPrice",
        "profitLoss",
        "totalFees",
        "mae",
        "mfe",
        "orderIds",
    )
    total = result["totalPerformance"]
    return {
        "status": result["state"]["Status"],
        "runtime_error": result["state"]["RuntimeError"],
        "orders": orders,
        "order_events": [{k: v for k, v in e.items() if k not in SKIPPED} | {"time": utc(e["time"])} for e in events],
        "equity": [[utc(v[0]), v[-1]] for v in charts["Strategy Equity"]["series"]["Equity"]["values"]],
        "benchmark": [[utc(v[0]), v[1]] for v in charts["Benchmark"]["series"]["Benchmark"]["values"]],
        "closed_trades": [{k: t[k] for k in fields} | {"symbol": t["symbols"][0]["value"]} for t in total["closedTrades"]],
        "charts": {k: v for k, v in charts.items() if k not in OWN_CHARTS},
        "log": (folder / f"{name}-log.txt").read_text().splitlines(),
        "statistics": result["statistics"],
        "portfolio_statistics": total["portfolioStatistics"],
        "trade_statistics": total["tradeStatistics"],
        "runtime_statistics": result["runtimeStatistics"],
    }


def same(a: Any, b: Any, absolute: float = 1e-6) -> bool:
    """Equal within the tolerances."""
    if isinstance(a, bool) or isinstance(b, bool) or a is None or b is None:
        return bool(a == b)
    if isinstance(a, (int, float)) and isinstance(b, (int, float)):
        return math.isclose(a, b, rel_tol=1e-9, abs_tol=absolute)
    if isinstance(a, str) and isinstance(b, str):
        if NUMBER.sub("#", a) != NUMBER.sub("#", b):
            return False
        pairs = zip(NUMBER.findall(a), NUMBER.findall(b), strict=True)
        return a == b or all(math.isclose(float(x), float(y), rel_tol=1e-6, abs_tol=2e-6) for x, y in pairs)
    if isinstance(a, list) and isinstance(b, list):
        return len(a) == len(b) and all(same(x, y, absolute) for x, y in zip(a, b, strict=True))
    if isinstance(a, dict) and isinstance(b, dict):
        return a.keys() == b.keys() and all(same(a[k], b[k], absolute) for k in a)
    return bool(a == b)


def differences(expected: dict[str, Any], got: dict[str, Any]) -> list[str]:
    """The first difference of each part, readable."""
    out = [f"{k}: LEAN {expected[k]!r}, ours {got[k]!r}" for k in ("status", "runtime_error") if not same(expected[k], got[k])]
    for part in ("orders", "order_events", "equity", "benchmark", "closed_trades", "log"):
        a, b = expected[part], got[part]
        tolerance = 1e-4 if part in ("equity", "benchmark") else 1e-6
        wrong = next((i for i, (x, y) in enumerate(zip(a, b, strict=False)) if not same(x, y, tolerance)), None)
        if wrong is not None:
            out.append(f"{part}[{wrong}]\n    LEAN {json.dumps(a[wrong])}\n    ours {json.dumps(b[wrong])}")
        if len(a) != len(b):
            out.append(f"{part}: LEAN has {len(a)}, ours {len(b)}")
    if not same(expected["charts"], got["charts"]):
        out.append("charts differ")
    for part in ("statistics", "portfolio_statistics", "trade_statistics", "runtime_statistics"):
        for key, value in expected[part].items():
            if key not in IGNORED and not same(value, got[part].get(key)):
                out.append(f"{part}[{key}]: LEAN {value!r}, ours {got[part].get(key)!r}")
    return out
