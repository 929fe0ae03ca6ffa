"""Where fills come from: a backtest's folder, a run of the engine, a table of rows, or a CSV file."""

from __future__ import annotations

import json
from collections.abc import Sequence
from datetime import UTC, datetime
from decimal import Decimal
from fractions import Fraction
from pathlib import Path
from typing import TYPE_CHECKING, Any

from hidden_regime.data.decimals import SystemDecimal
from hidden_regime.exceptions import DataError, ParameterError
from hidden_regime.operation.tax.fills import COLUMNS, Event, Fill, Split, events_of, local
from hidden_regime.operation.tax.money import exact
from hidden_regime.simulator.enums import DataNormalizationMode
from hidden_regime.simulator.run_state import run_state_of

if TYPE_CHECKING:
    from hidden_regime.simulator.loop.engine import Run

EVENTS, EXPORTED = "-order-events.json", "orders.csv"
FILLED = ("filled", "partiallyFilled")
EQUITY = 1
"""LEAN's number of the kind."""
DAMAGED = (OSError, ValueError, KeyError, TypeError, AttributeError, RecursionError, ArithmeticError)


def named_events(source: Any) -> tuple[str, tuple[Event, ...]]:
    """A name, and fills and splits in their order.

    Parameters
    ----------
    source : str, Path, DataFrame or iterable of rows
        The folder of a backtest, of this engine or of LEAN; a CSV file; or rows, as of `events_of`.

    Raises
    ------
    DataError
        A file that can't be read.
    ParameterError
    """
    from hidden_regime.experiments.result import Result

    if isinstance(source, Result):
        raise ParameterError(
            "fills", source, "a backtest's folder, whose order events say when each order was filled",
            "A Result knows when orders were sent: write it with hidden-regime backtest, or give rows.")  # fmt: skip
    if isinstance(source, (str, Path)):
        path = Path(source)
        if path.is_dir():
            return events_in(path)
        return path.stem, rows_in(path)
    return "fills", events_of(source)


def rows_in(path: Path) -> tuple[Event, ...]:
    """Fills and splits of a CSV file.

    Raises
    ------
    DataError
    """
    import pandas as pd

    try:
        table = pd.read_csv(path, dtype=str, keep_default_na=False)
    except (OSError, ValueError) as error:
        raise DataError(f"{path} can't be read ({type(error).__name__}: {str(error)[:200]}): expected a CSV of fills.") from error
    try:
        return events_of(table.rename(columns={name: str(name).strip().lower() for name in table.columns}))
    except ParameterError as error:
        raise DataError(f"{path}: {error.text}") from error


def events_in(folder: Path) -> tuple[str, tuple[Event, ...]]:
    """Fills of a backtest's folder, from the order events that LEAN and the embedded engine write.

    Raises
    ------
    DataError
        It has none, those of several runs, or damaged ones.
    """
    paths = sorted(folder.glob(f"*{EVENTS}"))
    if not paths and (folder / EXPORTED).is_file():
        return folder.name, exported_in(folder / EXPORTED)
    if len(paths) != 1:
        raise DataError(f"{folder} holds {len(paths)} files NAME{EVENTS}: expected the folder of one backtest.")
    try:
        told = json.loads(paths[0].read_text(encoding="utf-8"), parse_float=Decimal)
        filled = [one for one in told if one["status"] in FILLED and one["fillQuantity"]]
        kinds = _kinds_in(paths[0].with_name(paths[0].name.removesuffix(EVENTS) + ".json"))
        others = sorted(
            {str(one["symbol"]) for one in filled if not _is_share(str(one["symbol"]), kinds.get(int(one["orderId"])))}
        )
        latest = {one["symbol"]: one["symbolValue"] for one in filled}  # a ticker may change; the first part stays the asset's
        shown = {key: value if list(latest.values()).count(value) == 1 else key for key, value in latest.items()}
        fills = [
            Fill(local("time", datetime.fromtimestamp(float(one["time"]), UTC)), str(shown[one["symbol"]]),
                 exact("fillQuantity", one["fillQuantity"], "shares"), exact("fillPrice", one["fillPrice"], "dollars"),
                 exact("orderFeeAmount", one.get("orderFeeAmount", 0), "dollars"), str(one["orderId"]))
            for one in filled
        ]  # fmt: skip
    except DAMAGED as error:
        raise DataError(
            f"{paths[0]} can't be read ({type(error).__name__}: {str(error)[:200]}). Run the backtest again."
        ) from error
    _expect_shares(str(paths[0]), others)
    return paths[0].name.removesuffix(EVENTS), events_of(fills)


