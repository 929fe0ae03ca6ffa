"""K folds in time, purged and with an embargo."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import numpy as np

from hidden_regime.experiments.checks import whole
from hidden_regime.kernels.results import Integers
from hidden_regime.learning.labels.labels import Labels
from hidden_regime.learning.splits.base import Split, blocks, check_embargo, expect_rows, purge


class PurgedKFold:
    """K contiguous folds, each tested once by a model of the others that knows nothing of it.

    Parameters
    ----------
    n_splits : int
    embargo : float
        Share of all bars after a test of which no training label may begin.

    References
    ----------
    López de Prado (2018), Advances in Financial Machine Learning, chapter 7.

    Examples
    --------
    >>> from hidden_regime import load_dataset
    >>> from hidden_regime.learning import PurgedKFold, label
    >>> labels = label(load_dataset("sp500").iloc[:500], "sign", horizon=10)
    >>> [(len(split.train), len(split.test), split.purged) for split in PurgedKFold(5).splits(labels)]
    [(377, 98, 15), (367, 98, 25), (367, 98, 25), (367, 98, 25), (382, 98, 10)]
    """

    def __init__(self, n_splits: int = 5, *, embargo: float = 0.01) -> None:
        self.n_splits = whole("n_splits", n_splits, "a number of folds of at least 2", low=2)
        self.embargo = check_embargo(embargo)

    def splits(self, labels: Labels) -> Iterator[Split]:
        """Each fold as a test."""
        bars = int(np.ceil(self.embargo * labels.n_bars))
        for number, test in enumerate(blocks(len(labels), self.n_splits), 1):
            train = purge(labels, test, bars)
            split = Split(train, test, len(labels) - len(train) - len(test))
            yield expect_rows(split, f"fold {number} of {self.n_splits}")

    def pairs(self, labels: Labels) -> list[tuple[Integers, Integers]]:
        """Training and test rows of each fold, as scikit-learn takes them for `cv`."""
        return [(split.train, split.test) for split in self.splits(labels)]

    def to_dict(self) -> dict[str, Any]:
        """What it is."""
        return {"kind": "purged", "n_splits": self.n_splits, "embargo": self.embargo}
