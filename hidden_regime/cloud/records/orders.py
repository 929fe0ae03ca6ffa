"""Orders and what became of them."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from hidden_regime.cloud.reading import integer, listing, moment, number, text
from hidden_regime.cloud.records.record import Record, told

TYPES = ("Market", "Limit", "StopMarket", "StopLimit", "MarketOnOpen", "MarketOnClose", "OptionExercise", "LimitIfTouched",
         "ComboMarket", "ComboLimit", "ComboLegLimit", "TrailingStop")  # fmt: skip
STATUSES = (
    "New",
    "Submitted",
    "PartiallyFilled",
    "Filled",
    "4",
    "Canceled",
    "None",
    "Invalid",
    "CancelPending",
    "UpdateSubmitted",
)
DIRECTIONS = ("Buy", "Sell", "Hold")


def word(names: tuple[str, ...]) -> Any:
    """A reader of a number that stands for a word; a number that is unknown, and a word, stay texts."""

    def read(value: Any) -> str:
        try:
            place = integer(value)
        except (TypeError, ValueError):
            return text(value)
        return names[place] if 0 <= place < len(names) else str(place)

    return read


def ticker(value: Any) -> str:
    """The ticker of a symbol, which comes as a text or as a mapping."""
    if isinstance(value, Mapping):
        value = next((value[name] for name in ("value", "Value", "id") if value.get(name) is not None), None)
    return text(value)


@dataclass(frozen=True, kw_only=True)
class OrderEvent(Record):
    """A fill, or another change of an order."""

    order_id: int | None = told(integer)
    order_event_id: int | None = told(integer)
    time: datetime | None = told(moment)
    status: str = told(word(STATUSES), default="")
    fill_price: float | None = told(number)
    fill_quantity: float | None = told(number)
    order_fee_amount: float | None = told(number)
    message: str = told(text, default="")


@dataclass(frozen=True, kw_only=True)
class Order(Record):
    """An order, with words for the server's numbers."""

    id: int | None = told(integer)
    type: str = told(word(TYPES), default="")
    symbol: str = told(ticker, default="")
    time: datetime | None = told(moment, "createdTime")
    quantity: float | None = told(number)
    price: float | None = told(number)
    status: str = told(word(STATUSES), default="")
    direction: str = told(word(DIRECTIONS), default="")
    tag: str = told(text, default="")
    last_fill_time: datetime | None = told(moment)
    limit_price: float | None = told(number)
    stop_price: float | None = told(number)
    value: float | None = told(number)
    events: tuple[OrderEvent, ...] = told(listing(OrderEvent.read), "orderEvents", default=())


@dataclass(frozen=True, kw_only=True)
class Trade(Record):
    """A closed trade."""

    symbols: tuple[str, ...] = told(listing(ticker), default=())
    symbol: str = told(ticker, default="")
    direction: str = told(word(("Long", "Short")), default="")
    quantity: float | None = told(number)
    entry_time: datetime | None = told(moment)
    entry_price: float | None = told(number)
    exit_time: datetime | None = told(moment)
    exit_price: float | None = told(number)
    profit_loss: float | None = told(number)
    total_fees: float | None = told(number)


@dataclass(frozen=True, kw_only=True)
class Insight(Record):
    """A forecast that an alpha model gave."""

    id: str = told(text, default="")
    symbol: str = told(ticker, default="")
    direction: str = told(text, default="")
    generated_time: datetime | None = told(moment, "generatedTimeUtc")
    close_time: datetime | None = told(moment, "closeTimeUtc")
    confidence: float | None = told(number)
    magnitude: float | None = told(number)
    weight: float | None = told(number)
    source_model: str = told(text, default="")
