"""A trained model into use: which of its states continues which, what they are called, what the window says under it."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np

from hidden_regime import kernels
from hidden_regime.detection.course import Course
from hidden_regime.detection.words import renamed, say_renamed
from hidden_regime.exceptions import ConstantDataError, TrainingError, WindowTooShortError
from hidden_regime.kernels.results import Booleans, Floats, Integers
from hidden_regime.models.arrays import by_feature, means_and_variances, piled, reordered, stacked, stacked_tails, summed
from hidden_regime.models.batch import BLOCK
from hidden_regime.models.emissions.student_t import with_tails
from hidden_regime.models.inference import filter_rows, smooth_rows
from hidden_regime.models.ordering import by_keys, order_of
from hidden_regime.models.parameters import Evidence, Parameters
from hidden_regime.models.task import Task, Trained
from hidden_regime.regimes.identity import doubtful_states, grouped, match_states, states_alike
from hidden_regime.regimes.naming import StateMoments, check_names, name_all, name_groups, order_all
from hidden_regime.regimes.state import RegimeModel, RegimeState

Accepted = tuple[Course, Task, Trained]


def accept(courses: Sequence[Course], results: Sequence[Trained | TrainingError | None]) -> dict[int, float]:
    """Take the results of the trainings that were pending. What can't be used becomes the detector's error, its model stays.

    Returns
    -------
    dict
        Log-likelihood of the newest observation for each detector that has a fresh model, by its place.
    """
    groups: dict[tuple[object, ...], list[int]] = {}
    tasks: dict[int, Task] = {}
    trained: dict[int, Trained] = {}
    for i, (course, result) in enumerate(zip(courses, results, strict=True)):
        task, course.pending = course.pending, None
        if isinstance(result, TrainingError):
            course.error = _explained(course, task, result)
        elif result is not None and task is not None:
            tasks[i], trained[i] = task, _as_filtered(course, result)
            p = trained[i].parameters
            kind = (task.n_states, task.observations.shape, task.covariance_type, p.degrees is None, p.density.filters_in_kernel)
            groups.setdefault(kind, []).append(i)
    fresh: dict[int, float] = {}
    blocks = [(kind[-1], all_[i : i + BLOCK]) for kind, all_ in groups.items() for i in range(0, len(all_), BLOCK)]
    for in_kernel, places in blocks:
        x = piled([tasks[i].observations for i in places])
        gaps = _with_gaps(x) if in_kernel else np.ones(len(places), bool)
        for rows, fast in _parts(gaps):
            some = [(courses[places[n]], tasks[places[n]], trained[places[n]]) for n in rows]
            found = _accept_alike(some, x if len(rows) == len(x) else x[rows], fast)
            fresh |= {places[n]: value for n, value in zip(rows, found, strict=True) if value is not None}
    return fresh


def _as_filtered(course: Course, result: Trained) -> Trained:
    """The trained model with the density that bars are filtered by: a Gaussian's moments, and heavier tails."""
    degrees, p = course.options.filter_degrees, result.parameters
    if degrees is None or p.degrees is not None or p.emission:
        return result
    return result.but(parameters=with_tails(p, degrees))


def _with_gaps(x: Floats) -> Booleans:
    """Windows that have a row with some features and not others."""
    absent = np.isnan(x).view(np.uint8)
    if not absent.any():
        return np.zeros(len(x), bool)
    missing = absent.sum(axis=2)
    return np.asarray(((missing > 0) & (missing < x.shape[2])).any(axis=1))


def _parts(gaps: Booleans) -> list[tuple[list[int], bool]]:
    """Places that can be taken together, and then one by one those that can't."""
    together = np.flatnonzero(~gaps).tolist()
    return ([(together, True)] if together else []) + [([n], False) for n in np.flatnonzero(gaps).tolist()]


def _explained(course: Course, task: Task | None, error: TrainingError) -> TrainingError:
    if isinstance(error, WindowTooShortError) and task is not None:
        empty = np.flatnonzero(np.isnan(task.observations).all(axis=0))
        if len(empty):
            name = course.options.names[course.columns[int(empty[0])]]
            return WindowTooShortError(
                f"{name} has no value in any of the {len(task.observations)} observations up to {course.time}: expected bars "
                "that have what it is made of, such as a high and a low, or volume. Give these, or leave it out of features."
            )
    if not isinstance(error, ConstantDataError) or task is None:
        return error
    name = course.options.names[course.columns[error.feature]]
    return ConstantDataError(
        f"{name} is constant over the {len(task.observations)} observations up to {course.time}: regimes can only be told "
        "apart by something that varies. Check the prices.",
        error.feature,
    )


