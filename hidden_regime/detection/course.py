"""Where a detector stands in its stream of bars."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime

from hidden_regime.detection.drift import Drift
from hidden_regime.detection.growing_table import GrowingTable
from hidden_regime.detection.options import DetectorOptions
from hidden_regime.exceptions import TrainingError
from hidden_regime.kernels.results import Floats
from hidden_regime.models.parameters import Evidence
from hidden_regime.models.task import Task
from hidden_regime.regimes.state import RegimeModel, RegimeState

Kind = tuple[tuple[int, ...], str, bool]
Stack = tuple[Sequence[RegimeModel], list[Floats], Floats | None]


@dataclass(slots=True, eq=False)
class Course:
    """Everything that a detector knows after a bar. `prepare`, `accept` and `advance` work on it, and nothing else does.

    Attributes
    ----------
    options : DetectorOptions
    rows : GrowingTable
        Observations of the window and since, (n_rows, n_features); NaN is missing.
    posteriors : GrowingTable
        Probabilities of the states at each row, (n_rows, n_states), by what was known when they were last looked at: those of
        the training window are smoothed, those after it filtered. Empty without a model.
    columns : tuple of int
        Features in use, by their places.
    template : Task or None
        What is the same in all trainings.
    pending : Task or None
        The training that the latest bar asked for, until it is answered.
    evidence : Evidence or None
        What the rows that left the window said of each state.
    filtered : (n_states,) or None
        Probabilities of the states after the latest bar.
    bars_since, bars_since_challenge : int
        Observations since the last training, and since the last that tried the challengers.
    drift : Drift
    time : datetime or None
        End of the latest bar.
    model : RegimeModel or None
    state : RegimeState or None
    n_trainings : int
    error : TrainingError or None
        Why the last training failed.
    stack : tuple or None
        The models that were filtered together at the bar before, and their parameters with a leading axis: the same ones come
        bar after bar.
    kind : tuple or None
        Models of one kind are filtered together; None for one that the kernels don't know.
    """

    options: DetectorOptions
    rows: GrowingTable
    posteriors: GrowingTable
    columns: tuple[int, ...] = ()
    template: Task | None = None
    pending: Task | None = None
    evidence: Evidence | None = None
    filtered: Floats | None = None
    bars_since: int = 0
    bars_since_challenge: int = 0
    drift: Drift = field(default_factory=Drift)
    time: datetime | None = None
    model: RegimeModel | None = None
    state: RegimeState | None = None
    n_trainings: int = 0
    error: TrainingError | None = None
    stack: Stack | None = None
    kind: Kind | None = None

    @classmethod
    def begin(cls, options: DetectorOptions) -> Course:
        """Before the first bar."""
        return cls(options, GrowingTable(len(options.features)), GrowingTable(options.n_states))

    def take(self, time: datetime, row: Sequence[float] | Floats | None) -> bool:
        """Take a bar's observation; whether a training is due.

        Parameters
        ----------
        time : datetime
            End of the bar.
        row : (n_features,) or None
            None where the bar gives none yet, as the very first.
        """
        self.time = time
        if row is None:
            return False
        self.rows.append(row)
        options, model = self.options, self.model
        if model is None:
            self.rows.drop(max(len(self.rows) - options.lookback, 0))
            return len(self.rows) >= options.least_bars
        self.bars_since += 1
        self.bars_since_challenge += 1
        return options.schedule.is_due(time, model.trained_at, self.bars_since, first=self.n_trainings == 1, drift=self.drift)

    def use(self, model: RegimeModel) -> None:
        """Go by a model from now on."""
        p = model.parameters
        self.model, self.stack = model, None
        known = p.density.filters_in_kernel
        self.kind = (p.means.shape, self.options.covariance_type, p.degrees is None) if known else None
