"""A universe: when it is chosen, and what it holds."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Any, ClassVar

from hidden_regime.exceptions import ParameterError
from hidden_regime.simulator.clock import TradingCalendar
from hidden_regime.simulator.enums import Resolution, SecurityType
from hidden_regime.simulator.lengths import LENGTHS
from hidden_regime.simulator.objects import Symbol
from hidden_regime.simulator.run_clock import RunClock
from hidden_regime.simulator.schedule import DateRule
from hidden_regime.simulator.settings import UniverseSettings

if TYPE_CHECKING:
    from hidden_regime.simulator.account.security import Security

ROUNDINGS = (timedelta(days=1), timedelta(hours=1), timedelta(minutes=1), timedelta(seconds=1))


class _Unchanged:
    def __repr__(self) -> str:
        return "Universe.UNCHANGED"


class Counted(dict[Symbol, Any]):
    """Symbols, and perhaps what belongs to each, as .NET's sets and dictionaries show them."""

    @property
    def count(self) -> int:
        """How many there are."""
        return len(self)

    def contains(self, symbol: Any) -> bool:
        """Whether a symbol is among them."""
        return symbol in self

    Count, Contains, contains_key = count, contains, contains


@dataclass(frozen=True)
class Member:
    """A security of a universe, and when it came (UTC)."""

    security: Security
    added: datetime


class Universe:
    """Securities chosen by a function: when it is added, and then every interval that touches market hours.

    Parameters
    ----------
    name : str
    selector : callable
        From the time to tickers or symbols, or `Universe.UNCHANGED`.
    settings : UniverseSettings, optional
        How the securities are subscribed; by default as the algorithm's settings say.
    resolution : Resolution
        Its interval.
    """

    UNCHANGED = _Unchanged()
    by_hand: ClassVar[bool] = False
    """Whether it lists its securities, so that taking one off the list lets it choose again."""
    delayed: ClassVar[bool] = True
    """Whether, added in mid-run, it is first chosen in a step of its own after the one in which it was added."""

    def __init__(self, name: str, selector: Callable[[datetime], Any], settings: UniverseSettings | None,
                 resolution: Resolution = Resolution.DAILY) -> None:  # fmt: skip
        self.name, self.selector, self.settings, self.resolution = name, selector, settings, Resolution(resolution)
        self.selected = Counted()
        self.securities: dict[Symbol, Member] = {}
        self.pending: dict[Symbol, None] = {}
        self.clock = RunClock()
        """The clock of the run that it belongs to."""
        self._rounding: timedelta | None = None

    @property
    def members(self) -> Counted:
        """Its securities, with those that wait to leave it."""
        return Counted((member.security.symbol, member.security) for member in self.securities.values())

    def contains_member(self, symbol: Symbol) -> bool:
        """Whether a security is among them."""
        return symbol in self.securities

    def times(self, start: datetime, end: datetime, calendar: TradingCalendar) -> Iterator[datetime]:
        """New York times at which it is chosen, from a time on."""
        length = LENGTHS[self.resolution]
        yield start
        now = start + length
        while now < end:
            session = calendar.find(calendar.next_close(now).date())
            if session is None:
                return
            if now + length > session.open:
                yield now
                now += length
            else:
                now += max((session.open - now) // length, 1) * length

    def choose(self, now: datetime) -> Any:
        """What the function chooses."""
        return self.selector(now)

    def may_leave(self, symbol: Symbol, utc: datetime) -> bool:
        """Whether a security has been in it for long enough, to the whole day (hour, minute) as the least time is given."""
        member = self.securities[symbol]
        least = self.least
        if self._rounding is None:
            self._rounding = next((unit for unit in ROUNDINGS if least >= unit), least)
        inside = utc - member.added
        if self._rounding:
            # Python rounds half to even, as LEAN does.
            inside = round(inside / self._rounding) * self._rounding
        return member.security.is_delisted or inside >= least

    @property
    def least(self) -> timedelta:
        """Least time of a security in it."""
        return self.settings.minimum_time_in_universe if self.settings is not None else timedelta(days=1)


class ScheduledUniverse(Universe):
    """Securities chosen at the times of rules: ScheduledUniverse([time zone,] date_rule, time_rule, selector[, settings]).

    The function is told UTC, without a zone as in LEAN. Without settings the algorithm's are taken.
    """

    delayed = False

    def __init__(self, *arguments: Any, settings: UniverseSettings | None = None, name: str = "") -> None:
        given = list(arguments)
        if given and not isinstance(given[0], DateRule):
            del given[0]
        if len(given) not in (3, 4):
            raise ParameterError("ScheduledUniverse", arguments, "a date rule, a time rule and a function of the time")
        self._dates, self._times, selector = given[:3]
        known = name or f"{self._dates.name}_{self._times.name}"
        super().__init__(known, selector, given[3] if len(given) == 4 else settings)

    def times(self, start: datetime, end: datetime, calendar: TradingCalendar) -> Iterator[datetime]:
        """The engine's times at which it is chosen, from a time on. LEAN asks the rules for UTC's dates."""
        clock = self.clock
        for day in self._dates.dates(clock.to_utc(start).date(), clock.to_utc(end).date()):
            yield from (moment for moment in self._times.times(day) if start <= moment <= end)

    def choose(self, now: datetime) -> Any:
        """What the function chooses."""
        return self.selector(self.clock.to_utc(now))


class ManualUniverse(Universe):
    """Securities named once."""

    by_hand = True

    def __init__(self, name: str, symbols: Iterable[Symbol], settings: UniverseSettings | None) -> None:
        self.wanted: dict[Symbol, None] = dict.fromkeys(symbols)
        super().__init__(name, lambda when: list(self.wanted), settings)

    def times(self, start: datetime, end: datetime, calendar: TradingCalendar) -> Iterator[datetime]:
        """Once; and again when something is taken off the list."""
        yield start


class HandUniverse(ManualUniverse):
    """Securities that were added by hand: in LEAN they form a universe of their own for each type of asset."""

    def __init__(self, kind: SecurityType, resolution: Resolution) -> None:
        super().__init__(f"qc-universe-userdefined-usa-{kind.name.lower()}", (), None)
        self.resolution = resolution

    @property
    def least(self) -> timedelta:
        """They may go at once."""
        return timedelta(0)
