"""The facts of a run: what an engine must reproduce, and nothing of what differs from machine to machine."""

from __future__ import annotations

import datetime as dt
import tempfile
from pathlib import Path
from typing import Any

from hidden_regime.data.unpacking import read_json
from hidden_regime.exceptions import DataError, UnknownDataError
from hidden_regime.simulator import result
from hidden_regime.simulator.enums import OrderStatus, OrderType
from hidden_regime.simulator.loop.engine import Run
from hidden_regime.simulator.orders.fields import PRICES
from hidden_regime.simulator.spelling import camel

Facts = dict[str, Any]
NOT_COMPARED = frozenset({"id", "algorithmId", "symbol", "symbolPermtick", "fillPriceCurrency", "orderFeeCurrency"})
OWN_CHARTS = frozenset({
    "Drawdown", "Portfolio Turnover", "Exposure", "Strategy Equity", "Capacity", "Assets Sales Volume", "Portfolio Margin",
    "Benchmark",
})  # fmt: skip
TRADE = (
    "entryTime", "entryPrice", "direction", "quantity", "exitTime", "exitPrice", "profitLoss", "totalFees", "mae", "mfe",
    "orderIds",
)  # fmt: skip
ORDER_PRICES = tuple(map(camel, PRICES))
BESIDE = ("-summary.json", "-order-events.json", "-log.txt")
BROKEN = (OSError, ValueError, LookupError, TypeError, AttributeError, OverflowError)
CASE: dict[str, type | tuple[type, ...]] = {
    "algorithm": str, "parameters": dict, "status": str, "runtime_error": (str, type(None)), "charts": dict,
    **dict.fromkeys(("statistics", "portfolio_statistics", "trade_statistics", "runtime_statistics"), (dict, type(None))),
    **dict.fromkeys(("orders", "order_events", "closed_trades", "equity", "benchmark", "log"), list),
}  # fmt: skip
CASE_FILES = (".json", ".json.xz", ".json.gz")
ABOUT_THE_MACHINE = (
    "LEAN Engine v", "completed in", "Processing algorithm warm-up request", "Your log was successfully",
)  # fmt: skip


TYPES = {int(kind): kind.to_string() for kind in OrderType}
STATUSES = {int(status): status.to_string() for status in OrderStatus}


def utc(seconds: float) -> str:
    """A time as LEAN writes it."""
    return dt.datetime.fromtimestamp(seconds, dt.UTC).strftime("%Y-%m-%dT%H:%M:%SZ")


def _order(order: Facts) -> Facts:
    row = {
        "id": order["id"], "type": TYPES.get(order["type"], order["type"]), "symbol": order["symbol"]["value"],
        "quantity": order["quantity"], "status": STATUSES.get(order["status"], order["status"]), "price": order["price"],
        "time": order["time"], "last_fill_time": order.get("lastFillTime"), "tag": order["tag"],
    }  # fmt: skip
    return row | {key: order[key] for key in ORDER_PRICES if key in order}


def _values(charts: Facts, chart: str, series: str) -> list[list[float]]:
    return charts.get(chart, {}).get("series", {}).get(series, {}).get("values", [])  # type: ignore[no-any-return]


def _point(value: Any) -> list[Any]:
    time, *numbers = (value["x"], value["y"]) if isinstance(value, dict) else value
    return [utc(time), *numbers]


def results_in(folder: Path) -> list[str]:
    """Names of the runs of which a folder holds LEAN's results."""
    names = {path.name.removesuffix(end) for end in BESIDE for path in folder.glob(f"*{end}")}
    return sorted(name for name in names if (folder / f"{name}.json").is_file())


def cases_in(folder: Path) -> list[Path]:
    """Cases that a folder holds."""
    return sorted(path for end in CASE_FILES for path in folder.glob(f"*{end}"))


