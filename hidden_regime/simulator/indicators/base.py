"""What indicators have in common: values in time, listeners, windows."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from datetime import datetime
from decimal import ROUND_HALF_UP, Decimal
from functools import cache
from typing import Any, ClassVar

from hidden_regime.simulator.binding import Binder
from hidden_regime.simulator.binding.declared_indicators import CONSTRUCTORS
from hidden_regime.simulator.binding.signatures import read
from hidden_regime.simulator.consolidation import Handlers
from hidden_regime.simulator.failures import EngineError
from hidden_regime.simulator.managed import Managed
from hidden_regime.simulator.objects import IndicatorDataPoint, QuoteBar, TradeBar
from hidden_regime.simulator.objects.symbol import Symbol
from hidden_regime.simulator.overloads import decimal
from hidden_regime.simulator.spelling import BothSpellings, TwoSpellings, snake
from hidden_regime.simulator.window import RollingWindow

NOT_A_BAR = "IndicatorBase.Update() 'input' expected to be of type TradeBar but is of type {}"
BY_VALUE = (
    "{} does not support the `Update(DateTime, decimal)` method. Use one of the following methods instead: Update(TradeBar)"
)


def shown(value: float) -> str:
    """A value as LEAN prints an indicator: at least one and at most five decimals."""
    text = str(Decimal(repr(value)).quantize(Decimal("0.00001"), ROUND_HALF_UP))
    whole, _, digits = text.partition(".")
    return f"{whole}.{digits.rstrip('0') or '0'}"


class Valued(TwoSpellings):
    """Members of everything that has a value in time."""

    settable: ClassVar[tuple[str, ...]] = ("name",)
    name: str
    window: RollingWindow[IndicatorDataPoint]

    @property
    def current(self) -> IndicatorDataPoint:
        """The latest value."""
        return self.window[0]  # type: ignore[return-value]

    @property
    def previous(self) -> IndicatorDataPoint:
        """The value before."""
        return self.window[1] or IndicatorDataPoint()

    def __getitem__(self, i: int) -> IndicatorDataPoint | None:
        return self.window[i]

    def __iter__(self) -> Iterator[IndicatorDataPoint]:
        return iter(self.window)

    def __str__(self) -> str:
        return shown(self.current.value)

    def to_detailed_string(self) -> str:
        """Name and value."""
        return f"{self.name} - {self}"

    @staticmethod
    def _number(other: Any) -> float:
        return float(other.current.value if isinstance(other, Valued) else other)

    def __lt__(self, other: Any) -> bool:
        return bool(self.current.value < self._number(other))

    def __le__(self, other: Any) -> bool:
        return bool(self.current.value <= self._number(other))

    def __gt__(self, other: Any) -> bool:
        return bool(self.current.value > self._number(other))

    def __ge__(self, other: Any) -> bool:
        return bool(self.current.value >= self._number(other))

    def __eq__(self, other: object) -> bool:
        if isinstance(other, Valued) or not isinstance(other, (int, float)):
            return self is other
        return self.current.value == other

    def __hash__(self) -> int:
        return id(self)


@cache
def constructor(cls: type) -> Binder | None:
    """LEAN's constructors of a class, if it is the engine's own: a user's class has its own."""
    found = read(CONSTRUCTORS).get(cls.__name__) if cls.__module__.startswith(__package__ or "") else None
    return Binder(".ctor", found) if found else None


class ByKeyword(BothSpellings):
    """Metaclass: indicators take what LEAN's constructors take, by place and by name."""

    def __call__(cls, *arguments: Any, **named_ones: Any) -> Any:
        """Put named parameters in their places."""
        binder = constructor(cls)
        if binder is not None:
            given = binder.bind(arguments, {snake(name): value for name, value in named_ones.items()})
            label = [given.pop("name")] if given.get("name") is not None else []
            given.pop("name", None)
            values = [DEFAULT] * len(cls.parameters)
        elif not named_ones:
            return super().__call__(*arguments)
        else:
            given = named_ones
            label = [given.pop("name")] if "name" in given else []
            rest = list(arguments)
            if rest and isinstance(rest[0], str):
                label = [rest.pop(0)]
            values = rest + [DEFAULT] * (len(cls.parameters) - len(rest))
        places: tuple[str, ...] = cls.parameters
        for name, value in given.items():
            plain = ALIASES.get(name, name)
            # One period for both sides.
            plain = plain if plain in places or plain != "period" else places[0]
            if plain not in places:
                raise TypeError(f"{cls.__name__} got {name!r}: expected among {', '.join(places)}.")
            values[places.index(plain)] = value
        while values and values[-1] is DEFAULT:
            values.pop()
        return super().__call__(*label, *values)


