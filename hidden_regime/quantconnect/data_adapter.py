"""Former address of `hidden_regime.quantconnect.by_hand.data_adapter`, for code that names it."""

from hidden_regime.quantconnect.by_hand.data_adapter import (
    HistoryDataAdapter,
    QuantConnectDataAdapter,
    RollingWindowDataAdapter,
    create_dataframe_from_bars,
)

__all__ = ["HistoryDataAdapter", "QuantConnectDataAdapter", "RollingWindowDataAdapter", "create_dataframe_from_bars"]
