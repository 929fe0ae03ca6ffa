"""Universes that are chosen among data: a day's securities, an ETF's constituents, or rows of a custom class."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from datetime import date, datetime
from functools import partial
from typing import TYPE_CHECKING, Any, ClassVar

from hidden_regime.exceptions import ParameterError
from hidden_regime.simulator.clock import MIDNIGHT, TradingCalendar
from hidden_regime.simulator.enums import Resolution, SecurityType
from hidden_regime.simulator.failures import ArgumentException
from hidden_regime.simulator.feed.custom import CustomFeed
from hidden_regime.simulator.lengths import DAY
from hidden_regime.simulator.objects import Symbol
from hidden_regime.simulator.objects.fundamental import (
    ConstituentsUniverseData,
    ETFConstituentUniverse,
    Fundamental,
)
from hidden_regime.simulator.settings import UniverseSettings
from hidden_regime.simulator.universes.universe import Universe

if TYPE_CHECKING:
    from hidden_regime.simulator.core import Core

Read = Callable[[], list[Any]]
Selector = Callable[[Any], Any]
LOOKBACK = 365
"""Days before its beginning in which a schedule's latest date is looked for."""
ASYNCHRONOUS = (
    "Asynchronous universe setting is not supported for coarse & fine selections, please use the new Fundamental single pass "
    "selection"
)
WITHOUT_FUNDAMENTALS = (
    "Note: Your coarse selection filter was updated to exclude symbols without fine fundamental data. Make sure your coarse "
    "filter excludes symbols where HasFundamental is false."
)


def symbols_of(data: list[Any]) -> list[Symbol]:
    """All of them: what is chosen where no function chooses."""
    return [item.symbol for item in data]


class DataUniverse(Universe):
    """Securities chosen by a function from what has become known.

    As in LEAN it is first chosen when it is added, by what was known then, and after that whenever new data come, or at the dates
    of its schedule. Data of a day come at the midnight after it.
    """

    data_type: type = object
    counts_sessions: ClassVar[bool] = True
    """Whether it begins a session before it is added, not a day."""

    def __init__(self, name: str, selector: Selector | None, settings: UniverseSettings | None,
                 resolution: Resolution = Resolution.DAILY) -> None:  # fmt: skip
        super().__init__(name, selector or symbols_of, settings, resolution)  # type: ignore[arg-type]
        self._all = selector is None
        self._core: Core | None = None
        self._waiting: list[tuple[datetime, Read]] = []
        self._latest: list[Any] = []
        self.disposed = False

    def bind(self, core: Core) -> None:
        """Take data from a run's market."""
        self._core = core
        if self.settings is None:
            self.settings = core.universe_settings

    @property
    def core(self) -> Core:
        """The run to which it was added."""
        if self._core is None:
            raise ParameterError("universe", self.name, "one that was added: call self.add_universe(universe) first")
        return self._core

    @property
    def symbol(self) -> Symbol:
        """The symbol of its data."""
        return Symbol(self.name)

    # When ----------------------------------------------------------------------------------------------------------------
    def batches(self, first: date, end: datetime) -> Iterator[tuple[datetime, Read]]:
        """When data become known, from those of a day on, and what reads them."""
        raise NotImplementedError  # pragma: no cover

    def times(self, start: datetime, end: datetime, calendar: TradingCalendar) -> Iterator[datetime]:
        """New York times at which it is chosen, from a time on."""
        schedule = self.settings.schedule if self.settings is not None else None
        if schedule is not None and schedule.initialized:
            planned = self._scheduled(start, end, calendar)
        else:
            planned = self.batches(self._session_before(start, calendar), end)
        for moment, read in planned:
            self._waiting.append((max(moment, start), read))
            yield max(moment, start)

    def _session_before(self, moment: datetime, calendar: TradingCalendar) -> date:
        before = calendar.before(moment.date(), 1) if self.counts_sessions else None
        return before[0].date if before else moment.date() - DAY

    def _scheduled(self, start: datetime, end: datetime, calendar: TradingCalendar) -> Iterator[tuple[datetime, Read]]:
        """The latest data at each date of the schedule; once without new data those of before again."""
        assert self.settings is not None
        days = self.settings.schedule
        earlier = days.get(start - LOOKBACK * DAY, start)
        begin = earlier[-1] if earlier else start
        known = self.batches(self._session_before(begin, calendar), end)
        latest: tuple[datetime, Read] | None = None
        coming = next(known, None)
        for moment in days.get(begin, end):
            while coming is not None and coming[0] <= moment:
                latest, coming = coming, next(known, None)
            if latest is not None:
                yield moment, latest[1]

    # What ----------------------------------------------------------------------------------------------------------------
    def choose(self, now: datetime) -> Any:
        """What the function chooses among the data that are due."""
        due = [read for moment, read in self._waiting if moment.replace(microsecond=0) <= now]
        self._waiting = [entry for entry in self._waiting if entry[0].replace(microsecond=0) > now]
        data = [item for read in due for item in read()]
        if self.disposed:
            return []
        found = self.choose_among(data)
        self._latest = data
        return found

    def choose_among(self, data: list[Any]) -> Any:
        """What the function chooses among data."""
        return self.selector(data)  # type: ignore[arg-type]

    def remember(self) -> None:
        """Show the members of a list what it says of them: fundamental data they look up by themselves."""
        data, self._latest = self._latest, []
        if issubclass(self.data_type, ConstituentsUniverseData):
            for item in data:
                security = self.core.securities.get(item.symbol)
                if security is not None:
                    security.listed = item

    def may_leave(self, symbol: Symbol, utc: datetime) -> bool:
        """As of others; at its end all may."""
        return self.disposed or super().may_leave(symbol, utc)


