"""What a run samples of itself: equity, returns, benchmark, turnover and the strategy's own charts."""

from __future__ import annotations

import math
from bisect import bisect_right
from collections.abc import Callable, Sequence
from datetime import date, datetime, timedelta
from decimal import ROUND_HALF_EVEN, Decimal
from itertools import groupby
from typing import NamedTuple

from hidden_regime.simulator.account.cash_book import Cash
from hidden_regime.simulator.account.portfolio import Portfolio
from hidden_regime.simulator.figures.portfolio import Samples
from hidden_regime.simulator.run_clock import RunClock

INSTANT = timedelta(microseconds=1)
WEST = timedelta(hours=5)
"""The most that New York's clocks are behind UTC."""


def smart(value: float) -> float:
    """LEAN's rounding of chart values: 4 decimals above 1,000, else 7 significant digits."""
    if value > 1000.0:
        return round(value, 4)
    if value == 0.0 or not math.isfinite(value):
        return value
    return float(f"{value:.7g}")


def cents(value: float) -> float:
    """Four decimals, half to even, as of the decimal number that a double stands for."""
    scaled = value * 1e4
    if 0.0 < scaled < 1e12:
        rest = scaled % 1.0
        # Far from a half the whole number is certain, and its quotient is what `round` gives, at a tenth of its time.
        if rest < 0.499:
            return (scaled - rest) / 1e4
        if rest > 0.501:
            return (scaled - rest + 1.0) / 1e4
    elif abs(scaled % 1.0 - 0.5) > 1e-3:
        return round(value, 4)
    return float(Decimal(f"{value:.8f}").quantize(Decimal("0.0001"), ROUND_HALF_EVEN))


class Marks(NamedTuple):
    """Ends (New York) and closes of a benchmark's hourly bars, and both by day."""

    times: list[datetime]
    closes: list[float]
    by_day: dict[date, list[tuple[datetime, float]]]

    @classmethod
    def of(cls, times: list[datetime], closes: list[float]) -> Marks:
        """Sort bars by the day on which they lie: one that ends at midnight belongs to the day before."""
        marks = zip(times, closes, strict=True)
        return cls(
            times, closes, {day: list(found) for day, found in groupby(marks, key=lambda mark: (mark[0] - INSTANT).date())}
        )


class Benchmark:
    """Value of the benchmark by time: LEAN reads it from hourly bars, and without them it is zero.

    Sources that hold no hourly bars at all (tables) are read daily instead.

    Parameters
    ----------
    times : list of datetime
        Ends of its bars, New York.
    closes : list of float
    ticker : str
    by_day : dict of date to list of (datetime, float)
        Its bars, if they make the run step, as hourly ones do.
    function : callable, optional
        Value by time, instead.
    since : datetime
        When the run first sees it (New York): before, its value is 0.
    """

    def __init__(self, times: list[datetime], closes: list[float], *, ticker: str = "",
                 by_day: dict[date, list[tuple[datetime, float]]] | None = None,
                 function: Callable[[datetime], float] | None = None, since: datetime = datetime.min) -> None:  # fmt: skip
        self.times, self.closes, self.ticker, self._function = times, closes, ticker, function
        self._by_day, self._since = by_day or {}, since
        self.cash: Cash | None = None
        """Currency that it is quoted in, where that isn't the account's."""
        self.makes_steps = False
        """Whether each of its bars makes a step of a run round the clock."""

    def add(self, time: datetime, close: float) -> None:
        """Take in a bar that ends after all others."""
        self.times.append(time)
        self.closes.append(close)
        if self._by_day:
            self._by_day.setdefault((time - INSTANT).date(), []).append((time, close))

    @property
    def by_hours(self) -> bool:
        """Whether its bars make the run step."""
        return bool(self._by_day)

    def value(self, now: datetime) -> float:
        """Last close by `now` (the engine's time)."""
        if self._function is not None:
            return float(self._function(now))
        if now < self._since:
            return 0.0
        place = bisect_right(self.times, now)
        close = self.closes[place - 1] if place else 0.0
        return close if self.cash is None else close * self.cash.rate

    def steps(self, day: date) -> Sequence[tuple[datetime, float]]:
        """Times at which its bars end on a day, and their closes."""
        return self._by_day.get(day, ())


class Sampler:
    """Takes samples at each midnight and, in between, at most 4,000 times in a run."""

    def __init__(
        self, portfolio: Portfolio, benchmark: Benchmark, start: datetime, end: datetime, clock: RunClock | None = None
    ) -> None:
        self._portfolio, self.benchmark = portfolio, benchmark
        self._clock = clock or RunClock()
        minutes = (end - start).total_seconds() / 60.0
        self._period = timedelta(minutes=4.0 if minutes < 16_000 else minutes / 4000.0)
        self._next = datetime.min
        self._start = start
        self.capital = portfolio.total_portfolio_value
        self.exact_capital = None if portfolio.cash_book.is_plain else portfolio.exact_value
        """The same of an account with several currencies, with the decimals that LEAN prints."""
        self._last_value = self.capital
        self._last_volume = self._volume_before = 0.0
        self.samples = Samples([], [], [], [])
        self.drawdowns: list[tuple[datetime, float]] = []
        self._peak = self.capital
        self._marked = self._mark = 0.0
        self.warming_up = False

    def daily(self, now: datetime) -> None:
        """The sample of a midnight, or the last one of a run."""
        if self.warming_up:
            return
        utc = self._clock.to_utc(now)
        value = self._portfolio.total_portfolio_value
        self._equity(utc, value)
        if self.samples.returns and utc <= self.samples.returns[-1][0]:
            # A run that ends at a midnight: of its two samples the second counts for what was traded, and nothing else.
            if value and self.samples.turnover:
                self.samples.turnover[-1] = self._turnover(self._portfolio.total_sale_volume - self._volume_before, value)
            return
        last, mark = self._last_value, self.benchmark.value(now)
        # Most of a sample is as it was the day before: on weekends all of it.
        change = smart(round((value - last) * 100.0 / last, 10)) if last and value != last else 0.0
        self.samples.returns.append((utc, change))
        if mark != self._marked:
            self._marked, self._mark = mark, smart(mark)
        self.samples.benchmark.append((utc, self._mark))
        if value > self._peak:
            self._peak = value
        self.drawdowns.append((utc, round((value / self._peak - 1.0) * 100.0, 2) if value != self._peak and self._peak else 0.0))
        volume = self._portfolio.total_sale_volume
        if now != self._start and value:
            self.samples.turnover.append(self._turnover(volume - self._last_volume, value))
        self._volume_before, self._last_volume, self._last_value = self._last_volume, volume, value

    @staticmethod
    def _turnover(traded: float, value: float) -> float:
        return smart(traded / value) if traded else 0.0

    @property
    def due(self) -> datetime:
        """UTC after which the next step is sampled."""
        return self._next

    def step(self, now: datetime, *, force: bool = False) -> bool:
        """The end of a time step. Whether it was sampled."""
        if not force and now + WEST <= self._next:
            return False
        utc = self._clock.to_utc(now)
        if utc <= self._next and not force:
            return False
        self._next = utc + self._period
        if not self.warming_up:
            self._equity(utc, self._portfolio.total_portfolio_value)
        return True

    def _equity(self, utc: datetime, value: float) -> None:
        if not self.samples.equity or utc > self.samples.equity[-1][0]:
            rounded = cents(value)
            self.samples.equity.append((utc, rounded if rounded > 1000.0 else smart(rounded)))
