"""LEAN's database of standard identifiers: the CUSIP, FIGI, SEDOL, ISIN and CIK of securities."""

from __future__ import annotations

from pathlib import Path
from typing import NamedTuple

from hidden_regime.exceptions import DataError


class Definition(NamedTuple):
    """Standard identifiers of a security, None where it has none."""

    cusip: str | None = None
    composite_figi: str | None = None
    sedol: str | None = None
    isin: str | None = None
    cik: int | None = None


def read_definitions(path: Path) -> dict[str, Definition]:
    """Definitions by LEAN's own identifier (`AAPL R735QTJ8XC9X`); none where there is no such file.

    Raises
    ------
    DataError
    """
    if not path.exists():
        return {}
    found: dict[str, Definition] = {}
    for number, line in enumerate(path.read_text(encoding="utf-8").splitlines(), 1):
        if not line.strip() or line.startswith("#"):
            continue
        key, *parts = (part.strip() for part in line.split(","))
        texts, cik = [part or None for part in parts[:4]], "".join(parts[4:])
        if not 4 <= len(parts) <= 5 or not (cik.isdigit() or not cik):
            raise DataError(
                f"{path} line {number}: {line!r}: expected 'identifier,CUSIP,composite FIGI,SEDOL,ISIN,CIK', the CIK a whole "
                "number; any but the first may be empty. Take LEAN's file, or delete it."
            )
        # The first of several lines counts, as in LEAN.
        found.setdefault(key, Definition(*texts, cik=int(cik) if cik else None))  # type: ignore[misc, arg-type]
    return found
