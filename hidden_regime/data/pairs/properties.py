"""How a pair is quoted and traded: its currencies, tick, lot and least order."""

from __future__ import annotations

import csv
import io
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from hidden_regime.exceptions import DataError

FOREX, CRYPTO = "forex", "crypto"
KINDS = (FOREX, CRYPTO)
Key = tuple[str, str, str]
"""Kind, market and ticker."""
COLUMNS = "market,symbol,type,description,quote_currency,contract_multiplier,minimum_price_variation,lot_size"


@dataclass(frozen=True)
class PairProperties:
    """Facts of a pair, as LEAN's database of symbol properties has them.

    Parameters
    ----------
    base, quote : str
        What is bought, and what is paid.
    tick, lot : float
        What prices and quantities are multiples of.
    least : float, optional
        Smallest order: of base currency at Coinbase, of quote currency at Binance.
    description, market_ticker : str
        Names of the pair, ours and the market's.
    """

    base: str
    quote: str
    tick: float
    lot: float
    least: float | None = None
    description: str = ""
    market_ticker: str = ""


def split_pair(ticker: str, quote: str, kind: str) -> tuple[str, str] | None:
    """Base and quote currency of a ticker; None where it isn't one of such a pair."""
    if kind == FOREX:
        return (ticker[:3], ticker[3:]) if len(ticker) == 6 else None
    base = ticker.removesuffix(quote)
    return (base, quote) if base and base != ticker else None


def read_properties(path: Path) -> dict[Key, PairProperties] | None:
    """Pairs of a data folder's own database of symbol properties; None without a file.

    Raises
    ------
    DataError
        The file isn't such a database.
    """
    if not path.exists():
        return None
    found: dict[Key, PairProperties] = {}
    try:
        text = path.read_text(encoding="utf-8-sig")
        for number, row in enumerate(csv.reader(io.StringIO(text)), 1):
            if len(row) < 8 or row[0].startswith("#") or row[2] not in KINDS:
                continue
            try:
                market, ticker, kind = row[0].lower(), row[1].upper(), row[2]
                currencies = split_pair(ticker, row[4], kind)
                if currencies is None:
                    continue
                least = float(row[9]) if len(row) > 9 and row[9] else None
                known_as = row[8] if len(row) > 8 else ""
                found[kind, market, ticker] = PairProperties(*currencies, float(row[6]), float(row[7]), least, row[3], known_as)
            except ValueError as error:
                raise DataError(f"{path} line {number}: {error}: expected '{COLUMNS},...'.") from error
    except (OSError, csv.Error, UnicodeDecodeError) as error:
        raise DataError(f"{path} can't be read ({error}): expected lines '{COLUMNS},...'.") from error
    return found


def pairs_of(known: Mapping[Key, PairProperties], kind: str, market: str) -> list[str]:
    """Tickers of a market, in the order in which they are known."""
    return [ticker for found, where, ticker in known if found == kind and where == market]
