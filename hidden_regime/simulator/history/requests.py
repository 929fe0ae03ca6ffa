"""`self.history` in its forms."""

from __future__ import annotations

import copy
from collections.abc import Callable, Iterable
from datetime import date, datetime, timedelta
from typing import TYPE_CHECKING, Any

import numpy as np

from hidden_regime.data.zones import Zone
from hidden_regime.exceptions import UnsupportedError
from hidden_regime.simulator.account.exchange import Exchange, PairExchange
from hidden_regime.simulator.clock import MIDNIGHT
from hidden_regime.simulator.enums import DataNormalizationMode, Resolution, SecurityType
from hidden_regime.simulator.failures import ArgumentException, InvalidOperationException
from hidden_regime.simulator.feed.adjustment import MODES
from hidden_regime.simulator.feed.custom import NoFeed
from hidden_regime.simulator.feed.daily import DailyFeed
from hidden_regime.simulator.feed.ticks import TickFeed
from hidden_regime.simulator.history import frames
from hidden_regime.simulator.history.universes import (
    Batch,
    batches_of,
    dictionaries_of,
    frame_of,
    refuse_of_securities,
    universe_of,
)
from hidden_regime.simulator.history.window import start_in, start_of
from hidden_regime.simulator.lengths import DAY
from hidden_regime.simulator.objects import BaseData, PythonData, QuoteBar, Slice, Symbol, TradeBar, UnknownSymbol
from hidden_regime.simulator.objects.enumerable import MemoizingEnumerable, enumerable
from hidden_regime.simulator.objects.ticks import Tick
from hidden_regime.simulator.run_clock import NEW_YORK
from hidden_regime.simulator.spelling import snake
from hidden_regime.simulator.universes.data import DataUniverse

if TYPE_CHECKING:
    from hidden_regime.simulator.core import Core

BY_COUNT = (
    "History functions that accept a 'periods' parameter can not be used with Resolution.Tick. Please use a function that "
    "accepts either a start and end date, or a TimeSpan."
)
FUTURE = "Request for future history modified to end now."
FLAGS = (
    "resolution", "fill_forward", "extended_market_hours", "data_mapping_mode", "data_normalization_mode",
    "contract_depth_offset", "flatten",
)  # fmt: skip
IMPRECISE = (
    "Warning: when performing history requests, the start date will be adjusted if there are numerical precision errors in the "
    "factor files."
)
UNLISTED = (
    "Warning: when performing history requests, the start date will be adjusted if it is before the first known date for the "
    "symbol."
)
NOT_OF_TYPE = (
    "No history data could be fetched. This could be due to the specified security not being of the requested type. Symbol: "
    "{} Requested Type: {}"
)
NO_TRADES = (
    "Calling History<TradeBar> method on a Forex or CFD security will return an empty result. Please use the generic version "
    "with QuoteBar type parameter."
)
NOTHING = NoFeed()


def _moment(value: Any) -> datetime | None:
    if isinstance(value, datetime):
        return datetime(value.year, value.month, value.day, value.hour, value.minute, value.second)
    return datetime.combine(value, MIDNIGHT) if isinstance(value, date) else None


def _is_count(value: Any) -> bool:
    return isinstance(value, (int, float, np.integer, np.floating)) and not isinstance(value, (bool, Resolution))


