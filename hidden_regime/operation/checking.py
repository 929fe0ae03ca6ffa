"""Whether a deployment did what a backtest of its journal's bars does."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from hidden_regime.exceptions import NoDataError
from hidden_regime.operation.deploying import code_of
from hidden_regime.operation.guarding import watch_over
from hidden_regime.operation.journal import Journal
from hidden_regime.operation.journal.records import Deployment, OrderRow, stamp
from hidden_regime.operation.market import JournalMarket, Series
from hidden_regime.operation.outcomes import row_of, shown
from hidden_regime.operation.sources.base import Source
from hidden_regime.operation.sources.opening import open_source
from hidden_regime.research import projects
from hidden_regime.simulator.clock import from_utc
from hidden_regime.simulator.run import run_file
from hidden_regime.simulator.run_state import run_state_of


@dataclass(frozen=True)
class Agreement:
    """What a comparison came to.

    Attributes
    ----------
    orders, days : int
        Order events and days of equity that were compared.
    difference : str
        The first that differs; empty where all are equal.
    equity : float or None
        Of the last day, in the journal.
    """

    orders: int
    days: int
    difference: str
    equity: float | None


def journal_market(journal: Journal, deployment: Deployment, source: Source | None = None) -> JournalMarket:
    """The bars of a journal as a market that grows no more."""
    name, spec = deployment.name, deployment.spec
    known = journal.series(name)

    def begin(ticker: str, minutes: int) -> Series | None:
        if known.get((ticker, minutes)) != "kept":
            if (ticker, minutes) in known:
                return None
            raise NoDataError(f"{ticker} has no bars in the journal of {name}: its strategy never asked for them.")
        for _, told in journal.listings(name, ticker):
            market.listings[ticker] = told
        return Series(ticker, minutes, journal.bars(name, ticker, minutes))

    market = JournalMarket(source or open_source(spec.feed, spec.data), begin)
    return market


def check(journal: Journal, name: str, *, source: Source | None = None) -> Agreement:
    """Run a deployment's strategy as a backtest over its journal's bars, and compare orders and equity to the last bit.

    Parameters
    ----------
    journal : Journal
    name : str
    source : Source, optional
        Where its bars came from, which says the calendar; by default what the deployment says.
    """
    deployment = journal.deployment(name)
    spec, slots, orders = deployment.spec, journal.slots(name), journal.order_events(name)
    if not slots:
        return Agreement(0, 0, "", None)
    until = slots[-1][0]
    last = datetime.fromisoformat(until).date()

    def prepare(algorithm: Any) -> None:
        if spec.rules:
            watch_over(algorithm, spec.rules)

    path = code_of(journal, deployment)
    with projects.libraries(path):
        run = run_file(
            path, journal_market(journal, deployment, source), parameters=spec.parameters, start=date.fromisoformat(spec.start),
            end=last, cash=spec.cash, prepare=prepare, live=True,
        )  # fmt: skip
    core = run_state_of(run.algorithm)
    again = [row_of(core, number, "", event) for number, event in enumerate(core.book.events) if _by(event, until)]
    ours = [row for row in orders if row.market_time <= until]
    difference = _first_order(ours, again)
    samples = core.sampler.samples if core.sampler is not None else None
    values = dict(samples.equity) if samples is not None else {}
    days = [(stamp(utc), values[utc]) for utc, _ in samples.returns[:-1]] if samples is not None else []
    kept = journal.equity(name)
    compared = list(zip(kept, days, strict=False))
    for mine, theirs in compared:
        if mine != theirs and not difference:
            difference = f"equity at {mine[0][:16]} UTC is {mine[1]:,.4f} in the journal and {theirs[1]:,.4f} in the backtest"
    return Agreement(len(ours), len(compared), difference, kept[-1][1] if kept else None)


def _by(event: Any, until: str) -> bool:
    return stamp(from_utc(event.utc)) <= until


def _first_order(ours: list[OrderRow], again: list[OrderRow]) -> str:
    for mine, theirs in zip(ours, again, strict=False):
        if mine.told != theirs.told:
            return f"the journal has {shown(mine)}, the backtest {shown(theirs)}"
    if len(ours) != len(again):
        more = ours[len(again) :] or again[len(ours) :]
        where = "the journal" if len(ours) > len(again) else "the backtest"
        return f"only {where} has {shown(more[0])}"
    return ""
