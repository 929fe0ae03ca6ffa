"""Which lots a sale closes."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from fractions import Fraction
from typing import Any

from hidden_regime.exceptions import DataError, ParameterError
from hidden_regime.operation.tax.fills import Fill
from hidden_regime.operation.tax.lots import Lot
from hidden_regime.operation.tax.money import exact, written

FIFO, HIFO, SPECIFIC = "fifo", "hifo", "specific"
METHODS = (FIFO, HIFO, SPECIFIC)
Chosen = Mapping[str, Sequence[tuple[str, Fraction]]]
"""Lots by the order that closes them: the order that opened each, and how many shares of it."""


def check_method(method: str, chosen: object) -> None:
    """Raise unless it is one, and lots are named where they have to be."""
    if method not in METHODS:
        raise ParameterError("method", method, f"one of {', '.join(METHODS)}")
    if chosen is not None and method != SPECIFIC:
        raise ParameterError("chosen", chosen, f"lots that are named with method {SPECIFIC!r} alone")
    if chosen is None and method == SPECIFIC:
        raise ParameterError("chosen", chosen, "the lots that each sale closes", "fifo and hifo need none.")


def as_chosen(given: Any) -> dict[str, tuple[tuple[str, Fraction], ...]]:
    """Lots by the order that closes them, of a mapping or of rows with sale, lot and quantity."""
    found: dict[str, list[tuple[str, Fraction]]] = {}
    for sale, lot, quantity in _rows(given):
        shares = exact("chosen.quantity", quantity, "shares above 0")
        if shares <= 0:
            raise ParameterError("chosen.quantity", quantity, "shares above 0")
        found.setdefault(str(sale), []).append((str(lot), shares))
    return {sale: tuple(lots) for sale, lots in found.items()}


def _rows(given: Any) -> Iterable[tuple[object, object, object]]:
    if isinstance(given, Mapping):
        return [(sale, lot, quantity) for sale, lots in given.items() for lot, quantity in lots]
    if hasattr(given, "to_dict") and hasattr(given, "columns"):
        lacking = [name for name in ("sale", "lot", "quantity") if name not in given]
        if lacking:
            raise ParameterError("chosen", list(given.columns), f"the columns sale, lot, quantity; {lacking[0]} is missing")
        return [(row["sale"], row["lot"], row["quantity"]) for row in given.to_dict("records")]
    raise ParameterError("chosen", given, "a mapping of a sale's order to (lot's order, shares), or a table with these columns")


def _summed(lots: Iterable[tuple[str, Fraction]]) -> dict[str, Fraction]:
    out: dict[str, Fraction] = {}
    for lot, shares in lots:
        out[lot] = out.get(lot, Fraction(0)) + shares
    return out


class Naming:
    """Lots that were named for sales, less those that were taken already.

    Parameters
    ----------
    chosen : mapping of str to sequence of (str, Fraction)
    """

    def __init__(self, chosen: Chosen) -> None:
        self.left = {sale: _summed(lots) for sale, lots in chosen.items()}

    def take(self, lots: Sequence[Lot], fill: Fill, wanted: Fraction) -> dict[int, Fraction]:
        """Shares to close by the place of their lot, of what was named for this fill's order.

        Raises
        ------
        DataError
            A lot that is named isn't held, or has fewer shares.
        """
        taken: dict[int, Fraction] = {}
        left = self.left.get(fill.id, {})
        for name, shares in left.items():
            part = min(shares, wanted)
            own = [place for place, lot in enumerate(lots) if lot.id == name]
            there = sum((lots[place].quantity - taken.get(place, Fraction(0)) for place in own), Fraction(0))
            if part > there:
                raise DataError(
                    f"chosen: order {fill.id} of {fill.day} is to close {written(part)} {fill.symbol} of the lot {name!r}, "
                    f"which has {written(there)}: expected at most that many."
                )
            left[name], wanted = shares - part, wanted - part
            for place in own:
                some = min(lots[place].quantity - taken.get(place, Fraction(0)), part)
                if some > 0:
                    taken[place], part = taken.get(place, Fraction(0)) + some, part - some
        return taken

    def check_used(self) -> None:
        """Raise where lots were named that no sale closed."""
        for sale, lots in self.left.items():
            for lot, shares in lots.items():
                if shares > 0:
                    raise DataError(
                        f"chosen: order {sale} is to close {written(shares)} of the lot {lot!r} more than it does: expected "
                        "an order that closes as many."
                    )


def closing(lots: Sequence[Lot], fill: Fill, method: str, naming: Naming) -> list[tuple[int, Fraction]]:
    """Places of the lots that a fill closes, with shares of each; lots are in the order of their acquisition.

    Highest cost first is, of short sales, lowest proceeds first: each is what gains least. Of a sale of which no lots are named,
    and of the rest of one, the first lots go first.
    """
    order = list(range(len(lots)))
    if method == HIFO:
        order.sort(key=lambda place: lots[place].each if lots[place].is_short else -lots[place].each)
    wanted = min(abs(fill.quantity), sum((lot.quantity for lot in lots), Fraction(0)))
    taken = naming.take(lots, fill, wanted) if method == SPECIFIC else {}
    wanted -= sum(taken.values(), Fraction(0))
    for place in order:
        part = min(lots[place].quantity - taken.get(place, Fraction(0)), wanted)
        if part > 0:
            taken[place] = taken.get(place, Fraction(0)) + part
            wanted -= part
    return sorted(taken.items())
