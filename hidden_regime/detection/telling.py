"""What the kernels have told of bars, as regime states and as rows of a table."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Any

import numpy as np

from hidden_regime.detection.course import Course
from hidden_regime.detection.rules import layout
from hidden_regime.detection.slate import Slate
from hidden_regime.detection.words import notes_of
from hidden_regime.kernels.results import Floats
from hidden_regime.regimes.state import RegimeState, fixed_state
from hidden_regime.regimes.table import StateTable


def state_after(course: Course, slate: Slate, told: Sequence[Any]) -> RegimeState:
    """The state of a closed course after its newest bar.

    Parameters
    ----------
    course : Course
    slate : Slate
        Its own.
    told : sequence
        What the kernels told of the bar, with the probabilities as a tuple at its end.
    """
    (confidence, expected, log_likelihood, state, duration, changed, regime, trained, empty, alike, key, before,
     probabilities) = told  # fmt: skip
    rules, error, said, time = slate.rules, course.error, course.doubt.said, course.time
    names = rules.called(key)
    assert time is not None
    if trained:
        course.error = error = None
        slate.trained(time, notes_of(empty, alike, rules.called(before), names) if empty or alike or before != key else "")
    notes = slate.notes
    if said:
        notes = f"{said}; {notes}" if notes else said
    course.state = out = fixed_state(
        time, rules.names[regime], state, probabilities, names, confidence, duration, expected, log_likelihood,
        slate.trained_at, changed > 0, "" if error is None else error.text, notes)  # fmt: skip
    return out


def add_states(course: Course, slate: Slate, times: Sequence[datetime], told: Floats, table: StateTable) -> None:
    """Add the states of a closed course after its newest bars to a table; the course has the last of them afterwards.

    Parameters
    ----------
    course : Course
    slate : Slate
    times : sequence of datetime
        Ends of the bars.
    told : (n_bars, width)
        What the kernels told of them.
    table : StateTable
    """
    rules, said = slate.rules, course.doubt.said
    k, names = rules.shape[0], rules.names
    at = {name: place.start for name, (place, _) in layout("told", *slate.rules.shape).items()}
    whole = told[:, [at[name] for name in ("state", "duration", "changed", "regime", "trained", "empty", "alike", "names",
                                           "names_before")]].astype(np.int64)  # fmt: skip
    error = "" if course.error is None else course.error.text
    called: list[tuple[str, ...]] = []
    trained_at: list[datetime] = []
    notes: list[str] = []
    errors: list[str] = []
    for time, (trained, empty, alike, key, before) in zip(times, whole[:, 4:].tolist(), strict=True):
        now = rules.called(key)
        if trained:
            course.error, error = None, ""
            slate.trained(time, notes_of(empty, alike, rules.called(before), now) if empty or alike or before != key else "")
        called.append(now)
        trained_at.append(slate.trained_at)
        notes.append(slate.notes)
        errors.append(error)
    if said:
        notes = [f"{said}; {note}" if note else said for note in notes]
    probabilities = at["probabilities"]
    numbers = told[:, [at["confidence"], at["expected_duration"], at["log_likelihood"], *range(probabilities, probabilities + k)]]
    table.extend(numbers, whole[:, :3], [names[regime] for regime in whole[:, 3].tolist()], trained_at, called, errors, notes)
    course.time = times[-1]
    last = told_of(told[-1], k)
    state_after(course, slate, (*last[: at["trained"]], 0, *last[at["trained"] + 1 :]))  # the slate knows of the training


def told_of(row: Floats, n_states: int) -> tuple[Any, ...]:
    """A row of what the kernels told, as `kernels.follow_bar` gives it."""
    numbers = row.tolist()
    return (*numbers[:3], *map(int, numbers[3:-n_states]), tuple(numbers[-n_states:]))
