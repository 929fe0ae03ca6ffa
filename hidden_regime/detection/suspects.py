"""Bars that no market makes, left out of what a detector learns: splits in raw prices, ticks taken back at once, spikes.

Most bars are told by two comparisons in `Course.take`; what is here runs for the others, and for the bar after one.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, NamedTuple

import numpy as np

from hidden_regime.bars.feature import Column, Feature
from hidden_regime.bars.features import FEATURES
from hidden_regime.bars.jumps import AROUND, TAKEN_BACK, WILD, factor_of, is_back, split_of
from hidden_regime.detection.drift import Drift
from hidden_regime.kernels.results import Floats
from hidden_regime.models.inference import step_row
from hidden_regime.regimes.state import RegimeState

if TYPE_CHECKING:
    from hidden_regime.detection.course import Course

CLOSES_ONLY = ("log_return", "overnight_return", "log_realised_volatility", "volume_zscore")
"""Features that see neither the high nor the low of a bar."""
AGAIN = 5.0
"""Usual moves that a price may be away from where it was, two bars later, when the one between is wrong; and of the whole window
those that a wrong bar makes: a market that wakes up goes there and back, too."""
JUST_BEFORE = 5
"""Bars none of which is as wild as one that may be wrong."""
RANGES = ("log_range", "log_parkinson_range", "log_rogers_satchell_range")
"""Features whose exponential is the volatility of one bar."""

Row = Sequence[float] | Floats


@dataclass(frozen=True, slots=True, eq=False)
class Suspect:
    """The latest bar, which the next one may take back, and what was known before it.

    `move` is its log return, `usual` the size of those expected, `factor` what the bars before it were multiplied by if it was
    taken for a split; `filtered` (n_states,), `state` and `drift` are those after the bar before it.
    """

    move: float
    usual: float
    factor: float
    filtered: Floats
    state: RegimeState
    drift: Drift


class Look(NamedTuple):
    """What was found at the newest bar.

    `said` goes to the notes. Bars before the newest are to be multiplied by `factor`; `leaves_out` says that the one just before
    it is wrong, and `before` is then the state after that one as if it had shown nothing. What is left of the newest observation
    is filtered; `forgets` says that trainings see nothing of it: rows with gaps are slow to train on, while the window has them.
    """

    said: str
    factor: float = 1.0
    leaves_out: bool = False
    before: RegimeState | None = None
    forgets: bool = False


class Watch(NamedTuple):
    """What makes `look` worth its time: places of the return and of a range, and what they must exceed under a model."""

    return_place: int
    move: float
    range_place: int
    range: float


def watch_of(features: Sequence[Feature | Column], return_place: int, columns: Sequence[int], calm: float) -> Watch:
    """Limits for a model that sees some columns, and whose calmest state has that deviation of returns: no usual move is less.
    They are a little lower, for `look` decides, and different ways to the same deviation differ in its last bits."""
    calm *= 0.999
    for i in columns:
        if features[i].name in RANGES and features[i] is FEATURES[features[i].name] and calm > 0.0:
            return Watch(return_place, TAKEN_BACK * calm, i, math.log(WILD * calm))
    return Watch(return_place, TAKEN_BACK * calm, return_place, math.inf)


def usual_move(course: Course) -> float:
    """Standard deviation of the newest bar's return by what was known before it: of each state's, weighted by its probability."""
    assert course.model is not None and course.filtered is not None
    sd = course.model.return_moments(course.options.return_place)[1]
    return math.sqrt(float(course.filtered @ course.model.parameters.transmat @ sd**2))


def _is_alone(course: Course, size: float, usual: float) -> bool:
    """Whether a move is wild for the bars just before it, and for the window's states together: where a wild time begins, the
    model has to learn of it, and of one that it knows it need not be told."""
    assert course.model is not None
    place = course.options.return_place
    if (np.abs(course.rows.latest(JUST_BEFORE)[:, place]) > TAKEN_BACK * usual).any():
        return False
    share = course.posteriors.latest(course.options.lookback).mean(axis=0)
    return size > AGAIN * math.sqrt(float(share @ course.model.return_moments(place)[1] ** 2))


def look(course: Course, row: Row, move: float) -> Row:
    """The newest bar's observation without what is no market's; the bar before is left out if this one takes it back.

    Parameters
    ----------
    course : Course
        Before it takes the observation. `look` and `suspect` say afterwards what was found.
    row : (n_features,)
    move : float
        Log return of the bar, as its closes have it.
    """
    suspect, course.suspect = course.suspect, None
    watch, usual = course.watch, usual_move(course)
    assert watch is not None and course.filtered is not None
    width = math.exp(row[watch.range_place]) if watch.range < math.inf else 0.0
    if suspect is not None and is_back(suspect.move, move) and abs(suspect.move + move) < AGAIN * suspect.usual:
        _leave_out_newest(course, suspect)
        return without(row, range(len(row)) if width > TAKEN_BACK * usual else spoilt_by_close(course.options.features))
    size, factor = abs(row[watch.return_place]), 1.0
    split = split_of(move) if size > WILD * usual else ""
    if split:
        factor = factor_of(split)
        row = without(row, spoilt_by_close(course.options.features))
        course.look = Look(f"the close moved as at a split of {split}: left out", factor, forgets=True)
    elif width > WILD * max(usual, size):
        row = without(row, _spoilt_by_range(course.options.features))
        course.look = Look("the high or the low is far from every other price: left out", forgets=True)
    if size > TAKEN_BACK * usual and course.state is not None and _is_alone(course, size, usual):
        course.suspect = Suspect(move, usual, factor, course.filtered, course.state, replace(course.drift))
    return row


def split_in(course: Course, row: Row) -> str:
    """The split that one asset of several has had, where its return says so; empty for none. Several assets' mean hides it."""
    move = float(row[course.options.return_place])
    if not abs(move) > course.move_limit:
        return ""
    return split_of(move) if abs(move) > WILD * usual_move(course.open()) else ""


