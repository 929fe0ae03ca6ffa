"""Columns by name: what is measured, over how many bars, and how many bars ago."""

from __future__ import annotations

import math
import re
from collections import deque
from collections.abc import Callable
from datetime import datetime
from typing import Any, NamedTuple

from hidden_regime.bars.bar import Bar
from hidden_regime.exceptions import ParameterError
from hidden_regime.quantconnect._lean import (
    ExponentialMovingAverage,
    LogReturn,
    Maximum,
    RelativeStrengthIndex,
    SimpleMovingAverage,
    StandardDeviation,
)
from hidden_regime.regimes.state import RegimeState

LONGEST = 2000
"""Bars that a column may look back on."""
SPELLING = re.compile(r"^(?P<kind>[a-z-]+)(?::(?P<of>[^@]+))?(?:@(?P<lag>\d+))?$")


class Measured(NamedTuple):
    """A kind of column made of prices: its formula, and what makes one that takes bars."""

    make: Callable[[int], Measure]
    formula: str
    least: int
    """Bars that it needs beyond its period."""


class Measure:
    """A value after each bar, by indicators of LEAN's: NaN until there are bars enough.

    Parameters
    ----------
    least : int
        Bars until there is a value.
    take : callable
        Gives a bar to the indicators, and the value after it.
    """

    def __init__(self, least: int, take: Callable[[Bar], float]) -> None:
        self.least, self._take, self._seen = least, take, 0

    def take(self, bar: Bar) -> float:
        """Value after one more bar."""
        self._seen += 1
        value = self._take(bar)
        return value if self._seen >= self.least else math.nan


def fed(indicator: Any, time: datetime, value: float) -> float:
    """Value of an indicator after one more."""
    indicator.update(time, value)
    return float(indicator.current.value)


def _return(period: int) -> Measure:
    logs = LogReturn(period)
    return Measure(period + 1, lambda bar: fed(logs, bar.end_time, bar.close))


def _rsi(period: int) -> Measure:
    strength = RelativeStrengthIndex(period)
    return Measure(period + 1, lambda bar: fed(strength, bar.end_time, bar.close))


def _gap(average: Any) -> Callable[[int], Measure]:
    def make(period: int) -> Measure:
        mean = average(period)

        def take(bar: Bar) -> float:
            middle = fed(mean, bar.end_time, bar.close)  # 0 where LEAN's has none yet
            return bar.close / middle - 1.0 if middle > 0.0 else math.nan

        return Measure(period, take)

    return make


def _volatility(period: int) -> Measure:
    spread = StandardDeviation(period)
    before: deque[float] = deque(maxlen=1)

    def take(bar: Bar) -> float:
        value = fed(spread, bar.end_time, math.log(bar.close / before[0])) if before else math.nan
        before.append(bar.close)
        return value

    return Measure(period + 1, take)


def _zscore(period: int) -> Measure:
    mean, spread = SimpleMovingAverage(period), StandardDeviation(period)

    def take(bar: Bar) -> float:
        middle, width = (fed(one, bar.end_time, bar.close) for one in (mean, spread))
        return (bar.close - middle) / width if width > 0.0 else 0.0

    return Measure(period, take)


def _range(period: int) -> Measure:
    mean = SimpleMovingAverage(period)
    return Measure(period, lambda bar: fed(mean, bar.end_time, math.log(bar.high / bar.low)))


def _drawdown(period: int) -> Measure:
    highest = Maximum(period)
    return Measure(period, lambda bar: bar.close / fed(highest, bar.end_time, bar.close) - 1.0)


MEASURED = {
    "return": Measured(_return, "log of the close over the close {n} bars before", 1),
    "rsi": Measured(_rsi, "relative strength index of {n} bars, Wilder's averages, 0 to 100", 1),
    "sma-gap": Measured(_gap(SimpleMovingAverage), "close over its mean of {n} bars, less 1", 0),
    "ema-gap": Measured(_gap(ExponentialMovingAverage), "close over its exponential mean of {n} bars, less 1", 0),
    "volatility": Measured(_volatility, "standard deviation of the latest {n} log returns, a bar", 1),
    "zscore": Measured(_zscore, "close less its mean of {n} bars, in standard deviations of these closes", 0),
    "range": Measured(_range, "mean log of high over low of {n} bars", 0),
    "drawdown": Measured(_drawdown, "close over the highest close of {n} bars, less 1", 0),
}
"""None depends on the unit of prices, so that a split, which moves the bars before it, moves no column."""


