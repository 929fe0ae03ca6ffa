"""What goes with a regime's usual name: one line a name, from worst to best."""

from __future__ import annotations

from typing import NamedTuple


class Usual(NamedTuple):
    """What a regime of a usual name is to whoever shows or trades it. Names of a rule of one's own have none of it."""

    colour: str
    """In figures and reports."""
    allocation: float
    """Share of the portfolio to hold, unless the user says otherwise."""
    scale: float
    """What risk management leaves of a target, unless the user says otherwise."""
    score: float
    """As a number: above 0 it rises, below 0 it falls."""
    kind: str
    """As the notebook's frames call it."""


PALETTE = {
    "Crisis": Usual("#7b1e3a", 0.0, 0.0, -2.0, "crisis"),
    "Bear": Usual("#d1495b", 0.0, 0.5, -1.0, "bearish"),
    "Weak Bear": Usual("#e8998d", 0.25, 0.5, -0.5, "bearish"),
    "Sideways": Usual("#e2c044", 0.5, 0.75, 0.0, "sideways"),
    "Weak Bull": Usual("#9bc59d", 0.75, 1.0, 0.5, "bullish"),
    "Bull": Usual("#3a9d6e", 1.0, 1.0, 1.0, "bullish"),
}
MIDDLE = PALETTE["Sideways"]
"""What trades by a name that isn't usual."""


def score_of(regime: str) -> float:
    """A regime as a number; 0 by any other name."""
    return PALETTE.get(regime, MIDDLE).score
