"""Map and factor files of a LEAN data folder, and what is odd about them.

LEAN runs without either file and with factors of another history; so does the engine, with a warning that LEAN lacks.
"""

from __future__ import annotations

import math
import warnings
from collections.abc import Sequence
from datetime import date
from pathlib import Path

from hidden_regime.data.decimals import SystemDecimal
from hidden_regime.data.factors import FactorFile, FactorRow, Written
from hidden_regime.exceptions import DataError, RegimeWarning

TOLERANCE = 0.01
"""Share by which a factor file's price of a day may miss the bar's: real files round."""
FOREVER = 2050
"""A map file's last year, from which on a listing has no end."""


def day_of(text: str) -> date:
    """Date of yyyymmdd."""
    return date(int(text[:4]), int(text[4:6]), int(text[6:8]))


def _warn(message: str) -> None:
    warnings.warn(RegimeWarning(f"hidden_regime: {message}"), stacklevel=4)


def read_map(path: Path) -> tuple[date | None, date | None]:
    """First and last day of a listing; None where it has none."""
    if not path.exists():
        _warn(f"{path} is missing: {path.stem.upper()} counts as listed under this name on all days, as in LEAN.")
        return None, None
    try:
        rows = [day_of(line.split(",")[0]) for line in path.read_text().split() if line]
        if rows != sorted(rows):
            raise ValueError
        return rows[0], rows[-1] if rows[-1].year < FOREVER else None
    except (ValueError, IndexError):
        raise DataError(f"{path}: expected lines 'yyyyMMdd,ticker', the first and last day of the listing, rising.") from None


def read_factors(path: Path) -> FactorFile:
    """Rows of a factor file."""
    if not path.exists():
        _warn(f"{path} is missing: prices of {path.stem.upper()} are not adjusted for dividends and splits, as in LEAN.")
        return FactorFile()
    rows = []
    try:
        text = path.read_text()
    except ValueError as error:
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
    for row in factors.rows:
        close = known.get(row.date)
        if row.reference_price > 0.0 and close is not None and abs(row.reference_price / close - 1.0) > TOLERANCE:
            _warn(
                f"{path} doesn't match the bars: it has a close of {row.reference_price:g} on {row.date}, the bars have "
                f"{close:g}. Adjusted prices, dividends and splits follow the file, as in LEAN; get both from one source."
            )
            return
