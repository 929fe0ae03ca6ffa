"""The brokerage model by which a guard sees each order before it is taken."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from hidden_regime.quantconnect._lean import IN_LEAN, DefaultBrokerageModel

if TYPE_CHECKING:
    from hidden_regime.quantconnect.guards.guard import Guard


def message_of(text: str) -> Any:
    """What LEAN tells of a refusal with; the embedded engine takes the text."""
    if not IN_LEAN:
        return text
    from AlgorithmImports import BrokerageMessageEvent, BrokerageMessageType

    return BrokerageMessageEvent(BrokerageMessageType.WARNING, "guard", text)


def guarded_model(guard: Guard) -> Any:
    """A default brokerage model whose orders a guard looks at."""

    class GuardedBrokerageModel(DefaultBrokerageModel):
        """LEAN's default, with a guard before it."""

        def can_submit_order(self, security: Any, order: Any, message: Any) -> tuple[bool, Any]:
            """Whether an order is taken, and why not."""
            refused = guard.refusal(security, order)
            return (False, message_of(refused)) if refused else (True, None)

    return GuardedBrokerageModel()
