"""A pair whose bars are in memory: those that were given, and longer ones that are made of them."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from typing import TYPE_CHECKING

import numpy as np

from hidden_regime.data.market import Asset
from hidden_regime.data.pairs.bars import DAY, Rows, WholeBars
from hidden_regime.data.pairs.naming import PairName
from hidden_regime.data.pairs.properties import FOREX
from hidden_regime.data.pairs.resampling import coarser
from hidden_regime.exceptions import DataError, NoDataError

if TYPE_CHECKING:
    import pandas as pd

FINER = {DAY: 60, 60: 1}
"""Of what longer bars are made."""
PRICES = ("open", "high", "low", "close")
TRADE_COLUMNS = (*PRICES, "volume")
QUOTE_COLUMNS = tuple(f"{side}_{name}" for side in ("bid", "ask") for name in (*PRICES, "size"))
_FIRST = date(1970, 1, 1).toordinal()
Key = tuple[int, bool]
"""Minutes of a bar, and whether they are of quotes."""


class Pair:
    """Bars of one pair, by their starts in UTC.

    Hours are made of minutes and days of hours where none are given; what is given of a length, trades or quotes, stands alone.

    Parameters
    ----------
    name : PairName
    given : mapping of (minutes, whether of quotes) to Rows
    """

    def __init__(self, name: PairName, given: Mapping[Key, Rows]) -> None:
        self.name, self.given = name, dict(given)
        self._made: dict[Key, Rows | None] = {}

    def joined(self, other: Pair) -> Pair:
        """With the bars of another table of the pair.

        Raises
        ------
        DataError
            Both have bars of one length.
        """
        twice = {minutes for minutes, _ in self.given} & {minutes for minutes, _ in other.given}
        if twice:
            raise DataError(
                f"{self.name} has two tables of bars of {min(twice)} minutes: expected one for each length. Join them, or leave "
                "one out."
            )
        return Pair(self.name, self.given | other.given)

    def rows(self, minutes: int, *, quotes: bool) -> Rows | None:
        """Bars of a length, given or made; None where there are none."""
        key = minutes, quotes
        if key not in self._made:
            self._made[key] = self.given.get(key) if self.has_own(minutes) else self._of_finer(minutes, quotes)
        return self._made[key]

    def has_own(self, minutes: int) -> bool:
        """Whether bars of a length were given."""
        return (minutes, False) in self.given or (minutes, True) in self.given

    def _of_finer(self, minutes: int, quotes: bool) -> Rows | None:
        below = self.rows(FINER[minutes], quotes=quotes) if minutes in FINER else None
        return None if below is None else coarser(below, minutes, quotes=quotes)

    def bars(self, minutes: int, *, quotes: bool) -> WholeBars | None:
        """The same for whoever reads them in order of time."""
        found = self.rows(minutes, quotes=quotes)
        return None if found is None else WholeBars(minutes, found, quotes=quotes)

    @property
    def lengths(self) -> list[int]:
        """Minutes of the bars that there are, the longest first."""
        return [m for m in (DAY, 60, 1) if any(self.rows(m, quotes=quotes) is not None for quotes in (False, True))]

    def asset(self) -> Asset:
        """Days of UTC as those of any asset: of trades, or halfway between bid and ask."""
        found = self.rows(DAY, quotes=False)
        if found is None:
            quoted = self.rows(DAY, quotes=True)
            assert quoted is not None
            whole = (quoted[1][:, [3, 8]] > 0.0).all(axis=1)
            starts, values = quoted[0][whole], quoted[1][whole]
            found = starts, np.column_stack([(values[:, :4] + values[:, 5:9]) / 2.0, np.zeros(len(starts))])
        days = [date.fromordinal(_FIRST + int(start)) for start in found[0] // DAY]
        opened, high, low, close, volume = (np.ascontiguousarray(column) for column in found[1].T)
        return Asset(self.name.ticker, days, opened, high, low, close, volume)

    def frame(self, minutes: int = DAY) -> pd.DataFrame:
        """Trades and quotes of a length as one frame by start in UTC, which `TableMarket` takes again.

        Where a bar has no trade or no bid the prices are missing. A currency's have open, high, low and close halfway between
        bid and ask, as `self.history` has in LEAN.

        Raises
        ------
        NoDataError
            There are no such bars.
        """
        parts = [
            _frame(found, QUOTE_COLUMNS if quotes else TRADE_COLUMNS)
            for quotes in (False, True)
            if (found := self.rows(minutes, quotes=quotes)) is not None
        ]
        if not parts:
            raise NoDataError(f"{self.name} has no bars of {minutes} minutes: it has those of {self.lengths}.")
        joined: pd.DataFrame = parts[0] if len(parts) == 1 else parts[0].join(parts[1], how="outer")
        if self.name.kind == FOREX:
            for place, name in enumerate(PRICES):
                joined.insert(place, name, (joined[f"bid_{name}"] + joined[f"ask_{name}"]) / 2.0)
        return joined

    def __repr__(self) -> str:
        return f"<Pair {self.name}>"


def _frame(rows: Rows, columns: tuple[str, ...]) -> pd.DataFrame:
    import pandas as pd

    starts, values = rows
    index = pd.DatetimeIndex(starts.astype("datetime64[m]").astype("datetime64[s]"), tz="UTC", name="date")
    frame = pd.DataFrame(values, index=index, columns=list(columns))
    for side in ("bid", "ask") if len(columns) > len(TRADE_COLUMNS) else ():
        prices = [f"{side}_{name}" for name in PRICES]
        frame[prices] = frame[prices].where(frame[prices].gt(0.0).any(axis=1))
    return frame
