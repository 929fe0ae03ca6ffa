"""RegimeDetector: the regimes of one asset, bar by bar."""

from __future__ import annotations

import math
import zlib
from collections.abc import Sequence
from datetime import datetime
from typing import TYPE_CHECKING, Any, Self

import numpy as np

from hidden_regime.bars import Bar, moment
from hidden_regime.exceptions import ConstantDataError, DuplicateDateError, ParameterError, TrainingError
from hidden_regime.kernels import COVARIANCES
from hidden_regime.kernels.results import Floats
from hidden_regime.models.inference import filter_rows, smooth_rows, step_row
from hidden_regime.models.initialisation import volatility_ranking
from hidden_regime.models.parameters import Evidence, Parameters
from hidden_regime.models.training import Task, Trained, train
from hidden_regime.observations import DEFAULT_FEATURES, FEATURES, Observer
from hidden_regime.persistence import Persistence
from hidden_regime.regimes import (
    NamingRule,
    RegimeModel,
    RegimeState,
    StateMoments,
    check_names,
    describe_states,
    match_states,
    name_states,
    order_states,
    states_to_frame,
)
from hidden_regime.schedule import Frequency, Schedule

if TYPE_CHECKING:
    import pandas as pd


class RegimeDetector:
    """Regimes of one asset, point in time.

    Each bar becomes an observation. The last `lookback` of them train a hidden Markov model when the schedule says so;
    between trainings every bar costs one filter step. A value depends on bars up to its own only: `update` one at a time
    and `run` over a frame give the same numbers bit for bit, and more bars never change an earlier value.

    Parameters
    ----------
    n_states : int
        Number of regimes: 2 are Bear and Bull, 3 Bear, Sideways and Bull, from 4 on one is Crisis.
    lookback : int
        Observations in the training window.
    retrain : str, int or callable
        "never", "daily", "weekly", "monthly", "quarterly", a number of bars, or a callable of (now, trained_at).
    min_bars : int, optional
        Train from this many observations on; default: as soon as the window is full.
    features : "auto" or sequence of str
        Keys of `hidden_regime.observations.FEATURES`. "auto" takes log return and log range, and leaves the range out
        where most bars of the first window have none.
    covariance_type : "diag", "full", "spherical" or "tied"
        What is free in each state: variances, covariances, one variance for all features; or one matrix for all states.
    n_iter, tol, min_covar
        Limits of each training: M-steps, gain in nats, least variance as a share of the window's.
    stay_duration, stay_weight : float
        Prior on persistence: every state is expected to last `stay_duration` bars, and that is worth as much as
        `stay_weight` bars seen in it. Weight 0 turns it off.
    memory : float
        Half-life, in bars, of what bars that left the window said of each state; 0 forgets at once.
    challengers : tuple of str
        Further starts at every training, of "volatility", "kmeans" and "random".
    margin : float
        Nats by which a challenger must beat the model that goes on.
    random_state : int
        Seed of the challengers.
    naming : callable, optional
        Own rule: from `StateMoments` to a name for each state.
    emission : "gaussian" or "student_t"
        Density of the observations in a state. A Student-t takes a wild day for one of its regime, where a Gaussian calls
        another one; it trains some ten times slower.
    hysteresis : float
        Lead in probability that another regime must have over the present one before it is called.
    min_duration : int
        Bars that a regime lasts at least.

    Attributes
    ----------
    state : RegimeState or None
        After the latest bar; None before the first training.
    model : RegimeModel or None
    n_trainings : int
    error : TrainingError or None
        Why the last training failed; the last good model stays in use.

    Examples
    --------
    >>> from hidden_regime import RegimeDetector, load_dataset
    >>> frame = load_dataset("sp500")
    >>> states = RegimeDetector(n_states=3, lookback=252, retrain="monthly").run(frame)
    >>> sorted(states["regime"].dropna().unique())
    ['Bear', 'Bull', 'Sideways']
    """

    def __init__(
        self,
        n_states: int = 3,
        *,
        lookback: int = 252,
        retrain: Frequency = "monthly",
        min_bars: int | None = None,
        features: str | Sequence[str] = "auto",
        covariance_type: str = "diag",
        n_iter: int = 100,
        tol: float = 1e-3,
        min_covar: float = 1e-3,
        stay_duration: float = 100.0,
        stay_weight: float = 100.0,
        memory: float = 252.0,
        challengers: Sequence[str] = ("volatility",),
        margin: float = 2.0,
        random_state: int = 0,
        naming: NamingRule | None = None,
        emission: str = "gaussian",
        hysteresis: float = 0.2,
        min_duration: int = 1,
    ) -> None:
        self.n_states, self.lookback, self.retrain, self.min_bars = n_states, lookback, retrain, min_bars
        self.features, self.covariance_type = features, covariance_type
        self.n_iter, self.tol, self.min_covar = n_iter, tol, min_covar
        self.stay_duration, self.stay_weight, self.memory = stay_duration, stay_weight, memory
        self.challengers, self.margin = tuple(challengers), margin
        self.random_state, self.naming, self.emission = random_state, naming, emission
        self.hysteresis, self.min_duration = hysteresis, min_duration
        self._persistence = Persistence(hysteresis, min_duration)
        self._check()
        self._schedule = Schedule(retrain)
        self.reset()

    def _check(self) -> None:
        def number(name: str, low: float, *, whole: bool = False) -> None:
            value = getattr(self, name)
            kinds = (int, np.integer) if whole else (int, float, np.integer, np.floating)
            if isinstance(value, bool) or not isinstance(value, kinds) or not low <= value < math.inf:
                raise ParameterError(name, value, f"{'an integer' if whole else 'a number'} of at least {low:g}")

        for name, least in (("n_states", 1), ("lookback", 2), ("n_iter", 1), ("random_state", 0)):
            number(name, least, whole=True)
        for name, low in (("tol", 0.0), ("min_covar", 0.0), ("stay_duration", 1.0), ("stay_weight", 0.0), ("memory", 0.0)):
            number(name, low)
        number("margin", 0.0)
        if self.min_bars is not None:
            number("min_bars", 2, whole=True)
        if self.n_states > self.lookback:
            raise ParameterError("n_states", self.n_states, f"at most lookback = {self.lookback}", "Lengthen the window.")
        if self.min_bars is not None and self.min_bars > self.lookback:
            raise ParameterError("min_bars", self.min_bars, f"at most lookback = {self.lookback}")
        if self.covariance_type not in COVARIANCES:
            raise ParameterError("covariance_type", self.covariance_type, f"one of {COVARIANCES}")
        unknown = [name for name in self.challengers if name not in ("volatility", "kmeans", "random")]
        if unknown:
            raise ParameterError("challengers", self.challengers, "names of 'volatility', 'kmeans' and 'random'")
        if self.emission not in ("gaussian", "student_t"):
            raise ParameterError("emission", self.emission, "'gaussian' or 'student_t'")
        if isinstance(self.features, str) and self.features != "auto":
            raise ParameterError("features", self.features, f"'auto' or a sequence of {sorted(FEATURES)}")

    def reset(self) -> None:
        """Forget every bar and model."""
        self._observer = Observer(DEFAULT_FEATURES if self.features == "auto" else tuple(self.features))
        self._rows: list[Floats] = []
        self._known: list[Floats] = []
        self._evidence: Evidence | None = None
        self._filtered: Floats | None = None
        self._bars_since = 0
        self._pending: Task | None = None
        self._time: datetime | None = None
        self.state: RegimeState | None = None
        self.model: RegimeModel | None = None
        self.n_trainings = 0
        self.error: TrainingError | None = None

    def _observers(self) -> dict[str, Observer]:
        return {"": self._observer}

    def _restore_observers(self, observers: dict[str, Observer]) -> None:
        self._observer = observers[""]

    def rescale(self, factor: float) -> None:
        """Correct the bars kept for a split in raw prices: multiply the prices before it by `factor`."""
        self._observer.rescale(factor)

    def set_schedule(self, retrain: Frequency) -> None:
        """Retrain by another schedule from now on."""
        self._schedule = Schedule(retrain)
        self.retrain = retrain

    @property
    def expects_training(self) -> Task | None:
        """The training that the latest bar asked for and `adopt` has not answered."""
        return self._pending

    def update(self, bar: Bar) -> RegimeState | None:
        """Take the next bar; train if the schedule says so.

        Returns
        -------
        RegimeState or None
            None until the first training.
        """
        task = self.push(bar)
        return self.adopt(None if task is None else train([task])[0])

    def push(self, bar: Bar) -> Task | None:
        """First half of `update`: take a bar and say what must be trained. `adopt` must follow before the next bar."""
        if self._pending is not None:
            raise TrainingError("push: the bar before asked for a training; call adopt with its result first.")
        if self._time is not None and moment(bar.end_time) == moment(self._time):
            raise DuplicateDateError(f"bar of {bar.end_time} came twice: expected rising times.")
        return self._take(bar.end_time, self._observer.observe(bar))

    def _take(self, time: datetime, row: Floats | None) -> Task | None:
        self._time = time
        if row is None:
            return None
        self._rows.append(row)
        if self.model is None:
            del self._rows[: -self.lookback]
            due = len(self._rows) >= (self.min_bars or self.lookback)
        else:
            self._bars_since += 1
            due = self._schedule.is_due(time, self.model.trained_at, self._bars_since)
        self._pending = self._task() if due else None
        return self._pending

    def adopt(self, result: Trained | TrainingError | None) -> RegimeState | None:
        """Second half of `update`: take the training's result (None where none was asked for) and filter the bar."""
        task, self._pending = self._pending, None
        if isinstance(result, ConstantDataError) and task is not None:
            name = self._observer.features[self._columns()[result.feature]]
            result = ConstantDataError(
                f"{name} is constant over the {len(task.observations)} observations up to {self._time}: regimes can only be told "
                "apart by something that varies. Check the prices.",
                result.feature,
            )
        if isinstance(result, TrainingError):
            self.error = result
        elif result is not None and task is not None:
            try:
                self._accept(task, result)
            except np.linalg.LinAlgError as error:
                self.error = TrainingError(
                    f"the trained model can't be used ({error}): raise min_covar (now {self.min_covar:g})."
                )
                result = self.error
        if self.model is None:
            return None
        return self._advance(fresh=isinstance(result, Trained))

    def _columns(self) -> tuple[int, ...]:
        if self.model is not None:
            return self.model.columns
        if self.features != "auto":
            return tuple(range(len(self._observer.features)))
        rows = np.array(self._rows)
        present = (~np.isnan(rows)).mean(axis=0) > 0.5
        spread = np.array(
            [np.nanstd(rows[:, i]) > 1e-12 * np.nanmax(np.abs(rows[:, i])) if present[i] else False for i in (0, 1)]
        )
        return (0, 1) if present[1] and spread[1] else (0,)

    def _task(self) -> Task:
        columns = self._columns()
        window = np.array(self._rows[-self.lookback :])[:, list(columns)]
        left = len(self._rows) - len(window)
        if left and self._evidence is not None and self.memory > 0:
            rows = np.array(self._rows[:left])[:, list(columns)]
            known = np.array(self._known[:left])
            self._evidence = self._evidence.decayed(0.5 ** (left / self.memory)).plus(rows, known)
        del self._rows[:left], self._known[:left]
        return Task(
            observations=window,
            n_states=int(self.n_states),
            covariance_type=self.covariance_type,
            n_iter=int(self.n_iter),
            tol=float(self.tol),
            min_covar=float(self.min_covar),
            starts=self._starts(),
            seed=self._seed(),
            margin=float(self.margin),
            stay_duration=float(self.stay_duration),
            stay_weight=float(self.stay_weight),
            ranking=self._ranking(window, columns),
            warm=None if self.model is None else self.model.parameters,
            memory=self._evidence if self.memory > 0 else None,
            emission=self.emission,
        )

    def _starts(self) -> tuple[str, ...]:
        """The challengers; the first training has no model to go on from and always tries the ranking by volatility."""
        if self.model is not None or "volatility" in self.challengers:
            return self.challengers
        return ("volatility", *self.challengers)

    def _seed(self) -> int:
        return zlib.crc32(f"{self.random_state}/{self.n_trainings}".encode())

    def _ranking(self, window: Floats, columns: tuple[int, ...]) -> Floats | None:
        kinds = [FEATURES[self._observer.features[c]].is_volatility for c in columns]
        place = kinds.index(True) if True in kinds else 0
        if not (~np.isnan(window[:, place])).any():
            return None
        return volatility_ranking(window, place, is_volatility=kinds[place])

    def _accept(self, task: Task, result: Trained) -> None:
        parameters = result.parameters
        window = task.observations
        smoothed = self._smooth(window, parameters)
        moments = self._moments(task, parameters, smoothed)
        if self.model is None:
            order = order_states(moments)
        else:
            old = self.model.parameters
            scale = np.nanstd(window, axis=0)
            distance = (((old.means[:, None] - parameters.means[None]) / scale) ** 2).sum(axis=2)
            order = match_states(self._smooth(window, old), smoothed, distance)
        if order != list(range(self.n_states)):
            parameters, smoothed = parameters.reordered(order), smoothed[:, order]
            moments = StateMoments(moments.mean[order], moments.sd[order], moments.weight[order])
        names = name_states(moments) if self.naming is None else check_names(self.naming(moments), self.n_states)
        self._known = list(smoothed)
        if self._evidence is None:
            self._evidence = Evidence.nothing(self.n_states, window.shape[1])
        assert self._time is not None
        self.model = RegimeModel(
            parameters, tuple(names), self._columns(), self._time, result.log_likelihood, result.n_iter, result.converged,
            describe_states(parameters.means, parameters.covars, moments.weight))  # fmt: skip
        self.n_trainings += 1
        self._bars_since = 0
        self.error = None

    def _smooth(self, window: Floats, p: Parameters) -> Floats:
        return smooth_rows(p, self.covariance_type, window)

    def _moments(self, task: Task, p: Parameters, smoothed: Floats) -> StateMoments:
        column = self._observer.features.index("log_return")
        place = self._columns().index(column)
        weight = smoothed.sum(axis=0) + (0.0 if task.memory is None else task.memory.weight)
        tails = 1.0 if p.degrees is None else p.degrees / (p.degrees - 2.0)
        return StateMoments(p.means[:, place], np.sqrt(p.covars[:, place, place] * tails), weight)

    def _advance(self, *, fresh: bool) -> RegimeState:
        assert self.model is not None and self._time is not None
        model, p = self.model, self.model.parameters
        if fresh:
            window = np.array(self._rows)[:, list(model.columns)]
            rows, logs = filter_rows(p, self.covariance_type, window)
            filtered, log_likelihood = rows[-1], float(logs[-1])
        else:
            assert self._filtered is not None
            row = self._rows[-1][list(model.columns)]
            filtered, log_likelihood = step_row(p, self.covariance_type, row, self._filtered)
            self._known.append(filtered)
        self._filtered = filtered
        regimes: dict[str, float] = {}
        for name, probability in zip(model.names, filtered, strict=True):
            regimes[name] = regimes.get(name, 0.0) + float(probability)
        before = self.state
        if self._persistence.hysteresis == 0.0 and self._persistence.min_duration == 1:
            regime = model.names[int(np.argmax(filtered))]
        else:
            regime = self._persistence.choose(
                regimes, None if before is None else before.regime, 0 if before is None else before.duration
            )
        state = max((k for k in range(self.n_states) if model.names[k] == regime), key=lambda k: float(filtered[k]))
        confidence = regimes[regime]
        stay = float(p.transmat[state, state])
        changed = self.state is not None and self.state.regime != regime
        self.state = RegimeState(
            time=self._time,
            regime=regime,
            state=state,
            probabilities=tuple(float(v) for v in filtered),
            names=model.names,
            confidence=min(confidence, 1.0),
            duration=1 if changed or self.state is None else self.state.duration + 1,
            expected_duration=1.0 / (1.0 - stay) if stay < 1.0 else math.inf,
            log_likelihood=log_likelihood,
            trained_at=model.trained_at,
            changed=changed,
            error="" if self.error is None else self.error.text,
            notes=model.notes,
        )
        return self.state

    def to_dict(self) -> dict[str, Any]:
        """Everything that the detector knows, as what JSON can hold: `from_dict` goes on from it without a different number.

        Raises
        ------
        ParameterError
            `retrain` or `naming` is a function of your own, which no file can hold, or a training is pending.
        """
        from hidden_regime import detector_state

        return detector_state.to_dict(self)

    @classmethod
    def from_dict(cls, content: dict[str, Any]) -> Self:
        """Detector in the middle of its stream.

        Raises
        ------
        SavedModelError
            Damaged, of another class, or of a newer version.
        """
        from hidden_regime import detector_state

        return detector_state.from_dict(cls, content)

    def run(self, frame: pd.DataFrame) -> pd.DataFrame:
        """Regimes of every bar of a frame, from scratch.

        Parameters
        ----------
        frame : DataFrame
            A row a bar, indexed by the time when it ended, with a column `close` and, where known, `open`, `high`, `low`
            and `volume`, in either case of letters.

        Returns
        -------
        DataFrame
            By the same index: regime, state, confidence, prob_0 to prob_{n_states - 1} of the states, prob_Bear and so on of
            the regimes, duration, expected_duration, log_likelihood, trained_at, changed, error. Rows before the
            first training hold no regime.

        Raises
        ------
        TrainingError
            No training succeeded: the first error.
        """
        from hidden_regime.frames import frame_to_bars

        self.reset()
        states = [self.update(bar) for bar in frame_to_bars(frame)]
        if self.model is None:
            raise self.error or TrainingError(
                f"{len(frame)} bars can't fill the window: expected more than {self.min_bars or self.lookback}. "
                "Give more bars, a smaller lookback, or min_bars."
            )
        return states_to_frame(states, frame.index, self.n_states)
