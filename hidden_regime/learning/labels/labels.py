"""Labels with what validation has to know of them: when each begins and ends, and how much of it is its own."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from hidden_regime.kernels.results import Floats, Integers

if TYPE_CHECKING:
    import pandas as pd


@dataclass(frozen=True, repr=False)
class Labels:
    """Labels of bars.

    Attributes
    ----------
    table : DataFrame
        A row a label by the time of its bar: `value`; `t0` and `t1`, the places of the bar that it begins at and of the last one
        that it depends on; `ended`, that bar's time; `weight`, the mean share of the bars of its life that are its own; `ret`,
        the return over its life; `why`, what ended it.
    kind : str
    n_bars : int
        Bars of the frame.
    probabilities : DataFrame or None
        Of soft labels: a column a regime, rows sum to 1.
    uncertainty : Series or None
        Of soft labels: entropy over that of equal probabilities, from 0 to 1.
    """

    table: pd.DataFrame
    kind: str
    n_bars: int
    probabilities: pd.DataFrame | None = None
    uncertainty: pd.Series | None = None

    def __repr__(self) -> str:
        return f"Labels({self.kind!r}, {len(self)} of {self.n_bars} bars, worth {self.weight.sum():.0f} that don't overlap)"

    def __len__(self) -> int:
        return len(self.table)

    @property
    def t0(self) -> Integers:
        """Places of the bars that labels begin at, (n_labels,)."""
        return self.table["t0"].to_numpy()

    @property
    def t1(self) -> Integers:
        """Places of the last bars that they depend on, (n_labels,)."""
        return self.table["t1"].to_numpy()

    @property
    def value(self) -> Floats:
        """Values, (n_labels,)."""
        return self.table["value"].to_numpy(dtype=float)

    @property
    def weight(self) -> Floats:
        """Uniqueness, (n_labels,), above 0 and at most 1."""
        return self.table["weight"].to_numpy(dtype=float)

    @property
    def ret(self) -> Floats:
        """Returns over their lives, (n_labels,)."""
        return self.table["ret"].to_numpy(dtype=float)

    @property
    def times(self) -> Any:
        """Times of the bars that they begin at."""
        return self.table.index

    def at(self, index: Any) -> Labels:
        """Those at some times, in the order of time."""
        kept = self.table.index.isin(index)
        soft = self.probabilities
        return Labels(
            self.table[kept], self.kind, self.n_bars, None if soft is None else soft[kept],
            None if self.uncertainty is None else self.uncertainty[kept])  # fmt: skip
