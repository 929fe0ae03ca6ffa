"""A run in LEAN's own result format, so that tools that read LEAN's results read ours."""

from __future__ import annotations

import json
from collections.abc import Sequence
from datetime import datetime
from pathlib import Path
from typing import Any

from hidden_regime.data.decimals import SystemDecimal
from hidden_regime.files.whole import write_folder
from hidden_regime.simulator.account.trades import Trade
from hidden_regime.simulator.charts import Series
from hidden_regime.simulator.clock import seconds, stamp
from hidden_regime.simulator.enums import OrderType, SeriesType
from hidden_regime.simulator.figures.portfolio import Figures, Samples, portfolio_figures, portfolio_strings, summary
from hidden_regime.simulator.figures.runtime import runtime_statistics
from hidden_regime.simulator.figures.sampling import smart
from hidden_regime.simulator.figures.trades import trade_statistics
from hidden_regime.simulator.loop.engine import Run
from hidden_regime.simulator.models.fees import OrderFee
from hidden_regime.simulator.objects.symbol import CustomSymbol, Symbol
from hidden_regime.simulator.orders.events import OrderEvent
from hidden_regime.simulator.orders.order import Order
from hidden_regime.simulator.run_state import run_state_of
from hidden_regime.simulator.spelling import camel

FIRST: dict[OrderType, tuple[str, ...]] = {
    OrderType.STOP_LIMIT: ("stop_price", "stop_triggered", "limit_price", "type"),
    OrderType.LIMIT_IF_TOUCHED: ("type", "trigger_price", "limit_price", "trigger_touched"),
    OrderType.TRAILING_STOP: ("trailing_amount", "trailing_as_percentage", "type", "stop_price"),
}
"""What LEAN writes first of an order of a kind; of others their own fields and then the type."""


def _symbol(symbol: Symbol) -> dict[str, Any]:
    out: dict[str, Any] = {"value": symbol.value, "id": str(symbol.id), "permtick": symbol.value}
    return out | {"underlying": _symbol(symbol.underlying)} if isinstance(symbol, CustomSymbol) else out


def _order(order: Order) -> dict[str, Any]:
    """An order in LEAN's words, in LEAN's order."""
    first = FIRST.get(order.type, (*order.prices, *order.state_fields, "type"))
    out: dict[str, Any] = {camel(name): int(order.type) if name == "type" else getattr(order, name) for name in first}
    out |= {
        "id": order.id, "contingentId": 0, "brokerId": order.broker_id, "symbol": _symbol(order.symbol), "price": order.price,
        "priceCurrency": order.price_currency, "time": stamp(order.utc), "createdTime": stamp(order.utc),
    }  # fmt: skip
    for name, moment in (
        ("lastFillTime", order.last_fill),
        ("lastUpdateTime", order.last_update),
        ("canceledTime", order.canceled),
    ):
        if moment is not None:
            out[name] = stamp(moment)
    return out | {
        "quantity": order.quantity, "status": int(order.status), "tag": order.tag,
        "properties": {"timeInForce": order.time_in_force.json}, "securityType": int(order.security_type),
        "direction": int(order.direction), "value": order.quantity * order.price,
        "orderSubmissionData": {"bidPrice": order.bid_seen, "askPrice": order.ask_seen, "lastPrice": order.last_seen},
        "isMarketable": order.is_marketable, "priceAdjustmentMode": int(order.adjusted),
    }  # fmt: skip


def _event(event: OrderEvent, name: str) -> dict[str, Any]:
    symbol = event.symbol.value
    out: dict[str, Any] = {
        "id": f"{name}-{event.order_id}-{event.id}", "algorithmId": name, "orderId": event.order_id, "orderEventId": event.id,
        "symbol": symbol, "symbolValue": symbol, "symbolPermtick": symbol, "time": float(seconds(event.utc)),
        "status": camel(event.status.name.lower()),
    }  # fmt: skip
    if event.order_fee is not OrderFee.ZERO:
        out |= {"orderFeeAmount": event.order_fee.value.amount, "orderFeeCurrency": event.order_fee.value.currency}
    out |= {"fillPrice": event.fill_price, "fillPriceCurrency": event.fill_price_currency, "fillQuantity": event.fill_quantity}
    out["direction"] = str(event.direction).lower()
    if event.message:
        out["message"] = event.message
    out |= {"isAssignment": False, "quantity": event.quantity}
    return out | {camel(field): value for field, value in event.prices.items()}