class _Request:
    """A request, taken apart: whose data, of what type, which window, which options."""

    def __init__(self, core: Core, arguments: tuple[Any, ...], options: dict[str, Any]) -> None:
        given = list(arguments)
        aliases = {
            "symbol": "symbols",
            "tickers": "symbols",
            "ticker": "symbols",
            "periods": "span",
            "start": "start",
            "end": "end",
        }
        options = {snake(name): value for name, value in options.items()}
        options = {aliases.get(name, name): value for name, value in options.items()}
        self.kind: type | None = options.pop("type", None)
        if given and isinstance(given[0], type):
            self.kind = given.pop(0)
        self.symbols: Any = options.pop("symbols", None)
        if self.symbols is None and given and not _is_count(given[0]) and not isinstance(given[0], (timedelta, date)):
            self.symbols = given.pop(0)
        self.span = options.pop("span", None)
        start, end = options.pop("start", None), options.pop("end", None)
        if self.span is None and start is None and given:
            if _moment(given[0]) is not None:
                start = given.pop(0)
                if given and _moment(given[0]) is not None:
                    end = given.pop(0)
            else:
                self.span = given.pop(0)
        for name, value in zip(FLAGS, given, strict=False):
            options.setdefault(name, value)
        unknown = set(options) - set(FLAGS)
        if unknown:
            raise TypeError(f"No method matches given arguments for history: {sorted(unknown)}: expected among {list(FLAGS)}.")
        resolution = options.get("resolution")
        self.resolution = None if resolution is None else Resolution(int(resolution))
        self.fill_forward: bool | None = options.get("fill_forward")
        self.extended = bool(options.get("extended_market_hours"))
        self.flatten = bool(options.get("flatten"))
        self.mode: DataNormalizationMode | None = options.get("data_normalization_mode")
        now = core.shown()
        self.start, self.end = _moment(start), _moment(end) or now
        if self.end > now:
            self.end = now
            core.logs.say("debug", FUTURE)
        if self.start is None and self.span is None:
            raise TypeError(
                f"No method matches given arguments for history: {arguments!r}: expected a number of bars, a timedelta, or "
                "start and end."
            )

    def there(self, convert: Callable[[datetime], datetime]) -> _Request:
        """The same in another zone's time."""
        made = copy.copy(self)
        made.end = convert(self.end)
        if self.start is None and isinstance(self.span, timedelta):
            made.start = convert(self.end - self.span)
        elif self.start is not None:
            made.start = convert(self.start)
        return made

    @property
    def listed(self) -> list[Any]:
        """Whose data, as a list."""
        if isinstance(self.symbols, (str, Symbol)) or hasattr(self.symbols, "symbol"):
            return [self.symbols]
        return list(self.symbols)


