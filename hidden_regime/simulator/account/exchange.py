"""Exchanges: when they are open, in their own time, and how what trades there is quoted."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date, datetime
from typing import TYPE_CHECKING, Any

from hidden_regime.data.pairs.hours import PairHours
from hidden_regime.data.zones import Zone
from hidden_regime.simulator.failures import EngineError
from hidden_regime.simulator.run_clock import NEW_YORK, RunClock
from hidden_regime.simulator.spelling import TwoSpellings

if TYPE_CHECKING:
    from hidden_regime.simulator.clock import TradingCalendar

NOT_FOUND = "Unable to locate next market {} within two weeks."
NEVER_CLOSES = (
    "Unable to locate next market {0} within two weeks. Market is always open for this asset, this can happen e.g. if using "
    "TimeRules {1} for a crypto asset. An alternative would be TimeRules.At(), TimeRules.Every(), TimeRules.Midnight or "
    "TimeRules.Noon instead"
)
OPEN, CLOSE = ("open", "AfterMarketOpen"), ("close", "BeforeMarketClose")
WHERE_OPENS, WHERE_CLOSES = "SecurityExchangeHours.cs:line 364", "SecurityExchangeHours.cs:line 424"


def _at(moment: date) -> datetime:
    """A time, or the midnight at which a day begins."""
    return moment if isinstance(moment, datetime) else datetime(moment.year, moment.month, moment.day)


class Exchange(TwoSpellings):
    """Hours of a security's exchange. Its times are those of its own zone."""

    def __init__(self, calendar: TradingCalendar, now: Callable[[], datetime], *, always: bool = False,
                 clock: RunClock | None = None, zone: Zone = NEW_YORK) -> None:  # fmt: skip
        self.calendar, self._now, self.always = calendar, now, always
        self._clock, self.zone = clock or RunClock(), zone

    def local(self, moment: datetime) -> datetime:
        """Its time at a time of the engine's."""
        clock, zone = self._clock, self.zone
        return moment if zone is clock.engine else clock.local(moment, zone)

    def engine_time(self, local: datetime) -> datetime:
        """The engine's time at its own."""
        return self._clock.of(local, self.zone)

    def open_at(self, moment: datetime) -> bool:
        """Whether it is open at a time."""
        return self.always or self.calendar.is_open(moment)

    @property
    def exchange_open(self) -> bool:
        """Whether it is open now."""
        return self.open_at(self.local(self._now()))

    @property
    def time_zone(self) -> str:
        """Name of its zone."""
        return self.zone.name

    @property
    def hours(self) -> Exchange:
        """The same, under LEAN's name."""
        return self

    @property
    def is_market_always_open(self) -> bool:
        """Whether it never closes."""
        return self.always

    @property
    def local_time(self) -> datetime:
        """Its time now."""
        return self.local(self._now())

    def is_open(self, moment: datetime, extended_market_hours: bool = False) -> bool:
        """Whether it is open at a time of its own."""
        return self.open_at(_at(moment))

    def is_date_open(self, moment: datetime) -> bool:
        """Whether a day has a session."""
        return self.always or self.calendar.find(_at(moment).date()) is not None

    def next_close(self, moment: datetime) -> datetime:
        """The first close after a time."""
        return self.calendar.next_close(moment)

    def next_open(self, moment: datetime) -> datetime:
        """The first open after a time."""
        return self.calendar.next_open(moment)

    def get_next_market_close(self, moment: datetime, extended_market_hours: bool = False) -> datetime:
        """The first close after a time."""
        return self.next_close(_at(moment))

    def get_next_market_open(self, moment: datetime, extended_market_hours: bool = False) -> datetime:
        """The first open after a time."""
        return self.next_open(_at(moment))


class PairExchange(Exchange):
    """The exchange of a pair: several hours a day, or round the clock."""

    def __init__(self, hours: PairHours, calendar: TradingCalendar, now: Callable[[], datetime], clock: RunClock) -> None:
        super().__init__(calendar, now, always=hours.always, clock=clock, zone=hours.zones[0])
        self.pair_hours = hours

    def open_at(self, moment: datetime) -> bool:
        """Whether it is open at a time."""
        return self.always or self.pair_hours.is_open(moment)

    def open_during(self, start: datetime, end: datetime) -> bool:
        """Whether it is open at some time of a bar."""
        return self.always or self.pair_hours.is_open_during(start, end)

    def is_date_open(self, moment: datetime) -> bool:
        """Whether it opens on a day."""
        return self.always or self.pair_hours.is_date_open(_at(moment).date())

    def next_close(self, moment: datetime) -> datetime:
        """The first close after a time.

        Raises
        ------
        EngineError
            There is none.
        """
        found = None if self.always else self.pair_hours.next_close(moment)
        if found is None:
            raise EngineError((NEVER_CLOSES if self.always else NOT_FOUND).format(*CLOSE), WHERE_CLOSES)
        return found

    def next_open(self, moment: datetime) -> datetime:
        """The first open after a time.

        Raises
        ------
        EngineError
            There is none.
        """
        found = None if self.always else self.pair_hours.next_open(moment)
        if found is None:
            raise EngineError((NEVER_CLOSES if self.always else NOT_FOUND).format(*OPEN), WHERE_OPENS)
        return found

    def first_open(self, day: date) -> datetime | None:
        """When it opens on a day first; None where it doesn't.

        Raises
        ------
        EngineError
            It never does: it never closes.
        """
        if self.always:
            raise EngineError(NEVER_CLOSES.format(*OPEN), WHERE_OPENS)
        return self.pair_hours.first_open(day)

    def last_close(self, day: date) -> datetime | None:
        """When it closes on a day last, or midnight."""
        return self.pair_hours.last_close(day)


class SymbolProperties(TwoSpellings):
    """How an asset is quoted: by default as a US equity."""

    def __init__(
        self, description: str = "", quote_currency: str = "USD", contract_multiplier: float = 1.0,
        minimum_price_variation: float = 0.01, lot_size: float = 1.0, market_ticker: str = "",
        minimum_order_size: float | None = None, price_magnifier: float = 1.0, strike_multiplier: float = 1.0,
    ) -> None:  # fmt: skip
        self.description, self.quote_currency, self.market_ticker = description, quote_currency, market_ticker
        self.contract_multiplier, self.minimum_price_variation = float(contract_multiplier), float(minimum_price_variation)
        self.lot_size, self.minimum_order_size = float(lot_size), minimum_order_size
        self.price_magnifier, self.strike_multiplier = float(price_magnifier), float(strike_multiplier)

    @classmethod
    def of_pair(cls, facts: Any) -> SymbolProperties:
        """Those of a pair."""
        return cls(
            facts.description, facts.quote, 1.0, facts.tick, facts.lot, facts.market_ticker, facts.least,
        )  # fmt: skip
