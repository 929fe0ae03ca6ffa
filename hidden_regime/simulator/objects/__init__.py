"""Small objects that strategies hold in their hands: symbols, bars, events and the slice that carries them."""

from hidden_regime.simulator.objects.bars import BaseData, IndicatorDataPoint, TradeBar
from hidden_regime.simulator.objects.corporate import Delisting, Dividend, Split, SymbolChangedEvent
from hidden_regime.simulator.objects.custom import PythonData, SubscriptionDataSource
from hidden_regime.simulator.objects.dictionaries import (
    AssetDictionary,
    DataDictionary,
    Delistings,
    Dividends,
    KeyValuePair,
    QuoteBars,
    Splits,
    SymbolChangedEvents,
    TradeBars,
)
from hidden_regime.simulator.objects.quotes import Bar, QuoteBar
from hidden_regime.simulator.objects.slices import Slice
from hidden_regime.simulator.objects.symbol import Symbol, UnknownSymbol, lookup

__all__ = [
    "AssetDictionary", "Bar", "BaseData", "DataDictionary", "Delisting", "Delistings", "Dividend", "Dividends",
    "IndicatorDataPoint", "KeyValuePair", "PythonData", "QuoteBar", "QuoteBars", "Slice", "Split", "Splits",
    "SubscriptionDataSource", "Symbol", "SymbolChangedEvent", "SymbolChangedEvents", "TradeBar", "TradeBars", "UnknownSymbol",
    "lookup",
]  # fmt: skip
