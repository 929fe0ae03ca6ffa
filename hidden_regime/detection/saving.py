"""A detector in the middle of its stream, as plain data."""

from __future__ import annotations

import math
import sys
from collections.abc import Mapping, Sequence
from dataclasses import fields
from datetime import datetime, timedelta, timezone
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypeVar
from zoneinfo import ZoneInfo

import numpy as np

from hidden_regime.bars.bar import Bar
from hidden_regime.bars.features import FEATURES
from hidden_regime.bars.observer import Observed, Observer
from hidden_regime.detection.course import Course
from hidden_regime.detection.doubt import Doubt
from hidden_regime.detection.drift import Drift
from hidden_regime.detection.saved_options import options_in, options_out
from hidden_regime.detection.suspects import Suspect
from hidden_regime.exceptions import ParameterError, SavedModelError, TrainingError
from hidden_regime.files.sealed import read_sealed, write_sealed
from hidden_regime.models.parameters import Evidence, Parameters
from hidden_regime.models.soundness import are_numbers, are_probabilities, fault, is_count, is_number
from hidden_regime.regimes.state import RegimeModel, RegimeState

if TYPE_CHECKING:
    from hidden_regime.detection.detector import RegimeDetector

FORMAT = 3
"""Version of the layout: what is newer can't be read. Before 3 bars were filtered by the density that was trained."""

FARTHEST = 1e9
"""Of observations, which are logarithms or standardised: nothing that a market did is as far from 0."""

Detector = TypeVar("Detector", bound="RegimeDetector")


def _time_out(time: datetime | None) -> Any:
    if time is None:
        return None
    zone: Any = getattr(time.tzinfo, "key", None) or getattr(time.tzinfo, "zone", None)
    offset = time.utcoffset()
    if zone is None and offset is not None:
        zone = offset.total_seconds()
    return {"time": time.replace(tzinfo=None).isoformat(), "zone": zone, "fold": time.fold, "pandas": hasattr(time, "nanosecond")}


def _time_in(value: Any) -> Any:
    if value is None:
        return None
    if value["pandas"]:
        import pandas as pd

        stamp = pd.Timestamp(value["time"])
        if isinstance(value["zone"], float):
            return stamp.tz_localize(timezone(timedelta(seconds=value["zone"])))
        return stamp if value["zone"] is None else stamp.tz_localize(value["zone"], ambiguous=not value["fold"])
    time = datetime.fromisoformat(value["time"])
    if isinstance(value["zone"], float):
        return time.replace(tzinfo=timezone(timedelta(seconds=value["zone"])))
    return time if value["zone"] is None else time.replace(tzinfo=ZoneInfo(value["zone"]), fold=value["fold"])


def _arrays_out(value: Evidence | Parameters | None) -> Any:
    return None if value is None else {k: v.tolist() if isinstance(v, np.ndarray) else v for k, v in value.content().items()}


def _arrays_in(kind: Any, value: Any) -> Any:
    if value is None:
        return None
    return kind(**{k: v if v is None or k == "emission" else np.array(v, np.float64) for k, v in value.items()})


def _observer_out(observer: Observer) -> dict[str, Any]:
    bars = [[_time_out(b.end_time), *b[1:], *([b.columns] if b.columns else [])] for b in observer.bars]
    return {"features": list(observer.features), "bars": bars}


def _observer_in(value: dict[str, Any], features: Sequence[Observed]) -> Observer:
    observer = Observer(features)
    if value["features"] != list(observer.features):
        raise SavedModelError(f"a saved detector that observes {value['features']}: expected {list(observer.features)}.")
    for time, *parts in value["bars"]:
        if parts[5:] and not (isinstance(parts[5], dict) and all(map(_is_known, parts[5].values()))):
            raise SavedModelError("a saved detector whose bars are damaged: expected a number for each column.")
        bar = Bar(_time_in(time), *parts[:5])
        observer.see([bar.with_columns(parts[5]) if parts[5:] else bar])
    return observer


def to_dict(detector: RegimeDetector) -> dict[str, Any]:
    """Everything that the detector knows; see `RegimeDetector.to_dict`."""
    course = detector.course
    if course.pending is not None:
        raise ParameterError("detector", "one whose training is pending", "one that `adopt` has answered", "Call adopt first.")
    return ({} if detector.clock is None else {"time_of_day": detector.clock.to_dict()}) | {
        "format": FORMAT,
        "class": type(detector).__name__,
        "options": options_out(detector),
        "observers": {key: _observer_out(o) for key, o in detector.observers.items()},
        **_course_out(course),
    }


def _course_out(course: Course) -> dict[str, Any]:
    model, state = course.model, course.state
    return {
        "rows": course.rows.table.tolist(),
        "known": course.posteriors.table.tolist(),
        "evidence": _arrays_out(course.evidence),
        "filtered": None if course.filtered is None else course.filtered.tolist(),
        "bars_since": [course.bars_since, course.bars_since_challenge],
        "drift": course.drift.to_list(),
        "doubt": course.doubt.to_dict(),
        "time": _time_out(course.time),
        "n_trainings": course.n_trainings,
        "error": None if course.error is None else course.error.text,
        "model": None
        if model is None
        else {
            **model._asdict(),
            "parameters": _arrays_out(model.parameters),
            "trained_at": _time_out(model.trained_at),
        },
        "state": None if state is None else _state_out(state),
    } | ({} if course.suspect is None else {"suspect": _suspect_out(course.suspect)})


