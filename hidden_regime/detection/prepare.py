"""The trainings that detectors ask for: the window, what went before it, and where EM starts."""

from __future__ import annotations

import zlib
from collections.abc import Sequence

import numpy as np

from hidden_regime.detection.course import Course
from hidden_regime.kernels.results import Floats
from hidden_regime.models.arrays import piled
from hidden_regime.models.emissions.student_t import without_tails
from hidden_regime.models.parameters import Evidence, Parameters
from hidden_regime.models.task import Task


def prepare(courses: Sequence[Course]) -> list[Task]:
    """Task of each course whose newest bar is due for a training."""
    _remember(courses)
    tasks = []
    for course in courses:
        course.pending = _task(course)
        tasks.append(course.pending)
    return tasks


def _columns_of(course: Course) -> tuple[int, ...]:
    """Features in use, by their places. "auto" leaves out the range where most bars of the first window have none."""
    if course.model is not None:
        return course.model.columns
    if not course.options.is_auto:
        return tuple(range(course.options.n_used))
    rows = course.rows.table
    present = (~np.isnan(rows)).mean(axis=0) > 0.5
    spread = [present[i] and np.nanstd(rows[:, i]) > 1e-12 * np.nanmax(np.abs(rows[:, i])) for i in (0, 1)]
    return (0, 1) if present[1] and spread[1] else (0,)


def _remember(courses: Sequence[Course]) -> None:
    """Add to the evidence what has left the window since the last training, and forget its rows."""
    groups: dict[tuple[int, ...], list[Course]] = {}
    for course in courses:
        left = len(course.rows) - course.options.lookback
        if left <= 0:
            continue
        evidence = course.evidence
        if evidence is not None and course.options.memory > 0:
            groups.setdefault((left, *evidence.means.shape), []).append(course)
        else:
            course.rows.drop(left)
            course.posteriors.drop(left)
    for (left, *_), alike in groups.items():
        old = [course.evidence for course in alike if course.evidence is not None]
        weight, means, covars = (piled(parts) for parts in zip(*old, strict=True))
        share = np.array([0.5 ** (left / course.options.memory) for course in alike])
        rows = piled([_seen(course.rows.table[:left], _columns_of(course)) for course in alike])
        known = piled([course.posteriors.table[:left] for course in alike])
        new = Evidence(weight * share[:, None], means, covars).plus(rows, known)
        for course, *parts in zip(alike, *(_rounded(part) for part in new), strict=True):
            course.evidence = Evidence(*parts)
            course.rows.drop(left)
            course.posteriors.drop(left)


def _rounded(a: Floats) -> Floats:
    """To 24 bits, as much as single precision has: kernels whose last bits differ then ask for the same trainings, so one can
    read what the other has cached. Finer would not do: what is remembered goes on into all that follows."""
    high = a * (2.0**29 + 1.0)  # Veltkamp's splitting
    return np.asarray(high - (high - a))


def _seen(rows: Floats, columns: tuple[int, ...]) -> Floats:
    """A copy of some rows with the features in use."""
    return rows.copy() if len(columns) == rows.shape[1] else rows[:, list(columns)]


def _template(course: Course, columns: tuple[int, ...]) -> Task:
    """What is the same in all trainings of a detector."""
    o = course.options
    kinds = [o.features[c].is_volatility for c in columns]
    ranked_by = kinds.index(True) if True in kinds else 0
    return Task(
        observations=course.rows.latest(1), n_states=o.n_states, covariance_type=o.covariance_type, n_iter=o.n_iter, tol=o.tol,
        min_covar=o.min_covar, margin=o.margin, stay_duration=o.stay_duration, stay_weight=o.stay_weight, ranked_by=ranked_by,
        is_volatility=kinds[ranked_by], emission=o.emission,
    )  # fmt: skip


def _task(course: Course) -> Task:
    options, columns = course.options, _columns_of(course)
    if course.template is None or columns != course.columns:
        course.columns, course.template = columns, _template(course, columns)
    starts = _starts(course)
    return course.template.but(
        observations=_seen(course.rows.latest(options.lookback), columns),
        starts=starts,
        seed=zlib.crc32(f"{options.random_state}/{course.n_trainings}".encode()) if starts else 0,
        warm=_warm(course),
        memory=course.evidence if options.memory > 0 else None,
    )


def _warm(course: Course) -> Parameters | None:
    """The model to go on from, as what is trained: bars may be filtered by heavier tails."""
    if course.model is None:
        return None
    p, degrees = course.model.parameters, course.options.filter_degrees
    if degrees is None or p.degrees is None or course.options.emission != "gaussian":
        return p
    return without_tails(p, degrees)


def _starts(course: Course) -> tuple[str, ...]:
    """The challengers, where it is time for them. The first training has no model to go on from and tries all, with the
    ranking by volatility among them."""
    challengers = course.options.challengers
    if course.model is not None:
        return challengers if course.bars_since_challenge >= course.options.challenge_every else ()
    return challengers if "volatility" in challengers else ("volatility", *challengers)
