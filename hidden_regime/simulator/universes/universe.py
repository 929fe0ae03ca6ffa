"""A universe: when it is chosen, and what it holds."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from datetime import UTC, date, datetime
from typing import Any

from hidden_regime.exceptions import ParameterError
from hidden_regime.simulator.clock import to_utc
from hidden_regime.simulator.objects import Symbol
from hidden_regime.simulator.schedule import DateRule
from hidden_regime.simulator.settings import UniverseSettings


class _Unchanged:
    def __repr__(self) -> str:
        return "Universe.UNCHANGED"


class Universe:
    """Securities chosen by a function: at the first moment, and then at each session's midnight.

    Parameters
    ----------
    name : str
    selector : callable
        From the time to tickers or symbols, or `Universe.UNCHANGED`.
    settings : UniverseSettings, optional
        How the securities are subscribed; by default as the algorithm's settings say.
    """

    UNCHANGED = _Unchanged()

    def __init__(self, name: str, selector: Callable[[datetime], Any], settings: UniverseSettings | None) -> None:
        self.name, self.selector, self.settings = name, selector, settings
        self.members: set[Symbol] = set()
        self.pending: set[Symbol] = set()

    def times(self, day: date, *, session: bool, first: bool, now: datetime) -> list[datetime]:
        """Times of a day at which it is chosen."""
        return [now if first else datetime(day.year, day.month, day.day)] if session or first else []

    def choose(self, now: datetime) -> Any:
        """What the function chooses."""
        return self.selector(now)


class ScheduledUniverse(Universe):
    """Securities chosen at the times of rules: ScheduledUniverse([time zone,] date_rule, time_rule, selector[, settings]).

    The function is told UTC, as in LEAN. Without settings the algorithm's are taken.
    """

    def __init__(self, *arguments: Any, settings: UniverseSettings | None = None, name: str = "") -> None:
        given = list(arguments)
        if given and not isinstance(given[0], DateRule):
            del given[0]
        if len(given) not in (3, 4):
            raise ParameterError("ScheduledUniverse", arguments, "a date rule, a time rule and a function of the time")
        self._dates, self._times, selector = given[:3]
        super().__init__(name or self._dates.name, selector, given[3] if len(given) == 4 else settings)

    def times(self, day: date, *, session: bool, first: bool, now: datetime) -> list[datetime]:
        """Times of a day at which it is chosen."""
        return [moment for d in self._dates.dates(day, day) for moment in self._times.times(d)]

    def choose(self, now: datetime) -> Any:
        """What the function chooses."""
        return self.selector(to_utc(now).replace(tzinfo=UTC))


class ManualUniverse(Universe):
    """Securities named once."""

    def __init__(self, name: str, symbols: Iterable[Symbol], settings: UniverseSettings) -> None:
        chosen = list(symbols)
        super().__init__(name, lambda when: chosen, settings)

    def times(self, day: date, *, session: bool, first: bool, now: datetime) -> list[datetime]:
        """At the first moment only."""
        return [now] if first else []
