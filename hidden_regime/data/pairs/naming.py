"""What a table is called, and which pair that says it holds."""

from __future__ import annotations

import re
from collections.abc import Sequence
from functools import cache
from pathlib import Path
from typing import NamedTuple

from hidden_regime.data.pairs import own
from hidden_regime.data.pairs.bars import DAY
from hidden_regime.data.pairs.properties import KINDS
from hidden_regime.exceptions import DataError, ParameterError

LENGTHS = {"daily": DAY, "hour": 60, "minute": 1}
"""Names of LEAN's folders, and minutes of a bar."""
_SPELLING = re.compile(r"[-/_ ]|=X$")
"""What vendors add to the ticker of a pair: BTC-USD, EUR/USD, EURUSD=X."""
_TICKER = re.compile(r"[A-Z0-9]{4,20}")


class PairName(NamedTuple):
    """Kind ("crypto" or "forex"), market in small letters, and ticker of a pair."""

    kind: str
    market: str
    ticker: str

    def __str__(self) -> str:
        return "/".join(self)


class Called(NamedTuple):
    """A pair, and the minutes of a bar where the name tells them."""

    pair: PairName
    minutes: int | None = None


def pair_called(name: str) -> Called | None:
    """The pair that a name means; None of the name of anything else.

    `crypto/coinbase/BTCUSD` says all, and `crypto/coinbase/hour/BTCUSD` the length of its bars too. A ticker alone, such as
    BTCUSD, BTC-USD, EUR/USD or EURUSD=X, is a pair where the package's table of common pairs has it.

    Raises
    ------
    DataError
        The table has it at several markets.

    Examples
    --------
    >>> pair_called("EURUSD").pair, pair_called("SPY")
    (PairName(kind='forex', market='oanda', ticker='EURUSD'), None)
    >>> pair_called("crypto/binance/hour/btcusdt").minutes
    60
    """
    parts = name.split("/")
    if parts[0].lower() in KINDS and len(parts) > 1:
        return _told(name, parts)
    ticker = _SPELLING.sub("", name.upper())
    found = _known().get(ticker, ())
    if len(found) > 1:
        ways = " or ".join(f"'{pair}'" for pair in found)
        raise DataError(
            f"{name} is a pair at {' and at '.join(pair.market for pair in found)}: expected one of them. Say which by the "
            f"table's name: {ways} (of a file: the folders that it lies in)."
        )
    return Called(found[0]) if found else None


def _told(name: str, parts: Sequence[str]) -> Called:
    kind, market, *between, ticker = parts if len(parts) > 2 else (*parts, "")
    length = between[0].lower() if between else ""
    ticker = _SPELLING.sub("", ticker.upper())
    if len(between) > 1 or (between and length not in LENGTHS) or not market or not _TICKER.fullmatch(ticker):
        raise ParameterError(
            "name", name, "'crypto/MARKET/TICKER' or 'forex/MARKET/TICKER', such as 'crypto/coinbase/BTCUSD', with "
            f"{', '.join(repr(known) for known in LENGTHS)} before the ticker where there are tables of several lengths",
        )  # fmt: skip
    return Called(PairName(kind.lower(), market.lower(), ticker), LENGTHS.get(length))


@cache
def _known() -> dict[str, tuple[PairName, ...]]:
    """Pairs of the package's table by ticker."""
    out: dict[str, tuple[PairName, ...]] = {}
    for key in own.PAIRS:
        out[key[2]] = (*out.get(key[2], ()), PairName(*key))
    return out


def name_of(file: Path, stem: str) -> str:
    """What a file is called: by its own name, and where it lies in such folders by these too."""
    folders = [part.name for part in file.absolute().parents][: _depth(file)]
    return "/".join([*reversed(folders), stem])


def root_of(path: Path) -> Path:
    """The folder in which data lie: a folder itself, and of a file the one that its `crypto` or `forex`, or itself, is in."""
    return path if path.is_dir() else path.absolute().parents[_depth(path)]


def _depth(file: Path) -> int:
    """How many folders of a file say which pair it is of."""
    folders = [part.name for part in file.absolute().parents]
    for depth in (2, 3):
        if len(folders) > depth and folders[depth - 1].lower() in KINDS and (depth == 2 or folders[0].lower() in LENGTHS):
            return depth
    return 0