def _leave_out_newest(course: Course, suspect: Suspect) -> None:
    """Make the latest row one that shows nothing, and all that follows from it."""
    assert course.model is not None
    row = course.rows.newest
    row[:] = math.nan
    seen = row[list(course.model.columns)]
    course.filtered = step_row(course.model.parameters, course.options.covariance_type, seen, suspect.filtered)[0]
    course.posteriors.newest[:] = course.filtered
    course.drift = suspect.drift
    # A bar that shows nothing changes no regime.
    before = replace(suspect.state, duration=suspect.state.duration + 1)
    course.look = Look("the bar before was taken back at once and is left out", 1.0 / suspect.factor, True, before, True)


def sift(rows: Floats, place: int) -> int:
    """Leave out of a first window what looks like a split or was taken back; how many bars. No model says what is usual yet:
    the median of the window does, and of the bars on both sides.

    Parameters
    ----------
    rows : (n_rows, n_features)
        Changed in place.
    place : int
        Of the log return.
    """
    moves = rows[:, place].copy()
    size = np.abs(moves)
    known = ~np.isnan(size)
    usual = float(np.median(size[known])) / 0.6745 if known.any() else 0.0
    if not usual > 1e-6:  # a price that hardly ever moves: any move is wild
        return 0
    found = 0
    for i in np.flatnonzero(known & (size > TAKEN_BACK * usual)).tolist():
        sides = [side[~np.isnan(side)] for side in (size[max(i - AROUND, 0) : i], size[i + 2 : i + 2 + AROUND])]
        times = size[i] / max([usual, *(float(np.median(side)) / 0.6745 for side in sides if len(side))])
        if times > TAKEN_BACK and i + 1 < len(moves) and is_back(moves[i], moves[i + 1]):
            rows[i : i + 2] = math.nan
        elif times > WILD and not (i > 0 and is_back(moves[i - 1], moves[i])) and split_of(moves[i]):
            rows[i] = math.nan
        else:
            continue
        found += 1
    return found


def spoilt_by_close(features: Sequence[Feature | Column]) -> list[int]:
    """Places of the features that see more than their own bar."""
    return [i for i, feature in enumerate(features) if feature.n_bars > 1]


def _spoilt_by_range(features: Sequence[Feature | Column]) -> list[int]:
    """Places of the features that may see a high or a low."""
    return [i for i, feature in enumerate(features) if isinstance(feature, Feature) and not _sees_closes(feature)]


def _sees_closes(feature: Feature) -> bool:
    return feature.name in CLOSES_ONLY and feature is FEATURES[feature.name]


def without(row: Row, places: Sequence[int]) -> list[float]:
    """An observation whose features at some places are missing."""
    gone = set(places)
    return [math.nan if i in gone else float(value) for i, value in enumerate(row)]
