"""A run in LEAN's own result format, so that tools that read LEAN's results read ours."""

from __future__ import annotations

import json
from collections.abc import Sequence
from datetime import datetime
from pathlib import Path
from typing import Any

from hidden_regime.simulator.clock import seconds, stamp
from hidden_regime.simulator.engine import Run
from hidden_regime.simulator.enums import OrderStatus
from hidden_regime.simulator.orders import Order, OrderEvent
from hidden_regime.simulator.rounding import money
from hidden_regime.simulator.sampling import smart
from hidden_regime.simulator.statistics import Samples, portfolio_figures, portfolio_strings, summary
from hidden_regime.simulator.trade_statistics import trade_statistics
from hidden_regime.simulator.trades import Trade

_STATUS = {
    OrderStatus.SUBMITTED: "submitted",
    OrderStatus.FILLED: "filled",
    OrderStatus.CANCELED: "canceled",
    OrderStatus.INVALID: "invalid",
}


def _symbol(value: str) -> dict[str, str]:
    return {"value": value, "id": value, "permtick": value}


def _order(order: Order) -> dict[str, Any]:
    out: dict[str, Any] = {
        "type": int(order.type), "id": order.id, "contingentId": 0, "brokerId": [str(order.id)],
        "symbol": _symbol(order.symbol.value), "price": order.price, "priceCurrency": "USD", "time": stamp(order.time),
        "createdTime": stamp(order.time),
    }  # fmt: skip
    if order.last_fill_time is not None:
        out["lastFillTime"] = stamp(order.last_fill_time)
    if order.canceled_time is not None:
        out["canceledTime"] = stamp(order.canceled_time)
    return out | {
        "quantity": order.quantity, "status": int(order.status), "tag": order.tag, "securityType": 1,
        "direction": int(order.direction), "value": order.quantity * order.price,
    }  # fmt: skip


def _event(event: OrderEvent, name: str) -> dict[str, Any]:
    symbol = event.symbol.value
    out: dict[str, Any] = {
        "id": f"{name}-{event.order_id}-{event.id}", "algorithmId": name, "orderId": event.order_id, "orderEventId": event.id,
        "symbol": symbol, "symbolValue": symbol, "symbolPermtick": symbol, "time": float(seconds(event.utc_time)),
        "status": _STATUS[event.status],
    }  # fmt: skip
    if event.fee is not None:
        out |= {"orderFeeAmount": event.fee, "orderFeeCurrency": "USD"}
    out |= {"fillPrice": event.fill_price, "fillPriceCurrency": "USD", "fillQuantity": event.fill_quantity}
    out["direction"] = str(event.direction).lower()
    if event.message:
        out["message"] = event.message
    return out | {"isAssignment": False, "quantity": event.quantity}


def _trade(trade: Trade, number: int) -> dict[str, Any]:
    return {
        "id": number, "symbols": [_symbol(trade.symbol.value)], "entryTime": stamp(trade.entry_time),
        "entryPrice": trade.entry_price, "direction": trade.direction, "quantity": trade.quantity,
        "exitTime": stamp(trade.exit_time), "exitPrice": trade.exit_price, "profitLoss": trade.profit_loss,
        "totalFees": trade.total_fees, "mae": trade.mae, "mfe": trade.mfe, "endTradeDrawdown": trade.end_trade_drawdown,
        "isWin": trade.profit_loss > 0, "orderIds": trade.order_ids,
    }  # fmt: skip


def _series(name: str, unit: str, index: int, kind: int, values: Sequence[Sequence[float]]) -> dict[str, Any]:
    return {"name": name, "unit": unit, "index": index, "seriesType": kind, "values": [list(v) for v in values]}


def _chart(name: str, series: Sequence[dict[str, Any]]) -> dict[str, Any]:
    return {"name": name, "chartType": 0, "series": {s["name"]: s for s in series}}


def _points(values: Sequence[tuple[datetime, float]]) -> list[tuple[float, float]]:
    return [(seconds(time), value) for time, value in values]