def _state_out(state: RegimeState) -> dict[str, Any]:
    times = {"time": _time_out(state.time), "trained_at": _time_out(state.trained_at)}
    return {f.name: getattr(state, f.name) for f in fields(state)} | times


def _state_in(given: Mapping[str, Any]) -> RegimeState:
    times = {"time": _time_in(given["time"]), "trained_at": _time_in(given["trained_at"])}
    return RegimeState(**{**given} | times | {k: tuple(given[k]) for k in ("probabilities", "names")})


def _suspect_out(suspect: Suspect) -> dict[str, Any]:
    changed = {"filtered": suspect.filtered.tolist(), "state": _state_out(suspect.state), "drift": suspect.drift.to_list()}
    return {f.name: getattr(suspect, f.name) for f in fields(suspect)} | changed


def _suspect_in(given: Mapping[str, Any]) -> Suspect:
    filtered, drift = np.array(given["filtered"], np.float64), Drift.from_list(given["drift"])
    return Suspect(**{**given} | {"filtered": filtered, "state": _state_in(given["state"]), "drift": drift})


def from_dict(cls: type[Detector], content: dict[str, Any], like: RegimeDetector | None = None) -> Detector:
    """Detector of what `to_dict` gave; see `RegimeDetector.from_dict`."""
    if like is not None and not hasattr(like, "course"):
        raise ParameterError("like", like, "a detector that was made with the functions of the saved one", "Or leave it out.")
    try:
        if content["format"] not in (2, FORMAT):
            newer = isinstance(content["format"], int) and content["format"] > FORMAT
            raise SavedModelError(
                f"a detector saved in format {content['format']!r}: this version of hidden-regime reads {FORMAT}."
                + (" Upgrade hidden-regime." if newer else "")
            )
        if content["class"] != cls.__name__:
            raise SavedModelError(f"a saved {content['class']}: expected a {cls.__name__}. Load it with its own class.")
        options = options_in(content["options"] if content["format"] > 2 else content["options"] | {"filter_degrees": None}, like)
        if not is_count(options.get("n_states", 1), 1, 1000):  # before it asks for memory
            raise SavedModelError("a saved detector whose n_states is damaged: expected a count from 1 to 1000.")
        detector = cls(**options)
        _fill(detector.course, content)
        observers = {key: _observer_in(o, detector.course.options.features) for key, o in content["observers"].items()}
        detector.resume(detector.course, observers, content.get("time_of_day"))
        if wrong := _wrong(detector.course):
            raise SavedModelError(f"a saved detector that is damaged: {wrong}. Save it again.")
        if detector.course.model is not None:
            detector.course.use(detector.course.model)
    except SavedModelError:
        raise
    except Exception as error:
        text = f"{type(error).__name__}: {str(error)[:200]}"
        raise SavedModelError(f"a saved detector that can't be read ({text}). Save it again.") from error
    return detector


def _fill(course: Course, content: Mapping[str, Any]) -> None:
    """Put what was saved into a course before its first bar."""
    for rows, given in ((course.rows, content["rows"]), (course.posteriors, content["known"])):
        for row in given:
            if not isinstance(row, list) or len(row) != rows.width or not all(map(_is_known, row)):
                raise SavedModelError("a saved detector whose rows are damaged: expected a number for each column.")
            rows.append(row)
    course.evidence = _arrays_in(Evidence, content["evidence"])
    course.filtered = None if content["filtered"] is None else np.array(content["filtered"], np.float64)
    course.bars_since, course.bars_since_challenge = map(int, content["bars_since"])
    course.drift = Drift.from_list(content["drift"])
    if "doubt" in content:
        course.doubt = Doubt.from_dict(content["doubt"])
    course.n_trainings = int(content["n_trainings"])
    course.time = _time_in(content["time"])
    course.error = None if content["error"] is None else TrainingError(content["error"])
    if content["model"] is not None:
        given = dict(content["model"])
        given |= {"parameters": _arrays_in(Parameters, given["parameters"]), "trained_at": _time_in(given["trained_at"])}
        lists = {k: tuple(given[k]) for k in ("names", "columns")}
        course.model = RegimeModel(**given | lists | {"returns": _returns_in(given.get("returns"))})
    if content["state"] is not None:
        course.state = _state_in(content["state"])
    if "suspect" in content:
        course.suspect = _suspect_in(content["suspect"])


def save(detector: RegimeDetector, path: str | Path) -> None:
    """Write a detector to a file; see `RegimeDetector.save`."""
    write_sealed(path, "detector", to_dict(detector))


