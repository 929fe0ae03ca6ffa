"""Combinatorial purged cross-validation: every choice of folds is a test, and tests join to paths."""

from __future__ import annotations

import itertools
from collections.abc import Iterator
from math import comb
from typing import Any

import numpy as np

from hidden_regime.exceptions import ParameterError
from hidden_regime.experiments.checks import whole
from hidden_regime.kernels.results import Integers
from hidden_regime.learning.labels.labels import Labels
from hidden_regime.learning.splits.base import Split, blocks, check_embargo, expect_rows, purge

MOST = 1000
"""Choices of folds: each is a training."""


class CombinatorialPurgedCV:
    """Each `n_test` of `n_folds` contiguous folds are a test of a model of the others.

    Every fold is tested comb(n_folds - 1, n_test - 1) times, so the tests join to that many whole paths through the data: a
    result has a distribution instead of one number.

    Parameters
    ----------
    n_folds, n_test : int
    embargo : float
        As in `PurgedKFold`.

    References
    ----------
    López de Prado (2018), Advances in Financial Machine Learning, chapter 12.

    Examples
    --------
    >>> from hidden_regime.learning import CombinatorialPurgedCV
    >>> cv = CombinatorialPurgedCV(6, 2)
    >>> cv.n_splits, cv.n_paths
    (15, 5)
    """

    def __init__(self, n_folds: int = 6, n_test: int = 2, *, embargo: float = 0.01) -> None:
        self.n_folds = whole("n_folds", n_folds, "a number of folds of at least 2", low=2)
        self.n_test = whole("n_test", n_test, "a number of folds of at least 1")
        if self.n_test >= self.n_folds:
            raise ParameterError("n_test", n_test, f"fewer than the {self.n_folds} folds")
        if self.n_splits > MOST:
            raise ParameterError("n_folds, n_test", (n_folds, n_test), f"at most {MOST} choices of folds, each of which is a "
                                 f"training: these have {self.n_splits:,}")  # fmt: skip
        self.embargo = check_embargo(embargo)

    @property
    def n_splits(self) -> int:
        """How many choices there are."""
        return comb(self.n_folds, self.n_test)

    @property
    def n_paths(self) -> int:
        """How often each fold is tested."""
        return comb(self.n_folds - 1, self.n_test - 1)

    @property
    def choices(self) -> list[tuple[int, ...]]:
        """Folds that are tested, for each split."""
        return list(itertools.combinations(range(self.n_folds), self.n_test))

    def splits(self, labels: Labels) -> Iterator[Split]:
        """Each choice as a test."""
        bars = int(np.ceil(self.embargo * labels.n_bars))
        parts = blocks(len(labels), self.n_folds)
        free = [set(purge(labels, part, bars).tolist()) for part in parts]
        for chosen in self.choices:
            test = np.concatenate([parts[one] for one in chosen])
            kept = set.intersection(*(free[one] for one in chosen))
            train = np.array(sorted(kept - set(test.tolist())), np.int64)
            yield expect_rows(Split(train, test, len(labels) - len(train) - len(test)), f"the test of folds {chosen}")

    def paths(self, labels: Labels) -> list[list[tuple[int, Integers]]]:
        """For each path the splits that it is made of, with the rows that each gives to it; every row comes once in each path."""
        parts = blocks(len(labels), self.n_folds)
        out: list[list[tuple[int, Integers]]] = [[] for _ in range(self.n_paths)]
        seen = [0] * self.n_folds
        for number, chosen in enumerate(self.choices):
            for fold in chosen:
                out[seen[fold]].append((number, parts[fold]))
                seen[fold] += 1
        return out

    def to_dict(self) -> dict[str, Any]:
        """What it is."""
        return {"kind": "combinatorial", "n_folds": self.n_folds, "n_test": self.n_test, "embargo": self.embargo}
