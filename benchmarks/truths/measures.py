"""How right labels are: pure functions of labels and truth, both counted from the worst regime; -1 is no label.

Rates are for a year of 252 bars, however long a bar is.
"""

from __future__ import annotations

from itertools import permutations
from typing import NamedTuple

import numpy as np

YEAR = 252
BINS = 10


class Score(NamedTuple):
    """How well one series was labelled.

    Attributes
    ----------
    right, renamed : float
        Share of bars with the true regime, as named and under the best renaming.
    bear : float
        Share of bars that are rightly in the worst regime or rightly not.
    flips, delay, alarms, calibration : float
        What the functions of this module give.
    said_no : float
        1 if it was said that there are no regimes, 0 if not, NaN of what can't say so.
    moved : float
        Share of trainings that alone changed the last label; NaN where nobody looked.
    seconds : float
        Of the processor.
    """

    right: float
    renamed: float
    bear: float
    flips: float
    delay: float
    alarms: float
    calibration: float
    said_no: float = np.nan
    moved: float = np.nan
    seconds: float = np.nan


def accuracy(labels: np.ndarray, truth: np.ndarray) -> float:
    """Share of bars with the true regime."""
    return float(np.mean(labels == truth))


def best_renaming(labels: np.ndarray, truth: np.ndarray, n_states: int) -> float:
    """Accuracy if names were swapped, once and for all, as suits best: beside `accuracy` it shows what is lost to names alone."""
    pairs = np.zeros((n_states, n_states))
    seen = labels >= 0
    np.add.at(pairs, (labels[seen], truth[seen]), 1)
    right = max(sum(pairs[k, to[k]] for k in range(n_states)) for to in permutations(range(n_states)))
    return float(right / len(truth))


def flips(labels: np.ndarray) -> float:
    """Changes of label a year."""
    return float(np.sum(labels[1:] != labels[:-1]) * YEAR / len(labels))


def delay(labels: np.ndarray, truth: np.ndarray) -> float:
    """Bars from a true change to the first right label, on average; the regime's length where none came. NaN without a change."""
    begins = np.flatnonzero(truth[1:] != truth[:-1]) + 1
    waits = []
    for begin, end in zip(begins, [*begins, len(truth)][1:], strict=True):
        right = np.flatnonzero(labels[begin:end] == truth[begin])
        waits.append(right[0] if len(right) else end - begin)
    return float(np.mean(waits)) if waits else np.nan


def false_alarms(labels: np.ndarray, truth: np.ndarray) -> float:
    """How often a year the label leaves a true regime that goes on."""
    left = (truth[1:] == truth[:-1]) & (labels[:-1] == truth[:-1]) & (labels[1:] != truth[1:])
    return float(left.sum() * YEAR / len(labels))


def calibration_error(confidence: np.ndarray, right: np.ndarray) -> float:
    """Expected calibration error: in ten bins of confidence, how far the share of right labels is from it, weighted by the bars.

    Bars without a confidence are left out; NaN where none has one.
    """
    known = np.isfinite(confidence)
    if not known.any():
        return np.nan
    confidence, right = confidence[known], right[known]
    place = np.minimum((confidence * BINS).astype(int), BINS - 1)
    gaps = [abs(right[place == i].sum() - confidence[place == i].sum()) for i in range(BINS)]
    return float(sum(gaps) / len(confidence))


def score(labels: np.ndarray, confidence: np.ndarray, truth: np.ndarray, n_states: int, **further: float) -> Score:
    """All measures of the labels of a series."""
    return Score(accuracy(labels, truth), best_renaming(labels, truth, n_states), accuracy(labels == 0, truth == 0),
                 flips(labels), delay(labels, truth), false_alarms(labels, truth),
                 calibration_error(confidence, labels == truth), **further)  # fmt: skip