DEFAULT = object()
ALIASES = {"type": "moving_average_type"}


class Indicator(Valued, metaclass=ByKeyword):
    """Base of indicators: a value from a stream of values (or of bars, where `takes_bars`).

    A subclass defines `_next`, which is given the value (or bar) and returns the new value, or None where there is none.
    """

    takes_bars = needs_trades = False
    """Whether it reads whole bars; whether these have to be of trades, because quotes have no volume."""
    parameters: ClassVar[tuple[str, ...]] = ("period",)

    def __init__(self, name: str, period: int, warm_up_period: int | None = None) -> None:
        self.name, self.period = name, period
        self.warm_up_period = period if warm_up_period is None else warm_up_period
        self.samples = 0
        self.updated = Handlers()
        self.consolidators: list[Any] = []
        self.window: RollingWindow[IndicatorDataPoint] = RollingWindow(2)
        self.window.add(IndicatorDataPoint())
        self.clock = datetime.min
        self._seen: dict[Any, Any] = {}

    @property
    def is_ready(self) -> bool:
        """Whether it has seen enough."""
        return self.samples >= self.period

    @property
    def parts(self) -> dict[str, Indicator]:
        """Indicators that belong to it, by name."""
        return {}

    def update(self, time: Any, value: float | None = None) -> bool:
        """Take a value with its time, or a bar. Older data than the last are ignored, as in LEAN. Whether it is ready."""
        if value is not None:
            if self.takes_bars:
                raise EngineError(BY_VALUE.format(type(self).__name__))
            return self.take(IndicatorDataPoint(time, float(value)))
        return self.take(time)

    def take(self, data: Any) -> bool:
        """Take a bar or a data point."""
        key = getattr(data, "symbol", None)
        last = self._seen.get(key)
        if last is not None and (data is last or data.end_time < last.end_time):
            return self.is_ready
        self._seen[key] = data
        self.clock = data.end_time
        self.samples += 1
        if self.takes_bars and not isinstance(data, TradeBar) and (self.needs_trades or not isinstance(data, QuoteBar)):
            raise EngineError(NOT_A_BAR.format(type(data).__name__))
        number = self._next(data if self.takes_bars else float(data.value))
        if number is not None:
            self.window.add(IndicatorDataPoint(key, data.end_time, number))
            if self.updated:
                self.updated(self, self.window[0])
        return self.is_ready

    def _next(self, value: Any) -> float | None:
        """Value after one more."""
        raise NotImplementedError  # pragma: no cover

    def reset(self) -> None:
        """Forget the values. Listeners, consolidators, the name and the parts of the indicator stay."""
        before = dict(vars(self))
        self.__init__(*self._made_of)  # type: ignore[misc]
        for name in ("name", "updated", "consolidators", "_made_of"):
            vars(self)[name] = before[name]
        self.window.size = before["window"].size
        for name, part in before.items():
            if isinstance(part, Indicator):
                part.reset()
                vars(self)[name] = part
            elif isinstance(part, list) and part and all(isinstance(item, Indicator) for item in part):
                for item in part:
                    item.reset()
                vars(self)[name] = part

    _made_of: tuple[Any, ...] = ()

    def __new__(cls, *arguments: Any, **keywords: Any) -> Any:
        """Note what it is made of, so that `reset` can make it anew."""
        made = super().__new__(cls)
        made._made_of = arguments
        return made


