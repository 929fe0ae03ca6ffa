"""What is usual at a time of day, so that every noon is no calm regime and every close no wild one."""

from __future__ import annotations

import math
from collections.abc import Sequence
from datetime import datetime
from typing import Any

from hidden_regime.kernels.results import Floats

LEAST = 5
"""Bars of a time of day before anything is known of it."""
SPAN = 250
"""Bars of a time of day after which the oldest begin to be forgotten."""


class TimeOfDay:
    """Takes out of observations what is usual at their time of day, known from earlier bars only.

    A return is divided by the usual size of those at its time, over that of an average time. Of any other feature, all of which
    are logarithms or standardised, the usual difference is subtracted. Bars that all end at one time stay as they are.

    Parameters
    ----------
    n_features : int
    log_return : int
        Place of the return among the features.
    """

    def __init__(self, n_features: int, log_return: int) -> None:
        self.n_features, self.log_return = n_features, log_return
        self._known: dict[int, list[list[float]]] = {}  # by second of the day: count and mean of each feature
        self._sums = [[0.0, 0.0] for _ in range(n_features)]  # times that are known, and the sum of their means

    def adjust(self, time: datetime, row: Sequence[float] | Floats) -> list[float]:
        """Observation without what is usual at its time; NaN where that isn't known yet. The row counts for later ones."""
        second = time.hour * 3600 + time.minute * 60 + time.second
        own = self._known.setdefault(second, [[0.0, 0.0] for _ in range(self.n_features)])
        out = [float(value) for value in row]
        if len(self._known) > 1:
            out = [self._without(i, value, own[i]) for i, value in enumerate(out)]
        for i, value in enumerate(row):
            if not math.isnan(value):
                self._add(i, abs(float(value)) if i == self.log_return else float(value), own[i])
        return out

    def _without(self, i: int, value: float, own: list[float]) -> float:
        count, mean = own
        times, total = self._sums[i]
        if count < LEAST:
            return math.nan
        if i != self.log_return:
            return value - (mean - total / times)
        return value * (total / times) / mean if mean > 0.0 else value

    def _add(self, i: int, value: float, own: list[float]) -> None:
        sums, before = self._sums[i], own[1]
        own[0] += 1.0
        own[1] += (value - before) / min(own[0], SPAN)
        if own[0] == LEAST:
            sums[0] += 1.0
            sums[1] += own[1]
        elif own[0] > LEAST:
            sums[1] += own[1] - before

    def to_dict(self) -> dict[str, Any]:
        """All that it knows, as what JSON can hold."""
        return {"known": [[second, *own] for second, own in self._known.items()], "sums": self._sums}

    def restore(self, content: dict[str, Any]) -> None:
        """Know what `to_dict` gave.

        Raises
        ------
        ValueError
            Nothing that it gave.
        """
        known = {int(second): [[float(n) for n in pair] for pair in own] for second, *own in content["known"]}
        sums = [[float(n) for n in pair] for pair in content["sums"]]
        pairs = [*sums, *(pair for own in known.values() for pair in own)]
        if any(len(own) != self.n_features for own in (sums, *known.values())) or any(len(pair) != 2 for pair in pairs):
            raise ValueError("expected a count and a mean for each feature")
        if not all(0 <= second < 86_400 for second in known):
            raise ValueError("expected times of a day")
        if not all(count >= 0 and count % 1 == 0 and abs(mean) < 1e9 for own in known.values() for count, mean in own):
            raise ValueError("expected counts and finite means")
        for i, (times, total) in enumerate(sums):
            means = [own[i][1] for own in known.values() if own[i][0] >= LEAST]
            if times != len(means) or not abs(total - math.fsum(means)) <= 1e-6 * (1 + sum(map(abs, means))):
                raise ValueError("expected sums of the means")
        self._known, self._sums = known, sums
