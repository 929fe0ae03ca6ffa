"""Single trades and quotes, and the exchanges on which they happened."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from hidden_regime.simulator.enums import MarketDataType, TickType
from hidden_regime.simulator.objects.bars import NEVER, NOBODY, BaseData
from hidden_regime.simulator.objects.symbol import Symbol
from hidden_regime.simulator.rounding import smart
from hidden_regime.simulator.spelling import missing

NAMES = {
    "MM": "MEMX", "L": "LTSE", "Q": "NASDAQ", "S": "NASDAQ_SC", "Z": "BATS", "P": "ARCA", "N": "NYSE", "SMART": "SMART",
    "OTCX": "OTCX", "IEX": "IEX", "C": "NSE", "D": "FINRA", "I": "ISE", "M": "CSE", "W": "CBOE", "B": "NASDAQ_BX",
    "SIAC": "SIAC", "J": "EDGA", "K": "EDGX", "X": "NASDAQ_PSX", "Y": "BATS_Y", "BB": "BOSTON", "A": "AMEX", "MP": "MIAX_PEARL",
}  # fmt: skip
"""LEAN's names of US equities' exchanges, by the code in the files."""


class _Exchanges(type):
    def __getattr__(cls, name: str) -> Any:
        known = {name: name for name in (*NAMES.values(), "UNKNOWN")} | {"NSX": "NSE"}
        if name in known:
            return known[name]
        raise missing(cls, name, f"type object 'Exchange' has no attribute '{name}'")


class Exchange(metaclass=_Exchanges):
    """Names of exchanges: `Exchange.ARCA`."""


class Tick(BaseData):
    """A trade or a quote: `tick_type` says which."""

    __slots__ = (
        "ask_price", "ask_size", "bid_price", "bid_size", "code", "quantity", "sale_condition", "suspicious", "symbol",
        "tick_type", "time", "value",
    )  # fmt: skip

    data_type = MarketDataType.TICK

    def __init__(self, time: datetime = NEVER, symbol: Symbol = NOBODY, *, value: float = 0.0, quantity: float = 0.0,
                 bid: tuple[float, float] | None = None, ask: tuple[float, float] | None = None, code: str = "",
                 condition: str = "", suspicious: bool = False) -> None:  # fmt: skip
        self.time, self.symbol, self.value, self.quantity = time, symbol, value, quantity
        self.tick_type = TickType.TRADE if bid is None else TickType.QUOTE
        self.bid_price, self.bid_size = bid or (0.0, 0.0)
        self.ask_price, self.ask_size = ask or (0.0, 0.0)
        self.code, self.sale_condition, self.suspicious = code, condition, suspicious

    @property
    def is_trade(self) -> bool:
        """Whether it is a trade."""
        return self.tick_type == TickType.TRADE

    @property  # type: ignore[misc]
    def end_time(self) -> datetime:
        """Its time."""
        return self.time

    @property
    def price(self) -> float:
        """The price of a trade; of a quote halfway between bid and ask."""
        return self.value

    last_price = price

    @property
    def exchange(self) -> str:
        """Name of the exchange."""
        return NAMES.get(self.code, self.code or "UNKNOWN")

    @property
    def exchange_code(self) -> str:
        """Code of the exchange."""
        return self.code

    def __str__(self) -> str:
        if self.is_trade:
            return f"{self.symbol}: Price: {smart(self.value)} Quantity: {smart(self.quantity)}"
        bid, ask = (f"{smart(a)}@{smart(b)}" for a, b in ((self.bid_size, self.bid_price), (self.ask_size, self.ask_price)))
        return f"{self.symbol}: Bid: {bid} Ask: {ask}"
