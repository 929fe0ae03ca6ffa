"""What a broker's model says of an order that it doesn't take."""

from __future__ import annotations

from hidden_regime.simulator.enums import BrokerageMessageType
from hidden_regime.simulator.spelling import TwoSpellings


class BrokerageMessageEvent(TwoSpellings):
    """A message: its type, the broker's code for it, and its text.

    Examples
    --------
    >>> print(BrokerageMessageEvent(BrokerageMessageType.WARNING, "NotSupported", "No such order."))
    Warning - Code: NotSupported - No such order.
    """

    def __init__(self, type: BrokerageMessageType, code: str | int, message: str) -> None:
        self.type, self.code, self.message = BrokerageMessageType(type), str(code), message

    @staticmethod
    def disconnected(message: str) -> BrokerageMessageEvent:
        """That a broker can't be reached."""
        return BrokerageMessageEvent(BrokerageMessageType.DISCONNECT, "Disconnect", message)

    @staticmethod
    def reconnected(message: str) -> BrokerageMessageEvent:
        """That it can be reached again."""
        return BrokerageMessageEvent(BrokerageMessageType.RECONNECT, "Reconnect", message)

    def __str__(self) -> str:
        return f"{self.type.to_string()} - Code: {self.code} - {self.message}"
