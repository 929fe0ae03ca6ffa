"""Execution models: from targets to orders."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from hidden_regime.simulator.enums import AccountType
from hidden_regime.simulator.helpers.sizing import with_fee_in_kind
from hidden_regime.simulator.managed import Managed
from hidden_regime.simulator.orders.targets import PortfolioTarget
from hidden_regime.simulator.run_state import run_state_of
from hidden_regime.simulator.spelling import TwoSpellings

ALMOST = 1e-6


class PortfolioTargetCollection(TwoSpellings):
    """Targets by symbol; a later one replaces an earlier."""

    def __init__(self) -> None:
        self._targets: dict[Any, PortfolioTarget] = {}

    @property
    def count(self) -> int:
        """Number of targets."""
        return len(self._targets)

    @property
    def is_empty(self) -> bool:
        """Whether there is none."""
        return not self._targets

    def __len__(self) -> int:
        return len(self._targets)

    def __iter__(self) -> Iterator[PortfolioTarget]:
        return iter(self._targets.values())

    def __getitem__(self, symbol: Any) -> PortfolioTarget:
        return self._targets[symbol]

    def contains_key(self, symbol: Any) -> bool:
        """Whether a symbol has one."""
        return symbol in self._targets

    def add(self, target: PortfolioTarget) -> None:
        """Take a target."""
        self._targets[target.symbol] = target

    def add_range(self, targets: Any) -> None:
        """Take some."""
        for target in targets:
            self.add(target)

    def remove(self, symbol: Any) -> bool:
        """Drop one."""
        return self._targets.pop(symbol, None) is not None

    def clear(self) -> None:
        """Drop all."""
        self._targets.clear()

    def clear_fulfilled(self, algorithm: Any) -> None:
        """Drop those that the holdings have reached."""
        for target in list(self):
            held = algorithm.portfolio[target.symbol].quantity if target.symbol in algorithm.portfolio else 0.0
            if abs(target.quantity - held) < lot_of(algorithm.securities.get(target.symbol)):
                del self._targets[target.symbol]

    def order_by_margin_impact(self, algorithm: Any) -> list[PortfolioTarget]:
        """Targets that still need an order: reductions first, then the largest orders first."""
        if algorithm.is_warming_up:
            return []
        ranked = []
        for target in self:
            security = algorithm.securities.get(target.symbol)
            if security is None or not security.has_data or not security.is_tradable:
                continue
            wanted = security.cut(target.quantity)
            existing = security.holdings.quantity + pending(algorithm, target.symbol)
            if abs(wanted - existing) < lot_of(security):
                continue
            reduces = existing != 0 and abs(wanted) < abs(existing)
            ranked.append((not reduces, -abs((wanted - existing) * security.price), target))
        ranked.sort(key=lambda row: row[:2])
        return [target for _, _, target in ranked]


def lot_of(security: Any) -> float:
    """The least that can be traded of a security."""
    return 1.0 if security is None else float(security.symbol_properties.lot_size)


def pending(algorithm: Any, symbol: Any) -> float:
    """Shares of open orders that haven't filled."""
    return float(sum(o.quantity - o.quantity_filled for o in run_state_of(algorithm).book.open_of(symbol)))


class ExecutionModel(TwoSpellings, metaclass=Managed):
    """Base of execution models. Override `execute(algorithm, targets)`."""

    def __init__(self, asynchronous: bool = True) -> None:
        self.asynchronous = asynchronous

    def execute(self, algorithm: Any, targets: list[PortfolioTarget]) -> None:
        """Order what the targets need."""

    def on_securities_changed(self, algorithm: Any, changes: Any) -> None:
        """Securities came or went."""

    def on_order_event(self, algorithm: Any, order_event: Any) -> None:
        """Something happened to an order."""


class NullExecutionModel(ExecutionModel):
    """Orders nothing."""


class ImmediateExecutionModel(ExecutionModel):
    """Orders at the market, at once. A target stays until it is reached."""

    def __init__(self, asynchronous: bool = True) -> None:
        super().__init__(asynchronous)
        self._targets = PortfolioTargetCollection()

    def execute(self, algorithm: Any, targets: list[PortfolioTarget]) -> None:
        """Order what is missing."""
        self._targets.add_range(targets)
        if self._targets.is_empty:
            return
        core = run_state_of(algorithm)
        portfolio, least = core.portfolio, core.settings.minimum_order_margin_portfolio_percentage
        only_sales = core.brokerage_model.account_type == AccountType.CASH and any(
            order.quantity * portfolio[order.symbol].quantity < 0 for order in core.book.get_open_orders()
        )
        for target in self._targets.order_by_margin_impact(algorithm):
            security = core.securities[target.symbol]
            held = security.holdings.quantity
            exact = with_fee_in_kind(security, target.quantity - held - pending(algorithm, target.symbol))
            almost = ALMOST * lot_of(security)
            quantity = security.cut(exact + (almost if exact > 0 else -almost))
            if quantity == 0.0 or (only_sales and quantity * held >= 0):
                continue
            margin = abs(security.margins.initial_margin(security, quantity))
            if margin >= portfolio.total_portfolio_value * least or least <= 0 or portfolio.margin_remaining <= 0:
                algorithm.market_order(target.symbol, quantity, tag=target.tag)
            else:
                core.trader.too_small()
        self._targets.clear_fulfilled(algorithm)
