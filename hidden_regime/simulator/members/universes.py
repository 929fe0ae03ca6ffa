"""Universes of an algorithm."""

from __future__ import annotations

import inspect
from collections.abc import Iterable
from typing import Any

from hidden_regime.exceptions import UnsupportedError
from hidden_regime.simulator.core import Core
from hidden_regime.simulator.enums import Resolution
from hidden_regime.simulator.helpers.collections import List
from hidden_regime.simulator.lengths import DAY
from hidden_regime.simulator.members.assigning import refusing
from hidden_regime.simulator.objects import PythonData, Symbol
from hidden_regime.simulator.objects.fundamental import CoarseFundamental, Fundamental
from hidden_regime.simulator.schedule import DateRule, TimeRule
from hidden_regime.simulator.settings import UniverseSettings
from hidden_regime.simulator.universes.data import (
    CoarseFundamentalUniverse,
    CustomUniverse,
    FineFundamentalFilteredUniverse,
    FundamentalFilteredUniverse,
    FundamentalUniverseFactory,
)
from hidden_regime.simulator.universes.definitions import UniverseDefinitions
from hidden_regime.simulator.universes.universe import ScheduledUniverse, Universe

NAMED = ("name", "date_rule", "time_rule", "selector", "universe", "coarse_selector", "fine_selector")
OBSOLETE = (
    "Warning: AddUniverse(coarseSelector, fineSelector) is obsolete, please use AddUniverse(Func<IEnumerable<Fundamental>, "
    "IEnumerable<Symbol>> selector) instead."
)


@refusing
class UniverseMembers:
    """See the module."""

    _sim: Core

    @property
    def universe(self) -> UniverseDefinitions:
        """Universes by a word: `self.universe.etf("SPY")`, `self.universe.top(50)`."""
        return UniverseDefinitions(self._sim)

    def add_universe(self, *arguments: Any, **options: Any) -> Universe:
        """Securities chosen by rule.

        `add_universe(selector)` chooses among all securities of a day, `add_universe(coarse, fine)` in two steps,
        `add_universe(date_rule, selector)` at the dates of a rule, `add_universe(name[, resolution], selector)` by the time
        alone, `add_universe(Type, name[, resolution][, settings], selector)` among rows of a custom class; a Universe object is
        added as it is, or with a second function that narrows it.
        """
        core = self._sim
        arguments = (*arguments, *(options[name] for name in NAMED if name in options))
        first, selector = arguments[0], arguments[-1]
        if isinstance(first, Universe):
            narrowed = len(arguments) > 1 and callable(selector)
            return core.universes.add(FundamentalFilteredUniverse(first, selector) if narrowed else first)  # type: ignore[arg-type]
        if isinstance(first, DateRule):
            return core.universes.add(self._by_dates(first, arguments))
        if isinstance(first, str) and callable(selector):
            given = (*arguments[1:-1], options.get("resolution"))
            interval = next((item for item in given if isinstance(item, Resolution)), Resolution.DAILY)
            settings = next((item for item in given if isinstance(item, UniverseSettings)), core.universe_settings)
            return core.universes.add(Universe(first, selector, settings, interval))
        if inspect.isclass(first):
            made = self._typed(first, arguments[1:], options)
            if made is not None:
                return core.universes.add(made)
        elif callable(first) and len(arguments) == 1:
            return core.universes.add(FundamentalUniverseFactory("usa", core.universe_settings, first))
        elif callable(first) and callable(selector):
            made = FineFundamentalFilteredUniverse(CoarseFundamentalUniverse(core.universe_settings, first), selector)
            core.say_once("debug", OBSOLETE)
            return core.universes.add(made)
        said = ", ".join(getattr(a, "__name__", None) or repr(a) for a in arguments)
        raise UnsupportedError(
            f"add_universe({said}): the embedded engine has universes by function, by name and function, by date rule and "
            "function, by custom class, and Universe objects (self.universe.etf, self.universe.top); others exist in LEAN only."
        )

    def _by_dates(self, rule: DateRule, arguments: tuple[Any, ...]) -> Universe:
        core, selector = self._sim, arguments[-1]
        times = next((item for item in arguments if isinstance(item, TimeRule)), None)
        if times is not None:
            return ScheduledUniverse(rule, times, selector, core.universe_settings)
        settings = UniverseSettings(core.universe_settings)
        settings.schedule.on(rule)
        return FundamentalUniverseFactory("usa", settings, selector)

    def _typed(self, kind: type, given: tuple[Any, ...], options: dict[str, Any]) -> Universe | None:
        core = self._sim
        given = (*given, *(options[name] for name in ("resolution", "universe_settings") if name in options))
        name = next((item for item in given if isinstance(item, str)), "")
        interval = next((item for item in given if isinstance(item, Resolution)), Resolution.DAILY)
        settings = next((item for item in given if isinstance(item, UniverseSettings)), core.universe_settings)
        selector = next((item for item in given if callable(item) and not inspect.isclass(item)), None)
        if issubclass(kind, CoarseFundamental):
            return FundamentalUniverseFactory("usa", settings, selector)
        if issubclass(kind, PythonData):
            return CustomUniverse(kind, name, selector, settings, interval)
        return None

    def fundamentals(self, symbol: Any = None, *, symbols: Iterable[Symbol] = ()) -> Any:
        """What was known of a security, or of some, on the day before."""
        core = self._sim
        day = (core.now - DAY).date()
        if symbol is None or not (isinstance(symbol, (str, Symbol)) or hasattr(symbol, "symbol")):
            return List(self._fundamental(item, day) for item in (symbols if symbol is None else symbol))
        return self._fundamental(symbol, day)

    def _fundamental(self, symbol: Any, day: Any) -> Fundamental:
        return self._sim.lists.fundamental(self._sim.symbol_of(symbol), day)