def load(cls: type[Detector], path: str | Path, like: RegimeDetector | None = None) -> Detector:
    """Read a detector from a file; see `RegimeDetector.load`."""
    return from_dict(cls, read_sealed(path, "detector"), like)


def _returns_in(given: Any) -> Any:
    return None if given is None else tuple(tuple(map(float, part)) for part in given)


def _is_known(value: object) -> bool:
    """Whether a value is a finite number, or NaN for what is missing."""
    return is_number(value) or (isinstance(value, float) and math.isnan(value))


def _is_time(value: object) -> bool:
    return isinstance(value, datetime) and value == value  # pandas' NaT is a datetime, and equal to nothing


def _wrong(course: Course) -> str:
    """What keeps a restored detector from being one that was saved; nothing if it may be."""
    k, width = course.options.n_states, course.rows.width
    filtered, evidence, model, state = course.filtered, course.evidence, course.model, course.state
    rows, known = course.rows.table, course.posteriors.table
    own = any(feature is not FEATURES.get(feature.name) for feature in course.options.features)
    farthest = sys.float_info.max**0.25 if own else FARTHEST
    if (np.abs(rows[~np.isnan(rows)]) > farthest).any():
        return "rows: expected observations of a market"
    if not are_probabilities(known, known.shape) or len(known) != (0 if model is None else len(rows)):
        return f"known: expected {k} probabilities for each row"
    if (filtered is None) != (model is None) or (filtered is not None and not are_probabilities(filtered, (k,))):
        return f"filtered: expected {k} probabilities beside a model"
    if evidence is not None:
        d = width if model is None else len(model.columns)
        shapes = ((k,), (k, d), (k, d, d))
        if not all(are_numbers(part, shape) for part, shape in zip(evidence, shapes, strict=True)) or (evidence.weight < 0).any():
            return "evidence: expected finite moments of each state"
        limits = (FARTHEST, farthest, farthest**2)
        if any((np.abs(part) > limit).any() for part, limit in zip(evidence, limits, strict=True)):
            return "evidence: expected moments of a market"
    if not all(is_number(value) for value in course.drift.to_list()):
        return "drift: expected finite numbers"
    doubt = course.doubt
    if (
        not all(map(_is_known, (*doubt.values, doubt.nats)))
        or len(doubt.values) % width
        or min(doubt.n_rows, doubt.asks_at - 1) < 0
    ):
        return "doubt: expected observations and counts"
    if min(course.bars_since, course.bars_since_challenge, course.n_trainings) < 0:
        return "bars_since, n_trainings: expected counts"
    if course.time is not None and not _is_time(course.time):
        return "time: expected a time"
    if model is not None:
        if not all(is_count(column, 0, width - 1) for column in model.columns) or len(set(model.columns)) < len(model.columns):
            return "model: expected distinct columns of the observations"
        trained = course.options.filter_degrees is None or course.options.emission != "gaussian"
        if text := fault(model.parameters, k, len(model.columns), emission=course.options.emission if trained else "student_t"):
            return f"model: {text}"
        returns = () if model.returns is None else model.returns
        if len(returns) not in (0, 2) or any(len(part) != k or not all(map(is_number, part)) for part in returns):
            return "model: expected mean and deviation of each state's returns"
        if (np.abs(model.parameters.means) > farthest).any() or (course.options.return_place in model.columns) == bool(returns):
            return "model: expected moments of a market's returns"
        if len(model.names) != k or not all(isinstance(text, str) for text in (*model.names, model.notes)):
            return "model: expected a name for each state"
        if not _is_time(model.trained_at) or not is_number(model.log_likelihood) or not is_count(model.n_iter):
            return "model: expected a time, a finite log_likelihood and a count of iterations"
    suspect = course.suspect
    if suspect is not None:
        if model is None or not are_probabilities(suspect.filtered, (k,)):
            return f"suspect: expected {k} probabilities beside a model"
        if not (is_number(suspect.move) and is_number(suspect.factor) and 0.0 < suspect.factor < FARTHEST):
            return "suspect: expected a move and a factor"
        if not all(is_number(value) for value in suspect.drift.to_list()):
            return "suspect: expected finite numbers in drift"
    for one in (state, None if suspect is None else suspect.state):
        if one is not None and (text := _wrong_state(one, k)):
            return text
    return ""


def _wrong_state(state: RegimeState, k: int) -> str:
    """What keeps a restored state from being one that was saved."""
    if len(state.names) != k or not all(isinstance(t, str) for t in (*state.names, state.regime, state.error, state.notes)):
        return "state: expected a name for each state"
    if not are_probabilities(np.array(state.probabilities, np.float64), (k,)) or not is_count(state.state, 0, k - 1):
        return f"state: expected {k} probabilities and the place of one"
    if not is_count(state.duration) or not _is_known(state.log_likelihood) or not _is_time(state.time):
        return "state: expected a duration, a log_likelihood and a time"
    if not is_number(state.confidence) or not isinstance(state.expected_duration, float) or not _is_time(state.trained_at):
        return "state: expected a confidence, an expected duration and a time"
    return ""