def _probability(state: RegimeState, regime: str) -> float:
    return math.fsum(p for p, name in zip(state.probabilities, state.names, strict=True) if name == regime)


OF_REGIMES: dict[str, tuple[Callable[[RegimeState, str], float], str]] = {
    "probability": (_probability, "filtered probability of {n}"),
    "confidence": (lambda state, of: state.confidence, "filtered probability of the regime that is called"),
    "age": (lambda state, of: float(state.duration), "bars since the called regime began, this one included"),
    "expected-duration": (lambda state, of: state.expected_duration, "bars that the called state lasts on average by its model"),
}


class Column(NamedTuple):
    """One column.

    Attributes
    ----------
    kind : str
        A key of `MEASURED` or `OF_REGIMES`.
    of : int or str
        Bars, or a regime's name; "" where the kind has neither.
    lag : int
        Bars ago.
    """

    kind: str
    of: int | str = ""
    lag: int = 0

    @classmethod
    def read(cls, text: str) -> Column:
        """A column as it is written: "rsi:14", "return:5@1" (of the bar before), "probability:Bear", "age".

        Raises
        ------
        ParameterError

        Examples
        --------
        >>> Column.read("return:5@1")
        Column(kind='return', of=5, lag=1)
        """
        expected = f"a kind ({', '.join([*MEASURED, *OF_REGIMES])}), with bars or a regime's name: 'rsi:14', 'probability:Bear'"
        found = SPELLING.match(text) if isinstance(text, str) else None
        if found is None or found["kind"] not in {*MEASURED, *OF_REGIMES}:
            raise ParameterError("column", text, expected)
        kind, of, lag = found["kind"], found["of"], int(found["lag"] or 0)
        if lag > LONGEST:
            raise ParameterError("column", text, f"a lag of at most {LONGEST} bars")
        if kind in MEASURED:
            if of is None or not of.isdecimal() or not 1 <= int(of) <= LONGEST:
                raise ParameterError("column", text, f"a number of bars from 1 to {LONGEST}, such as '{kind}:14'")
            return cls(kind, int(of), lag)
        if (kind == "probability") != (of is not None):
            raise ParameterError("column", text, "a regime's name after 'probability:', and none after another kind")
        return cls(kind, of or "", lag)

    @property
    def text(self) -> str:
        """As it is written."""
        return f"{self.kind}{f':{self.of}' if self.of else ''}{f'@{self.lag}' if self.lag else ''}"

    @property
    def name(self) -> str:
        """Its name in a table."""
        return f"{self.kind}{f'_{self.of}' if self.of else ''}{f'_lag{self.lag}' if self.lag else ''}".replace("-", "_")

    @property
    def is_of_regimes(self) -> bool:
        """Whether it needs a detector."""
        return self.kind in OF_REGIMES

    @property
    def formula(self) -> str:
        """What it is, in words."""
        said = (OF_REGIMES[self.kind][1] if self.is_of_regimes else MEASURED[self.kind].formula).format(n=self.of)
        return f"{said}; {self.lag} bar{'' if self.lag == 1 else 's'} before" if self.lag else said

    @property
    def bars(self) -> int:
        """Bars until it has a value; of regimes 0, for the first training decides."""
        return 0 if self.is_of_regimes else int(self.of) + MEASURED[self.kind].least + self.lag

    def measure(self) -> Measure:
        """What takes bars for it, of a kind made of prices."""
        return MEASURED[self.kind].make(int(self.of))

    def value(self, state: RegimeState) -> float:
        """Of a state, of a kind made of regimes."""
        return OF_REGIMES[self.kind][0](state, str(self.of))


def read_columns(texts: Any) -> tuple[Column, ...]:
    """Columns as they are written, each once.

    Raises
    ------
    ParameterError
    """
    if isinstance(texts, str) or not isinstance(texts, (list, tuple)) or not texts:
        raise ParameterError("columns", texts, "a list of columns, such as ['rsi:14', 'probability:Bear']")
    found = tuple(one if isinstance(one, Column) else Column.read(one) for one in texts)
    names = [one.name for one in found]
    twice = sorted({name for name in names if names.count(name) > 1})
    if twice:
        raise ParameterError("columns", twice, "each column once")
    return found
