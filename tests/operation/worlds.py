"""A workspace with a deployment, and the backtest of the same days."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime
from pathlib import Path
from typing import Any

from hidden_regime.data import open_market
from hidden_regime.operation.clocks import InstantClock
from hidden_regime.operation.deploying import deploy
from hidden_regime.operation.guarding import watch_over
from hidden_regime.operation.journal import Journal, journal_of
from hidden_regime.operation.running.runner import Outside, Runner
from hidden_regime.quantconnect.tracking import trackers_of
from hidden_regime.simulator import run_file
from hidden_regime.simulator.run_state import run_state_of

START, END = date(2012, 1, 3), date(2012, 2, 29)
NOW = datetime(2026, 1, 1, 12)
WALL = "2026-01-01T17:00:00.000Z"


@dataclass
class Did:
    """What a strategy did."""

    orders: list[tuple[Any, ...]]
    equity: list[tuple[str, float]]
    lines: set[str]
    regimes: list[tuple[str, str, str, float]]


def strategy_at(folder: Path, text: str, name: str = "strategy.py") -> str:
    folder.mkdir(parents=True, exist_ok=True)
    (folder / name).write_text(text, encoding="utf-8")
    return str(folder / name)


def deployed(workspace: Path, text: str, **options: Any) -> Journal:
    """A journal with a deployment called "one"."""
    journal = journal_of(workspace)
    given = {"data": "us_stocks", "now": NOW, "at": WALL, "start": START, "end": END, "speed": 1e12} | options
    deploy(journal, "one", strategy_at(workspace / "mine", text), **given)
    return journal


def runner(journal: Journal, **options: Any) -> Runner:
    outside = options.pop("outside", None) or Outside(wall=lambda: WALL, pause=lambda seconds: None)
    return Runner(journal, "one", outside=outside, **options)


def instant(day: date = START) -> InstantClock:
    return InstantClock(datetime(day.year, day.month, day.day))


def journaled(journal: Journal, name: str = "one") -> Did:
    """What a journal says."""
    orders = [
        (
            row.order,
            row.event,
            row.ticker,
            row.type,
            row.status,
            row.quantity,
            row.fill_quantity,
            row.fill_price,
            row.fee,
            row.message,
        )
        for row in journal.order_events(name)
    ]
    return Did(orders, journal.equity(name), set(journal.lines(name)), journal.regimes(name))


def backtest(path: str, data: Any = "us_stocks", start: date = START, end: date = END, rules: str = "", **options: Any) -> Did:
    """What the embedded engine's backtest of the same days says, fed as LEAN feeds live."""
    run = run_file(
        path, open_market(data) if isinstance(data, str) else data, start=start, end=end, live=True,
        prepare=(lambda algorithm: watch_over(algorithm, rules)) if rules else None, **options,
    )  # fmt: skip
    assert run.error is None, run.message
    core = run_state_of(run.algorithm)
    orders = []
    for event in core.book.events:
        order = core.book.orders[event.order_id]
        orders.append(
            (
                event.order_id, event.id, event.symbol.value, str(order.type), str(event.status), float(event.quantity),
                float(event.fill_quantity), float(event.fill_price), float(event.order_fee.value.amount), event.message,
            )
        )  # fmt: skip
    samples = core.sampler.samples
    values = dict(samples.equity)
    equity = [(utc.isoformat(timespec="microseconds"), values[utc]) for utc, _ in samples.returns]
    regimes = [
        (state.time.isoformat(timespec="microseconds"), ticker, str(state.regime), float(state.confidence))
        for tracker in trackers_of(run.algorithm)
        for ticker, tracked in tracker.assets.items()
        for state in tracked.states
    ]
    return Did(orders, equity, set(core.logs.lines), sorted(regimes))


def same(live: Did, tested: Did) -> None:
    """The journal has what the backtest has, whose last sample is one of its end, and none of a midnight's."""
    assert live.orders == tested.orders
    days = tested.equity[:-1]
    assert live.equity[: len(days)] == days and len(days) > 20
    assert live.regimes == tested.regimes
