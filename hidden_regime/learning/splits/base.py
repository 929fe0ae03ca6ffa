"""What all splits have in common: rows by place, purged by when labels begin and end."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any, NamedTuple, Protocol

import numpy as np

from hidden_regime.exceptions import DataError, ParameterError
from hidden_regime.kernels.results import Integers
from hidden_regime.learning.labels.labels import Labels


class Split(NamedTuple):
    """Rows of one training and of its test, by place among the labels.

    Attributes
    ----------
    train, test : (n,)
    purged : int
        Rows that are in neither, for they would have known something of the test.
    """

    train: Integers
    test: Integers
    purged: int


class Splitter(Protocol):
    """Splits labels."""

    def splits(self, labels: Labels) -> Iterator[Split]:
        """Each split, in the order of its test."""
        ...

    def to_dict(self) -> dict[str, Any]:
        """What it is, as JSON can hold it."""
        ...


def blocks(n: int, count: int) -> list[Integers]:
    """Rows in contiguous blocks whose sizes differ by at most one, the larger ones first, as scikit-learn's KFold has them."""
    if n < count:
        raise DataError(f"{n} labels: expected at least as many as there are folds, {count}.")
    return [np.asarray(part) for part in np.array_split(np.arange(n), count)]


def purge(labels: Labels, test: Integers, embargo: int) -> Integers:
    """Rows whose labels share no bar with a contiguous test, and don't begin in the embargo after it.

    A training row goes where its [t0, t1] meets [first t0, last t1] of the test, ends included, or where its t0 comes at most
    `embargo` bars after that: features look back, and so know the end of the test.
    """
    begin, end = int(labels.t0[test].min()), int(labels.t1[test].max())
    meets = (labels.t0 <= end) & (labels.t1 >= begin)
    embargoed = (labels.t0 > end) & (labels.t0 <= end + embargo)
    keep = ~(meets | embargoed)
    keep[test] = False
    return np.asarray(np.flatnonzero(keep))


def check_embargo(embargo: float) -> float:
    """A share of the bars.

    Raises
    ------
    ParameterError
    """
    good = isinstance(embargo, (int, float)) and not isinstance(embargo, bool)
    if not good or not 0.0 <= embargo < 1.0:
        raise ParameterError("embargo", embargo, "a share of the bars, from 0 to below 1")
    return float(embargo)


def expect_rows(split: Split, what: str) -> Split:
    """Raise where a training or a test has no row left."""
    if not len(split.train) or not len(split.test):
        raise DataError(
            f"{what}: {len(split.train)} rows to train on and {len(split.test)} to test: expected some of both. Take fewer "
            "folds, a shorter horizon or more bars."
        )
    return split
