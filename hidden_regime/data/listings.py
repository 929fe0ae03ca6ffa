"""Factor files of a LEAN data folder, and what is odd about them.

LEAN runs without one and with factors of another history; so does the engine, with a warning that LEAN lacks.
"""

from __future__ import annotations

import math
import warnings
from collections.abc import Sequence
from datetime import date
from pathlib import Path

from hidden_regime.data.decimals import SystemDecimal
from hidden_regime.data.factors import FactorFile, FactorRow, Written
from hidden_regime.data.map_files import day_of
from hidden_regime.exceptions import DataError, RegimeWarning

TOLERANCE = 0.01
"""Share by which a factor file's price of a day may miss the bar's: real files round."""
UNKNOWN_PRICE = 1.0
"""Reference price of the row that LEAN's own factor files begin with: it says no price, but from when on factors are known."""


def _warn(message: str) -> None:
    warnings.warn(RegimeWarning(f"hidden_regime: {message}"), stacklevel=4)


def warn_without_map(path: Path) -> None:
    """Say that a ticker has no map file."""
    _warn(f"{path} is missing: {path.stem.upper()} counts as listed under this name on all days, as in LEAN.")


def tells_price(rows: Sequence[FactorRow], place: int) -> bool:
    """Whether a row's reference price is that of a bar."""
    price = rows[place].reference_price
    return price > 0.0 and not (place == 0 and price == UNKNOWN_PRICE)


def read_factors(path: Path) -> FactorFile:
    """Rows of a factor file."""
    if not path.exists():
        _warn(f"{path} is missing: prices of {path.stem.upper()} are not adjusted for dividends and splits, as in LEAN.")
        return FactorFile()
    rows = []
    try:
        text = path.read_text(encoding="utf-8")
    except (ValueError, OSError) as error:
        raise DataError(f"{path} can't be read as text ({error}): expected a factor file of LEAN's.") from None
    for number, line in enumerate(text.split(), 1):
        parts = line.split(",")
        try:
            numbers = parts[1], parts[2], parts[3] if len(parts) > 3 else "0"
            price, split, reference = map(float, numbers)
            if not (0.0 < price < math.inf and 0.0 < split < math.inf):
                raise ValueError
            written = Written(*map(SystemDecimal.parse, numbers))
            if not written.price_factor * written.split_factor:
                raise ValueError
            rows.append(FactorRow(day_of(parts[0]), price, split, reference, written))
        except (ValueError, ArithmeticError, IndexError):
            raise DataError(
                f"{path} line {number}: {line!r}: expected 'yyyyMMdd,price factor,split factor,reference price' with "
                "positive factors."
            ) from None
    return FactorFile(rows)


def check_match(path: Path, factors: FactorFile, dates: Sequence[date], closes: Sequence[float]) -> None:
    """Warn where a factor file's price of a day isn't the bar's: it belongs to another history."""
    known = dict(zip(dates, closes, strict=True))
    for place, row in enumerate(factors.rows):
        close = known.get(row.date)
        if tells_price(factors.rows, place) and close is not None and abs(row.reference_price / close - 1.0) > TOLERANCE:
            _warn(
                f"{path} doesn't match the bars: it has a close of {row.reference_price:g} on {row.date}, the bars have "
                f"{close:g}. Adjusted prices, dividends and splits follow the file, as in LEAN; get both from one source."
            )
            return