def _trade(trade: Trade, number: int) -> dict[str, Any]:
    return {
        "id": number, "symbols": [_symbol(trade.symbol)], "entryTime": stamp(trade.entry_time),
        "entryPrice": float(trade.entry_price), "direction": trade.direction, "quantity": float(trade.quantity),
        "exitTime": stamp(trade.exit_time), "exitPrice": float(trade.exit_price), "profitLoss": float(trade.profit_loss),
        "totalFees": float(trade.total_fees), "mae": float(trade.mae), "mfe": float(trade.mfe),
        "endTradeDrawdown": float(trade.end_trade_drawdown), "isWin": trade.profit_loss.n > 0, "orderIds": trade.order_ids,
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
    out = {chart["name"]: chart for chart in charts}
    for name, own in run_state_of(run.algorithm).charts.charts.items():
        made = {s.name: _own_series(s) for s in own.series.values() if s.points}
        if name in out:
            out[name]["series"] |= made
        else:
            out[name] = {"name": name, "chartType": 0, "series": made}
    return out


def _own_series(series: Series) -> dict[str, Any]:
    values = [(seconds(time), *(smart(v) for v in numbers)) for time, numbers in series.points]
    out = _series(series.name, series.unit, series.index, int(series.series_type), values)
    if series.series_type == SeriesType.SCATTER:
        out["values"] = [{"x": time, "y": value} for time, value, *_ in values]
    if len(values[0]) == 2:
        out |= {"color": series.color, "scatterMarkerSymbol": series.marker.name.lower().replace("_", "-")}
    return out


def _key(moment: datetime) -> str:
    """A time as LEAN writes it where milliseconds count."""
    fraction = f".{moment.microsecond:06d}".rstrip("0") if moment.microsecond else ""
    return stamp(moment).removesuffix("Z") + fraction + "Z"


def _capital(run: Run) -> float | SystemDecimal:
    """Account value at the start."""
    if run.sampler is None:
        return run_state_of(run.algorithm).portfolio.cash
    return run.sampler.capital if run.sampler.exact_capital is None else run.sampler.exact_capital


def _statistics(
    run: Run, samples: Samples, capital: float | SystemDecimal
) -> tuple[dict[str, str], dict[str, str], dict[str, Any]]:
    """Figures of the portfolio, the table of statistics, and figures of trades; none where they don't fit into decimals."""
    try:
        of_trades = trade_statistics(run_state_of(run.algorithm).trades.closed)
    except OverflowError:
        samples, of_trades = Samples([], [], [], []), trade_statistics([])
    figures, table = _table(run, samples, capital)
    return portfolio_strings(figures), table, of_trades


def _table(run: Run, samples: Samples, capital: float | SystemDecimal) -> tuple[Figures, dict[str, str]]:
    """Figures of the portfolio and the table of statistics; none where they don't fit into decimals."""
    core = run_state_of(run.algorithm)
    try:
        account, days = core.portfolio, core.trading_days
        figures = portfolio_figures(samples, capital, account.closed, run.market.interest_rates(), days)
        sign = account.cash_book.own.currency_symbol
        table = summary(figures, len(core.book.orders), account.exact_fees, sign) if samples.returns else {}
    except OverflowError:
        figures, table = portfolio_figures(Samples([], [], [], []), capital, {}, []), {}
    return figures, table | core.summary_statistics


def statistics(run: Run) -> dict[str, str]:
    """LEAN's table of statistics alone, at a fraction of the time that the whole file takes."""
    samples = run.sampler.samples if run.sampler else Samples([], [], [], [])
    return _table(run, samples, _capital(run))[1]


def build(run: Run, name: str) -> dict[str, Any]:
    """The content of LEAN's result file."""
    core = run_state_of(run.algorithm)
    empty = Samples([], [], [], [])
    samples = run.sampler.samples if run.sampler else empty
    capital = _capital(run)
    account, traded = core.portfolio, core.trades.closed
    figures, statistics, statistics_of_trades = _statistics(run, samples, capital)
    runtime = core.runtime_statistics | runtime_statistics(account, statistics, capital)
    return {
        "rollingWindow": {},
        "charts": _charts(run, samples),
        "orders": {str(number): _order(order) for number, order in core.book.orders.items()},
        "profitLoss": {_key(time): float(str(value)) for time, value in sorted(account.closed.items())},
        "statistics": statistics,
        "runtimeStatistics": dict(sorted(runtime.items())),
        "state": {
            "RuntimeError": run.message, "StackTrace": "", "OrderCount": str(len(core.book.orders)),
            "LogCount": str(len(core.logs.lines)), "Name": name, "Status": run.status,
        },
        "algorithmConfiguration": {
            "accountCurrency": account.cash_book.account_currency, "parameters": dict(core.parameters),
            "startDate": f"{core.start:%Y-%m-%dT%H:%M:%S}", "endDate": f"{core.end:%Y-%m-%dT%H:%M:%S}",
            "tradingDaysPerYear": core.trading_days,
        },
        "totalPerformance": {
            "tradeStatistics": statistics_of_trades,
            "portfolioStatistics": figures,
            "closedTrades": [_trade(trade, i) for i, trade in enumerate(traded, 1)],
        },
    }  # fmt: skip


def names(name: str) -> list[str]:
    """Names of the files that belong to a run."""
    return [f"{name}.json", f"{name}-summary.json", f"{name}-order-events.json", f"{name}-log.txt"]


def files(run: Run, name: str, result: dict[str, Any]) -> dict[str, str]:
    """Contents of NAME.json, NAME-summary.json, NAME-order-events.json and NAME-log.txt, of what `build` gave."""
    short = {key: value for key, value in result.items() if key not in ("orders", "profitLoss")}
    short["charts"] = {"Strategy Equity": result["charts"]["Strategy Equity"]}
    events = [_event(event, name) for event in run_state_of(run.algorithm).book.events]
    log = "".join(line + "\n" for line in run_state_of(run.algorithm).logs.lines)
    texts = [json.dumps(result, indent=2), json.dumps(short, indent=2), json.dumps(events) if events else None, log]
    return {file: text for file, text in zip(names(name), texts, strict=True) if text is not None}


def write(run: Run, folder: Path, name: str) -> dict[str, Any]:
    """Write NAME.json, NAME-summary.json, NAME-order-events.json and NAME-log.txt. Returns the content of the first."""
    result = build(run, name)
    write_folder(folder, files(run, name, result), instead_of=names(name))
    return result