def _charts(run: Run, samples: Samples) -> dict[str, Any]:
    equity = [(seconds(time), value, value, value, value) for time, value in samples.equity]
    turnover = [(seconds(time), v) for (time, _), v in zip(samples.returns[1:], samples.turnover, strict=False)]
    charts = [
        _chart("Strategy Equity", [
            _series("Equity", "$", 0, 2, equity), _series("Return", "%", 1, 3, _points(samples.returns))]),
        _chart("Benchmark", [_series("Benchmark", "$", 0, 0, _points(samples.benchmark))]),
        _chart("Drawdown", [_series("Equity Drawdown", "%", 0, 0, _points(run.sampler.drawdowns if run.sampler else []))]),
        _chart("Portfolio Turnover", [_series("Portfolio Turnover", "%", 0, 0, turnover)]),
    ]  # fmt: skip
    for name, series in run.algorithm._sim.charts.items():
        made = [_series(s, "$", 0, 0, [(seconds(t), smart(v)) for t, v in values]) for s, values in series.items()]
        if name == "Strategy Equity":
            charts[0]["series"] |= {s["name"]: s for s in made}
        else:
            charts.append(_chart(name, made))
    return {chart["name"]: chart for chart in charts}


def _runtime(run: Run, statistics: dict[str, str], capital: float) -> dict[str, str]:
    account = run.algorithm._sim.portfolio
    total = account.total_portfolio_value
    gained = (total - capital) / capital if capital else 0.0
    return dict(sorted((run.algorithm._sim.runtime_statistics | {
        "Equity": f"${money(total)}",
        "Fees": f"-${money(account.total_fees)}",
        "Holdings": f"${money(account.total_holdings_value)}",
        "Net Profit": f"${money(account.total_profit + account.dividends - account.total_fees)}",
        "Probabilistic Sharpe Ratio": statistics.get("Probabilistic Sharpe Ratio", "0%"),
        "Return": f"{money(gained * 100)} %",
        "Unrealized": f"${money(account.total_unrealized_profit)}",
        "Volume": f"${money(account.total_sale_volume)}",
    }).items()))  # fmt: skip


def build(run: Run, name: str) -> dict[str, Any]:
    """The content of LEAN's result file."""
    core = run.algorithm._sim
    empty = Samples([], [], [], [])
    samples = run.sampler.samples if run.sampler else empty
    capital = run.sampler.capital if run.sampler else core.portfolio.cash
    closed = core.portfolio.closed
    figures = portfolio_figures(samples, capital, closed, run.market.interest_rates())
    traded = core.trades.closed
    statistics = summary(figures, len(core.transactions.orders), core.portfolio.total_fees) if run.sampler else {}
    return {
        "rollingWindow": {},
        "charts": _charts(run, samples),
        "orders": {str(number): _order(order) for number, order in core.transactions.orders.items()},
        "profitLoss": {stamp(time): value for time, value, _ in closed},
        "statistics": statistics,
        "runtimeStatistics": _runtime(run, statistics, capital),
        "state": {
            "RuntimeError": run.message, "StackTrace": "", "OrderCount": str(len(core.transactions.orders)),
            "LogCount": str(len(core.logs.lines)), "Name": name, "Status": run.status,
        },
        "algorithmConfiguration": {
            "accountCurrency": "USD", "parameters": dict(core.parameters), "startDate": f"{core.start:%Y-%m-%dT%H:%M:%S}",
            "endDate": f"{core.end:%Y-%m-%dT%H:%M:%S}", "tradingDaysPerYear": 252,
        },
        "totalPerformance": {
            "tradeStatistics": trade_statistics(traded),
            "portfolioStatistics": portfolio_strings(figures),
            "closedTrades": [_trade(trade, i) for i, trade in enumerate(traded, 1)],
        },
    }  # fmt: skip


def write(run: Run, folder: Path, name: str) -> dict[str, Any]:
    """Write NAME.json, NAME-summary.json, NAME-order-events.json and NAME-log.txt. Returns the content of the first."""
    folder.mkdir(parents=True, exist_ok=True)
    result = build(run, name)
    short = {key: value for key, value in result.items() if key not in ("orders", "profitLoss")}
    short["charts"] = {"Strategy Equity": result["charts"]["Strategy Equity"]}
    events = [_event(event, name) for event in run.algorithm._sim.transactions.events]
    (folder / f"{name}.json").write_text(json.dumps(result, indent=2))
    (folder / f"{name}-summary.json").write_text(json.dumps(short, indent=2))
    if events:
        (folder / f"{name}-order-events.json").write_text(json.dumps(events))
    lines = run.algorithm._sim.logs.lines
    (folder / f"{name}-log.txt").write_text("".join(line + "\n" for line in lines))
    return result
