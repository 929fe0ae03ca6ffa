"""What a LEAN folder knows of a whole market on a day: its coarse files, and who an ETF or a list consisted of.

Files that aren't there hold nothing, as in LEAN; one that can't be read is an error.
"""

from __future__ import annotations

import math
from datetime import date
from pathlib import Path
from typing import NamedTuple

from hidden_regime.data.map_files import is_file_name
from hidden_regime.exceptions import DataError

COARSE = "identifier,ticker,close,volume,dollar volume[,has fundamental data[,price factor,split factor]]"
CONSTITUENT = "ticker,identifier,yyyyMMdd,weight,shares held,market value"


class CoarseRow(NamedTuple):
    """A security on a day: raw close, volume, dollars traded, and what adjusts the close."""

    identifier: str
    ticker: str
    close: float
    volume: int
    dollar_volume: float
    has_fundamental_data: bool = False
    price_factor: float = 1.0
    split_factor: float = 1.0


class Constituent(NamedTuple):
    """A security in an ETF. What the file leaves empty is None."""

    identifier: str
    ticker: str
    last_update: date | None = None
    weight: float | None = None
    shares_held: float | None = None
    market_value: float | None = None


def _lines(path: Path) -> list[list[str]]:
    try:
        text = path.read_text(encoding="utf-8-sig")
    except FileNotFoundError:
        return []
    except (ValueError, OSError) as error:
        raise DataError(f"{path} can't be read as text ({error}).") from None
    return [line.split(",") for line in text.splitlines() if line.strip()]


def _number(text: str) -> float:
    number = float(text)
    if not math.isfinite(number):
        raise ValueError
    return number


def _coarse(parts: list[str]) -> CoarseRow:
    flag = len(parts) > 5 and parts[5].strip().lower() == "true"
    factors = (_number(parts[6]), _number(parts[7])) if len(parts) > 7 else (1.0, 1.0)
    return CoarseRow(parts[0], parts[1], _number(parts[2]), int(parts[3]), _number(parts[4]), flag, *factors)


def _day(text: str) -> date | None:
    return date(int(text[:4]), int(text[4:6]), int(text[6:8])) if len(text) == 8 and text.isdigit() else None


def _constituent(parts: list[str]) -> Constituent:
    found = (_number(text) if text.strip() else None for text in (*parts[3:6], "", "", "")[:3])
    return Constituent(parts[1], parts[0], _day(parts[2]) if len(parts) > 2 else None, *found)


class UniverseFiles:
    """Files of universes below `equity/usa` of a folder.

    Parameters
    ----------
    usa : Path
        The folder `equity/usa`.
    """

    def __init__(self, usa: Path) -> None:
        self._coarse = usa / "fundamental" / "coarse"
        self._universes = usa / "universes"
        self.has_coarse = self._coarse.is_dir()

    def coarse(self, day: date) -> list[CoarseRow]:
        """Securities of a day; none where there is no file of it."""
        path = self._coarse / f"{day:%Y%m%d}.csv"
        out = []
        for number, parts in enumerate(_lines(path), 1):
            try:
                out.append(_coarse(parts))
            except (ValueError, IndexError):
                raise DataError(f"{path} line {number}: {','.join(parts)!r}: expected '{COARSE}'.") from None
        return out

    def has_list(self, kind: str, name: str) -> bool:
        """Whether there are any files of a list: of an ETF (`etf`), or of one of the user's own (`daily`, `hour`, ...)."""
        return is_file_name(name) and (self._universes / kind / name.lower()).is_dir()

    def folder(self, kind: str, name: str) -> Path:
        """Where a list's files are, one a day."""
        return self._universes / kind / name.lower()

    def constituents(self, kind: str, name: str, day: date) -> list[Constituent]:
        """Who was on a list on a day; none where there is no file of it."""
        if not is_file_name(name):
            return []
        path = self.folder(kind, name) / f"{day:%Y%m%d}.csv"
        out = []
        for number, parts in enumerate(_lines(path), 1):
            try:
                out.append(_constituent(parts))
            except (ValueError, IndexError):
                raise DataError(f"{path} line {number}: {','.join(parts)!r}: expected '{CONSTITUENT}'.") from None
        return out
