"""The trainings that detectors ask for: the window, what went before it, and where EM starts."""

from __future__ import annotations

import zlib
from collections.abc import Sequence
from typing import TYPE_CHECKING

import numpy as np

from hidden_regime.bars.features import FEATURES
from hidden_regime.kernels.results import Floats
from hidden_regime.models.parameters import Evidence
from hidden_regime.models.task import Task
from hidden_regime.models.together import piled

if TYPE_CHECKING:
    from hidden_regime.detection.detector import RegimeDetector


def prepare(detectors: Sequence[RegimeDetector]) -> list[Task]:
    """Task of each detector whose newest bar is due for a training."""
    _remember(detectors)
    tasks = []
    for detector in detectors:
        detector._pending = _task(detector)
        tasks.append(detector._pending)
    return tasks


def _columns_of(detector: RegimeDetector) -> tuple[int, ...]:
    """Features in use, by their places. "auto" leaves out the range where most bars of the first window have none."""
    if detector.model is not None:
        return detector.model.columns
    if detector.features != "auto":
        return tuple(range(len(detector._observer.features)))
    rows = detector._rows.table
    present = (~np.isnan(rows)).mean(axis=0) > 0.5
    spread = [present[i] and np.nanstd(rows[:, i]) > 1e-12 * np.nanmax(np.abs(rows[:, i])) for i in (0, 1)]
    return (0, 1) if present[1] and spread[1] else (0,)


def _remember(detectors: Sequence[RegimeDetector]) -> None:
    """Add to the evidence what has left the window since the last training, and forget its rows."""
    groups: dict[tuple[int, ...], list[RegimeDetector]] = {}
    for detector in detectors:
        left = len(detector._rows) - detector.lookback
        if left <= 0:
            continue
        evidence = detector._evidence
        if evidence is not None and detector.memory > 0:
            groups.setdefault((left, *evidence.means.shape), []).append(detector)
        else:
            detector._rows.drop(left)
            detector._known.drop(left)
    for (left, *_), alike in groups.items():
        old = [d._evidence for d in alike if d._evidence is not None]
        weight, means, covars = (piled(parts) for parts in zip(*old, strict=True))
        share = np.array([0.5 ** (left / d.memory) for d in alike])
        rows = piled([_seen(d, d._rows.table[:left], _columns_of(d)) for d in alike])
        known = piled([d._known.table[:left] for d in alike])
        new = Evidence(weight * share[:, None], means, covars).plus(rows, known)
        for detector, *parts in zip(alike, *(_rounded(part) for part in new), strict=True):
            detector._evidence = Evidence(*parts)
            detector._rows.drop(left)
            detector._known.drop(left)


def _rounded(a: Floats) -> Floats:
    """To 24 bits, as much as single precision has: kernels whose last bits differ then ask for the same trainings, so one can
    read what the other has cached. Finer would not do: what is remembered goes on into all that follows."""
    high = a * (2.0**29 + 1.0)  # Veltkamp's splitting
    return np.asarray(high - (high - a))


def _seen(d: RegimeDetector, rows: Floats, columns: tuple[int, ...]) -> Floats:
    """A copy of some rows with the features in use."""
    return rows.copy() if len(columns) == rows.shape[1] else rows[:, list(columns)]


def _template(d: RegimeDetector, columns: tuple[int, ...]) -> Task:
    """What is the same in all trainings of a detector."""
    kinds = [FEATURES[d._observer.features[c]].is_volatility for c in columns]
    ranked_by = kinds.index(True) if True in kinds else 0
    return Task(
        observations=d._rows.latest(1),
        n_states=int(d.n_states),
        covariance_type=d.covariance_type,
        n_iter=int(d.n_iter),
        tol=float(d.tol),
        min_covar=float(d.min_covar),
        margin=float(d.margin),
        stay_duration=float(d.stay_duration),
        stay_weight=float(d.stay_weight),
        ranked_by=ranked_by,
        is_volatility=kinds[ranked_by],
        emission=d.emission,
    )


def _task(d: RegimeDetector) -> Task:
    columns = _columns_of(d)
    if d._template is None or columns != d._columns:
        d._columns, d._template = columns, _template(d, columns)
    starts = _starts(d)
    return d._template.but(
        observations=_seen(d, d._rows.latest(d.lookback), columns),
        starts=starts,
        seed=zlib.crc32(f"{d.random_state}/{d.n_trainings}".encode()) if starts else 0,
        warm=None if d.model is None else d.model.parameters,
        memory=d._evidence if d.memory > 0 else None,
    )


def _starts(d: RegimeDetector) -> tuple[str, ...]:
    """The challengers, where it is time for them. The first training has no model to go on from and tries all, with the
    ranking by volatility among them."""
    if d.model is not None:
        return d.challengers if d._bars_since_challenge >= d.challenge_every else ()
    return d.challengers if "volatility" in d.challengers else ("volatility", *d.challengers)