class FundamentalUniverse(Fundamental):
    """The type of their data, and what makes one: `FundamentalUniverse.usa(selector[, settings])`."""

    @classmethod
    def usa(cls, selector: Selector, universe_settings: UniverseSettings | None = None) -> FundamentalUniverseFactory:
        """A universe of US equities."""
        return FundamentalUniverseFactory("usa", universe_settings, selector)

    USA = usa


class FundamentalUniverseFactory(DataUniverse):
    """Securities chosen among all of a day: `FundamentalUniverseFactory(market, settings, selector)`."""

    data_type = FundamentalUniverse

    def __init__(self, market: Any, settings: UniverseSettings | None, selector: Selector | None, name: str = "") -> None:
        super().__init__(name, selector, settings)

    def batches(self, first: date, end: datetime) -> Iterator[tuple[datetime, Read]]:
        """Those of each session, at the midnight after it."""
        lists = self.core.lists
        for session in self.core.calendar.between(first, end.date()):
            yield datetime.combine(session.date, MIDNIGHT) + DAY, partial(lists.coarse, session.date)


class CoarseFundamentalUniverse(FundamentalUniverseFactory):
    """The same under its old name: `CoarseFundamentalUniverse(settings, selector)`."""

    def __init__(self, settings: UniverseSettings | None, selector: Selector | None, name: str = "") -> None:
        super().__init__("usa", settings, selector, name)


class FundamentalFilteredUniverse(DataUniverse):
    """A universe whose choice a second function narrows, which is given fundamental data."""

    def __init__(self, universe: DataUniverse, fine_selector: Selector) -> None:
        super().__init__(universe.name, universe.selector, universe.settings, universe.resolution)
        if isinstance(universe, CoarseFundamentalUniverse) and universe.settings is not None and universe.settings.asynchronous:
            raise ArgumentException(ASYNCHRONOUS)
        self._inner, self._fine = universe, fine_selector
        self.data_type = universe.data_type

    def bind(self, core: Core) -> None:
        """Take data from a run's market."""
        super().bind(core)
        self._inner.bind(core)

    def batches(self, first: date, end: datetime) -> Iterator[tuple[datetime, Read]]:
        """Those of the universe inside."""
        return self._inner.batches(first, end)

    def choose_among(self, data: list[Any]) -> Any:
        """What both functions choose."""
        chosen = self._inner.choose_among(data)
        if chosen is None or chosen is Universe.UNCHANGED:
            return chosen
        wanted = {item if isinstance(item, Symbol) else Symbol(item): None for item in chosen}
        if data and isinstance(data[0], Fundamental):
            found = [item for item in data if item.symbol in wanted and wanted.pop(item.symbol, self) is None]
            kept = [item for item in found if item.has_fundamental_data]
            if len(kept) < len(found):
                self.core.say_once("debug", WITHOUT_FUNDAMENTALS)
        else:
            day = self.core.now.date()
            kept = [self.core.lists.fundamental(symbol, day) for symbol in wanted]
        data[:] = kept
        return self._fine(kept)


