"""Targets: what a portfolio should hold."""

from __future__ import annotations

from typing import Any

from hidden_regime.simulator.enums import InsightDirection
from hidden_regime.simulator.objects import Symbol
from hidden_regime.simulator.rounding import plain
from hidden_regime.simulator.run_state import run_state_of
from hidden_regime.simulator.spelling import TwoSpellings

NOT_FOUND = "{} not found in portfolio. Request this data when initializing the algorithm."


class PortfolioTarget(TwoSpellings):
    """A symbol and a quantity: for `set_holdings` a share of the account, for execution models shares."""

    def __init__(self, symbol: Symbol | str, quantity: float | InsightDirection, tag: str = "") -> None:
        self.symbol = Symbol(symbol) if isinstance(symbol, str) else symbol.bare
        self.quantity, self.tag = float(quantity), tag

    @staticmethod
    def percent(
        algorithm: Any, symbol: Symbol | str, percent: float, return_delta_quantity: bool = False, tag: str = ""
    ) -> PortfolioTarget | None:
        """The shares that make a position worth a share of the account; None where that can't be told."""
        core = run_state_of(algorithm)
        key = core.symbol_of(symbol)
        security = core.securities.get(key)
        if security is None:
            core.logs.say("error", NOT_FOUND.format(key))
            return None
        change = core.trader.quantity_for(key, percent)
        if change is None:
            return None
        return PortfolioTarget(key, change if return_delta_quantity else change + security.holdings.quantity, tag)

    def __str__(self) -> str:
        return f"{self.symbol}: {plain(self.quantity)}" + (f" ({self.tag})" if self.tag else "")
