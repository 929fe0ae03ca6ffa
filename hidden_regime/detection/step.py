"""The step of a bar: window, training, filter, regime.

`step_openly` is the specification, and what runs where a training is looked up, or asks for what the kernels' step doesn't know.
`step` has the kernels take the bars that they can; both find the same bits.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import datetime
from typing import TYPE_CHECKING, Any, NamedTuple

import numpy as np

from hidden_regime import kernels
from hidden_regime.detection.accept import accept
from hidden_regime.detection.advance import advance
from hidden_regime.detection.course import Course
from hidden_regime.detection.prepare import prepare
from hidden_regime.detection.slate import Slate
from hidden_regime.detection.telling import state_after
from hidden_regime.kernels.results import Floats
from hidden_regime.models.training import train
from hidden_regime.regimes.state import RegimeState

if TYPE_CHECKING:
    from hidden_regime.exceptions import TrainingError
    from hidden_regime.models.task import Task, Trained

Trainer = Callable[[Sequence["Task"]], Sequence["Trained | TrainingError"]]


_UNTIMED = np.zeros(3)
"""Where seconds go that nobody asks for."""


class Offer(NamedTuple):
    """A bar as its detector sees it.

    Attributes
    ----------
    time : datetime
        Its end.
    row : (n_features,) or None
        Its observation; None where it gives none yet.
    move : float, optional
        Its log return, where that of the row is without what is usual at the time of day.
    said : str
        What was left out of the row already.
    """

    time: datetime
    row: Sequence[float] | Floats | None
    move: float | None = None
    said: str = ""


def step_openly(courses: Sequence[Course], offers: Sequence[Offer], trainer: Trainer = train) -> list[RegimeState | None]:
    """The state of each course after the bar that it is offered.

    Each step is a file of its own: what a bar is taken for (`course`), which training it asks for (`prepare`), what becomes of
    the trained model (`accept`), and the filter's step with the regime that follows (`advance`).
    """
    due = [course.open().take(*offer) for course, offer in zip(courses, offers, strict=True)]
    if not any(due) and all(course.model is None for course in courses):
        return [None] * len(courses)  # no window is full yet
    tasks = prepare([course for course, is_due in zip(courses, due, strict=True) if is_due])
    results = iter(trainer(tasks) if tasks else ())
    return advance(courses, accept(courses, [next(results) if is_due else None for is_due in due]))


def step(courses: Sequence[Course], offers: Sequence[Offer], trainer: Trainer = train, *, elsewhere: bool = False,
         spent: Floats | None = None) -> list[RegimeState | None]:  # fmt: skip
    """The same, by the kernels where they can.

    Parameters
    ----------
    courses, offers : sequence
    trainer : callable
        Trains what the kernels' step can't.
    elsewhere : bool
        It trains all, for it has a cache, or a cluster.
    spent : (3,), optional
        Seconds of fits, of identity and names, and of filter and regimes in the kernels, which are added to.
    """
    out: list[RegimeState | None] = [None] * len(courses)
    groups: dict[int, list[int]] = {}
    left: list[int] = []
    can = kernels.can_follow()
    for i, (course, offer) in enumerate(zip(courses, offers, strict=True)):
        if course.slate is None or offer.row is None or offer.said or not can:
            left.append(i)
        else:
            groups.setdefault(id(course.slate.rules), []).append(i)
    for places in groups.values():
        left += _follow(places, courses, offers, out, not elsewhere, _UNTIMED if spent is None else spent)
    if left:
        left.sort()
        some = [courses[i] for i in left]
        for i, state in zip(left, step_openly(some, [offers[i] for i in left], trainer), strict=True):
            out[i] = state
        for course in some:
            if course.bars_since or not elsewhere:  # one that was just trained may be due again, and opening it has a price
                course.close()
    return out


def step_alone(course: Course, offer: Offer) -> RegimeState | None:
    """`step` for one course, with as little around the kernels' as there can be."""
    slate, (time, row, _, said) = course.slate, offer
    if slate is not None and row is not None and not said and kernels.can_follow():
        period = course.options.schedule.period(time)
        (told,) = kernels.follow_bar([slate.numbers], slate.rules.numbers, [row], [period], True, _UNTIMED)
        if told is not None:
            course.time, course.look = time, None
            course.doubt.take(row)
            return state_after(course, slate, told)
    (state,) = step_openly([course], [offer])
    course.close()
    return state


def _follow(places: list[int], courses: Sequence[Course], offers: Sequence[Offer], out: list[RegimeState | None], trains: bool,
            spent: Floats) -> list[int]:  # fmt: skip
    """Take closed courses of the same rules through one bar; the places of those that stay where they were."""
    slates: list[Slate] = [courses[i].slate for i in places]  # type: ignore[misc]
    rows: list[Any] = [offers[i].row for i in places]
    periods: list[float] = [courses[i].options.schedule.period(offers[i].time) for i in places]
    numbers = [slate.numbers for slate in slates]
    found = kernels.follow_bar(numbers, slates[0].rules.numbers, rows, periods, trains, spent)
    left = []
    for i, slate, told in zip(places, slates, found, strict=True):
        if told is None:
            left.append(i)
            continue
        course, (time, row, *_) = courses[i], offers[i]
        course.time, course.look = time, None
        course.doubt.take(row)  # type: ignore[arg-type]
        out[i] = state_after(course, slate, told)
    return left
