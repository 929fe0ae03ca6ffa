"""History of a QuantBook: the engine's, that refuses to guess the length of bars."""

from __future__ import annotations

from datetime import datetime
from typing import TYPE_CHECKING, Any

from hidden_regime.exceptions import NoDataError
from hidden_regime.simulator.history import History
from hidden_regime.simulator.objects import Symbol

if TYPE_CHECKING:
    from hidden_regime.simulator.core import Core
    from hidden_regime.simulator.enums import Resolution


class Past(History):
    """`qb.history`.

    An asset that was added without a resolution has minute bars in LEAN. Where the data have none, a request that names no
    resolution either would get bars of another length than LEAN's without a word: it is refused.

    Attributes
    ----------
    coarser : dict of Symbol to Resolution
        Such assets, each with the finest bars that the data have.
    """

    def __init__(self, core: Core) -> None:
        super().__init__(core)
        self.coarser: dict[Symbol, Resolution] = {}

    def _place(self, asset: Any, request: Any, *, quotes: bool = False) -> tuple[Symbol, Any, datetime, datetime]:
        symbol = self._core.symbol_of(asset)
        if request.resolution is None and symbol in self.coarser:
            has = self.coarser[symbol].name
            raise NoDataError(
                f"{symbol} was added without a resolution, which in LEAN is MINUTE, and {self._core.catalog.market.name} has no "
                f"minute bars of it. Pass Resolution.{has} to history, or to add_equity."
            )
        return super()._place(asset, request, quotes=quotes)
