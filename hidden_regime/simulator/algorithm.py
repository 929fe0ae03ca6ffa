"""QCAlgorithm of the embedded engine: LEAN's names, LEAN's answers."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any, Self

from hidden_regime.exceptions import UnsupportedError
from hidden_regime.simulator.core import Core
from hidden_regime.simulator.history import History
from hidden_regime.simulator.lean_names import QC_MEMBERS
from hidden_regime.simulator.managed import Managed, MarshalByRefObject
from hidden_regime.simulator.members.assigning import GuardedMembers
from hidden_regime.simulator.members.data import DataMembers
from hidden_regime.simulator.members.framework import FrameworkMembers
from hidden_regime.simulator.members.identifiers import IdentifierMembers
from hidden_regime.simulator.members.indicators import IndicatorMembers
from hidden_regime.simulator.members.market_indicators import MarketIndicatorMembers
from hidden_regime.simulator.members.setup import SetupMembers
from hidden_regime.simulator.members.surroundings import SurroundingMembers
from hidden_regime.simulator.members.talk import TalkMembers
from hidden_regime.simulator.members.trading import TradingMembers
from hidden_regime.simulator.members.universes import UniverseMembers
from hidden_regime.simulator.objects import Slice, Symbol
from hidden_regime.simulator.orders.events import OrderEvent
from hidden_regime.simulator.orders.targets import PortfolioTarget
from hidden_regime.simulator.spelling import by_keyword, snake

LEAN_ONLY = (
    "QCAlgorithm.{name} exists in LEAN only: the embedded engine doesn't have it. Run the strategy in LEAN, or do without; "
    "`hidden-regime lean-check --static FILE` lists such uses."
)


class QCAlgorithm(
    SetupMembers, DataMembers, TradingMembers, IndicatorMembers, MarketIndicatorMembers, FrameworkMembers, TalkMembers,
    IdentifierMembers, UniverseMembers, SurroundingMembers, GuardedMembers, metaclass=Managed, dotnet=MarshalByRefObject,
):  # fmt: skip
    """Base of strategies. Override the hooks; both spellings of every name work."""

    _sim: Core
    hooks_are_looked_up = True
    settable = ("name", "default_order_properties", "universe_settings", "insights_generated")

    def __new__(cls, *args: Any, **keywords: Any) -> Self:
        """Make the state of a run: a user's `__init__` may forget `super()`."""
        self = super().__new__(cls)
        core = Core(self)
        core.history = History(core)
        core.view = self
        if cls is not QCAlgorithm:
            core.view = object.__new__(QCAlgorithm)
            core.view._sim = core
        self._sim = core
        return self

    def __init__(self) -> None:
        """Nothing to set up: the state is made before."""

    def __getattr__(self, name: str) -> Any:
        if name[:1].isupper():
            plain = snake(name)
            if hasattr(type(self), plain) or plain in QC_MEMBERS:
                return by_keyword(getattr(self, plain))
        if name in QC_MEMBERS:
            raise UnsupportedError(LEAN_ONLY.format(name=name))
        raise AttributeError(f"'{type(self).__name__}' object has no attribute '{name}'")

    def __reduce_ex__(self, protocol: Any) -> Any:
        raise TypeError(f"cannot pickle '{type(self).__name__}' object: LEAN's algorithms can't be copied either.")

    # Hooks --------------------------------------------------------------------------------------------------------------
    def initialize(self) -> None:
        """Set the algorithm up."""
        raise UnsupportedError(f"{type(self).__name__} has no initialize: Please override the Initialize() method")

    def on_data(self, data: Slice) -> None:
        """Take a slice of data."""

    def on_warmup_finished(self) -> None:
        """Warm-up is over."""

    def on_securities_changed(self, changes: Any) -> None:
        """Securities came or went."""

    def on_framework_securities_changed(self, changes: Any) -> None:
        """Securities came or went: tell the models."""
        self._sim.framework.securities_changed(changes)

    def on_order_event(self, order_event: OrderEvent) -> None:
        """Something happened to an order."""

    def on_end_of_day(self, symbol: Symbol) -> None:
        """Ten minutes before the close."""

    def on_splits(self, splits: Any) -> None:
        """Splits came."""

    def on_dividends(self, dividends: Any) -> None:
        """Dividends came."""

    def on_delistings(self, delistings: Any) -> None:
        """Listings end."""

    def on_symbol_changed_events(self, symbol_changed_events: Any) -> None:
        """Tickers changed."""

    def on_margin_call(self, requests: Iterable[Any]) -> Any:
        """Margin is called: the requests that are sent."""
        return requests

    def on_margin_call_warning(self) -> None:
        """Margin runs short."""

    def on_command(self, data: Any) -> bool | None:
        """Live trading only."""
        return None

    def on_end_of_algorithm(self) -> None:
        """The run is over."""


__all__ = ["PortfolioTarget", "QCAlgorithm"]
