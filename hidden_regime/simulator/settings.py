"""Settings of an algorithm and of its universes, with LEAN's defaults."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any

from hidden_regime.exceptions import UnsupportedError
from hidden_regime.simulator.enums import DataNormalizationMode, Resolution
from hidden_regime.simulator.spelling import SettableTwoSpellings, snake

LEAN_ONLY = {
    "daily_precise_end_time": True, "daily_consolidation_use_extended_market_hours": False, "warm_up_resolution": None,
    "warmup_resolution": None,
}  # fmt: skip
"""Settings that the engine has in one form only."""


class Settings(SettableTwoSpellings):
    """Settings of an algorithm."""

    def __setattr__(self, name: str, value: Any) -> None:
        plain = snake(name) if name[:1].isupper() else name
        if plain in LEAN_ONLY and value != LEAN_ONLY[plain]:
            raise UnsupportedError(
                f"settings.{plain} = {value!r} exists in LEAN only: the embedded engine has {LEAN_ONLY[plain]!r}."
            )
        super().__setattr__(plain, value)

    def __init__(self) -> None:
        self.free_portfolio_value_percentage = 0.0025
        self.free_portfolio_value: float | None = None
        self.minimum_order_margin_portfolio_percentage = 0.001
        self.max_absolute_portfolio_target_percentage = 1e9
        self.min_absolute_portfolio_target_percentage = 1e-10
        self.liquidate_enabled = True
        self.seed_initial_prices = False
        self.automatic_indicator_warm_up = False
        self.stale_price_time_span = timedelta(hours=1)
        self.rebalance_portfolio_on_insight_changes: bool | None = None
        self.rebalance_portfolio_on_security_changes: bool | None = None
        self.daily_precise_end_time = True
        self.daily_consolidation_use_extended_market_hours = False
        self.warm_up_resolution: Resolution | None = None
        self.warmup_resolution: Resolution | None = None
        self.trading_days_per_year: int | None = None
        self.data_subscription_limit = 2147483647
        self.ignore_unknown_asset_holdings = False


class Schedule(SettableTwoSpellings):
    """The dates on which a universe is chosen, if not whenever its data come."""

    def __init__(self, rule: Any = None) -> None:
        self._rule = rule

    def on(self, date_rule: Any) -> None:
        """Choose on the dates of a rule."""
        self._rule = date_rule

    @property
    def initialized(self) -> bool:
        """Whether there is a rule."""
        return self._rule is not None

    def get(self, start: datetime, end: datetime) -> list[datetime]:
        """Its dates between two times."""
        return list(self._rule.get_dates(start, end)) if self._rule is not None else []

    def clone(self) -> Schedule:
        """The same rule again."""
        return Schedule(self._rule)


class UniverseSettings(SettableTwoSpellings):
    """How securities of a universe are subscribed: LEAN's defaults, or as other settings say."""

    def __init__(self, other: UniverseSettings | None = None) -> None:
        self.resolution = Resolution.MINUTE
        self.leverage = 0.0
        self.fill_forward = True
        self.extended_market_hours = False
        self.minimum_time_in_universe = timedelta(days=1)
        self.data_normalization_mode = DataNormalizationMode.ADJUSTED
        self.asynchronous = False
        self.schedule = Schedule()
        if other is not None:
            self.__dict__.update(vars(other))
            self.schedule = other.schedule.clone()
