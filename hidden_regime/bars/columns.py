"""Names of columns that files and frames may have, one reader for both."""

from __future__ import annotations

import warnings
from collections.abc import Hashable, Sequence
from typing import TYPE_CHECKING, Any

import numpy as np

from hidden_regime.exceptions import MissingColumnError, UnadjustedPricesWarning

if TYPE_CHECKING:
    import pandas as pd

PRICES = ("open", "high", "low", "close")
DATES = ("date", "time", "datetime", "timestamp", "day", "unnamed:_0")
"""The last is what pandas calls an index without a name."""
TICKERS = ("ticker", "symbol", "asset", "name")
ADJUSTED = ("adj_close", "adjusted_close", "adjclose", "adjustedclose")
CLOSES = ("close", "price", "last", *ADJUSTED)
LARGEST_DIVIDEND = 0.15
"""Change of the adjusted over the raw close, as a logarithm, that is no dividend any more but a split."""


def plain(name: object) -> str:
    """A column's name without what spelling adds: `Adj Close`, `adj_close` and `Adj-Close*` are one."""
    return str(name).strip().lower().replace(" ", "_").replace("-", "_").replace("*", "")


def refuse_twice(names: Sequence[Hashable], what: str) -> None:
    """Raise where a column that counts is there twice, by whatever spelling."""
    called = [plain(name) for name in names]
    for name in (*PRICES, "volume", *CLOSES[1:], *DATES[:-1]):
        if called.count(name) > 1:
            spelt = [str(own) for own, known in zip(names, called, strict=True) if known == name]
            shown = repr(name) if set(spelt) == {spelt[0]} else f"{name!r} ({', '.join(map(repr, spelt))})"
            raise MissingColumnError(f"{what} has the column {shown} more than once: expected one. Rename or drop the others.")


def close_of(names: Sequence[str], what: str) -> str | None:
    """Which of some plain names is the close; None without any.

    Raises
    ------
    MissingColumnError
        Adjusted closes alone beside raw prices of other kinds.
    """
    close = next((name for name in CLOSES if name in names), None)
    if close in ADJUSTED and {"open", "high", "low"} & set(names):
        raise MissingColumnError(
            f"{what} has raw open, high or low but only adjusted closes: expected a column 'close' as well. Add it, or leave out "
            "the others."
        )
    return close


def warn_of_splits(frame: pd.DataFrame, close: Any, what: str) -> None:
    """Warn where adjusted closes beside the raw ones tell of a split, which the raw ones take for a fall."""
    import pandas as pd

    adjusted = next((name for name in frame.columns if plain(name) in ADJUSTED and name != close), None)
    if adjusted is None:
        return
    both = pd.DataFrame(
        {"raw": pd.to_numeric(frame[close], errors="coerce"), "adjusted": pd.to_numeric(frame[adjusted], errors="coerce")}
    ).astype("float64")
    sound = both[((both > 0) & (both < np.inf)).all(axis=1)]
    steps = np.abs(np.diff(np.log((sound["adjusted"] / sound["raw"]).to_numpy())))
    jumps = np.flatnonzero(steps > LARGEST_DIVIDEND)
    if len(jumps):
        warnings.warn(
            UnadjustedPricesWarning(
                f"{what}: {adjusted!r} and {close!r} part at {sound.index[jumps[0] + 1]} ({len(jumps)} times in all), as at a "
                f"split: {close!r} is used, which takes it for a fall or a rise. Adjust all prices: multiply them by "
                f"frame[{str(adjusted)!r}] / frame[{str(close)!r}]."
            ),
            stacklevel=5,
        )
