"""Walk-forward by calendar months: train in some, test in those after them, move on."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import numpy as np

from hidden_regime.exceptions import ParameterError
from hidden_regime.experiments.checks import whole
from hidden_regime.experiments.windows import anchored_windows, rolling_windows
from hidden_regime.learning.labels.labels import Labels
from hidden_regime.learning.splits.base import Split, expect_rows


class CalendarWalkForward:
    """Windows of `hidden_regime.experiments.windows`: a training's labels have all ended before its test begins.

    Parameters
    ----------
    is_months, oos_months : int
        Calendar months of training and of test.
    anchored : bool
        Whether all trainings begin at the first label.

    Examples
    --------
    >>> from hidden_regime import load_dataset
    >>> from hidden_regime.learning import CalendarWalkForward, label
    >>> labels = label(load_dataset("sp500").iloc[:900], "sign", horizon=10)
    >>> [(len(split.train), len(split.test)) for split in CalendarWalkForward(24, 6).splits(labels)]
    [(496, 125), (495, 123), (491, 125)]
    """

    def __init__(self, is_months: int = 24, oos_months: int = 6, *, anchored: bool = False) -> None:
        self.is_months = whole("is_months", is_months, "a number of months of at least 1")
        self.oos_months = whole("oos_months", oos_months, "a number of months of at least 1")
        if not isinstance(anchored, bool):
            raise ParameterError("anchored", anchored, "true or false")
        self.anchored = anchored

    def splits(self, labels: Labels) -> Iterator[Split]:
        """Each window as a test."""
        days = np.array(labels.times.date)
        made = (anchored_windows if self.anchored else rolling_windows)(days[0], days[-1], self.is_months, self.oos_months)
        for window in made:
            test = np.flatnonzero((days >= window.oos_start) & (days <= window.oos_end))
            inside = (days >= window.is_start) & (days <= window.is_end)
            ended = labels.t1 < (labels.t0[test].min() if len(test) else labels.n_bars)
            train = np.flatnonzero(inside & ended)
            split = Split(train, test, int(inside.sum()) - len(train))
            yield expect_rows(split, f"window {window.number}, tested from {window.oos_start}")

    def to_dict(self) -> dict[str, Any]:
        """What it is."""
        return {
            "kind": "walk-forward", "is_months": self.is_months, "oos_months": self.oos_months, "anchored": self.anchored,
        }  # fmt: skip
