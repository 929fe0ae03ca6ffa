"""What a decision that looks ahead depends on: how far ahead, and in which data."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from datetime import date, datetime
from pathlib import Path

from hidden_regime.data.market import MarketData
from hidden_regime.experiments.lookahead.decisions import Decision
from hidden_regime.experiments.lookahead.finding import Finding
from hidden_regime.experiments.lookahead.future import CHANGED, CUT, CloseOf, Future
from hidden_regime.experiments.lookahead.traced import Job, Trace, run_traced
from hidden_regime.experiments.trials.setup import Setup
from hidden_regime.simulator.feed.catalog import Catalog

MOST_SOURCES = 12


def depends_on(finding: Finding, setup: Setup, first: Trace, close_of: CloseOf, market: MarketData, seed: int) -> Finding:
    """The finding with the nearest moment whose data are enough to change it, and with the tickers or files that are."""
    wanted = [one.request for one in first.until(finding.moment)]

    def changes(future: Future) -> bool:
        trace = run_traced(Job(setup, future, first.end))
        return _requests(trace, finding.moment) != wanted

    tried = [Future(finding.moment, seed=seed)]
    if finding.hidden_from is not None:  # where a change of all that follows happens to leave the decision as it is
        tried += [Future(finding.hidden_from, how, seed=seed) for how in (CHANGED, CUT)]
    future = next((one for one in tried if changes(one)), None)
    if future is None:
        return finding
    ends = [close_of(day) for day in sessions_after(market, future.moment, first.end)]
    near = _nearest(ends, lambda end: changes(future.within(end)))
    known = None if near is None else ends[near]
    places = [*first.tickers, *first.dated][:MOST_SOURCES]
    sources = tuple(Path(place).name for place in places if changes(future.within(known or datetime.max, place)))
    later = [] if known is None else sessions_after(market, finding.moment, known.date())
    ahead = sum(day > finding.moment.date() for day in later)
    return replace(finding, hidden_from=future.moment, known=known, sessions=ahead, sources=sources)


def sessions_after(market: MarketData, moment: datetime, last: date) -> list[date]:
    """Trading days whose bars become known after a moment."""
    catalog = Catalog()
    catalog.offer(market)
    return [session.date for session in catalog.calendar.between(moment.date(), last) if session.close > moment]


def _requests(trace: Trace, moment: datetime) -> list[tuple[datetime, str, str]]:
    decisions: tuple[Decision, ...] = trace.until(moment)
    return [one.request for one in decisions]


def _nearest(ends: list[datetime], changes: Callable[[datetime], bool]) -> int | None:
    """The first end by which it changes, looked for in growing steps and then between the last two; None where none is enough."""
    low, high = -1, 0
    while high < len(ends) and not changes(ends[high]):
        low, high = high, 2 * high + 1
    if high >= len(ends):
        if not ends or low == len(ends) - 1 or not changes(ends[-1]):
            return None
        high = len(ends) - 1
    while high - low > 1:
        middle = (low + high) // 2
        low, high = (low, middle) if changes(ends[middle]) else (middle, high)
    return high