class History:
    """`self.history`: data that have ended by now.

    With a symbol or a list of symbols it gives a frame by symbol and end time, of minutes with the quotes that there are; with a
    ticker, bars; with neither, slices of all securities. `history[TradeBar](...)` gives bars, `history[QuoteBar]` quotes. Bars
    and slices can be walked, not indexed: `list(...)` of them can. The window is a number of bars, a timedelta, or start and end.
    """

    def __init__(self, core: Core) -> None:
        self._core = core
        self._warned: set[str] = set()

    def __getitem__(self, kind: type) -> Callable[..., Any]:
        self._check_kind(kind)

        def typed(*arguments: Any, **options: Any) -> Any:
            request = _Request(self._core, arguments, options)
            request.kind = kind
            universe = self._universe(request)
            if universe is not None:
                return self._of_universe(universe, request)
            refuse_of_securities(kind)
            if kind is Tick and (request.symbols is None or isinstance(request.symbols, (list, tuple))):
                return enumerable("Ticks", [piece.ticks for piece in self._slices(request)])
            if request.symbols is None or isinstance(request.symbols, (list, tuple)):
                found = [piece.quote_bars if kind is QuoteBar else piece.bars for piece in self._slices(request)]
                return enumerable(f"DataDictionary[{'QuoteBar' if kind is QuoteBar else 'TradeBar'}]", found)
            self._check_type(request)
            return self._listed(request)

        return typed

    def _check_type(self, request: _Request) -> None:
        """Refuse trades of a currency, as LEAN does."""
        symbol = self._core.symbol_of(request.symbols)
        if symbol.security_type == SecurityType.FOREX and request.kind is TradeBar:
            raise ArgumentException(NOT_OF_TYPE.format(symbol, "TradeBar"))

    @staticmethod
    def _check_kind(kind: Any) -> None:
        if kind is not None and not (isinstance(kind, type) and issubclass(kind, (TradeBar, QuoteBar, BaseData))):
            raise UnsupportedError(
                f"history[{getattr(kind, '__name__', kind)}]: the embedded engine has history[TradeBar], "
                "history[QuoteBar] and custom data; others exist in LEAN only."
            )

    def __call__(self, *arguments: Any, **options: Any) -> Any:
        """Data of a window; see the class."""
        request = _Request(self._core, arguments, options)
        universe = self._universe(request)
        if universe is not None:
            return frame_of(universe, self._batches(universe, request), flatten=request.flatten)
        self._check_kind(request.kind)
        refuse_of_securities(request.kind)
        if request.symbols is None:
            if request.kind is None:
                return enumerable("Slice", self._slices(request))
            request.symbols = list(self._core.securities.keys())
        if isinstance(request.symbols, str):
            if self._core.symbol_of(request.symbols).security_type == SecurityType.FOREX and request.kind is None:
                self._core.logs.say("error", NO_TRADES)
            return self._listed(request)
        return frames.of_columns([self._columns(asset, request) for asset in request.listed])

    def _universe(self, request: _Request) -> DataUniverse | None:
        asked = request.symbols
        first = asked[0] if isinstance(asked, (list, tuple)) and len(asked) == 1 else asked
        return universe_of(self._core, first) if isinstance(first, (Symbol, DataUniverse)) else None

    def _batches(self, universe: DataUniverse, request: _Request) -> list[Batch]:
        return batches_of(self._core, universe, request.start, request.span, request.end)

    def _of_universe(self, universe: DataUniverse, request: _Request) -> MemoizingEnumerable[Any]:
        found = self._batches(universe, request)
        if isinstance(request.symbols, (list, tuple)):
            return enumerable("DataDictionary[BaseDataCollection]", dictionaries_of(universe, found))
        if issubclass(universe.data_type, PythonData):
            return enumerable("PythonData", [row for _, data in found for row in data])
        return enumerable("BaseDataCollection", [data for _, data in found])

    def _listed(self, request: _Request) -> MemoizingEnumerable[Any]:
        found = self._data(request.symbols, request)
        kinds = (Tick,) if request.kind is Tick else (TradeBar, QuoteBar)
        known = next((kind.__name__ for kind in kinds if not found or isinstance(found[0], kind)), "PythonData")
        return enumerable(known, found)

    # One symbol ----------------------------------------------------------------------------------------------------------
    def _zone(self, symbol: Symbol) -> Zone:
        """Zone of a symbol's exchange."""
        return self._exchange(symbol).zone if symbol.is_pair else NEW_YORK

    def _exchange(self, symbol: Symbol) -> Exchange:
        """Exchange of a pair, whether anybody is subscribed to it or not."""
        core = self._core
        security = core.securities.get(symbol)
        if security is not None:
            return security.exchange
        hours = core.catalog.pair_markets.hours(symbol.security_type.name.lower(), symbol.market, symbol.value)
        return PairExchange(hours, core.calendar, core.time, core.clock)

    def _of_pair(self, symbol: Symbol, request: _Request, *, quotes: bool) -> tuple[Symbol, Any, datetime, datetime]:
        core, exchange = self._core, self._exchange(symbol)
        assert isinstance(exchange, PairExchange)
        subscription = core.subscriptions.get(symbol)
        default = subscription.resolution if subscription is not None else core.universe_settings.resolution
        resolution = default if request.resolution is None else request.resolution
        if resolution in (Resolution.TICK, Resolution.SECOND):
            raise UnsupportedError(f"history with resolution {resolution.name}: ticks and seconds exist in LEAN only.")
        clock = core.clock
        asked = request.there(lambda moment: clock.local(clock.of_shown(moment), exchange.zone))
        if asked.start is None:
            self._check_count(asked)
            start = start_in(exchange, asked.end, int(asked.span), resolution)
        else:
            start = min(asked.start, asked.end)
        if request.kind is Tick:  # bars have none
            return symbol, NOTHING, start, asked.end
        return symbol, core.catalog.pair_history(symbol, exchange.pair_hours, resolution, quotes=quotes), start, asked.end

    def _place(self, asset: Any, request: _Request, *, quotes: bool = False) -> tuple[Symbol, Any, datetime, datetime]:
        """Symbol, where its bars or its quotes come from, and start and end of the window in its exchange's time."""
        core = self._core
        symbol = core.symbol_of(asset)
        if symbol.is_pair:
            return self._of_pair(symbol, request, quotes=quotes)
        if core.clock.is_round:
            request = request.there(lambda moment: core.clock.local(core.clock.of_shown(moment), NEW_YORK))
        subscription = core.subscriptions.get(symbol)
        custom = subscription.custom if subscription is not None else NOTHING if isinstance(symbol, UnknownSymbol) else None
        default = subscription.resolution if subscription is not None else core.universe_settings.resolution
        resolution = default if request.resolution is None else request.resolution
        if request.kind is Tick:
            resolution = Resolution.TICK
        start = self._start(request, resolution, always_open=custom is not None)
        if custom is not None:
            return symbol, NOTHING if quotes else custom, start, request.end
        mode = request.mode
        if mode is None:
            mode = DataNormalizationMode.ADJUSTED if subscription is None else subscription.security.data_normalization_mode
        mode = DataNormalizationMode(mode)
        if mode not in (*MODES, DataNormalizationMode.SCALED_RAW):
            raise UnsupportedError(f"history with {mode.name}: it exists in LEAN only.")
        if core.catalog.check(symbol.value, resolution) is not None and resolution in (Resolution.TICK, Resolution.SECOND):
            return symbol, NOTHING, start, request.end
        if quotes and not core.catalog.has_quotes(symbol.value, resolution):
            return symbol, NOTHING, start, request.end
        self._warn_of_start(symbol, start)
        source = core.catalog.other(symbol, mode, resolution, start.date(), request.end.date(), quotes=quotes)
        return symbol, source, start, request.end

    def _warn_of_start(self, symbol: Symbol, start: datetime) -> None:
        """Say once a run that a request reaches back before the factor file, and once that it does before the listing."""
        asset = self._core.catalog.asset(symbol.value)
        if asset.factors.rows:
            known = datetime.combine(asset.factors.rows[0].date - DAY, MIDNIGHT)
            if start < known:
                start = known
                self._warn(IMPRECISE)
        if asset.first_day is not None and start < datetime.combine(asset.first_day, MIDNIGHT):
            self._warn(UNLISTED)

    def _warn(self, text: str) -> None:
        if text not in self._warned:
            self._warned.add(text)
            self._core.logs.announce(text, initializing=not self._core.locked)

    def start_before(self, asset: Any, moment: date, n: int, resolution: Resolution | None = None) -> datetime:
        """Start of the window of the n bars that end by a moment."""
        found = self._core.subscriptions.get(self._core.symbol_of(asset))
        default = found.resolution if found is not None else self._core.universe_settings.resolution
        kind = default if resolution is None else Resolution(int(resolution))
        begin = _moment(moment)
        assert begin is not None
        symbol = self._core.symbol_of(asset)
        if symbol.is_pair:
            clock, exchange = self._core.clock, self._exchange(symbol)
            start = start_in(exchange, exchange.local(clock.of_shown(begin)), n, kind)
            return clock.shown(exchange.engine_time(start))
        return start_of(begin, n, kind, self._core.calendar, always_open=found is not None and found.custom is not None)

    def _start(self, request: _Request, resolution: Resolution, *, always_open: bool) -> datetime:
        if request.start is not None:
            return min(request.start, request.end)
        if isinstance(request.span, timedelta):
            return request.end - request.span
        if resolution == Resolution.TICK:
            raise InvalidOperationException(BY_COUNT)
        self._check_count(request)
        return start_of(request.end, int(request.span), resolution, self._core.calendar, always_open=always_open)

    @staticmethod
    def _check_count(request: _Request) -> None:
        if not _is_count(request.span):
            raise TypeError(
                f"No method matches given arguments for history: {request.span!r}: expected a number of bars or a timedelta."
            )

    def _fills(self, symbol: Symbol, request: _Request) -> bool:
        if request.fill_forward is not None:
            return request.fill_forward
        security = self._core.securities.get(symbol)
        return True if security is None else security.fill_forward

    def _data(self, asset: Any, request: _Request, *, quotes: bool | None = None) -> list[Any]:
        symbol, source, start, end = self._place(asset, request, quotes=request.kind is QuoteBar if quotes is None else quotes)
        if hasattr(source, "rows"):
            return self._custom(source, start, end)
        return list(source.between(start, end, fill_forward=self._fills(symbol, request)))

    def _custom(self, source: Any, start: datetime, end: datetime) -> list[Any]:
        rows = source.rows(start - DAY, end)
        return [row for row in rows if start < row.end_time <= end]

    def _columns(self, asset: Any, request: _Request) -> tuple[Symbol, Any, dict[str, Any]]:
        if request.kind is QuoteBar:
            return frames.of_quotes(self._core.symbol_of(asset), self._data(asset, request))
        symbol, source, start, end = self._place(asset, request)
        if hasattr(source, "rows"):
            return frames.of_custom(symbol, self._custom(source, start, end))
        fill = self._fills(symbol, request)
        if isinstance(source, TickFeed):
            return frames.of_ticks(symbol, list(source.between(start, end)))
        if not isinstance(source, DailyFeed):
            bars = source.between(start, end, fill_forward=fill)
            quotes = self._data(asset, request, quotes=True) if request.kind is None else []
            return frames.of_both(symbol, list(bars), quotes) if quotes else frames.of_bars(symbol, bars)
        rows, sessions = source.window(start, end, fill_forward=fill)
        values = source.values[rows]
        columns = {"open": 0, "high": 1, "low": 2, "close": 3, "volume": 4}
        return symbol, [sessions[i].close for i in rows.tolist()], {name: values[:, columns[name]] for name in frames.COLUMNS}

    # All together --------------------------------------------------------------------------------------------------------
    def _slices(self, request: _Request) -> list[Slice]:
        wanted: Iterable[Any] = self._core.securities.keys() if request.symbols is None else request.listed
        by_time: dict[datetime, dict[Symbol, Any]] = {}
        custom: dict[datetime, dict[Symbol, Any]] = {}
        quotes: dict[datetime, dict[Symbol, Any]] = {}
        clock = self._core.clock
        ticks: dict[datetime, dict[Symbol, list[Tick]]] = {}
        for asset in wanted:
            both, symbol = request.kind is None, self._core.symbol_of(asset)
            zone = self._zone(symbol)
            for data in (*self._data(asset, request), *(self._data(asset, request, quotes=True) if both else ())):
                if isinstance(data, Tick):
                    ticks.setdefault(clock.of(data.time, zone), {}).setdefault(symbol, []).append(data)
                    continue
                target = by_time if isinstance(data, TradeBar) else quotes if isinstance(data, QuoteBar) else custom
                target.setdefault(clock.of(data.end_time, zone), {})[symbol] = data
        times = sorted({*by_time, *custom, *quotes, *ticks})
        return [
            Slice(
                clock.shown(t), clock.to_utc(t), by_time.get(t, {}), custom.get(t), quotes=quotes.get(t), ticks=ticks.get(t)
            ) for t in times
        ]  # fmt: skip
