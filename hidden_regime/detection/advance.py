"""The filter's step of a bar, and the regime that follows from it."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING

import numpy as np

from hidden_regime import kernels
from hidden_regime.bars.jumps import said_of
from hidden_regime.detection.schedule import drift
from hidden_regime.kernels.results import Floats
from hidden_regime.models.inference import filter_rows, step_row
from hidden_regime.models.together import piled
from hidden_regime.regimes.state import RegimeModel, RegimeState

if TYPE_CHECKING:
    from hidden_regime.detection.detector import RegimeDetector

SURPRISE = -10.0
"""Log-density of a bar that is looked at twice."""


def advance(detectors: Sequence[RegimeDetector], fresh: Mapping[int, float]) -> list[RegimeState | None]:
    """State of each detector after its newest bar; None without a model.

    Parameters
    ----------
    detectors : sequence of RegimeDetector
    fresh : mapping
        Log-likelihood of the newest observation where a fresh model has filtered its window already, by place.
    """
    return name_regimes(detectors, filter_bar(detectors, fresh))


def filter_bar(detectors: Sequence[RegimeDetector], fresh: Mapping[int, float]) -> dict[int, float]:
    """First half of `advance`: filter the newest bar; its log-likelihood for each detector that has a model, by place."""
    logs: dict[int, float] = dict(fresh)
    groups: dict[tuple[object, ...], list[int]] = {}
    for i, detector in enumerate(detectors):
        if detector.model is not None and i not in logs:
            p = detector.model.parameters
            groups.setdefault((p.means.shape, detector.covariance_type) if p.degrees is None else (i,), []).append(i)
    for key, places in groups.items():
        _step([detectors[i] for i in places], places, logs, together=len(key) == 2)
        for i in places:
            if detectors[i]._schedule.is_adaptive:
                _watch(detectors[i], logs[i])
    return logs


def name_regimes(detectors: Sequence[RegimeDetector], logs: Mapping[int, float]) -> list[RegimeState | None]:
    """Second half of `advance`: the regime of each detector after the bar that `filter_bar` has filtered."""
    return [_state(d, logs[i]) if i in logs else None for i, d in enumerate(detectors)]


def _step(some: Sequence[RegimeDetector], places: Sequence[int], logs: dict[int, float], *, together: bool) -> None:
    models = [d.model for d in some if d.model is not None]
    rows = piled([_seen(d._rows.newest, m.columns) for d, m in zip(some, models, strict=True)])
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
        d = some[n]
        assert d._filtered is not None
        d._filtered, logs[places[n]] = step_row(models[n].parameters, d.covariance_type, rows[n], d._filtered)
        d._known.append(d._filtered)


def _step_together(some: Sequence[RegimeDetector], models: Sequence[RegimeModel], rows: Floats, places: Sequence[int],
                   logs: dict[int, float]) -> None:  # fmt: skip
    before = piled([d._filtered for d in some if d._filtered is not None])
    kept = some[0]._stack
    if kept is None or len(kept[0]) != len(models) or any(a is not b for a, b in zip(kept[0], models, strict=True)):
        # Between trainings the same models come bar after bar.
        kept = some[0]._stack = models, [piled(part) for part in zip(*(m.parameters[1:4] for m in models), strict=True)]
    out = kernels.step(rows, before, *kept[1], covariance_type=some[0].covariance_type)
    for d, place, filtered, value in zip(some, places, out.filtered, out.log_likelihood.tolist(), strict=True):
        d._filtered = filtered
        d._known.append(filtered)
        logs[place] = value


def _watch(d: RegimeDetector, log_density: float) -> None:
    """Add to the adaptive schedule's sum; a bar that shows nothing says nothing about the fit."""
    assert d.model is not None
    window = d._rows.latest(d.lookback)[:, list(d.model.columns)]
    if d._usual is None:
        # The schedule became adaptive after the training: what is usual is what the present window is like.
        densities = filter_rows(d.model.parameters, d.covariance_type, window)[1][~np.isnan(window).all(axis=1)]
        d._usual = float(densities.mean()), float(densities.std())
    elif not np.isnan(window[-1]).all():
        d._drift = drift(d._drift, log_density, *d._usual)


def _seen(row: Floats, columns: tuple[int, ...]) -> Floats:
    """The features in use."""
    return row if len(columns) == len(row) else row[list(columns)]


def _with_jump(d: RegimeDetector, notes: str) -> str:
    """Notes on the model, and on a move that looks like none of a market."""
    assert d.model is not None
    place = d._observer.features.index("log_return")
    usual = float(d.model.parameters.deviations[:, d.model.columns.index(place)].max())
    return "; ".join(filter(None, (notes, said_of(d._rows.latest(2)[:, place].tolist(), usual))))


def _state(d: RegimeDetector, log_likelihood: float) -> RegimeState:
    assert d.model is not None and d._filtered is not None and d._time is not None
    model, before = d.model, d.state
    filtered = d._filtered.tolist()
    names = model.names
    regimes = dict(zip(names, filtered, strict=True))
    distinct = len(regimes) == len(names)
    if not distinct:  # two states of one name
        regimes = {name: sum(p for p, n in zip(filtered, names, strict=True) if n == name) for name in regimes}
    duration = 0 if before is None else before.duration
    if d._persistence.is_idle:
        regime = names[max(range(len(names)), key=filtered.__getitem__)]
    else:
        regime = d._persistence.choose(regimes, None if before is None else before.regime, duration)
    state = (
        names.index(regime) if distinct else max((k for k in range(len(names)) if names[k] == regime), key=filtered.__getitem__)
    )
    stay = float(model.parameters.transmat[state, state])
    changed = before is not None and before.regime != regime
    notes = model.notes if log_likelihood > SURPRISE else _with_jump(d, model.notes)
    d.state = RegimeState(
        d._time, regime, state, tuple(filtered), names, min(regimes[regime], 1.0),
        1 if changed or before is None else duration + 1, 1.0 / (1.0 - stay) if stay < 1.0 else math.inf, log_likelihood,
        model.trained_at, changed, "" if d.error is None else d.error.text, notes)  # fmt: skip
    return d.state
