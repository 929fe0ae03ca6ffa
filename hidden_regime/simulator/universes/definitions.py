"""`self.universe`: universes by a word."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Any

from hidden_regime.exceptions import UnsupportedError
from hidden_regime.simulator.objects import Symbol
from hidden_regime.simulator.settings import UniverseSettings
from hidden_regime.simulator.spelling import TwoSpellings
from hidden_regime.simulator.universes.data import ETFConstituentsUniverseFactory, FundamentalUniverseFactory
from hidden_regime.simulator.universes.universe import Universe

if TYPE_CHECKING:
    from hidden_regime.simulator.core import Core

Chooser = Callable[[Any], Any]
FILTERS = ("universe_filter_func", "universe_filter", "constituents_filter")


class UniverseDefinitions(TwoSpellings):
    """Universes to hand to `add_universe`: `self.universe.etf("SPY")`, `self.universe.top(50)`."""

    unchanged = Universe.UNCHANGED

    def __init__(self, core: Core) -> None:
        self._core = core

    def etf(self, etf_ticker: str | Symbol | None = None, *given: Any, **options: Any) -> ETFConstituentsUniverseFactory:
        """Who an ETF consists of: `etf(ticker_or_symbol[, market][, settings][, filter])`."""
        symbol = etf_ticker if etf_ticker is not None else options.get("symbol")
        settings = options.get("universe_settings")
        chooser = next((options[name] for name in FILTERS if name in options), None)
        for item in given:
            if isinstance(item, UniverseSettings):
                settings = item
            elif callable(item):
                chooser = item
        known = self._core.symbol_of(symbol) if isinstance(symbol, Symbol) else Symbol(str(symbol))
        return ETFConstituentsUniverseFactory(known, settings or self._core.universe_settings, chooser)

    ETF = etf

    def index(self, *_: Any, **__: Any) -> Any:
        """LEAN's alone."""
        raise UnsupportedError("universe.index: indices exist in LEAN only. Use universe.etf of an ETF that follows the index.")

    @property
    def qc_500(self) -> ETFConstituentsUniverseFactory:
        """Who SPY consists of, as in LEAN."""
        return self.etf("SPY")

    QC500 = qc500 = qc_500

    def top(self, count: int, universe_settings: UniverseSettings | None = None) -> FundamentalUniverseFactory:
        """The so many securities in which most dollars were traded the day before."""

        def choose(found: Any) -> list[Symbol]:
            return [item.symbol for item in sorted(found, key=lambda item: item.dollar_volume, reverse=True)[:count]]

        return FundamentalUniverseFactory("usa", universe_settings or self._core.universe_settings, choose)

    @property
    def dollar_volume(self) -> DollarVolume:
        """The old name of `top`."""
        return DollarVolume(self)


class DollarVolume(TwoSpellings):
    """`self.universe.dollar_volume.top(50)`."""

    def __init__(self, definitions: UniverseDefinitions) -> None:
        self._definitions = definitions

    def top(self, count: int, universe_settings: UniverseSettings | None = None) -> FundamentalUniverseFactory:
        """As `self.universe.top`."""
        return self._definitions.top(count, universe_settings)
