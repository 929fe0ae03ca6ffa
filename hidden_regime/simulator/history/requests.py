"""`self.history` in its forms."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from datetime import date, datetime, timedelta
from typing import TYPE_CHECKING, Any

import numpy as np

from hidden_regime.exceptions import UnsupportedError
from hidden_regime.simulator.clock import MIDNIGHT, to_utc
from hidden_regime.simulator.enums import DataNormalizationMode, Resolution
from hidden_regime.simulator.failures import InvalidOperationException
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
from hidden_regime.simulator.history.window import start_of
from hidden_regime.simulator.lengths import DAY
from hidden_regime.simulator.objects import BaseData, PythonData, QuoteBar, Slice, Symbol, TradeBar, UnknownSymbol
from hidden_regime.simulator.objects.enumerable import MemoizingEnumerable, enumerable
from hidden_regime.simulator.objects.ticks import Tick
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
        now = core.now
        self.start, self.end = _moment(start), _moment(end) or now
        if self.end > now:
            self.end = now
            core.logs.say("debug", FUTURE)
        if self.start is None and self.span is None:
            raise TypeError(
                f"No method matches given arguments for history: {arguments!r}: expected a number of bars, a timedelta, or "
                "start and end."
            )

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
            return self._listed(request)

        return typed

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
        known = next((kind.__name__ for kind in (TradeBar, QuoteBar) if not found or isinstance(found[0], kind)), "PythonData")
        return enumerable(known, found)

    # One symbol ----------------------------------------------------------------------------------------------------------
    def _place(self, asset: Any, request: _Request, *, quotes: bool = False) -> tuple[Symbol, Any, datetime]:
        """Symbol, where its bars or its quotes come from, and the start of the window."""
        core = self._core
        symbol = core.symbol_of(asset)
        subscription = core.subscriptions.get(symbol)
        custom = subscription.custom if subscription is not None else NOTHING if isinstance(symbol, UnknownSymbol) else None
        default = subscription.resolution if subscription is not None else core.universe_settings.resolution
        resolution = default if request.resolution is None else request.resolution
        if request.kind is Tick:
            resolution = Resolution.TICK
        start = self._start(request, resolution, always_open=custom is not None)
        if custom is not None:
            return symbol, NOTHING if quotes else custom, start
        mode = request.mode
        if mode is None:
            mode = DataNormalizationMode.ADJUSTED if subscription is None else subscription.security.data_normalization_mode
        mode = DataNormalizationMode(mode)
        if mode not in (*MODES, DataNormalizationMode.SCALED_RAW):
            raise UnsupportedError(f"history with {mode.name}: it exists in LEAN only.")
        if core.catalog.check(symbol.value, resolution) is not None and resolution in (Resolution.TICK, Resolution.SECOND):
            return symbol, NOTHING, start
        if quotes and not core.catalog.has_quotes(symbol.value, resolution):
            return symbol, NOTHING, start
        self._warn_of_start(symbol, start)
        return symbol, core.catalog.other(symbol, mode, resolution, start.date(), request.end.date(), quotes=quotes), start

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
        return start_of(begin, n, kind, self._core.calendar, always_open=found is not None and found.custom is not None)

    def _start(self, request: _Request, resolution: Resolution, *, always_open: bool) -> datetime:
        if request.start is not None:
            return min(request.start, request.end)
        if isinstance(request.span, timedelta):
            return request.end - request.span
        if resolution == Resolution.TICK:
            raise InvalidOperationException(BY_COUNT)
        if not _is_count(request.span):
            raise TypeError(
                f"No method matches given arguments for history: {request.span!r}: expected a number of bars or a timedelta."
            )
        return start_of(request.end, int(request.span), resolution, self._core.calendar, always_open=always_open)

    def _fills(self, symbol: Symbol, request: _Request) -> bool:
        if request.fill_forward is not None:
            return request.fill_forward
        security = self._core.securities.get(symbol)
        return True if security is None else security.fill_forward

    def _data(self, asset: Any, request: _Request, *, quotes: bool | None = None) -> list[Any]:
        symbol, source, start = self._place(asset, request, quotes=request.kind is QuoteBar if quotes is None else quotes)
        if hasattr(source, "rows"):
            return self._custom(source, start, request.end)
        return list(source.between(start, request.end, fill_forward=self._fills(symbol, request)))

    def _custom(self, source: Any, start: datetime, end: datetime) -> list[Any]:
        rows = source.rows(start - DAY, end)
        return [row for row in rows if start < row.end_time <= end]

    def _columns(self, asset: Any, request: _Request) -> tuple[Symbol, Any, dict[str, Any]]:
        if request.kind is QuoteBar:
            return frames.of_quotes(self._core.symbol_of(asset), self._data(asset, request))
        symbol, source, start = self._place(asset, request)
        if hasattr(source, "rows"):
            return frames.of_custom(symbol, self._custom(source, start, request.end))
        fill = self._fills(symbol, request)
        if isinstance(source, TickFeed):
            return frames.of_ticks(symbol, list(source.between(start, request.end)))
        if not isinstance(source, DailyFeed):
            bars = source.between(start, request.end, fill_forward=fill)
            quotes = self._data(asset, request, quotes=True) if request.kind is None else []
            return frames.of_both(symbol, list(bars), quotes) if quotes else frames.of_bars(symbol, bars)
        rows, sessions = source.window(start, request.end, fill_forward=fill)
        values = source.values[rows]
        columns = {"open": 0, "high": 1, "low": 2, "close": 3, "volume": 4}
        return symbol, [sessions[i].close for i in rows.tolist()], {name: values[:, columns[name]] for name in frames.COLUMNS}

    # All together --------------------------------------------------------------------------------------------------------
    def _slices(self, request: _Request) -> list[Slice]:
        wanted: Iterable[Any] = self._core.securities.keys() if request.symbols is None else request.listed
        by_time: dict[datetime, dict[Symbol, Any]] = {}
        custom: dict[datetime, dict[Symbol, Any]] = {}
        quotes: dict[datetime, dict[Symbol, Any]] = {}
        ticks: dict[datetime, dict[Symbol, list[Tick]]] = {}
        for asset in wanted:
            both = request.kind is None
            for data in (*self._data(asset, request), *(self._data(asset, request, quotes=True) if both else ())):
                if isinstance(data, Tick):
                    ticks.setdefault(data.time, {}).setdefault(self._core.symbol_of(asset), []).append(data)
                    continue
                target = by_time if isinstance(data, TradeBar) else quotes if isinstance(data, QuoteBar) else custom
                target.setdefault(data.end_time, {})[self._core.symbol_of(asset)] = data
        times = sorted({*by_time, *custom, *quotes, *ticks})
        return [
            Slice(t, to_utc(t), by_time.get(t, {}), custom.get(t), quotes=quotes.get(t), ticks=ticks.get(t)) for t in times
        ]  # fmt: skip
