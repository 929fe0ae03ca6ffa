"""Courses through whole histories, side by side: the kernels take each as far as they can in one call."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import TYPE_CHECKING

import numpy as np

from hidden_regime import kernels
from hidden_regime.bars.frames import frame_times
from hidden_regime.detection.course import Course
from hidden_regime.detection.rules import width
from hidden_regime.detection.slate import Slate
from hidden_regime.detection.step import Offer, Trainer, step
from hidden_regime.detection.telling import add_states
from hidden_regime.exceptions import RegimeError
from hidden_regime.kernels.results import Floats
from hidden_regime.models.training import train
from hidden_regime.regimes.state import RegimeState
from hidden_regime.regimes.table import StateTable

if TYPE_CHECKING:
    import pandas as pd

    from hidden_regime.detection.detector import RegimeDetector


AT_ONCE = 1024
"""Bars of each asset in one call of the kernels: what they tell takes memory, and nobody can interrupt them."""


class Past:
    """The history of one course, whose observations are known.

    Parameters
    ----------
    course : Course
    times : sequence of datetime
        Ends of the bars.
    rows : (n_bars, n_observed)
        Observations; that of the first bar of all is none, and not read.

    Attributes
    ----------
    table : StateTable
        The states.
    next : int
        The first bar that wasn't taken yet.
    error : RegimeError or None
        Why the next one can't be.
    """

    is_known = True

    def __init__(self, course: Course, times: Sequence[datetime], rows: Floats) -> None:
        self.course, self.times, self.rows = course, times, rows
        self.table = StateTable(course.options.n_states)
        self.next = 0
        self.error: RegimeError | None = None

    @property
    def is_over(self) -> bool:
        """Whether all bars were taken, or none more can be."""
        return self.next == len(self.times) or self.error is not None

    def begin(self) -> None:
        """Take the bars that no training can be due at."""
        end = min(self.course.options.least_bars, len(self.times))  # the first has no observation
        if end > 0 and self.is_known and self.course.time is None:
            self.course.take_first(self.times[end - 1], self.rows[1:end])
            self.table.add_none(end)
            self.next = end

    def offer(self) -> Offer:
        """The next bar."""
        return Offer(self.times[self.next], self.rows[self.next] if self.next else None)

    def add(self, state: RegimeState | None) -> None:
        """The next bar was taken by itself."""
        self.table.add(state)
        self.next += 1

    def stretch(self) -> tuple[Floats, Floats]:
        """Observations and periods of the next bars."""
        part = slice(self.next, self.next + AT_ONCE)
        return self.rows[part], np.array(self.course.options.schedule.periods(self.times[part]), np.float64)

    def took(self, slate: Slate, told: Floats) -> None:
        """The kernels have taken the bars that they tell of."""
        if not len(told):
            return
        part = slice(self.next, self.next + len(told))
        self.course.look = None
        self.course.doubt.take_all(self.rows[part])
        add_states(self.course, slate, self.times[part], told, self.table)
        self.next = part.stop


class Walk(Past):
    """The history of a detector that sees bars in its own way, one by one.

    Parameters
    ----------
    detector : RegimeDetector
    frame : DataFrame
    """

    is_known = False

    def __init__(self, detector: RegimeDetector, frame: pd.DataFrame) -> None:
        super().__init__(detector.course, frame_times(frame), np.empty((0, 0)))
        self._detector, self._offers = detector, detector.walk(frame)

    def offer(self) -> Offer:
        """The next bar."""
        return next(self._offers)

    def add(self, state: RegimeState | None) -> None:
        """The next bar was taken by itself."""
        super().add(state)
        self._detector.mend()


def past_of(detector: RegimeDetector, frame: pd.DataFrame) -> Past:
    """The history of a fresh detector; known at once, as far as its class and options allow that."""
    known = detector.history(frame)
    return Walk(detector, frame) if known is None else Past(detector.course, *known)


def take(pasts: Sequence[Past], trainer: Trainer | None = None) -> None:
    """Take all through all of their bars. An asset's numbers are those that it finds alone, one bar at a time, and its failure is
    its own.

    Parameters
    ----------
    pasts : sequence of Past
    trainer : callable, optional
        Who trains; by default whoever is quickest.
    """
    for past in pasts:
        past.begin()
    going = [past for past in pasts if not past.is_over]
    left = going
    while going:
        _take_one(left, trainer)
        groups: dict[int, list[tuple[Past, Slate]]] = {}
        left = []
        for past in going:
            if past.is_over:
                continue
            slate = past.course.slate
            if slate is None or not past.is_known:
                left.append(past)
            else:
                groups.setdefault(id(slate.rules), []).append((past, slate))
        for group in groups.values():
            left += _follow(group, trainer is None)
        going = [past for past in going if not past.is_over]


def _take_one(pasts: Sequence[Past], trainer: Trainer | None) -> None:
    """Take one bar of each."""
    some: list[Past] = []
    offers: list[Offer] = []
    for past in pasts:
        try:
            offers.append(past.offer())
        except RegimeError as error:
            past.error = error
        else:
            some.append(past)
    if some:
        states = step([past.course for past in some], offers, trainer or train, elsewhere=trainer is not None)
        for past, state in zip(some, states, strict=True):
            past.add(state)


def _follow(group: Sequence[tuple[Past, Slate]], trains: bool) -> list[Past]:
    """Take closed courses of the same rules as far as they go; those that the reference must take further."""
    rules, numbers = group[0][1].rules, [slate.numbers for _, slate in group]
    rows, periods = (list(part) for part in zip(*(past.stretch() for past, _ in group), strict=True))
    told = [np.empty((len(part), width("told", rules.shape))) for part in rows]
    progress = np.zeros((len(group), 2), np.int64)
    kernels.follow(numbers, rows, periods, told, rules.numbers, progress, trains, np.zeros(3))
    for (past, slate), part, end in zip(group, told, progress[:, 0].tolist(), strict=True):
        past.took(slate, part[:end])
    return [past for (past, _), stops in zip(group, progress[:, 1].tolist(), strict=True) if stops]
