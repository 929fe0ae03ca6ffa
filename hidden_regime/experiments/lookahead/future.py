"""What a run isn't given, or is given otherwise: everything that becomes known after a moment."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import date, datetime
from pathlib import PurePath

import numpy as np
import numpy.typing as npt

from hidden_regime.exceptions import ParameterError

Floats = npt.NDArray[np.float64]
CUT, CHANGED = "cut", "changed"
STRENGTH, JITTER = 1.5, 0.01
"""How far changed prices go to the other side, and by how much each differs from a mere mirror image."""


@dataclass(frozen=True)
class Future:
    """What is hidden.

    Attributes
    ----------
    moment : datetime
        New York. What is known by then stays to the last bit.
    how : "cut" or "changed"
        Gone, or turned round: where prices rose after the moment they fall, with days of other sizes.
    until : datetime
        What becomes known after it stays as it is, too.
    only : str
        The one ticker or file that is changed; empty for all.
    seed : int
    """

    moment: datetime
    how: str = CHANGED
    until: datetime = datetime.max
    only: str = ""
    seed: int = 0

    def __post_init__(self) -> None:
        if self.how not in (CUT, CHANGED):
            raise ParameterError("how", self.how, f"{CUT!r} or {CHANGED!r}")

    def hides(self, end: datetime) -> bool:
        """Whether what ends, or is published, at a moment is hidden."""
        return self.moment < end <= self.until

    def of(self, source: str) -> Future | None:
        """What is hidden of a ticker or a file; None where nothing is."""
        return self if self.only in ("", source) else None

    def within(self, until: datetime, only: str = "") -> Future:
        """The part of it that ends by a moment."""
        return replace(self, until=until, only=only)

    def jitter(self, source: str, n: int) -> Floats:
        """(n,) logarithms of factors for a source's rows, the same in each run and wherever a file lies."""
        key = [self.seed, *PurePath(source).name.encode(), n]
        return np.random.default_rng(key).normal(0.0, JITTER, n)

    def turned(self, prices: Floats, anchor: float, jitter: Floats) -> Floats:
        """Prices of the other side, falling where p rises: a exp(-(1.5 tanh(|x|) + |jitter|) sign(x)), x = log(p / a)."""
        with np.errstate(divide="ignore", invalid="ignore"):
            distance = np.log(np.where(prices > 0.0, prices, anchor) / anchor)
        away = np.where(distance == 0.0, jitter, -np.sign(distance) * np.abs(jitter))
        return np.asarray(np.maximum(anchor * np.exp(away - STRENGTH * np.tanh(distance)), 1e-4).round(4), dtype=np.float64)

    def turned_numbers(self, values: Floats, anchor: float) -> Floats:
        """Any other numbers of the other side of the last known one."""
        away = values - anchor
        shift = np.where(away == 0.0, max(abs(anchor), 1.0) * JITTER, 0.0)
        return np.asarray(anchor - STRENGTH * away + shift, dtype=np.float64)


def last_of(values: Floats) -> float:
    """The last price of some that is above zero; 1 of none."""
    sound = values[np.isfinite(values) & (values > 0.0)]
    return float(sound[-1]) if len(sound) else 1.0


CloseOf = Callable[[date], datetime]
"""When a day's bar becomes known: the close of its session."""
