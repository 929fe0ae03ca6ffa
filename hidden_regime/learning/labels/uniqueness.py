"""How much of a label is its own: labels that live at the same time tell of the same bars."""

from __future__ import annotations

import numpy as np

from hidden_regime.kernels.results import Floats, Integers


def concurrency(t0: Integers, t1: Integers, n_bars: int) -> Integers:
    """How many labels live at each bar, (n_bars,): one lives at the bars after its own, up to its last.

    Examples
    --------
    >>> import numpy as np
    >>> concurrency(np.array([0, 1]), np.array([2, 3]), 5).tolist()
    [0, 1, 2, 1, 0]
    """
    steps = np.zeros(n_bars + 1, np.int64)
    np.add.at(steps, np.asarray(t0) + 1, 1)
    np.add.at(steps, np.asarray(t1) + 1, -1)
    return np.cumsum(steps)[:n_bars]


def uniqueness(t0: Integers, t1: Integers, n_bars: int) -> Floats:
    """Mean over the bars of each label's life of one over the number of labels that live there, (n_labels,).

    References
    ----------
    López de Prado (2018), Advances in Financial Machine Learning, chapter 4.

    Examples
    --------
    >>> import numpy as np
    >>> uniqueness(np.array([0, 1]), np.array([2, 3]), 5).tolist()
    [0.75, 0.75]
    """
    count = concurrency(t0, t1, n_bars)
    shares = np.divide(1.0, count, out=np.zeros(n_bars), where=count > 0)
    sums = np.concatenate([[0.0], np.cumsum(shares)])
    begin, end = np.asarray(t0) + 1, np.asarray(t1) + 1
    return np.asarray((sums[end] - sums[begin]) / np.maximum(end - begin, 1))
