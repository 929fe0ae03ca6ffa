"""Indicators of several securities that are fed by themselves."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import Any

from hidden_regime.simulator import indicators
from hidden_regime.simulator.core import Core
from hidden_regime.simulator.enums import Resolution
from hidden_regime.simulator.members.assigning import refusing
from hidden_regime.simulator.objects import TradeBar

Selector = Callable[[Any], Any]
SHOWN = {Resolution.DAILY: "day", Resolution.HOUR: "hr", Resolution.MINUTE: "min", Resolution.SECOND: "sec"}


@refusing
class MarketIndicatorMembers:
    """See the module."""

    _sim: Core
    _register: Callable[..., None]
    _warm_up: Callable[..., None]

    def _feed_all(self, made: Any, symbols: Iterable[Any], resolution: Resolution | None, selector: Selector | None) -> Any:
        for symbol in symbols:
            self._register(symbol, made, resolution, selector)
        if self._sim.settings.automatic_indicator_warm_up:
            made.reset()
            core = self._sim
            count, keys = made.warm_up_period, [core.symbol_of(symbol) for symbol in symbols]
            bars = [bar for key in keys for bar in core.history[TradeBar](key, count, resolution)]
            for bar in sorted(bars, key=lambda bar: bar.end_time):
                made.take(bar if selector is None else selector(bar))
        return made

    def _label(self, kind: str, symbols: list[Any], resolution: Resolution | None) -> str:
        found = self._sim.subscriptions.of(symbols[0]).resolution if resolution is None else Resolution(int(resolution))
        return f"{kind}({SHOWN.get(found, '')})" if "(" not in kind else f"{kind[:-1]}_{SHOWN.get(found, '')})"

    def b(self, target: Any, reference: Any, period: int, resolution: Resolution | None = None,
          selector: Selector | None = None) -> Any:  # fmt: skip
        """Beta of a security to a reference."""
        core, pair = self._sim, [target, reference]
        made = indicators.Beta(self._label(f"B({period})", pair, resolution), *map(core.symbol_of, pair), period)
        return self._feed_all(made, pair, resolution, selector)

    def _of_many(self, kind: type, label: str, symbols: Iterable[Any], resolution: Any, selector: Selector | None) -> Any:
        listed = list(symbols)
        made = kind(self._label(label, listed, resolution))
        for symbol in listed:
            made.add(self._sim.symbol_of(symbol))
        return self._feed_all(made, listed, resolution, selector)

    def trin(self, symbols: Iterable[Any], resolution: Resolution | None = None, selector: Selector | None = None) -> Any:
        """Arms index of some securities."""
        return self._of_many(indicators.ArmsIndex, "TRIN", symbols, resolution, selector)

    def adr(self, symbols: Iterable[Any], resolution: Resolution | None = None, selector: Selector | None = None) -> Any:
        """How many of some securities rise for each that falls."""
        return self._of_many(indicators.AdvanceDeclineRatio, "A/D Ratio", symbols, resolution, selector)

    def advr(self, symbols: Iterable[Any], resolution: Resolution | None = None, selector: Selector | None = None) -> Any:
        """The same of their volumes."""
        return self._of_many(indicators.AdvanceDeclineVolumeRatio, "A/D Volume Rate", symbols, resolution, selector)

    def addiff(self, symbols: Iterable[Any], resolution: Resolution | None = None, selector: Selector | None = None) -> Any:
        """How many more of some securities rise than fall."""
        return self._of_many(indicators.AdvanceDeclineDifference, "A/D Difference", symbols, resolution, selector)
