"""A course's numbers in one array, on which the kernels take it through its bars.

A course is open, its fields as `Course` has them, or it is closed: a slate then holds window, model and what is remembered.
`Course.open` and `Course.close` go from one to the other and change no bit.
"""

from __future__ import annotations

import math
from datetime import datetime
from typing import TYPE_CHECKING

import numpy as np

from hidden_regime.detection.rules import Rules, can_follow, layout, rules_of, width
from hidden_regime.kernels.results import Floats
from hidden_regime.models.parameters import Evidence, Parameters
from hidden_regime.regimes.state import RegimeModel

if TYPE_CHECKING:
    from hidden_regime.detection.course import Course

SPARE = 128
"""Rows that a slate has room for besides twice those that it begins with: when they are full, the kept ones move to the front."""
LARGEST = 2**52
"""Of counts: from twice that on, one more is no other number. A file may hold anything."""


class Slate:
    """Numbers of one course.

    Parameters
    ----------
    rules : Rules
    room : int
        Rows that it has room for.
    trained_at : datetime
        Last bar of the window that trained the model.
    notes : str
        Of the model.

    Attributes
    ----------
    numbers : (size,)
        All that is known.
    """

    __slots__ = ("_model", "_where", "notes", "numbers", "room", "rules", "trained_at")

    def __init__(self, rules: Rules, room: int, trained_at: datetime, notes: str) -> None:
        self.rules, self.room, self.trained_at, self.notes = rules, room, trained_at, notes
        self._where = layout("slate", *rules.shape, room)
        self.numbers = np.zeros(width("slate", rules.shape, room))
        self._model: RegimeModel | None = None

    def part(self, name: str) -> Floats:
        """A part of the numbers in its shape, as a view."""
        place, shape = self._where[name]
        return self.numbers[place].reshape(shape)

    def number(self, name: str) -> float:
        """A part that is one number."""
        return float(self.numbers[self._where[name][0].start])

    def put(self, **values: object) -> None:
        """Write parts by their names."""
        for name, value in values.items():
            place, _ = self._where[name]
            self.numbers[place] = np.ravel(value)  # type: ignore[call-overload]

    def rows(self, name: str, width_: int) -> Floats:
        """The rows that are kept, (n_rows, width), as a view."""
        begin, count = int(self.number("begin")), int(self.number("n_rows"))
        return self.part(name).reshape(-1, width_)[begin : begin + count]

    def return_moments(self, k: int) -> tuple[float, float]:
        """Mean and standard deviation of a state's log return, as the model has them."""
        place, n = self.rules.return_place, self.rules.shape[1]
        mean = self.numbers.item(self._where["means"][0].start + n * k + place)
        variance = self.numbers.item(self._where["covars"][0].start + n * (n * k + place) + place)
        return mean, math.sqrt(variance * self.rules.tails)

    @property
    def model(self) -> RegimeModel:
        """The model in use, made when somebody asks."""
        if self._model is None:
            k, names = self.rules.shape[0], self.part("names").astype(int).tolist()
            startprob, transmat, means, covars = (self.part(name).copy() for name in ("startprob", "transmat", "means", "covars"))
            parameters = Parameters(startprob, transmat, means, covars)
            degrees = self.rules.degrees
            self._model = RegimeModel(
                parameters if degrees == 0.0 else parameters.but(degrees=np.full(k, degrees)),
                tuple(self.rules.names[name] for name in names), tuple(range(self.rules.shape[1])), self.trained_at,
                self.number("log_likelihood"), int(self.number("n_iter")), self.number("converged") > 0.0, self.notes,
            )  # fmt: skip
        return self._model

    def trained(self, time: datetime, notes: str) -> None:
        """Say that the kernels have trained the model, at a bar that ended then."""
        self._model, self.trained_at, self.notes = None, time, notes


def slate_of(course: Course) -> Slate | None:
    """Numbers of an open course; None for one that the kernels' step can't take further."""
    o, model, state = course.options, course.model, course.state
    if model is None or state is None or course.suspect is not None or course.pending is not None or not can_follow(o):
        return None
    p, n = model.parameters, len(model.columns)
    k, count = o.n_states, len(course.rows)
    degrees = None if o.filter_degrees is None else np.full(k, o.filter_degrees)
    usual = p.degrees is None if degrees is None else p.degrees is not None and np.array_equal(p.degrees, degrees)
    if (
        not usual or p.emission or model.columns != tuple(range(n)) or o.return_place not in model.columns or course.watch is None
        or course.filtered is None or course.evidence is None or len(course.posteriors) != count or count == 0
    ):  # fmt: skip
        return None
    if max(course.n_trainings, course.bars_since, course.bars_since_challenge, state.duration, course.doubt.n_rows) > LARGEST:
        return None
    rules = rules_of(o, n)
    if not {*model.names, state.regime} <= set(rules.names):
        return None
    place = rules.names.index
    out = Slate(rules, 2 * count + SPARE, model.trained_at, model.notes)
    names = [place(name) for name in model.names]
    out.put(
        n_rows=count, bars_since=course.bars_since, bars_since_challenge=course.bars_since_challenge,
        n_trainings=course.n_trainings, n_seen=course.doubt.n_rows, asks_at=course.doubt.asks_at,
        trained_in=o.schedule.period(model.trained_at), regime=place(state.regime), duration=state.duration,
        log_likelihood=model.log_likelihood, n_iter=model.n_iter, converged=model.converged, move_limit=course.watch.move,
        range_limit=course.watch.range, names=names, names_before=names, filtered=course.filtered, startprob=p.startprob,
        transmat=p.transmat, means=p.means, covars=p.covars, weight=course.evidence.weight, memory_means=course.evidence.means,
        memory_covars=course.evidence.covars)  # fmt: skip
    out.rows("rows", len(o.features))[:] = course.rows.table
    out.rows("known", k)[:] = course.posteriors.table
    return out


def put_back(slate: Slate, course: Course) -> None:
    """Fill the fields of a course with what its slate holds."""
    k, _, width_ = slate.rules.shape
    course.rows.replace(slate.rows("rows", width_).copy())
    course.posteriors.replace(slate.rows("known", k).copy())
    course.evidence = Evidence(*(slate.part(name).copy() for name in ("weight", "memory_means", "memory_covars")))
    course.filtered = slate.part("filtered").copy()
    course.bars_since, course.bars_since_challenge, trainings = (
        int(slate.number(name)) for name in ("bars_since", "bars_since_challenge", "n_trainings")
    )
    if trainings > course.n_trainings:
        course.n_trainings = trainings
        course.drift.reset()
        course.use(slate.model)
