"""`security.cache`: its latest data by type."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from hidden_regime.simulator.objects import QuoteBar, TradeBar
from hidden_regime.simulator.objects.fundamental import CoarseFundamental
from hidden_regime.simulator.spelling import TwoSpellings

if TYPE_CHECKING:
    from hidden_regime.simulator.account.security import Security


class SecurityCache(TwoSpellings):
    """The latest data of a security, the latest of each type, and its prices as the security shows them."""

    def __init__(self, security: Security) -> None:
        self._security = security

    def __getattr__(self, name: str) -> Any:
        return super().__getattr__(name) if name[:1].isupper() else getattr(self._security, name)

    def has_data(self, type: Any) -> bool:
        """Whether data of a type have come."""
        return self.get_data(type) is not None

    def get_data(self, type: Any = None) -> Any:
        """The latest data, or the latest of a type: TradeBar, QuoteBar, a universe's or a custom class."""
        security = self._security
        if type is None:
            return security.last
        if type in (QuoteBar, TradeBar):
            return security.quote if type is QuoteBar else security.bar
        if issubclass(type, CoarseFundamental):
            return security.fundamentals
        return next((found for found in (security.listed, security.last) if isinstance(found, type)), None)

    def get_all(self, type: Any) -> list[Any]:
        """The latest data of a type, as a list."""
        found = self.get_data(type)
        return [] if found is None else [found]
