"""What a run samples of itself: equity, returns, benchmark, turnover and the strategy's own charts."""

from __future__ import annotations

import math
from bisect import bisect_right
from collections.abc import Callable, Sequence
from datetime import date, datetime, timedelta

from hidden_regime.data.market import Floats, MarketData
from hidden_regime.simulator.clock import to_utc
from hidden_regime.simulator.feed import Feed
from hidden_regime.simulator.portfolio import Portfolio
from hidden_regime.simulator.statistics import Samples


def smart(value: float) -> float:
    """LEAN's rounding of chart values: 4 decimals above 1,000, else 7 significant digits."""
    if value > 1000.0:
        return round(value, 4)
    if value == 0.0 or not math.isfinite(value):
        return value
    return float(f"{value:.7g}")


class Benchmark:
    """Value of the benchmark by time: LEAN reads it from hourly bars, and without them it is zero.

    Sources that hold no hourly bars at all (tables) are read daily instead.
    """

    def __init__(
        self, market: MarketData, feed: Feed | None, ticker: str, scale: Callable[[Sequence[date]], Floats] | None
    ) -> None:
        self.ticker = ticker
        self.times: list[datetime] = []
        self.closes: list[float] = []
        hourly = market.hourly(ticker)
        if hourly is not None and scale is not None:
            self.times, closes = hourly
            self.closes = (closes * scale([t.date() for t in self.times])).tolist()
        elif feed is not None:
            self.times = [session.close for session in feed.sessions]
            self.closes = [row[3] for row in feed.rows]
        self.is_hourly = hourly is not None

    def value(self, now: datetime) -> float:
        """Last close by `now` (New York)."""
        place = bisect_right(self.times, now)
        return self.closes[place - 1] if place else 0.0

    def between(self, after: datetime, until: datetime) -> range:
        """Places of the hourly bars that ended after one time and not after another."""
        if not self.is_hourly:
            return range(0)
        return range(bisect_right(self.times, after), bisect_right(self.times, until))


class Sampler:
    """Takes samples at each midnight and, in between, at most 4,000 times in a run."""

    def __init__(self, portfolio: Portfolio, benchmark: Benchmark, start: datetime, end: datetime) -> None:
        self._portfolio, self.benchmark = portfolio, benchmark
        minutes = (end - start).total_seconds() / 60.0
        self._period = timedelta(minutes=4.0 if minutes < 16_000 else minutes / 4000.0)
        self._next = datetime.min
        self._start = start
        self.capital = portfolio.total_portfolio_value
        self._last_value = self.capital
        self._last_volume = 0.0
        self.samples = Samples([], [], [], [])
        self.drawdowns: list[tuple[datetime, float]] = []
        self._peak = self.capital
        self.warming_up = False

    def daily(self, now: datetime) -> None:
        """The sample of a midnight (New York), or the last one of a run."""
        if self.warming_up:
            return
        utc = to_utc(now)
        value = self._portfolio.total_portfolio_value
        self._equity(utc, value)
        if self.samples.returns and utc <= self.samples.returns[-1][0]:
            return
        change = round((value - self._last_value) * 100.0 / self._last_value, 10) if self._last_value else 0.0
        self.samples.returns.append((utc, smart(change)))
        self.samples.benchmark.append((utc, smart(self.benchmark.value(now))))
        self._peak = max(self._peak, value)
        self.drawdowns.append((utc, round((value / self._peak - 1.0) * 100.0, 2) if self._peak else 0.0))
        volume = self._portfolio.total_sale_volume
        if now != self._start and value:
            self.samples.turnover.append(smart((volume - self._last_volume) / value))
        self._last_volume = volume
        self._last_value = value

    def step(self, now: datetime, *, force: bool = False) -> None:
        """The end of a time step."""
        utc = to_utc(now)
        if utc > self._next or force:
            self._next = utc + self._period
            if not self.warming_up:
                self._equity(utc, self._portfolio.total_portfolio_value)

    def hours(self, after: datetime, until: datetime) -> None:
        """The steps that the benchmark's hourly bars make where nothing else happens, `until` excluded."""
        for place in self.benchmark.between(after, until):
            moment = self.benchmark.times[place]
            if moment < until and to_utc(moment) > self._next:
                self.step(moment)

    def _equity(self, utc: datetime, value: float) -> None:
        if not self.samples.equity or utc > self.samples.equity[-1][0]:
            self.samples.equity.append((utc, smart(round(value, 4))))
