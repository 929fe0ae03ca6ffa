"""The filter's step of a bar, and the regime that follows from it."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence

import numpy as np

from hidden_regime import kernels
from hidden_regime.detection.course import Course
from hidden_regime.kernels.results import Floats
from hidden_regime.models.arrays import piled, stacked, stacked_tails
from hidden_regime.models.inference import filter_rows, step_row
from hidden_regime.regimes.state import RegimeModel, RegimeState


def advance(courses: Sequence[Course], fresh: Mapping[int, float]) -> list[RegimeState | None]:
    """State of each course after its newest bar; None without a model.

    Parameters
    ----------
    courses : sequence of Course
    fresh : mapping
        Log-likelihood of the newest observation where a fresh model has filtered its window already, by place.
    """
    return name_regimes(courses, filter_bar(courses, fresh))


def filter_bar(courses: Sequence[Course], fresh: Mapping[int, float]) -> dict[int, float]:
    """First half of `advance`: filter the newest bar; its log-likelihood for each course that has a model, by place."""
    logs: dict[int, float] = dict(fresh)
    groups: dict[tuple[object, ...], list[int]] = {}
    for i, course in enumerate(courses):
        if course.model is not None and i not in logs:
            groups.setdefault(course.kind or (i,), []).append(i)
    for key, places in groups.items():
        _step([courses[i] for i in places], places, logs, together=len(key) > 1)
        for i in places:
            if courses[i].options.schedule.is_adaptive:
                _watch(courses[i], logs[i])
    return logs


def name_regimes(courses: Sequence[Course], logs: Mapping[int, float]) -> list[RegimeState | None]:
    """Second half of `advance`: the regime of each course after the bar that `filter_bar` has filtered."""
    return [_state(course, logs[i]) if i in logs else None for i, course in enumerate(courses)]


def _step(some: Sequence[Course], places: Sequence[int], logs: dict[int, float], *, together: bool) -> None:
    models = [course.model for course in some if course.model is not None]
    rows = piled([_seen(course.rows.newest, m.columns) for course, m in zip(some, models, strict=True)])
    alone: list[int] = []
    if not together:
        alone = list(range(len(some)))
    elif np.isnan(rows).any():
        absent = np.isnan(rows)
        alone = np.flatnonzero(absent.all(axis=1) != absent.any(axis=1)).tolist()
    if not alone:
        _step_together(some, models, rows, places, logs)
        return
    others = [n for n in range(len(some)) if n not in alone]
    if others:
        _step_together([some[n] for n in others], [models[n] for n in others], rows[others], [places[n] for n in others], logs)
    for n in alone:
        course, covariance_type = some[n], some[n].options.covariance_type
        assert course.filtered is not None
        course.filtered, logs[places[n]] = step_row(models[n].parameters, covariance_type, rows[n], course.filtered)
        course.posteriors.append(course.filtered)


def _step_together(some: Sequence[Course], models: Sequence[RegimeModel], rows: Floats, places: Sequence[int],
                   logs: dict[int, float]) -> None:  # fmt: skip
    before = piled([course.filtered for course in some if course.filtered is not None])
    kept = some[0].stack
    if kept is None or len(kept[0]) != len(models) or any(a is not b for a, b in zip(kept[0], models, strict=True)):
        # Between trainings the same models come bar after bar.
        parameters = [m.parameters for m in models]
        kept = some[0].stack = models, stacked(parameters)[1:], stacked_tails(parameters)
    out = kernels.step(rows, before, *kept[1], covariance_type=some[0].options.covariance_type, tails=kept[2])
    for course, place, filtered, value in zip(some, places, out.filtered, out.log_likelihood.tolist(), strict=True):
        course.filtered = filtered
        course.posteriors.append(filtered)
        logs[place] = value


def _watch(course: Course, log_density: float) -> None:
    """Add to the adaptive schedule's sum; a bar that shows nothing says nothing about the fit."""
    assert course.model is not None
    window = course.rows.latest(course.options.lookback)[:, list(course.model.columns)]
    if course.drift.mean is None:
        # The schedule became adaptive after the training: what is usual is what the present window is like.
        densities = filter_rows(course.model.parameters, course.options.covariance_type, window)[1]
        course.drift.measure(densities[~np.isnan(window).all(axis=1)])
    elif not np.isnan(window[-1]).all():
        course.drift.update(log_density)


def _seen(row: Floats, columns: tuple[int, ...]) -> Floats:
    """The features in use."""
    return row if len(columns) == len(row) else row[list(columns)]


def _state(course: Course, log_likelihood: float) -> RegimeState:
    assert course.model is not None and course.filtered is not None and course.time is not None
    model, told, found = course.model, course.state, course.look
    before = told if found is None or found.before is None else found.before
    if found is not None and found.forgets:
        course.rows.newest[:] = math.nan
    filtered = course.filtered.tolist()
    names = model.names
    regimes: dict[str, float] = {}
    for name, p in zip(names, filtered, strict=True):  # several states may have one name
        regimes[name] = regimes.get(name, 0.0) + p
    distinct = len(regimes) == len(names)
    duration = 0 if before is None else before.duration
    if course.options.persistence.is_idle:
        regime = names[max(range(len(names)), key=filtered.__getitem__)]
    else:
        regime = course.options.persistence.choose(regimes, None if before is None else before.regime, duration)
    state = (
        names.index(regime) if distinct else max((k for k in range(len(names)) if names[k] == regime), key=filtered.__getitem__)
    )
    stay = float(model.parameters.transmat[state, state])
    goes_on = before is not None and before.regime == regime
    changed = told is not None and told.regime != regime  # from what was said, right or wrong
    notes = model.notes if found is None else "; ".join(filter(None, (model.notes, found.said)))
    doubt = course.doubt
    if doubt.n_rows >= doubt.asks_at:
        doubt.ask(course.options, model.columns)
    if doubt.said:
        notes = f"{doubt.said}; {notes}" if notes else doubt.said
    course.state = RegimeState(
        course.time, regime, state, tuple(filtered), names, min(regimes[regime], 1.0),
        duration + 1 if goes_on else 1, 1.0 / (1.0 - stay) if stay < 1.0 else math.inf, log_likelihood,
        model.trained_at, changed, "" if course.error is None else course.error.text, notes)  # fmt: skip
    return course.state
