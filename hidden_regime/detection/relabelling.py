"""The states of a course in another order."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

import numpy as np

from hidden_regime.detection.course import Course
from hidden_regime.models.parameters import Evidence
from hidden_regime.regimes.state import RegimeState


def relabel(course: Course, order: Sequence[int]) -> None:
    """Put the states of a course, and all that is known of each, in another order.

    Parameters
    ----------
    course : Course
        With no training pending.
    order : sequence of int
        Element i is the state, by its place of now, that comes in place i.
    """
    places = list(order)
    if course.model is not None:
        model = course.model
        course.use(
            model._replace(
                parameters=model.parameters.reordered(places),
                names=tuple(model.names[k] for k in places),
                returns=None if model.returns is None else tuple(tuple(part[k] for k in places) for part in model.returns),
            )
        )
        course.posteriors.replace(np.ascontiguousarray(course.posteriors.table[:, places]))
    if course.filtered is not None:
        course.filtered = course.filtered[places]
    if course.suspect is not None:
        suspect = course.suspect
        course.suspect = replace(suspect, filtered=suspect.filtered[places], state=_in_order(suspect.state, places))
    if course.evidence is not None:
        course.evidence = Evidence(*(part[places] for part in course.evidence))
    if course.state is not None:
        course.state = _in_order(course.state, places)


def _in_order(state: RegimeState, places: list[int]) -> RegimeState:
    return replace(
        state,
        state=places.index(state.state),
        probabilities=tuple(state.probabilities[k] for k in places),
        names=tuple(state.names[k] for k in places),
    )
