"""The normal distribution, of plain numbers."""

from __future__ import annotations

import math
from statistics import NormalDist

_STANDARD = NormalDist()


def cdf(z: float) -> float:
    """Share below z. By the complementary error function, which keeps the smallest shares."""
    return math.erfc(-z / math.sqrt(2.0)) / 2.0


def quantile(share: float) -> float:
    """What a share of draws stays below, for shares between 0 and 1."""
    return _STANDARD.inv_cdf(share)
