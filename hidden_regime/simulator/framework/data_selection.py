"""Universe selection models that choose among data: a day's securities, an ETF's constituents."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import datetime
from typing import Any

from hidden_regime.simulator.failures import ArgumentException
from hidden_regime.simulator.framework.selection import CustomUniverseSelectionModel, UniverseSelectionModel
from hidden_regime.simulator.objects import Symbol
from hidden_regime.simulator.settings import UniverseSettings
from hidden_regime.simulator.universes.data import (
    ASYNCHRONOUS,
    CoarseFundamentalUniverse,
    FineFundamentalFilteredUniverse,
    FundamentalUniverseFactory,
)
from hidden_regime.simulator.universes.universe import Universe

Selector = Callable[[Any], Any]


class FundamentalUniverseSelectionModel(UniverseSelectionModel):
    """Chosen among a day's securities: by `select`, or in two steps by `select_coarse` and `select_fine`.

    `FundamentalUniverseSelectionModel([market][, selector][, settings])`; where its first argument is True or False, that says
    whether there is a second step, and that they are two.
    """

    def __init__(self, *given: Any, filter_fine_data: bool | None = None, universe_settings: UniverseSettings | None = None,
                 selector: Selector | None = None, market: str = "usa") -> None:  # fmt: skip
        self.filter_fine_data, self.universe_settings, self.market = filter_fine_data, universe_settings, market
        self._selector = selector
        for item in given:
            if isinstance(item, bool):
                self.filter_fine_data = item
            elif isinstance(item, UniverseSettings):
                self.universe_settings = item
            elif isinstance(item, str):
                self.market = item
            elif callable(item):
                self._selector = item

    def create_universes(self, algorithm: Any) -> list[Universe]:
        """One universe."""
        settings = self.universe_settings or algorithm.universe_settings
        if self.filter_fine_data is None:
            return [FundamentalUniverseFactory(self.market, settings, lambda found: self.select(algorithm, found))]
        universe: Universe = self.create_coarse_fundamental_universe(algorithm)
        if self.filter_fine_data:
            if settings.asynchronous:
                raise ArgumentException(ASYNCHRONOUS)
            universe = FineFundamentalFilteredUniverse(universe, lambda found: self.select_fine(algorithm, found))  # type: ignore[arg-type]
        return [universe]

    def create_coarse_fundamental_universe(self, algorithm: Any) -> CoarseFundamentalUniverse:
        """The universe of the first step."""
        settings = self.universe_settings or algorithm.universe_settings

        def choose(found: list[Any]) -> Any:
            if self.filter_fine_data:
                found = [item for item in found if item.has_fundamental_data]
            return self.select_coarse(algorithm, found)

        return CoarseFundamentalUniverse(settings, choose)

    def select(self, algorithm: Any, fundamental: Any) -> Any:
        """What is chosen."""
        if self._selector is None:
            raise NotImplementedError("Please overrride the 'select' fundamental function")
        return self._selector(fundamental)

    def select_coarse(self, algorithm: Any, fundamental: Any) -> Any:
        """What the first step chooses."""
        raise NotImplementedError("Please overrride the 'select' fundamental function")

    def select_fine(self, algorithm: Any, fundamental: Any) -> Any:
        """What the second step chooses: all of them."""
        return [item.symbol for item in fundamental]


class CoarseFundamentalUniverseSelectionModel(FundamentalUniverseSelectionModel):
    """Chosen by one function: `CoarseFundamentalUniverseSelectionModel(coarse_selector[, settings])`."""

    def __init__(self, coarse_selector: Selector, universe_settings: UniverseSettings | None = None) -> None:
        super().__init__(filter_fine_data=False, universe_settings=universe_settings)
        self._coarse = coarse_selector

    def select_coarse(self, algorithm: Any, fundamental: Any) -> Any:
        """What the function chooses."""
        return self._coarse(fundamental)


class FineFundamentalUniverseSelectionModel(CoarseFundamentalUniverseSelectionModel):
    """Chosen by two functions: `FineFundamentalUniverseSelectionModel(coarse_selector, fine_selector[, settings])`."""

    def __init__(
        self, coarse_selector: Selector, fine_selector: Selector, universe_settings: UniverseSettings | None = None
    ) -> None:
        super().__init__(coarse_selector, universe_settings)
        self.filter_fine_data, self._fine = True, fine_selector

    def create_coarse_fundamental_universe(self, algorithm: Any) -> CoarseFundamentalUniverse:
        """The universe of the first step: its function sees all securities."""
        return CoarseFundamentalUniverse(
            self.universe_settings or algorithm.universe_settings, lambda found: self.select_coarse(algorithm, found)
        )

    def select_fine(self, algorithm: Any, fundamental: Any) -> Any:
        """What the second function chooses."""
        return self._fine(fundamental)


class ETFConstituentsUniverseSelectionModel(UniverseSelectionModel):
    """Who an ETF consists of: `ETFConstituentsUniverseSelectionModel(symbol_or_ticker[, settings][, filter])`."""

    def __init__(self, etf_symbol: Any, universe_settings: Any = None, universe_filter_func: Selector | None = None) -> None:
        self.etf_symbol = etf_symbol if isinstance(etf_symbol, Symbol) else Symbol(str(etf_symbol))
        if not isinstance(universe_settings, UniverseSettings) and callable(universe_settings):
            universe_settings, universe_filter_func = None, universe_settings
        self.universe_settings, self.universe_filter_function = universe_settings, universe_filter_func
        self.universe: Universe | None = None

    def create_universes(self, algorithm: Any) -> list[Universe]:
        """One universe."""
        if self.universe is None:
            self.universe = algorithm.universe.etf(self.etf_symbol, self.universe_settings, self.universe_filter_function)
        return [self.universe]


class InceptionDateUniverseSelectionModel(CustomUniverseSelectionModel):
    """Tickers in their order, each from a time on: `InceptionDateUniverseSelectionModel(name, {"SPY": time})`."""

    def __init__(self, name: str, tickers_by_date: Mapping[str, datetime]) -> None:
        super().__init__(name, lambda when: Universe.UNCHANGED)
        self._waiting = list(tickers_by_date.items())
        self._chosen: list[str] = []

    def select(self, algorithm: Any, date: datetime) -> Any:
        """Those whose time has come."""
        before = len(self._chosen)
        while self._waiting and self._waiting[0][1] <= date:
            self._chosen.append(self._waiting.pop(0)[0])
        return list(self._chosen) if len(self._chosen) > before else Universe.UNCHANGED
