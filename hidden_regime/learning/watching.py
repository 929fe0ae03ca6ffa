"""A model in use against its training: columns, log loss, and how long it has stood still."""

from __future__ import annotations

from dataclasses import asdict, dataclass
from datetime import date
from typing import TYPE_CHECKING, Any

import numpy as np

from hidden_regime.exceptions import ParameterError
from hidden_regime.experiments.folders import plain
from hidden_regime.learning.dataset import Dataset
from hidden_regime.learning.drift import ColumnDrift, DecayAlarm, column_drift, inactivity
from hidden_regime.learning.evaluation.baselines import next_returns
from hidden_regime.learning.evaluation.figures import log_losses
from hidden_regime.learning.registry.files import read_model
from hidden_regime.learning.registry.registry import Entry
from hidden_regime.quantconnect.learned.model import LATE

if TYPE_CHECKING:
    import pandas as pd

SCHEMA = "hidden-regime/drift/1"
FEWEST = 20


@dataclass(frozen=True)
class DriftReport:
    """What is other than it was.

    Attributes
    ----------
    id, first, last : str
        The model, and the days looked at: those after its training.
    rows : int
    columns : tuple of ColumnDrift
    log_loss, expected_log_loss, accuracy, expected_accuracy : float
        Of these days, and out of fold.
    earned, expected_earned : float
        Mean return of a bar by the rule, of these days and out of fold.
    decay_at, earned_decay_at : str or None
        Day at which the sum of what its log loss, and what its rule earns, fell short passed its limit.
    false_alarms : float
        Share of stretches of `horizon` bars without decay that alarm.
    horizon, quiet, longest : int
        `quiet` bars since the rule last changed its position, and the longest that it stood still out of fold.
    """

    id: str
    first: str
    last: str
    rows: int
    columns: tuple[ColumnDrift, ...]
    log_loss: float
    expected_log_loss: float
    accuracy: float
    expected_accuracy: float
    earned: float
    expected_earned: float
    decay_at: str | None
    earned_decay_at: str | None
    false_alarms: float
    horizon: int
    quiet: int
    longest: int

    @property
    def alarms(self) -> list[str]:
        """In words, each thing that calls for a look."""
        said = [f"the column {one.name} is another one: stability index {one.psi:.2f}" for one in self.columns if one.moved]
        if self.decay_at is not None:
            said.append(f"its log loss has decayed by {self.decay_at}")
        if self.earned_decay_at is not None:
            said.append(f"what its rule earns has decayed by {self.earned_decay_at}")
        if self.quiet > 2 * self.longest:
            said.append(f"it has stood still for {self.quiet} bars, and for {self.longest} at most before")
        return said

    def to_dict(self) -> dict[str, Any]:
        """As what JSON can hold."""
        columns = [{"name": one.name, "psi": one.psi, "ks": one.ks, "expected": one.expected, "moved": one.moved}
                   for one in self.columns]  # fmt: skip
        whole = {**asdict(self), "columns": columns}
        told: dict[str, Any] = plain({"schema": SCHEMA, "alarms": self.alarms, **whole})
        return told


def drift_of(entry: Entry, frame: pd.DataFrame, *, horizon: int = 250, false_alarms: float = 0.05, seed: int = 0) -> DriftReport:
    """Look at a model on the days after its training.

    Parameters
    ----------
    entry : Entry
    frame : DataFrame
        Bars of the asset from the training's first day on, with days after it.
    horizon, false_alarms, seed
        Of `DecayAlarm`.

    Raises
    ------
    ParameterError
        Too few days have come since, or regimes are among the columns and the bars begin later than the training's.
    """
    import pandas as pd

    model = read_model(entry.folder)
    config = model.config
    features = config.make_features(frame)
    begins = frame.index[0].date()
    if config.spec.needs_regimes and (begins - model.origin).days > LATE:
        raise ParameterError(
            "data", f"bars from {begins} on", f"bars from {model.origin} on, as the training had: regimes remember all of them"
        )
    data = Dataset.of(features, config.make_labels(frame, features))
    until = date.fromisoformat(model.facts["trained_until"])
    since = np.flatnonzero(data.labels.times.date > until)
    table = features.table[pd.DatetimeIndex(features.table.index).date > until]
    if len(since) < FEWEST:
        raise ParameterError("data", f"{len(since)} labels after {model.facts['trained_until']}", f"at least {FEWEST}")
    kept = model.facts
    y, p = data.y[since], model.predictor.predict(data.X[since]).probability
    losses = log_losses(y, p)
    at = DecayAlarm([-one for one in kept["oof_log_losses"]], horizon, false_alarms, seed=seed).take_all(-losses)
    moved = next_returns(data)[since]
    got = ((p > 0.5) * moved)[np.isfinite(moved)]
    varies = float(np.std(kept["oof_returns"])) > 0.0  # a rule that was never in the market has nothing to lose
    lost = DecayAlarm(kept["oof_returns"], horizon, false_alarms, seed=seed).take_all(got) if varies else None
    known = table.dropna()
    quiet, _ = inactivity((model.predictor.predict(known.to_numpy()).probability > 0.5).astype(float), [0.0, 0.0])
    return DriftReport(
        entry.id, str(data.labels.times[since[0]])[:10], str(data.labels.times[since[-1]])[:10], len(since),
        tuple(column_drift(kept["reference"], table, kept["rows"], kept["memory"])), float(losses.mean()),
        float(np.mean(kept["oof_log_losses"])), float(((p > 0.5) == (y > 0.5)).mean()), float(kept["accuracy"]),
        float(got.mean()), float(np.mean(kept["oof_returns"])), _day(data, since, at), _day(data, since, lost),
        false_alarms, horizon, quiet, int(kept["longest_quiet"]))  # fmt: skip


def _day(data: Dataset, since: Any, at: int | None) -> str | None:
    """Day of the bar at which an alarm came."""
    return None if at is None else str(data.labels.times[since[at - 1]])[:10]