class Figure(Indicator):
    """A part of an indicator, whose value its owner sets."""

    def __init__(self, name: str) -> None:
        super().__init__(name, 1)

    def set(self, time: datetime, value: float, symbol: Symbol | None = None) -> None:
        """Take the owner's value."""
        self.samples += 1
        self.window.add(IndicatorDataPoint(symbol, time, value) if symbol is not None else IndicatorDataPoint(time, value))
        if self.updated:
            self.updated(self, self.current)


class PythonIndicator(Valued, metaclass=Managed):
    """Base of a user's own indicators: `update(self, input)` sets `self.value` and returns whether it is ready.

    `warm_up_period` lets `warm_up_indicator` and automatic warm-up feed it.
    """

    settable = ("value", "name", "warm_up_period")
    value: float = 0.0
    warm_up_period = 0
    samples: int
    updated: Handlers
    consolidators: list[Any]
    _ready: bool
    _last: Any

    def __new__(cls, *arguments: Any, **keywords: Any) -> Any:
        """A user's `__init__` may forget `super()`."""
        made = super().__new__(cls)
        made.name = cls.__name__
        made.samples = 0
        made.updated = Handlers()
        made.consolidators = []
        made.window = RollingWindow(2)
        made.window.add(IndicatorDataPoint())
        vars(made).update(_ready=False, _last=None)
        return made

    def __init__(self, *arguments: Any) -> None:
        """Nothing to set up."""

    @property
    def is_ready(self) -> bool:
        """What the last update returned."""
        return bool(self._ready)

    def reset(self) -> None:
        """Forget the values."""
        self.samples = 0
        self._last = None
        self.window.reset()
        self.window.add(IndicatorDataPoint())

    def on_updated(self, consolidated: IndicatorDataPoint) -> None:
        """Tell the listeners of a value: what `update` calls that is called by hand."""
        self.updated(self, consolidated)

    def _take(self, data: Any, update: Callable[[Any], Any]) -> bool:
        """Have the user's function update it, unless the data are older than the last ones."""
        last = self._last
        if last is not None and (data is last or data.end_time < last.end_time):
            return bool(self._ready)
        self._last = data
        ready = update(data)
        value = float(self.value)
        if value != value or abs(value) == float("inf"):
            raise EngineError(
                "Invalid type for property 'value'. Expected a type convertible to 'Decimal' but was 'float': "
                f"{type(self).__name__}.value is {value}."
            )
        self.samples += 1
        self._ready = bool(ready)
        self.window.add(IndicatorDataPoint(data.symbol, data.end_time, value))
        if self.updated:
            self.updated(self, self.current)
        return bool(ready)


def feed(indicator: Any, data: Any) -> bool:
    """Give data to an indicator of ours or of the user's own, in either spelling. Whether it is ready."""
    if isinstance(indicator, Indicator):
        return indicator.take(data)
    function: Callable[[Any], Any] = indicator.update if hasattr(indicator, "update") else indicator.Update
    if PythonIndicator in type(indicator).__mro__:  # as isinstance would say, but without asking the metaclass
        return PythonIndicator._take(indicator, data, function)  # a user's class may have a _take of its own
    return bool(function(data))


def named(
    kind: str, first: Any, rest: tuple[Any, ...], defaults: tuple[Any, ...], shows: int | None = None
) -> tuple[str, tuple[Any, ...]]:
    """LEAN's indicators take their arguments with or without a name in front; one that is made up shows the numbers."""
    name = first if isinstance(first, str) else ""
    given = rest if isinstance(first, str) else (first, *rest)
    full = [
        default if value is DEFAULT else int(value) if isinstance(default, int) and isinstance(value, float) else value
        for value, default in zip((*given, *defaults[len(given) :]), defaults, strict=False)
    ]
    numbers = [in_a_name(v) for v in full if isinstance(v, (int, float)) and not hasattr(v, "name")]
    return name or f"{kind}({','.join(numbers[:shows])})", tuple(full)


def in_a_name(value: Any) -> str:
    """A number in an indicator's name: a decimal keeps the zeros of its text."""
    return decimal(str(value)) or str(value)