def exported_in(path: Path) -> tuple[Event, ...]:
    """Fills of what `hidden-regime live export` wrote: times are New York's.

    Raises
    ------
    DataError
    """
    import pandas as pd

    try:
        table = pd.read_csv(path, dtype=str, keep_default_na=False)
        table = table[[float(text or 0.0) != 0.0 for text in table["fill_quantity"]]]
        names = ("market_time", "ticker", "fill_quantity", "fill_price", "fee", "order")
        rows = pd.DataFrame({new: table[name] for new, name in zip(COLUMNS, names, strict=False)})
    except (OSError, ValueError, KeyError) as error:
        raise DataError(f"{path} holds no order events ({type(error).__name__}): expected what live export writes.") from error
    try:
        return events_of(rows)
    except ParameterError as error:
        raise DataError(f"{path}: {error.text}") from error


def _kinds_in(result: Path) -> dict[int, int]:
    """Kinds of the securities that a result's orders are of, by the orders' numbers."""
    orders = json.loads(result.read_text(encoding="utf-8"))["orders"].values() if result.is_file() else ()
    return {int(order["id"]): int(order.get("securityType", EQUITY)) for order in orders}


def _expect_shares(where: str, others: Sequence[str]) -> None:
    if others:
        raise DataError(
            f"{where} has fills of {', '.join(others[:3])}: expected shares alone, for options, futures, currencies and "
            "crypto have rules of their own. Give the fills of shares as rows."
        )


def _is_share(symbol: str, kind: int | None) -> bool:
    """Whether LEAN's identifier is that of a share: the last two digits of its number are the kind of security.

    A ticker alone, as the embedded engine writes it, says nothing: its order does, where it is known.
    """
    number = symbol.partition(" ")[2]
    if not number:
        return kind in (None, EQUITY)
    return "|" not in number and number.isalnum() and int(number, 36) % 100 == EQUITY


def events_of_run(run: Run) -> tuple[Event, ...]:
    """Fills of a run of the engine, and the splits that its account went through: of raw prices alone."""
    core = run_state_of(run.algorithm)
    filled = [order for order in core.book.orders.values() if any(one.fill_quantity for one in order.events)]
    _expect_shares("the run", sorted({order.symbol.value for order in filled if int(order.security_type) != EQUITY}))
    events: list[Event] = [
        Fill(local("time", one.utc.replace(tzinfo=UTC)), one.symbol.value, exact("quantity", one.fill_quantity, "shares"),
             exact("price", one.fill_price, "dollars"), exact("fee", one.order_fee.value.amount, "dollars"), str(order.id))
        for order in core.book.orders.values() for one in order.events if one.fill_quantity
    ]  # fmt: skip
    traded = {one.symbol for one in events}
    for security in core.securities.values():
        symbol = security.symbol.value
        if symbol in traded and security.priced_in == DataNormalizationMode.RAW:
            for split in run.market.load(symbol).factors.splits():
                time = datetime.combine(split.previous, datetime.max.time())
                factor = Fraction(str(SystemDecimal.of(split.factor)))  # in the digits in which the account reckons
                price = exact("price", split.reference_price, "dollars") * factor
                events.append(Split(time, symbol, 1 / factor, price))
    return events_of(events)
