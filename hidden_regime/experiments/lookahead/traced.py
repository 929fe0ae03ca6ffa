"""A run whose decisions are noted, over data whose future is hidden or not."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from typing import Any

from hidden_regime.data.market import MarketData
from hidden_regime.exceptions import RegimeError
from hidden_regime.experiments.lookahead.decisions import Decision, record
from hidden_regime.experiments.lookahead.files import files_without_future
from hidden_regime.experiments.lookahead.future import CloseOf, Future
from hidden_regime.experiments.lookahead.markets import without_beginning, without_future
from hidden_regime.experiments.trials.running import first_line, quiet
from hidden_regime.experiments.trials.setup import Setup
from hidden_regime.experiments.trials.source import open_source
from hidden_regime.research import projects
from hidden_regime.simulator.feed.catalog import Catalog
from hidden_regime.simulator.run import run_file
from hidden_regime.simulator.run_clock import NEW_YORK
from hidden_regime.simulator.run_state import run_state_of
from hidden_regime.simulator.turn import alone

CLOSE = time(16)


class Enough(BaseException):
    """Ends a run that has come to the moment: what follows doesn't matter."""


@dataclass(frozen=True)
class Job:
    """A run to make.

    Attributes
    ----------
    setup : Setup
    future : Future or None
        What is hidden.
    end : date or None
        Last day of the first run: it stays, whatever the data say.
    late : date or None
        The data begin on this day.
    """

    setup: Setup
    future: Future | None = None
    end: date | None = None
    late: date | None = None


@dataclass(frozen=True)
class Trace:
    """What a run decided.

    Attributes
    ----------
    decisions : tuple of Decision
    error : str
        What ended it early; empty if nothing did.
    ended : datetime
        Its last moment.
    start, end : date
        Days that the strategy runs over.
    tickers : tuple of str
        What it is subscribed to.
    dated, other : tuple of str
        Files that it read by itself, with dates and without.
    """

    decisions: tuple[Decision, ...]
    error: str
    ended: datetime
    start: date
    end: date
    tickers: tuple[str, ...]
    dated: tuple[str, ...]
    other: tuple[str, ...]

    def until(self, moment: datetime) -> tuple[Decision, ...]:
        """Decisions by a moment."""
        return tuple(one for one in self.decisions if one.time <= moment)

    def failed_by(self, moment: datetime) -> str:
        """The error that ended it by a moment."""
        return self.error if self.ended <= moment else ""


def closes(market: MarketData) -> CloseOf:
    """When each day's bar becomes known."""
    catalog = Catalog()
    catalog.offer(market)
    calendar = catalog.calendar

    def close_of(day: date) -> datetime:
        session = calendar.find(day)
        return datetime.combine(day, CLOSE) if session is None else session.close

    return close_of


def run_traced(job: Job) -> Trace:
    """Run, and note what is decided. It ends with the day of the moment from which the future is hidden."""
    setup, future = job.setup, job.future
    base = open_source(setup.data, setup.stamp, setup.data_key)
    close_of = closes(base)
    market = base if future is None else without_future(base, future, close_of)
    if job.late is not None:
        market = without_beginning(base, job.late)
    decisions: list[Decision] = []
    made: list[Any] = []
    folder = setup.strategy.resolve().parent

    def prepare(algorithm: Any) -> None:
        made.append(algorithm)
        record(algorithm, folder, decisions)

    def on_day(day: date) -> None:
        # A day of UTC, or of whatever zone the strategy's clock shows, may end before that of New York.
        round_the_clock = timedelta(days=run_state_of(made[-1]).clock.is_round)
        if future is not None and day >= future.moment.date() + round_the_clock:
            raise Enough

    error = ""
    with quiet(), alone(), projects.libraries(setup.strategy), files_without_future(folder, future, close_of) as reads:
        try:
            run = run_file(
                setup.strategy, market, parameters=setup.base, start=setup.start, end=job.end or setup.end, cash=setup.cash,
                prepare=prepare, on_day=on_day)  # fmt: skip
            if run.error is not None and not isinstance(run.error, Enough):
                error = first_line(run)
        except RegimeError as refused:
            if future is None:
                raise
            error = refused.text
    dated, other = tuple(sorted(reads.dated)), tuple(sorted(reads.other))
    if not made:
        return Trace(tuple(decisions), error, datetime.min, date.min, date.min, (), dated, other)
    core = run_state_of(made[-1])
    return Trace(
        tuple(decisions), error, core.clock.local(core.now, NEW_YORK), core.start.date(), core.end.date(),
        tuple(sorted({symbol.value for symbol in core.subscriptions})), dated, other,
    )  # fmt: skip
