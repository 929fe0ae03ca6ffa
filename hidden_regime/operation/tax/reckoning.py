"""From fills to lots."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date, datetime
from fractions import Fraction
from pathlib import Path
from typing import Any

from hidden_regime.exceptions import DataError, ParameterError
from hidden_regime.operation.tax.book import Book, lots_of
from hidden_regime.operation.tax.choosing import FIFO, SPECIFIC, Naming, as_chosen, check_method
from hidden_regime.operation.tax.fills import Event, Fill, events_of
from hidden_regime.operation.tax.money import written
from hidden_regime.operation.tax.rates import Rates, read_rates
from hidden_regime.operation.tax.report import TaxReport, given_prices
from hidden_regime.operation.tax.sources import named_events

UNSEEN = (
    "Purchases in other accounts, of a spouse, or of options on the same stock are not seen: they may make a wash sale too.",
    "Purchases that only close a short sale, and sales that only close a holding, are taken for no replacement.",
    "Dividends and interest are not in it.",
    "A loss goes on to later years until gains have used it up; what may be taken from other income is left out.",
)


def tax_lots(
    fills: Any,
    method: str = FIFO,
    rates: Rates | str | Path | None = None,
    *,
    splits: Any = None,
    chosen: Any = None,
    at: date | None = None,
    prices: Mapping[str, object] | None = None,
    name: str = "",
) -> TaxReport:
    """Lots of a record of trading, by the rules of the United States: wash sales, holding periods, short sales. No advice.

    A loss is put off where, within 30 days before or after the sale, other shares of the same asset came in: it is added to what
    those cost, share for share, in the order of the sales and of the purchases, and they inherit the time for which the sold
    ones had been held. Shares of the acquisition that was sold replace nothing, nor do shares that the same sale sells.

    Parameters
    ----------
    fills : str, Path, DataFrame or iterable of mapping
        The folder of a backtest, or of what `live export` wrote; a CSV file; or rows with time, symbol, quantity (below 0: sold),
        price, fee, and perhaps id (of the order); a row with `split`, new shares for an old one, is a split.
    method : "fifo", "hifo" or "specific"
        First in first out; highest cost first; or the lots that `chosen` names.
    rates : Rates, str or Path, optional
        A TOML file: see `read_rates`. Without one, nothing is said of tax.
    splits : str, Path, DataFrame or iterable of mapping, optional
        Rows of splits beside the fills: a backtest of raw prices, and a strategy that runs, tell of none.
    chosen : mapping of str to sequence of (str, number), or (n_rows,) DataFrame of sale, lot, quantity; optional
        Of "specific": by the order that closes, the orders that opened and shares of each. What isn't named goes first in first
        out.
    at : date, optional
        The day until which fills count.
    prices : mapping of str to number, optional
        Dollars a share at that day, for what is unrealised.
    name : str
        What it is called.

    Returns
    -------
    TaxReport
        Money to the cent, in Decimal: proceeds less basis less what is still open is what the fills paid and received, exactly.

    Raises
    ------
    ParameterError
        A value that can't be.
    DataError
        A file that can't be read, or named lots that aren't there.

    Examples
    --------
    >>> rows = [
    ...     {"time": "2024-03-01", "symbol": "X", "quantity": 100, "price": 10.00, "fee": 0},
    ...     {"time": "2024-06-03", "symbol": "X", "quantity": -100, "price": 7.50, "fee": 0},
    ...     {"time": "2024-06-20", "symbol": "X", "quantity": 100, "price": 8.00, "fee": 0},
    ... ]
    >>> report = tax_lots(rows)
    >>> report.closed[0].adjustment, report.closed[0].gain, report.open[0].amount
    (Decimal('250.00'), Decimal('0.00'), Decimal('1050.00'))
    """
    check_method(method, chosen)
    if at is not None and (not isinstance(at, date) or isinstance(at, datetime)):
        raise ParameterError("at", at, "a datetime.date")
    own, events = named_events(fills)
    if splits is not None:
        events = events_of((*events, *named_events(splits)[1]))
    return report_of(name or own, events, method, rates, chosen=chosen, at=at, prices=prices)


def report_of(name: str, events: tuple[Event, ...], method: str, rates: Rates | str | Path | None, *, chosen: Any = None,
              at: date | None = None, prices: Mapping[str, object] | None = None) -> TaxReport:  # fmt: skip
    """A report of fills and splits in their order."""
    naming = Naming(as_chosen(chosen) if method == SPECIFIC else {})
    books = lots_of(events, method, naming, at)
    if at is None:
        naming.check_used()
    known = rates if isinstance(rates, Rates) or rates is None else read_rates(rates)
    last = at or max((event.time.date() for event in events), default=None)
    closed = sorted((row for book in books.values() for row in book.closed), key=lambda row: row.sold)
    held = tuple(lot for book in books.values() for lot in book.lots)
    report = TaxReport(name, method, tuple(closed), held, known, last, given_prices(prices), _notes(events, books, last))
    _check_positions(report, events)
    return report


def _notes(events: tuple[Event, ...], books: dict[str, Book], last: date | None) -> tuple[str, ...]:
    waiting = [symbol for symbol, book in books.items() if last is not None and book.losses_open(last)]
    later = f"Losses of the last thirty days in {', '.join(waiting)}: a purchase within thirty days makes them wash sales."
    return (*UNSEEN, later) if waiting else UNSEEN


def _check_positions(report: TaxReport, events: tuple[Event, ...]) -> None:
    """Raise unless the open lots are what the fills leave: then shares were lost or invented."""
    sums: dict[str, Fraction] = {}
    for event in events:
        if report.at is not None and event.time.date() > report.at:
            continue
        before = sums.get(event.symbol, Fraction(0))
        if isinstance(event, Fill):
            sums[event.symbol] = before + event.quantity
        else:
            after = before * event.ratio
            whole = abs(after).numerator // abs(after).denominator
            sums[event.symbol] = after if event.price is None else Fraction(whole if after > 0 else -whole)
    found = report.positions
    for symbol, expected in sums.items():
        if found.get(symbol, Fraction(0)) != expected:
            raise DataError(f"lots of {symbol} hold {written(found.get(symbol, Fraction(0)))}, fills leave {written(expected)}.")
