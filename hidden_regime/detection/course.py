"""Where a detector stands in its stream of bars."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime

from hidden_regime import kernels
from hidden_regime.detection.doubt import Doubt
from hidden_regime.detection.drift import Drift
from hidden_regime.detection.growing_table import GrowingTable
from hidden_regime.detection.options import DetectorOptions
from hidden_regime.detection.slate import Slate, put_back, slate_of
from hidden_regime.detection.suspects import Look, Suspect, Watch, look, sift, watch_of
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
    doubt : Doubt
        Whether there are regimes at all.
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
    watch : Watch or None
        What a bar must exceed under the model to be looked at twice.
    suspect : Suspect or None
        The latest bar, if the next one may take it back.
    look : Look or None
        What was found at the newest bar, until the next.
    slate : Slate or None
        Where it is closed, the numbers on which the kernels take it through its bars. `rows`, `posteriors`, `evidence`,
        `filtered`, `model`, `watch`, `drift` and the counts are those of before then; the other fields are those of now.
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
    doubt: Doubt = field(default_factory=Doubt)
    time: datetime | None = None
    model: RegimeModel | None = None
    state: RegimeState | None = None
    n_trainings: int = 0
    error: TrainingError | None = None
    stack: Stack | None = None
    kind: Kind | None = None
    watch: Watch | None = None
    suspect: Suspect | None = None
    look: Look | None = None
    slate: Slate | None = None

    @classmethod
    def begin(cls, options: DetectorOptions) -> Course:
        """Before the first bar."""
        return cls(options, GrowingTable(len(options.features)), GrowingTable(options.n_states))

    def open(self) -> Course:
        """This course, its fields those of now, for the reference and for everybody else."""
        if self.slate is not None:
            put_back(self.slate, self)
            self.slate = None
        return self

    def close(self) -> Slate | None:
        """The numbers for the kernels; None where their step can't take it further."""
        if self.slate is None and kernels.can_follow():
            self.slate = slate_of(self)
        return self.slate

    def __getstate__(self) -> object:
        """Of an open course: another machine may have other kernels, or none."""
        return object.__getstate__(self.open())

    @property
    def model_now(self) -> RegimeModel | None:
        """The model in use, whether the course is open or closed."""
        return self.model if self.slate is None else self.slate.model

    @property
    def n_trainings_now(self) -> int:
        """How many trainings came into use, whether the course is open or closed."""
        return self.n_trainings if self.slate is None else int(self.slate.number("n_trainings"))

    def return_moments(self, k: int) -> tuple[float, float]:
        """Mean and standard deviation of a state's log return, whether the course is open or closed; NaN without a model."""
        if self.slate is not None:
            return self.slate.return_moments(k)
        if self.model is None:
            return math.nan, math.nan
        mean, sd = self.model.return_moments(self.options.return_place)
        return float(mean[k]), float(sd[k])

    @property
    def move_limit(self) -> float:
        """Log return beyond which a bar is looked at twice, whether the course is open or closed; infinite without a model."""
        if self.slate is not None:
            return self.slate.number("move_limit")
        return math.inf if self.watch is None else self.watch.move

    def take(self, time: datetime, row: Sequence[float] | Floats | None, move: float | None = None, said: str = "") -> bool:
        """Take a bar's observation; whether a training is due.

        Parameters
        ----------
        time : datetime
            End of the bar.
        row : (n_features,) or None
            None where the bar gives none yet, as the very first.
        move : float, optional
            Log return of the bar, where that of the row is without what is usual at the time of day.
        said : str
            What was left out of the row already, for the notes.
        """
        self.time, self.look = time, Look(said) if said else None
        if row is None:
            return False
        options, model, watch = self.options, self.model, self.watch
        if model is None or watch is None:
            self.rows.append(row)
            self.doubt.take(row)
            return self._begins()
        own = row[watch.return_place]
        if self.suspect is not None or abs(own) > watch.move or row[watch.range_place] > watch.range:
            row = look(self, row, own if move is None else move)
            if said:
                found = self.look or Look("")
                self.look = found._replace(said="; ".join(filter(None, (found.said, said))))
        self.rows.append(row)
        self.doubt.take(row)
        self.bars_since += 1
        self.bars_since_challenge += 1
        due = options.schedule.is_due(time, model.trained_at, self.bars_since, first=self.n_trainings == 1, drift=self.drift)
        return due and self.suspect is None  # what may be wrong is known to be at the next bar

    def take_first(self, time: datetime, rows: Floats) -> None:
        """Take the observations of bars that can't be due for the first training yet, the last of which ends at `time`."""
        self.time = time
        self.rows.extend(rows)
        self.doubt.take_all(rows)

    def _begins(self) -> bool:
        """Whether the first training is due."""
        self.rows.drop(max(len(self.rows) - self.options.lookback, 0))
        if len(self.rows) < self.options.least_bars:
            return False
        found = sift(self.rows.table, self.options.return_place)
        if found:
            self.look = Look(f"{found} of the first window's bars moved as at a split or were taken back at once: left out")
        return True

    def use(self, model: RegimeModel, calm: float | None = None) -> None:
        """Go by a model from now on; `calm` is the return's deviation in its calmest state, where it is known already."""
        p = model.parameters
        self.model, self.stack = model, None
        place = self.options.return_place
        calm = float(model.return_moments(place)[1].min()) if calm is None else calm
        self.watch = watch_of(self.options.features, place, model.columns, calm)
        known = p.density.filters_in_kernel
        self.kind = (p.means.shape, self.options.covariance_type, p.degrees is None) if known else None
