"""Market data: packaged sets, readers and writers, the synthetic market."""

from hidden_regime.data.bitcoin import make_bitcoin
from hidden_regime.data.lean_folder import LeanFolder
from hidden_regime.data.market import Asset, MarketData
from hidden_regime.data.packaged import load_dataset, load_series, open_market
from hidden_regime.data.synthetic import SyntheticMarket, make_market, write_lean_folder
from hidden_regime.data.tables import TableMarket, read_market

__all__ = [
    "Asset",
    "LeanFolder",
    "MarketData",
    "SyntheticMarket",
    "TableMarket",
    "load_dataset",
    "load_series",
    "make_bitcoin",
    "make_market",
    "open_market",
    "read_market",
    "write_lean_folder",
]