class FineFundamentalFilteredUniverse(FundamentalFilteredUniverse):
    """The same under its old name."""


class ConstituentsUniverse(DataUniverse):
    """Who is on a list of the folder's: `ConstituentsUniverse(symbol, settings[, filter])`, by the symbol's last part."""

    data_type: type = ConstituentsUniverseData

    def __init__(
        self, symbol: Any, universe_settings: UniverseSettings | None = None, filter_func: Selector | None = None
    ) -> None:
        super().__init__(str(getattr(symbol, "value", symbol)), filter_func, universe_settings)
        self._list = self.name.rpartition("-")[2].lower()

    def batches(self, first: date, end: datetime) -> Iterator[tuple[datetime, Read]]:
        """Those of each session that has a file, at the midnight after it."""
        lists, kind = self.core.lists, self.resolution.name.lower()
        for session in self.core.calendar.between(first, end.date()):
            found = lists.listed(kind, self._list, session.date)
            if found:
                yield datetime.combine(session.date, MIDNIGHT) + DAY, partial(list, found)

    def choose_among(self, data: list[Any]) -> Any:
        """A list of nobody chooses nobody."""
        found = super().choose_among(data)
        nobody = len(data) == 1 and data[0].symbol.value == "NONE"
        return [] if nobody and self._all else found


class ETFConstituentsUniverseFactory(DataUniverse):
    """Who an ETF consists of: `ETFConstituentsUniverseFactory(symbol, settings[, filter])`. It ends as the ETF is delisted."""

    data_type: type = ETFConstituentUniverse

    def __init__(self, symbol: Any, universe_settings: UniverseSettings | None = None,
                 constituents_filter: Selector | None = None) -> None:  # fmt: skip
        super().__init__("", constituents_filter, universe_settings)
        self.etf = symbol if isinstance(symbol, Symbol) else Symbol(str(symbol))

    def batches(self, first: date, end: datetime) -> Iterator[tuple[datetime, Read]]:
        """Those of each session that has a file, at the midnight after it; at the end of the listing none."""
        lists = self.core.lists
        lists.check_etf(self.etf)
        last = self.core.catalog.asset(self.etf.value).last_day
        for session in self.core.calendar.between(first, min(end.date(), last or date.max)):
            found = lists.etf(self.etf, session.date)
            if found:
                yield datetime.combine(session.date, MIDNIGHT) + DAY, partial(list, found)
        if last is not None:
            yield datetime.combine(last, MIDNIGHT) + DAY, self._dispose

    def _dispose(self) -> list[Any]:
        self.disposed = True
        return []


class CustomUniverse(DataUniverse):
    """Securities chosen from rows of a custom class: `add_universe(Type, name, selector)`."""

    counts_sessions = False

    def __init__(self, kind: type, name: str, selector: Selector | None, settings: UniverseSettings | None,
                 resolution: Resolution = Resolution.DAILY) -> None:  # fmt: skip
        super().__init__(name, selector, settings, resolution)
        self.data_type = kind
        self.feed: Any = None

    @property
    def symbol(self) -> Symbol:
        """The symbol of its data."""
        return Symbol(self.name, SecurityType.BASE)

    def batches(self, first: date, end: datetime) -> Iterator[tuple[datetime, Read]]:
        """Rows that end at the same time, then."""
        begin = datetime.combine(first, MIDNIGHT)
        found: list[Any] = []
        store = self.core.object_store.read_bytes
        self.feed = self.feed or CustomFeed(self.data_type, self.symbol, self.resolution, store)
        for row in self.feed.rows(begin, end):
            if found and row.end_time != found[0].end_time:
                yield found[0].end_time, partial(list, found)
                found = []
            found.append(row)
        if found:
            yield found[0].end_time, partial(list, found)
