"""What buying power models are asked about, and what they answer, in LEAN's classes."""

from __future__ import annotations

from typing import Any

from hidden_regime.simulator.spelling import SettableTwoSpellings


class _Amount(SettableTwoSpellings):
    """An amount of dollars."""

    def __init__(self, value: float = 0.0) -> None:
        self.value = float(value)


class MaintenanceMargin(_Amount):
    """What a position binds."""


class InitialMargin(_Amount):
    """What an order needs."""


class BuyingPower(_Amount):
    """What an order may use."""


class ReservedBuyingPowerForPosition(SettableTwoSpellings):
    """What a position binds of the account."""

    def __init__(self, reserved_buying_power_for_position: float = 0.0) -> None:
        self.absolute_used_buying_power = float(reserved_buying_power_for_position)


class HasSufficientBuyingPowerForOrderResult(SettableTwoSpellings):
    """Whether an order can be carried, and why not."""

    def __init__(self, is_sufficient: bool, reason: str = "") -> None:
        self.is_sufficient, self.reason = bool(is_sufficient), reason or ""


class GetMaximumOrderQuantityResult(SettableTwoSpellings):
    """How many shares to order, and why none."""

    def __init__(self, quantity: float, reason: str = "", is_error: bool | None = None) -> None:
        self.quantity, self.reason = float(quantity), reason or ""
        self.is_error = bool(self.reason) if is_error is None else is_error


class _Of(SettableTwoSpellings):
    """About a security."""

    def __init__(self, security: Any) -> None:
        self.security = security

    def result_in_account_currency(self, amount: float) -> Any:
        """An amount as an answer."""
        return ReservedBuyingPowerForPosition(amount)


class ReservedBuyingPowerForPositionParameters(_Of):
    """About the position in a security."""


class MaintenanceMarginParameters(_Of):
    """About so many shares of a security."""

    def __init__(self, security: Any, quantity: float, absolute_holdings_cost: float | None = None,
                 holdings_value: float | None = None) -> None:  # fmt: skip
        super().__init__(security)
        self.quantity = quantity
        self.absolute_holdings_cost = absolute_holdings_cost
        self.holdings_value = holdings_value if holdings_value is not None else quantity * security.price

    @property
    def absolute_quantity(self) -> float:
        """Shares without sign."""
        return abs(self.quantity)

    @property
    def absolute_holdings_value(self) -> float:
        """Value without sign."""
        return abs(float(self.holdings_value))

    @classmethod
    def for_current_holdings(cls, security: Any) -> MaintenanceMarginParameters:
        """About the position in a security."""
        holding = security.holdings
        return cls(security, holding.quantity, holding.absolute_holdings_cost, holding.holdings_value)


class InitialMarginParameters(_Of):
    """About an order of so many shares."""

    def __init__(self, security: Any, quantity: float) -> None:
        super().__init__(security)
        self.quantity = quantity


class InitialMarginRequiredForOrderParameters(_Of):
    """About an order."""

    def __init__(self, currency_converter: Any, security: Any, order: Any) -> None:
        super().__init__(security)
        self.currency_converter, self.order = currency_converter, order


class HasSufficientBuyingPowerForOrderParameters(_Of):
    """About an order of an account."""

    def __init__(self, portfolio: Any, security: Any, order: Any) -> None:
        super().__init__(security)
        self.portfolio, self.order = portfolio, order


class BuyingPowerParameters(_Of):
    """About what an order of an account in a direction may use."""

    def __init__(self, portfolio: Any, security: Any, direction: Any) -> None:
        super().__init__(security)
        self.portfolio, self.direction = portfolio, direction


class GetMaximumOrderQuantityForTargetBuyingPowerParameters(_Of):
    """About the shares that make a position a share of the account's buying power."""

    def __init__(self, portfolio: Any, security: Any, target_buying_power: float,
                 minimum_order_margin_portfolio_percentage: float = 0.0,
                 silence_non_error_reasons: bool = False) -> None:  # fmt: skip
        super().__init__(security)
        self.portfolio, self.target_buying_power = portfolio, target_buying_power
        self.minimum_order_margin_portfolio_percentage = minimum_order_margin_portfolio_percentage
        self.silence_non_error_reasons = silence_non_error_reasons


class GetMaximumOrderQuantityForDeltaBuyingPowerParameters(_Of):
    """About the shares that change what a position binds by an amount."""

    def __init__(self, portfolio: Any, security: Any, delta_buying_power: float,
                 minimum_order_margin_portfolio_percentage: float = 0.0,
                 silence_non_error_reasons: bool = False) -> None:  # fmt: skip
        super().__init__(security)
        self.portfolio, self.delta_buying_power = portfolio, delta_buying_power
        self.minimum_order_margin_portfolio_percentage = minimum_order_margin_portfolio_percentage
        self.silence_non_error_reasons = silence_non_error_reasons