def _unusable(task: Task, why: object) -> TrainingError:
    return TrainingError(f"the trained model can't be used ({why}): raise min_covar (now {task.min_covar:g}).")


def _accept_alike(some: Sequence[Accepted], x: Floats, fast: bool) -> list[float | None]:
    """Take up models of one shape; None for a model that can't be used."""
    models = [result.parameters for *_, result in some]
    sound = np.ones(len(some), bool)
    if fast:
        parts = stacked(models)
        jobs = np.zeros((len(models), 3), np.int64)
        jobs[:, 0], jobs[:, 2] = np.arange(len(models)), x.shape[1]
        found, ok = kernels.smooth_where_possible(
            x, jobs, *parts, covariance_type=some[0][1].covariance_type, tails=stacked_tails(models)
        )
        smoothed, densities = found.smoothed, found.log_likelihood
        for n in np.flatnonzero(~ok).tolist():
            # Left out in the end; until then its numbers must not stop the others'.
            sound[n], smoothed[n], parts[3][n] = False, 1.0 / smoothed.shape[2], np.eye(x.shape[2])
            some[n][0].error = _unusable(some[n][1], "its covariances are not positive definite")
    else:
        ((course, task, result),) = some
        try:
            parts = stacked(models)
            smoothed = smooth_rows(result.parameters, task.covariance_type, x[0])[None]
            densities = filter_rows(result.parameters, task.covariance_type, x[0])[1][None]
        except np.linalg.LinAlgError as error:
            course.error = _unusable(task, error)
            return [None]
    _settle(some, x, parts, smoothed, sound)
    for n, (course, *_) in enumerate(some):
        if sound[n]:
            course.drift.reset()
            if course.options.schedule.is_adaptive:
                course.drift.measure(densities[n][~np.isnan(x[n]).all(axis=1)])
    return [value if fine else None for value, fine in zip(densities[:, -1].tolist(), sound.tolist(), strict=True)]


def _settle(some: Sequence[Accepted], x: Floats, new: list[Floats], smoothed: Floats, sound: Booleans) -> None:
    """Put the new models' states in the order of the old ones', or of the ladder, and take them into use."""
    count, length = x.shape[:2]
    old_at = [n for n, (course, *_) in enumerate(some) if course.model is not None]
    n_states = smoothed.shape[2]
    memory, place = [], []
    for course, task, _ in some:
        memory.append(np.zeros(n_states) if task.memory is None else task.memory.weight)
        place.append(course.columns.index(course.options.return_place) if _sees_returns(course) else 0)
    rows = np.arange(count)
    remembered = piled(memory)
    weight = summed(smoothed, 1) + remembered
    new[3] = new[3] * _tails([result.parameters for *_, result in some])[:, :, None, None]  # covariances, whatever the density
    moments = StateMoments(new[2][rows, :, place], np.sqrt(new[3][rows, :, place, place]), weight)
    for n, (course, *_) in enumerate(some):
        if not _sees_returns(course):
            moments.mean[n], moments.sd[n] = _weighted(course.rows.latest(length)[:, course.options.return_place], smoothed[n])
    same = np.arange(n_states)
    order = np.zeros((count, n_states), np.int64) + same
    if len(old_at) < count:
        first = np.delete(rows, old_at)
        order[first] = order_all(StateMoments(*(part[first] for part in vars(moments).values())))
    if len(old_at):
        at: Any = slice(None) if len(old_at) == count else old_at
        scale = np.sqrt(np.nanvar(x[at], axis=1) if np.isnan(x).any() else means_and_variances(by_feature(x[at]))[1])
        # What the old model said of the window, up to the bar before this one.
        before = piled([some[n][0].posteriors.latest(length - 1) for n in old_at])
        means = piled([course.model.parameters.means for course, *_ in some if course.model is not None])
        order[at] = match_states(before, smoothed[at], means, new[2][at], scale, remembered[at])
    chosen = {
        n: _chosen_order(course, result, moments.mean[n], moments.sd[n])
        for n, (course, _, result) in enumerate(some)
        if course.options.order_by is not None and sound[n]
    }
    for n, own in chosen.items():  # once every function of a user's has answered
        some[n][0].evidence = _along(some[n][0].evidence, order[n], own)
        order[n] = own
    moved = np.flatnonzero((order != same).any(axis=1))
    if len(moved):
        for i, part in enumerate([*new, *vars(moments).values()]):
            part[moved] = reordered(part[moved], order[moved], both=i == 1)
        smoothed[moved] = np.take_along_axis(smoothed[moved], order[moved, None], axis=2)
    _publish(some, new, order, smoothed, moments, sound)


