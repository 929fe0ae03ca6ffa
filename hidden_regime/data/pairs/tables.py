"""The pairs of a market of tables, found as those of a LEAN data folder are."""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path

from hidden_regime.data.pairs.bars import WholeBars
from hidden_regime.data.pairs.naming import LENGTHS, PairName, name_of
from hidden_regime.data.pairs.pair import Pair
from hidden_regime.data.pairs.properties import KINDS
from hidden_regime.exceptions import DataError


class PairTables:
    """Pairs by ticker.

    Parameters
    ----------
    pairs : iterable of Pair
        Several of one pair are its bars of several lengths.

    Raises
    ------
    DataError
        A ticker stands for pairs of two markets.
    """

    def __init__(self, pairs: Iterable[Pair] = ()) -> None:
        self.by_ticker: dict[str, Pair] = {}
        for pair in pairs:
            known = self.by_ticker.get(pair.name.ticker)
            if known is not None and known.name != pair.name:
                raise DataError(
                    f"{pair.name} and {known.name} are in one market of tables: expected each ticker once, for it is what a "
                    "strategy, and what watches its regimes, knows a pair by. Give them to two runs, or leave one out."
                )
            self.by_ticker[pair.name.ticker] = pair if known is None else known.joined(pair)

    def bars(self, kind: str, market: str, ticker: str, minutes: int, *, quotes: bool) -> WholeBars | None:
        """Bars of a pair, or None where there are none."""
        found = self.by_ticker.get(ticker.upper())
        if found is None or found.name != (kind, market.lower(), ticker.upper()):
            return None
        return found.bars(minutes, quotes=quotes)

    def find(self, ticker: str) -> Pair | None:
        """The pair of a ticker."""
        return self.by_ticker.get(ticker.upper())

    def listed(self) -> list[PairName]:
        """Every pair."""
        return [pair.name for pair in self.by_ticker.values()]


def files_of_pairs(folder: Path, suffixes: tuple[str, ...]) -> dict[Path, str]:
    """Tables in `crypto/MARKET` and `forex/MARKET` of a folder, or in `daily`, `hour` and `minute` there, with their names."""
    found: dict[Path, str] = {}
    for kind in KINDS:
        for pattern in (f"{kind}/*/*", *(f"{kind}/*/{length}/*" for length in LENGTHS)):
            for path in sorted(folder.glob(pattern)):
                if path.name.endswith(suffixes) and path.is_file():
                    found[path] = name_of(path, path.name.split(".")[0])
    return found
