"""What is known of a security on a day beside its bars: data of coarse files, and fundamental values where the user has them."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime, timedelta
from functools import cached_property
from typing import Any

from hidden_regime.data.universe_files import CoarseRow
from hidden_regime.exceptions import UnsupportedError
from hidden_regime.simulator.lengths import DAY
from hidden_regime.simulator.objects.bars import BaseData
from hidden_regime.simulator.objects.symbol import Symbol
from hidden_regime.simulator.spelling import TwoSpellings, snake

GROUPS = frozenset({
    "asset_classification", "company_profile", "company_reference", "earning_ratios", "earning_reports", "financial_statements",
    "operation_ratios", "security_reference", "valuation_ratios",
})  # fmt: skip
"""Where LEAN's fundamental properties stand."""
ABSENT = (
    "fundamental value {name}: this data folder has none. LEAN's come from QuantConnect. Write {file} with lines "
    "'yyyyMMdd,ticker,{name},value', choose by price, volume or dollar_volume, or run the strategy in LEAN."
)


class Values(TwoSpellings):
    """A group of fundamental properties, and those inside it."""

    def __init__(self, name: str, find: Callable[[str], Any]) -> None:
        self._name, self._find = name, find

    def __getattr__(self, name: str) -> Any:
        if name.startswith("_"):
            raise AttributeError(name)
        return self._find(f"{self._name}.{snake(name) if name[:1].isupper() else name}")


class CoarseFundamental(BaseData):
    """A security on a day, as a coarse file has it: price, volume and dollars traded, in raw prices."""

    def __init__(self, row: CoarseRow | None = None, time: datetime | None = None, symbol: Symbol | None = None,
                 named: Callable[[str, str], Symbol] | None = None,
                 values: Callable[[Symbol, str, datetime], Any] | None = None) -> None:  # fmt: skip
        # Some thousands of these are made a day: nothing is reckoned before it is asked for.
        self._row, self._named, self._values = row, named, values
        self._given = symbol
        if time is not None:
            self.time = time

    time = datetime.min

    @cached_property
    def symbol(self) -> Symbol:  # type: ignore[override]
        """Whose data."""
        if self._given is not None or self._row is None or self._named is None:
            return self._given if self._given is not None else Symbol("")
        return self._named(self._row.identifier, self._row.ticker)

    @property  # type: ignore[misc]
    def end_time(self) -> datetime:
        """The midnight after the day."""
        return self.time + DAY

    @property
    def value(self) -> float:  # type: ignore[override]
        """Raw close."""
        return self._row.close if self._row is not None else 0.0

    price = value

    @property
    def volume(self) -> int:
        """Shares traded."""
        return self._row.volume if self._row is not None else 0

    @property
    def dollar_volume(self) -> float:
        """Dollars traded."""
        return self._row.dollar_volume if self._row is not None else 0.0

    @property
    def has_fundamental_data(self) -> bool:
        """Whether there are fundamental data of it: as the file says."""
        return self._row.has_fundamental_data if self._row is not None else False

    @property
    def price_factor(self) -> float:
        """What dividends make of its price."""
        return self._row.price_factor if self._row is not None else 0.0

    @property
    def split_factor(self) -> float:
        """What splits make of its price."""
        return self._row.split_factor if self._row is not None else 0.0

    @property
    def price_scale_factor(self) -> float:
        """Both."""
        return self.price_factor * self.split_factor

    @property
    def adjusted_price(self) -> float:
        """The close adjusted by both."""
        return self.price * self.price_scale_factor

    @property
    def market(self) -> str:
        """`usa`."""
        return "usa"

    def __str__(self) -> str:
        return f"{self.symbol}: {self.price}"


class FineFundamental(CoarseFundamental):
    """The same, with fundamental values."""

    def _find(self, name: str) -> Any:
        if self._values is None:
            raise UnsupportedError(f"fundamental value {name}: it exists in LEAN only. Run the strategy in LEAN, or do without.")
        return self._values(self.symbol, name, self.time)

    def __getattr__(self, name: str) -> Any:
        plain = snake(name) if name[:1].isupper() else name
        if plain in GROUPS:
            return Values(plain, self._find)
        if plain == "market_cap":  # no property: its error is one of missing attributes, too
            return self._find("company_profile.market_cap")
        return super().__getattr__(name)


class Fundamental(FineFundamental):
    """What LEAN's universes choose among."""


class ConstituentsUniverseData(BaseData):
    """A member of a list on a day."""

    def __init__(self, symbol: Symbol, time: datetime) -> None:
        super().__init__()
        self.symbol, self.time, self.end_time = symbol, time, time + DAY


class ETFConstituentUniverse(ConstituentsUniverseData):
    """A member of an ETF on a day. What the file leaves empty is None."""

    period = timedelta(days=1)
    last_update: datetime | None = None
    weight: float | None = None
    shares_held: float | None = None
    market_value: float | None = None