def facts_of_folder(folder: str | Path) -> Facts:
    """Facts of a folder of results in LEAN's format: NAME.json, NAME-order-events.json, NAME-log.txt.

    Raises
    ------
    UnknownDataError, DataError
        It holds no such results.
    """
    root = Path(folder)
    names = results_in(root)
    if len(names) != 1:
        raise UnknownDataError(
            f"{root} holds {len(names)} results: expected one run of LEAN's: NAME.json, NAME-order-events.json and "
            "NAME-log.txt. Point to the folder that LEAN wrote."
        )
    name = names[0]
    try:
        found = read_json(root / f"{name}.json")
        path = root / f"{name}-order-events.json"
        events = read_json(path) if path.exists() else []
        lines = (root / f"{name}-log.txt").read_text(encoding="utf-8").splitlines()
        facts = _facts(name, found, events, lines)
        if wrong := _misshapen(facts):
            raise ValueError(f"{', '.join(wrong)}: of another form")
        return facts
    except BROKEN as error:
        raise DataError(
            f"{root / name}.json, -order-events.json and -log.txt can't be read as results of LEAN's ({type(error).__name__}: "
            f"{error}): expected the files as LEAN wrote them. Run LEAN again."
        ) from error


def _facts(name: str, found: Facts, events: list[Facts], lines: list[str]) -> Facts:
    charts, total = found["charts"], found["totalPerformance"]
    own = {
        chart: {s: [_point(v) for v in series["values"]] for s, series in body["series"].items()}
        for chart, body in charts.items() if chart not in OWN_CHARTS
    }  # fmt: skip
    return {
        "algorithm": name + ".py",
        "parameters": found.get("algorithmConfiguration", {}).get("parameters", {}),
        "status": found["state"]["Status"],
        "runtime_error": found["state"]["RuntimeError"],
        "statistics": found["statistics"],
        "portfolio_statistics": total["portfolioStatistics"],
        "trade_statistics": total["tradeStatistics"],
        "runtime_statistics": found["runtimeStatistics"],
        "orders": [_order(order) for order in found["orders"].values()],
        "order_events": [{k: v for k, v in e.items() if k not in NOT_COMPARED} | {"time": utc(e["time"])} for e in events],
        "closed_trades": [{k: t[k] for k in TRADE} | {"symbol": t["symbols"][0]["value"]} for t in total["closedTrades"]],
        "equity": [[utc(v[0]), v[-1]] for v in _values(charts, "Strategy Equity", "Equity")],
        "benchmark": [[utc(v[0]), v[1]] for v in _values(charts, "Benchmark", "Benchmark")],
        "charts": own,
        "log": [line for line in lines if not any(text in line for text in ABOUT_THE_MACHINE)],
    }


def _misshapen(facts: Facts) -> list[str]:
    """Names of facts that are missing or of another type. What a case calls its algorithm is run, so it has to lie beside it."""
    wrong = [name for name, kind in CASE.items() if name not in facts or not isinstance(facts[name], kind)]
    name = facts.get("algorithm")
    return wrong if not isinstance(name, str) or name == Path(name).name else [*wrong, "algorithm"]


def facts_of_run(run: Run, name: str) -> Facts:
    """Facts of a run of the embedded engine."""
    with tempfile.TemporaryDirectory() as folder:
        result.write(run, Path(folder), name)
        return facts_of_folder(folder)


def read_case(path: str | Path) -> Facts:
    """Facts kept in a file: .json, .json.xz or .json.gz."""
    path = Path(path)
    try:
        found = read_json(path)
    except OSError as error:
        raise UnknownDataError(f"{path}: {error.strerror}: expected a case (.json, .json.xz, .json.gz).") from error
    except ValueError as error:
        raise DataError(f"{path} can't be read as a case ({error}): expected JSON.") from error
    facts = found if isinstance(found, dict) else {}
    if wrong := _misshapen(facts):
        raise DataError(f"{path} is no case: it lacks {', '.join(wrong)}, or has them in another form: expected facts of a run.")
    return facts
