"""Universe selection models."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from datetime import datetime
from typing import Any

from hidden_regime.simulator.managed import Managed
from hidden_regime.simulator.objects import Symbol
from hidden_regime.simulator.schedule import DateRule, TimeRule
from hidden_regime.simulator.spelling import TwoSpellings
from hidden_regime.simulator.universes.universe import ManualUniverse, ScheduledUniverse, Universe


class UniverseSelectionModel(TwoSpellings, metaclass=Managed):
    """Base of selection models. Override `create_universes(algorithm)`."""

    def create_universes(self, algorithm: Any) -> Iterable[Universe]:
        """Universes of an algorithm."""
        return []


class NullUniverseSelectionModel(UniverseSelectionModel):
    """None."""


class ManualUniverseSelectionModel(UniverseSelectionModel):
    """Symbols named once."""

    def __init__(self, *symbols: Any) -> None:
        found = list(symbols[0]) if len(symbols) >= 1 and isinstance(symbols[0], (list, tuple)) else list(symbols)
        self._symbols = [Symbol(s) if isinstance(s, str) else s for s in found if isinstance(s, (str, Symbol))]

    def create_universes(self, algorithm: Any) -> Iterable[Universe]:
        """One universe."""
        return [ManualUniverse("manual-" + ",".join(s.value for s in self._symbols), self._symbols, algorithm.universe_settings)]


class CustomUniverseSelectionModel(UniverseSelectionModel):
    """Chosen by a function, at each session's midnight."""

    def __init__(self, name: str, selector: Callable[[datetime], Any]) -> None:
        self._name, self._selector = name, selector

    def select(self, algorithm: Any, date: datetime) -> Any:
        """What is chosen."""
        return self._selector(date)

    def create_universes(self, algorithm: Any) -> Iterable[Universe]:
        """One universe."""
        return [Universe(self._name, lambda when: self.select(algorithm, when), algorithm.universe_settings)]


class ScheduledUniverseSelectionModel(UniverseSelectionModel):
    """Chosen by a function (of UTC), at the times of rules."""

    def __init__(self, *arguments: Any) -> None:
        self._dates = next(a for a in arguments if isinstance(a, DateRule))
        self._times = next(a for a in arguments if isinstance(a, TimeRule))
        self._selector = next(a for a in arguments if callable(a) and not isinstance(a, (DateRule, TimeRule)))

    def create_universes(self, algorithm: Any) -> Iterable[Universe]:
        """One universe."""
        name = f"scheduled-{self._dates.name}-{self._times.name}"
        return [ScheduledUniverse(self._dates, self._times, self._selector, algorithm.universe_settings, name=name)]
