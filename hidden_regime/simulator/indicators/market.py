"""Indicators of several securities: beta, advancing and declining ones."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from datetime import datetime
from typing import Any, ClassVar

import numpy as np

from hidden_regime.simulator.failures import ArgumentException
from hidden_regime.simulator.indicators.bars import BarIndicator
from hidden_regime.simulator.indicators.base import DEFAULT
from hidden_regime.simulator.lengths import HOUR
from hidden_regime.simulator.objects import Symbol, TradeBar
from hidden_regime.simulator.window import RollingWindow

OTHERS = "Input symbol {given} does not correspond to any of the symbols this indicator works on ({known})"


def _symbol(given: Any) -> Symbol:
    return given if isinstance(given, Symbol) else Symbol(str(given))


class Beta(BarIndicator):
    """Covariance of a security's returns and a reference's, by the variance of the reference's."""

    parameters: ClassVar[tuple[str, ...]] = ("target_symbol", "reference_symbol", "period")

    def __init__(self, *given: Any) -> None:
        values = [value for value in given if value is not DEFAULT]
        period = next(int(value) for value in values if isinstance(value, (int, float)) and not isinstance(value, bool))
        names = [value for value in values if isinstance(value, (str, Symbol))]
        if period < 2:
            raise ArgumentException(f"Period parameter for Beta indicator must be greater than 2 but was {period}.")
        label = str(names[0]) if len(names) == 3 else f"B({period})"
        super().__init__(label, period, period + 1)
        self._target, self._reference = (_symbol(name) for name in names[-2:])
        self._bars: dict[Symbol, TradeBar] = {}
        self._closes: dict[Symbol, float] = {}
        self._returns: dict[Symbol, RollingWindow[float]] = {
            symbol: RollingWindow(period) for symbol in (self._target, self._reference)
        }
        self._value = 0.0

    @property
    def is_ready(self) -> bool:
        """Whether there are enough returns of both."""
        return all(window.is_ready for window in self._returns.values())

    def _moment(self, bar: TradeBar) -> datetime:
        """The time by which bars of both are told apart: of daily ones the day."""
        return bar.end_time.replace(hour=0, minute=0, second=0) if bar.end_time - bar.time > HOUR else bar.end_time

    def _next(self, bar: TradeBar) -> float:
        if bar.symbol not in self._returns:
            known = ", ".join(str(symbol) for symbol in self._returns)
            raise ArgumentException(OTHERS.format(given=bar.symbol, known=known))
        self._bars[bar.symbol] = bar
        if self.samples == 1:
            return 0.0
        if len(self._bars) == 2 and len({self._moment(found) for found in self._bars.values()}) == 1:
            for symbol, window in self._returns.items():
                close, before = self._bars[symbol].close, self._closes.get(symbol)
                if before is not None:
                    window.add(close / before - 1.0 if before else -1.0)
                self._closes[symbol] = close
            self._value = self._ratio()
        return self._value

    def _ratio(self) -> float:
        target, reference = (np.array(list(self._returns[symbol])) for symbol in (self._target, self._reference))
        if len(reference) < 2:
            return 0.0
        variance, covariance = float(np.var(reference, ddof=1)), float(np.cov(target, reference, ddof=1)[0, 1])
        return covariance / (variance or 1.0)


class AdvanceDecline(BarIndicator):
    """Base of indicators of securities that have risen and that have fallen since their bars before."""

    parameters: ClassVar[tuple[str, ...]] = ()

    def __init__(self, name: str) -> None:
        super().__init__(name, 2)
        self._before: dict[Symbol, TradeBar | None] = {}
        self._now: dict[Symbol, TradeBar | None] = {}
        self._time: datetime | None = None

    def add(self, asset: Any) -> None:
        """Count a security."""
        self._now.setdefault(_symbol(asset), None)

    def remove(self, asset: Any) -> None:
        """Count it no more."""
        self._now.pop(_symbol(asset), None)

    add_stock, remove_stock = add, remove

    @property
    def is_ready(self) -> bool:
        """Whether there are bars before the present ones."""
        return bool(self._before)

    def reset(self) -> None:
        """Forget the bars; the securities stay."""
        kept = list(self._now)
        super().reset()
        for symbol in kept:
            self.add(symbol)

    def _measure(self, bars: Iterable[TradeBar]) -> float:
        raise NotImplementedError  # pragma: no cover

    @staticmethod
    def _combine(risen: float, fallen: float) -> float:
        return risen / fallen if fallen else risen

    def _next(self, bar: TradeBar) -> float | None:
        self._take_in(bar)
        if not self._before or any(found is None for found in self._now.values()):
            return None
        pairs = [(found, self._before.get(symbol)) for symbol, found in self._now.items()]
        known = [(found, before) for found, before in pairs if found is not None and before is not None]
        risen = self._measure([found for found, before in known if found.close > before.close])
        return self._combine(risen, self._measure([found for found, before in known if found.close < before.close]))

    def _take_in(self, bar: TradeBar) -> None:
        if bar.end_time == self._time:
            self._before[bar.symbol] = bar
            return
        if self._time is not None and bar.time > self._time:
            self._before, self._now = dict(self._now), dict.fromkeys(self._now)
            self._time = bar.time
        if bar.symbol in self._now and (self._time is None or bar.time == self._time):
            self._now[bar.symbol] = bar
            self._time = bar.time


class AdvanceDeclineRatio(AdvanceDecline):
    """How many rose for each that fell."""

    def __init__(self, name: str = "A/D Ratio") -> None:
        super().__init__(name)

    def _measure(self, bars: Iterable[TradeBar]) -> float:
        return float(len(list(bars)))


class AdvanceDeclineDifference(AdvanceDeclineRatio):
    """How many more rose than fell."""

    def __init__(self, name: str = "A/D Difference") -> None:
        super().__init__(name)

    @staticmethod
    def _combine(risen: float, fallen: float) -> float:
        return risen - fallen


class AdvanceDeclineVolumeRatio(AdvanceDecline):
    """The same of their volumes."""

    def __init__(self, name: str = "A/D Volume Rate") -> None:
        super().__init__(name)

    def _measure(self, bars: Iterable[TradeBar]) -> float:
        return float(sum(bar.volume for bar in bars))


class ArmsIndex(BarIndicator):
    """Ratio of those that rise and fall, by the ratio of their volumes."""

    parameters: ClassVar[tuple[str, ...]] = ()

    def __init__(self, name: str = "TRIN") -> None:
        super().__init__(name, 2)
        self.ad_ratio, self.adv_ratio = (
            AdvanceDeclineRatio(f"{name}_A/D Ratio"),
            AdvanceDeclineVolumeRatio(f"{name}_A/D Volume Ratio"),
        )

    def _each(self, act: Callable[[AdvanceDecline], Any]) -> None:
        act(self.ad_ratio)
        act(self.adv_ratio)

    def add(self, asset: Any) -> None:
        """Count a security."""
        self._each(lambda part: part.add(asset))

    def remove(self, asset: Any) -> None:
        """Count it no more."""
        self._each(lambda part: part.remove(asset))

    add_stock, remove_stock = add, remove

    @property
    def is_ready(self) -> bool:
        """Whether both parts are."""
        return self.ad_ratio.is_ready and self.adv_ratio.is_ready

    def _next(self, bar: TradeBar) -> float:
        self._each(lambda part: part.take(bar))
        volumes = self.adv_ratio.current.value
        return self.ad_ratio.current.value / volumes if volumes else 0.0