def _chosen_order(course: Course, result: Trained, mean: Floats, sd: Floats) -> list[int]:
    """The states in the order that the user has asked for; mean and volatility are those of returns."""
    order_by = course.options.order_by
    if order_by in ("mean", "volatility"):
        return by_keys(mean if order_by == "mean" else sd, len(mean))
    return order_of(result.parameters, order_by, [course.options.names[column] for column in course.columns])


def _along(evidence: Evidence | None, order: Integers, chosen: Sequence[int]) -> Evidence | None:
    """Evidence of states that identity puts in one order, where they are to stand in another."""
    if evidence is None:
        return None
    place = np.argsort(order)[list(chosen)]
    return Evidence(*(part[place] for part in evidence))


def _sees_returns(course: Course) -> bool:
    return course.options.return_place in course.columns


def _weighted(returns: Floats, smoothed: Floats) -> tuple[Floats, Floats]:
    """Mean and standard deviation of the returns in each state, of a model that sees other features only."""
    seen = ~np.isnan(returns)
    weights = smoothed[seen] / np.maximum(smoothed[seen].sum(axis=0), 1e-300)
    mean = (weights * returns[seen, None]).sum(axis=0)
    return mean, np.sqrt((weights * (returns[seen, None] - mean) ** 2).sum(axis=0))


def _tails(models: Sequence[Parameters]) -> Floats:
    """What covars are to be multiplied by for covariances, (n, n_states), of models that all have degrees of freedom or none."""
    degrees = [p.degrees for p in models if p.degrees is not None]
    if not degrees:
        return piled([p.tails for p in models])
    nu = piled(degrees)
    return np.asarray(nu / (nu - 2.0))


def _of(moments: StateMoments, n: int) -> StateMoments:
    return StateMoments(*(part[n] for part in vars(moments).values()))


def renames(before: RegimeState | None, now: RegimeState | None, order_by: Any = None) -> list[tuple[str, str]]:
    """Old and new name of each state that is called otherwise than at the bar before."""
    if before is None or now is None or before.names is now.names or order_by is not None:
        return []  # an order of the user's gives places to others at each training
    return renamed(before.names, now.names)


def _renamed(course: Course, names: tuple[str, ...]) -> str:
    """The same of a model that comes into use, for `notes`."""
    return "" if course.model is None or course.options.order_by is not None else say_renamed(renamed(course.model.names, names))


def _publish(some: Sequence[Accepted], new: Sequence[Floats], order: Integers, smoothed: Floats, moments: StateMoments,
             sound: Booleans) -> None:  # fmt: skip
    turned = set(np.flatnonzero((order != np.arange(order.shape[1])).any(axis=1)).tolist())
    calm = moments.sd.min(axis=1).tolist()
    alike = states_alike(new[2], new[3], moments.weight)
    names, notes = name_all(moments), doubtful_states(moments.weight, alike)
    shared = np.flatnonzero(alike.any(axis=1))
    if len(shared):
        groups = [grouped(tuple(row), order.shape[1]) for row in alike[shared].tolist()]
        parts = StateMoments(*(part[shared] for part in vars(moments).values()))
        for n, called in zip(shared.tolist(), name_groups(parts, groups), strict=True):
            names[n] = called
    for n, (course, task, result) in enumerate(some):
        if not sound[n]:
            continue
        parameters = result.parameters
        if n in turned:
            parameters = parameters.reordered(order[n].tolist())
        called = names[n]
        if course.options.naming is not None:
            called = tuple(check_names(course.options.naming(_of(moments, n)), course.options.n_states))
        if course.evidence is None:
            course.evidence = Evidence.nothing(course.options.n_states, len(course.columns))
        assert course.time is not None
        course.posteriors.replace(smoothed[n])
        course.filtered = smoothed[n, -1].copy()  # a view would keep the whole batch
        if task.starts:
            course.bars_since_challenge = 0
        course.use(RegimeModel(
            parameters, called, course.columns, course.time, result.log_likelihood, result.n_iter, result.converged,
            "; ".join(filter(None, (notes[n], _renamed(course, called)))),
            None if _sees_returns(course) else (tuple(moments.mean[n].tolist()), tuple(moments.sd[n].tolist()))
            ), calm[n])  # fmt: skip
        course.n_trainings += 1
        course.bars_since = 0
        course.error = None
