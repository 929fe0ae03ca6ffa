"""What a strategy did, as it goes on: written into the journal, or compared with what stands there already."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime
from typing import Any

from hidden_regime.operation.errors import DivergedError
from hidden_regime.operation.journal import Journal
from hidden_regime.operation.journal.records import OrderRow, stamp
from hidden_regime.quantconnect.guards import STOP, Guard
from hidden_regime.quantconnect.tracking import trackers_of
from hidden_regime.simulator.core import Core
from hidden_regime.simulator.framework.composite import members_of
from hidden_regime.simulator.run_state import run_state_of

AGAIN = (
    "A strategy must do the same over the same bars: no clock of the machine, no random numbers without a seed, no files that "
    "change. Nothing was sent. `hidden-regime live panic` closes what is open; a mended strategy needs a new deployment."
)


class Outcomes:
    """Orders, regimes, equity and lines of a running strategy.

    Parameters
    ----------
    journal : Journal
    name : str
        The deployment.
    wall : callable
        Time for the journal.

    Attributes
    ----------
    count : int
        Order events so far.
    guard : Guard or None
        What watches the strategy.
    """

    def __init__(self, journal: Journal, name: str, wall: Callable[[], str]) -> None:
        self._journal, self._name, self._wall = journal, name, wall
        self._known = journal.order_events(name)
        self._regimes: dict[str, list[tuple[str, float]]] = {}
        for _, ticker, regime, confidence in journal.regimes(name):
            self._regimes.setdefault(ticker, []).append((regime, confidence))
        self._lines, self._samples = len(journal.lines(name)), len(journal.equity(name))
        self._seen_lines = 0
        self._seen_regimes: dict[str, int] = {}
        self.count = 0
        self._fresh: list[OrderRow] = []
        self._guarded = journal.count_told(name, "guard")
        self.guard: Guard | None = None
        self._core: Any = None

    def follow(self, algorithm: Any) -> None:
        """The algorithm that is about to run."""
        self._algorithm, self._core = algorithm, run_state_of(algorithm)

    def record(self, time: datetime) -> bool:
        """Note, or compare, what happened since the last time. Whether anything new was noted.

        Raises
        ------
        DivergedError
            It is not what the journal has.
        """
        sampler = self._core.sampler
        self._core.logs.flush()
        orders = self._orders(time)
        regimes = self._states()
        equity = sampler.samples.returns[self._samples :] if sampler is not None else []
        values = dict(sampler.samples.equity[-4 * len(equity) - 8 :]) if equity else {}
        lines = self._core.logs.lines[max(self._seen_lines, self._lines) :]
        self._seen_lines = len(self._core.logs.lines)
        guarded = self.guard.events[self._guarded :] if self.guard is not None else []
        if not (orders or regimes or equity or lines or guarded):
            return False
        with self._journal.file.transaction() as db:
            db.executemany(
                "INSERT INTO order_events VALUES (?, ?, ?, ?)",
                [(self._name, row.number, row.market_time, row.told) for row in orders],
            )
            db.executemany("INSERT INTO regimes VALUES (?, ?, ?, ?, ?, ?)", [(self._name, *row) for row in regimes])
            db.executemany(
                "INSERT INTO equity VALUES (?, ?, ?, ?)",
                [(self._name, self._samples + n, stamp(utc), values[utc]) for n, (utc, _) in enumerate(equity)],
            )
            db.executemany(
                "INSERT INTO lines VALUES (?, ?, ?)", [(self._name, self._lines + n, line) for n, line in enumerate(lines)]
            )
            for event in guarded:
                level = "error" if event.action == STOP else "warning"
                said = f"{event.rule}: {event.said}: {event.action}"
                self._journal.add_line(db, self._name, self._wall(), event.time, level, "guard", said)
        self._guarded += len(guarded)
        self._samples += len(equity)
        self._lines += len(lines)
        self._known += orders
        self._fresh += orders
        return True

    def take(self) -> list[OrderRow]:
        """Order events that the journal didn't have before, since this was last asked."""
        fresh, self._fresh = self._fresh, []
        return fresh

    def _orders(self, time: datetime) -> list[OrderRow]:
        events = self._core.book.events
        fresh = []
        while self.count < len(events):
            row = row_of(self._core, self.count, stamp(time), events[self.count])
            if self.count < len(self._known):
                self._compare(row, self._known[self.count])
            else:
                fresh.append(row)
            self.count += 1
        if self.count < len(self._known) and self._known[self.count].market_time < stamp(time):
            raise DivergedError(f"{shown(self._known[self.count])} stands in the journal and did not come again. {AGAIN}")
        return fresh

    def _compare(self, row: OrderRow, known: OrderRow) -> None:
        if row != known:
            raise DivergedError(f"the journal has {shown(known)}; run again, the strategy gave {shown(row)}. {AGAIN}")

    def _states(self) -> list[tuple[str, int, str, str, float]]:
        """Regimes that are new: ticker, number, time, regime, confidence."""
        framework, out = self._core.framework, []
        for tracker in trackers_of(self._algorithm, *members_of(framework.alpha), *members_of(framework.risk)):
            for ticker, tracked in tracker.assets.items():
                known = self._regimes.setdefault(ticker, [])
                seen = self._seen_regimes.get(ticker, 0)
                for number in range(seen, len(tracked.states)):
                    state = tracked.states[number]
                    told = (str(state.regime), float(state.confidence))
                    if number < len(known):
                        if known[number] != told:
                            raise DivergedError(
                                f"the journal has {ticker} {known[number][0]} with confidence {known[number][1]:.12f} at "
                                f"{state.time}; run again, the strategy gave {told[0]} with {told[1]:.12f}. {AGAIN}"
                            )
                    else:
                        known.append(told)
                        out.append((ticker, number, stamp(state.time), *told))
                self._seen_regimes[ticker] = len(tracked.states)
        return out


def row_of(core: Core, number: int, time: str, event: Any) -> OrderRow:
    """What happened to an order, as the journal keeps it."""
    order = core.book.orders[event.order_id]
    return OrderRow(
        number, time, event.order_id, event.id, event.symbol.value, str(order.type), str(event.status), float(event.quantity),
        float(event.fill_quantity), float(event.fill_price), float(event.order_fee.value.amount), event.message,
    )  # fmt: skip


def shown(row: OrderRow) -> str:
    """What happened to an order, for people."""
    return (
        f"order {row.order} ({row.ticker} {row.type} {row.quantity:g}, {row.status}"
        + (f", {row.fill_quantity:g} at {row.fill_price:g}" if row.fill_quantity else "")
        + f") at {row.market_time[:16].replace('T', ' ')}"
    )
