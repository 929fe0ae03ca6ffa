"""What a strategy decides: orders, changes and cancels, with their moment, the price it saw and the line that sent it."""

from __future__ import annotations

import inspect
import linecache
from collections.abc import Callable, Iterator
from datetime import datetime
from pathlib import Path
from typing import Any, NamedTuple

from hidden_regime.simulator.orders.requests import UpdateOrderRequest
from hidden_regime.simulator.run_clock import NEW_YORK
from hidden_regime.simulator.run_state import run_state_of


class Decision(NamedTuple):
    """A request of a strategy's to its broker.

    Attributes
    ----------
    time : datetime
        New York.
    symbol : str
    what : str
        Everything that it asks for, numbers to the last bit.
    price : float
        The last price that the strategy had of the symbol.
    place : str
        File and line that sent it; empty where it was none of the strategy's.
    code : str
        That line.
    """

    time: datetime
    symbol: str
    what: str
    price: float
    place: str
    code: str

    @property
    def request(self) -> tuple[datetime, str, str]:
        """What has to be equal in two runs."""
        return self.time, self.symbol, self.what


def record(algorithm: Any, folder: Path, decisions: list[Decision]) -> None:
    """From now on each request of an algorithm, whose files lie in a folder, is added to the decisions."""
    core = run_state_of(algorithm)
    book = core.book

    def noted(say: Callable[..., str], call: Callable[..., Any]) -> Callable[..., Any]:
        def wrapped(first: Any, *rest: Any, **named: Any) -> Any:
            symbol = first.symbol
            security = core.securities.get(symbol) if symbol in core.securities else None
            price = float(security.price) if security is not None else 0.0
            place, code = _sender(folder)
            now = core.clock.local(book.now(), NEW_YORK)
            decisions.append(Decision(now, str(getattr(symbol, "value", symbol)), say(first, *rest), price, place, code))
            return call(first, *rest, **named)

        return wrapped

    for name, say in (("submit", _submitted), ("refuse", _submitted), ("update", _updated), ("cancel", _cancelled)):
        setattr(book, name, noted(say, getattr(book, name)))


def _submitted(request: Any, *_: Any) -> str:
    prices = "".join(f", {name} {_exact(value)}" for name, value in sorted(request.prices.items()))
    tag = f", tag {request.tag!r}" if request.tag else ""
    return f"{_word(request.order_type)} {_exact(request.quantity)}{prices}{tag}"


def _exact(value: Any) -> str:
    """To the last bit, and whole numbers without a point."""
    return f"{value:.0f}" if isinstance(value, float) and value.is_integer() and abs(value) < 1e15 else repr(value)


def _updated(order: Any, request: UpdateOrderRequest) -> str:
    asked = ", ".join(f"{name} {_exact(value)}" for name, value in sorted(vars(request.fields).items()) if value is not None)
    return f"change order {order.id}: {asked}"


def _cancelled(order: Any, _: Any) -> str:
    return f"cancel order {order.id}"


def _word(order_type: Any) -> str:
    return str(order_type.name).lower().replace("_", " ")


def _sender(folder: Path) -> tuple[str, str]:
    """The innermost line of the strategy's files that is being run, and its code."""
    for name, line in callers():
        if is_own(name, str(folder)):
            return f"{Path(name).name} line {line}", linecache.getline(name, line).strip()
    return "", ""


def callers() -> Iterator[tuple[str, int]]:
    """Files and lines that are being run, the innermost first."""
    frame = inspect.currentframe()
    while frame is not None:
        yield frame.f_code.co_filename, frame.f_lineno
        frame = frame.f_back


def is_own(file: str, folder: str) -> bool:
    """Whether a source file is one of the strategy's own."""
    return file.startswith(folder) and "site-packages" not in file[len(folder) :]
