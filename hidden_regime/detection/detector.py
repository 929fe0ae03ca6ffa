"""RegimeDetector: the regimes of one asset, bar by bar."""

from __future__ import annotations

import math
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import replace
from datetime import datetime
from pathlib import Path
from typing import Any, Self

import numpy as np

from hidden_regime.bars.bar import Bar
from hidden_regime.bars.features import DEFAULT_FEATURES
from hidden_regime.bars.frames import are_sound, frame_times, frame_to_bars, frame_to_columns
from hidden_regime.bars.objects import as_bar
from hidden_regime.bars.observer import Observed, Observer, default_rows
from hidden_regime.bars.time_of_day import TimeOfDay
from hidden_regime.detection import forecasting
from hidden_regime.detection.accept import accept
from hidden_regime.detection.advance import advance
from hidden_regime.detection.course import Course
from hidden_regime.detection.histories import expect_later, expect_trained, warn_of_starting_over
from hidden_regime.detection.options import options_of
from hidden_regime.detection.past import past_of, take
from hidden_regime.detection.prepare import prepare
from hidden_regime.detection.relabelling import relabel
from hidden_regime.detection.schedule import Frequency, Schedule
from hidden_regime.detection.step import Offer, step_alone
from hidden_regime.exceptions import (
    ParameterError,
    TrainingError,
)
from hidden_regime.guards import Turns, fix, option_defaults
from hidden_regime.kernels.results import Floats
from hidden_regime.models.ordering import OrderBy, check_permutation
from hidden_regime.models.training import Task, Trained, train
from hidden_regime.regimes.bar_paths import BarPaths
from hidden_regime.regimes.density import ReturnForecast
from hidden_regime.regimes.naming import NamingRule, regime_names
from hidden_regime.regimes.state import RegimeModel, RegimeState
from hidden_regime.regimes.table import StateTable


class RegimeDetector:
    """Regimes of one asset, point in time.

    Each bar becomes an observation. The last `lookback` of them train a hidden Markov model when the schedule says so;
    between trainings every bar costs one filter step. A value depends on bars up to its own only: `update` one at a time
    and `run` over a frame give the same numbers bit for bit, and more bars never change an earlier value.

    A filter step, with the transition matrix A and the density f_k of an observation x in state k (Hamilton 1989)::

        predicted = filtered_before @ A
        filtered_k = predicted_k f_k(x) / sum_j predicted_j f_j(x)

    `hidden_regime.kernels.reference` has it in plain NumPy.

    Parameters
    ----------
    n_states : int
        Number of regimes: 2 are Bear and Bull, 3 Bear, Sideways and Bull, from 4 on one is Crisis.
    lookback : int
        Observations in the training window.
    retrain : str, int or callable
        "never", "daily", "weekly", "monthly", "quarterly", a number of bars, "adaptive" (when the model no longer fits), or a
        callable of (now, trained_at): see `hidden_regime.detection.schedule.Schedule`.
    stagger : str, optional
        Name of the asset: assets of different names train on different days of a period. None: all together.
    min_bars : int, optional
        Train from this many observations on; default: as soon as the window is full.
    features : "auto" or sequence of str, Feature or Column
        Keys of `hidden_regime.bars.features.FEATURES`, functions of the latest bars of your own, columns of the frame. "auto"
        takes log return and log range, and leaves the range out where most bars of the first window have none. Regimes are named
        by the log return, whether it is among the features or not.
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
    challenge_every : int
        Bars between two trainings that try the challengers; those between only go on from the model in use, which costs
        a fraction: trained on each bar, that finds as much as monthly trainings which all try them.
    margin : float
        Nats by which a challenger must beat the model that goes on.
    random_state : int
        Seed of the challengers.
    naming : callable, optional
        Own rule: from `StateMoments` to a name for each state.
    order_by : "mean", "volatility", "share", name of a feature, or callable, optional
        Which state comes first, at every training: that of low mean return, of low volatility of returns, that which holds most
        of the time, that of low mean of the feature, or of a low key, which your function of the `Parameters` gives for each.
        Default: states keep their places from training to training, see `relabel`. Names and regimes are the same either way.
    emission : "gaussian" or "student_t"
        Density that is trained, a name in `hidden_regime.models.emissions.EMISSIONS`; a Student-t takes ten times as long.
    filter_degrees : float, optional
        Degrees of freedom, above 2, of the Student-t that bars are filtered by, with the means and covariances that a Gaussian
        training found: a wild day is a rare day of its regime then, and no reason to call another one. None filters by what
        was trained. A trained Student-t has degrees of its own.
    hysteresis : float
        Lead in probability that another regime must have over the present one before it is called.
    min_duration : int
        Bars that a regime lasts at least.
    time_of_day : bool
        For bars within days: take out what is usual at their time of day, known from earlier days only, in the time that the
        bars are given in. Without it, the wild hours after the open and before the close are another regime every day. The first
        five days are no observations. What is said of returns and densities is of an average time of day then.

    Attributes
    ----------
    state : RegimeState or None
        After the latest bar; None before the first training.
    model : RegimeModel or None
        In use; None before the first training.
    n_trainings : int
        How many trainings came into use.
    error : TrainingError or None
        Why the last training failed; the last good model stays in use.
    course : Course
        All that it knows, as plain fields: window, posteriors, evidence, model, state.

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
        stagger: str | None = None,
        min_bars: int | None = None,
        features: str | Sequence[Observed] = "auto",
        covariance_type: str = "diag",
        n_iter: int = 100,
        tol: float = 1e-3,
        min_covar: float = 1e-3,
        stay_duration: float = 100.0,
        stay_weight: float = 100.0,
        memory: float = 252.0,
        challengers: Sequence[str] = ("volatility",),
        challenge_every: int = 15,
        margin: float = 2.0,
        random_state: int = 0,
        naming: NamingRule | None = None,
        order_by: OrderBy = None,
        emission: str = "gaussian",
        filter_degrees: float | None = 6.0,
        hysteresis: float = 0.2,
        min_duration: int = 1,
        time_of_day: bool = False,
    ) -> None:
        self.n_states, self.lookback, self.retrain, self.min_bars = n_states, lookback, retrain, min_bars
        self.stagger = stagger
        self.features = features if isinstance(features, str) or not isinstance(features, Iterable) else tuple(features)
        self.covariance_type = covariance_type
        self.n_iter, self.tol, self.min_covar = n_iter, tol, min_covar
        self.stay_duration, self.stay_weight, self.memory = stay_duration, stay_weight, memory
        self.challengers, self.challenge_every, self.margin = tuple(challengers), challenge_every, margin
        self.random_state, self.naming, self.order_by = random_state, naming, order_by
        self.emission, self.filter_degrees = emission, filter_degrees
        self.hysteresis, self.min_duration, self.time_of_day = hysteresis, min_duration, time_of_day
        self._options = options_of(self)
        self._turn = Turns()
        self.reset()
        self._is_made = True

    def reset(self) -> None:
        """Forget every bar and model."""
        features = self._options.features
        self._observer = Observer(features)
        self.clock = TimeOfDay(len(features), self._options.return_place) if self.time_of_day else None
        self.course_as_is = Course.begin(self._options)
        self._half = False
        self._called: tuple[str, ...] = ()

    tape: Any = None
    """Where its next answer comes from or is recorded: see `hidden_regime.detection.recorded`."""
    is_playing = False
    """Whether answers come from there."""

    @property
    def course(self) -> Course:
        """All that it knows, as plain fields; `course_as_is` may have its numbers on a slate, see `Course`."""
        with self._turn:  # not while the kernels write its numbers
            return self.course_as_is.open()

    @property
    def state(self) -> RegimeState | None:
        """After the latest bar; None before the first training."""
        return self.course_as_is.state

    @property
    def model(self) -> RegimeModel | None:
        """The model in use; None before the first training."""
        with self._turn:
            return self.course_as_is.model_now

    @property
    def n_trainings(self) -> int:
        """How many trainings came into use."""
        return self.course_as_is.n_trainings_now

    @property
    def error(self) -> TrainingError | None:
        """Why the last training failed; None if it didn't."""
        return self.course_as_is.error

    @property
    def evidence_of_regimes(self) -> float:
        """Nats by which regimes explain the bars better than one volatility that moves would: above 5 there are regimes, see
        `hidden_regime.models.presence`. The largest answer after 504, 1,008, 2,016, ... bars; NaN before."""
        return self.course_as_is.doubt.nats

    @property
    def latest_bar(self) -> Bar | None:
        """The latest bar taken, in the prices of now: a split since then has corrected it."""
        return self._observer.latest

    @property
    def options(self) -> dict[str, Any]:
        """What the detector was made with, by name."""
        return {name: getattr(self, name) for name in option_defaults(type(self))}

    @property
    def expected_moments(self) -> tuple[float, float]:
        """Mean and standard deviation of a bar's log return in the state of now, under the model of now; NaN without one."""
        return (math.nan, math.nan) if self.state is None else self.course_as_is.return_moments(self.state.state)

    def forecast(self, steps: int = 1) -> ReturnForecast:
        """Density of the next bars' returns, by all that is known now: `hidden_regime.detection.forecasting` says of what.

        Examples
        --------
        >>> from hidden_regime import load_dataset
        >>> detector = RegimeDetector(2)
        >>> states = detector.run(load_dataset("sp500").iloc[:400])
        >>> detector.forecast(5).quantile(0.05).shape
        (5,)
        """
        with self._turn:
            self._expect_bar()
            return forecasting.forecast(self.course, steps)

    def simulate(
        self, steps: int, n_paths: int = 1, random_state: Any = None, *, night: float | None = None, moving_scale: bool = True
    ) -> BarPaths:
        """Bars that may follow the latest one: `hidden_regime.detection.forecasting` says how they are drawn."""
        with self._turn:
            self._expect_bar()
            close = 100.0 if self.latest_bar is None else self.latest_bar.close
            return forecasting.simulate(
                self.course, steps, n_paths, random_state, close=close, night=night, moving_scale=moving_scale
            )

    @property
    def prior_shares(self) -> Floats:
        """How much of each state's `expected_duration` is the prior: stay_weight over it and the bars that the window has of the
        state, (n_states,); NaN without a model. Near 1 it says `stay_duration` and hardly anything of the market."""
        if self.model is None:
            return np.full(int(self.n_states), np.nan)
        seen = self.course.posteriors.latest(self.lookback).sum(axis=0)
        return np.asarray(self.stay_weight / np.maximum(self.stay_weight + seen, 1e-300))

    def __repr__(self) -> str:
        usual = option_defaults(type(self))
        changed = {name: value for name, value in self.options.items() if value != usual[name]}
        known = "" if self.state is None else f" {self.state.regime} ({self.state.confidence:.0%}) at {self.state.time:%Y-%m-%d}"
        return f"{type(self).__name__}({', '.join(f'{k}={v!r}' for k, v in changed.items())}){known and ':'}{known}"

    def _repr_html_(self) -> str:
        """What a notebook shows."""
        from hidden_regime.display import facts

        if self.state is None or self.model is None:
            return facts(f"{type(self).__name__}: no regime yet", self.options)
        return self.state._repr_html_() + self.model.to_html(self._options.names, self.prior_shares)

    @property
    def observers(self) -> dict[str, Observer]:
        """What turns bars into observations, by asset where there are several."""
        return {"": self._observer}

    def resume(self, course: Course, observers: dict[str, Observer], time_of_day: Any = None) -> None:
        """Go on from where a detector with equal options stood.

        Parameters
        ----------
        course : Course
        observers : dict of str to Observer
        time_of_day : dict, optional
            What its `clock.to_dict()` gave, where it has one.
        """
        self.course_as_is = course
        if self.clock is not None:
            self.clock.restore(time_of_day)
        self._observe_with(observers)

    def _observe_with(self, observers: dict[str, Observer]) -> None:
        self._observer = observers[""]

    def relabel(self, order: Sequence[int]) -> Self:
        """Put the states in another order; later trainings, and what is saved, keep it.

        Parameters
        ----------
        order : sequence of int
            Each state once: element i is the state, by its place of now, that comes in place i.

        Raises
        ------
        ParameterError
            Not each state once, or a detector with `order_by`, which would put them back.

        Examples
        --------
        >>> from hidden_regime import RegimeDetector, load_dataset
        >>> detector = RegimeDetector(2, lookback=120)
        >>> states = detector.run(load_dataset("sp500").iloc[:200])
        >>> before = detector.state.probabilities
        >>> detector.relabel([1, 0]).state.probabilities == before[::-1]
        True
        """
        with self._turn:
            self._expect_bar()
            if self.order_by is not None:
                raise ParameterError(
                    "order", list(order), f"none, for order_by = {self.order_by!r} decides", "Use either of them."
                )
            relabel(self.course, check_permutation(order, int(self.n_states)))
        return self

    def rescale(self, factor: float) -> None:
        """Correct the bars kept for a split in raw prices: multiply the prices before it by `factor`."""
        self._observer.rescale(factor)

    def clone(self, **changes: Any) -> Self:
        """A fresh detector with the same options, but for the changes."""
        return type(self)(**self.options | changes)

    def set_schedule(self, retrain: Frequency) -> None:
        """Retrain by another schedule from now on."""
        self._options = replace(self._options, schedule=Schedule(retrain, stagger=self.stagger))
        self.course.options = self._options
        vars(self)["retrain"] = retrain

    def update(self, bar: Any) -> RegimeState | None:
        """Take the next bar; train if the schedule says so.

        Parameters
        ----------
        bar : Bar, or a row, mapping or bar of LEAN's
            Of a row the name is its time, of a mapping `time`, `end_time` or `Date`. A `Bar` costs least.

        Returns
        -------
        RegimeState or None
            None until the first training.
        """
        with self._turn:
            if type(self).observe is not RegimeDetector.observe:  # a class of one's own, that sees bars in its own way
                return self.adopt(train([self.prepare()])[0] if self.observe(bar) else None)
            state = step_alone(self.course_as_is, self.offer(bar))
            if self.course_as_is.look is not None:
                self.mend()
            return state

    def push(self, bar: Any) -> Task | None:
        """First half of `update`: take a bar and say what must be trained. `adopt` must follow before the next bar."""
        with self._turn:
            task = self.prepare() if self.observe(bar) else None
            self._half = self.model is not None  # without one there is nothing to filter
            return task

    def observe(self, bar: Any) -> bool:
        """Take a bar; whether a training is due, which `prepare` (here, or of `hidden_regime.detection` for many) then makes."""
        due = self.course.take(*self.offer(bar))
        self.mend()
        return due

    def offer(self, bar: Any) -> Offer:
        """What a bar is to the steps of `hidden_regime.detection.step`; one of them must take it before the next."""
        if self._half or self.course_as_is.pending is not None:
            self._expect_bar()
        if not isinstance(bar, Bar):
            bar = as_bar(bar, self._observer.columns)
        time, row = bar.end_time, self._observer.values(bar)
        if self.clock is None or row is None:
            return Offer(time, row)
        return Offer(time, self.clock.adjust(time, row), float(row[self._options.return_place]))

    def walk(self, frame: Any) -> Iterator[Offer]:
        """The bars of a frame as `offer` has them, each when the one before it was taken."""
        for bar in frame_to_bars(frame, self._observer.columns):
            yield self.offer(bar)

    def history(self, frame: Any) -> tuple[Sequence[datetime], Floats] | None:
        """Times and observations (n_bars, n_features) of the bars of a frame, made at once; each sees no later bar.

        None where that can't be: other features than the default ones, a class that sees bars in its own way, bars that can't be.
        """
        columns, kind = frame_to_columns(frame), type(self)
        plain = kind.observe is RegimeDetector.observe and kind.offer is RegimeDetector.offer and self.clock is None
        if not (plain and self._options.names == DEFAULT_FEATURES and are_sound(columns)):
            return None
        self._observer.see(frame_to_bars(frame.iloc[-2:]))  # what it needs to go on from here
        return frame_times(frame), default_rows(*columns[:4])

    def prepare(self) -> Task:
        """The training that the latest bar is due for."""
        return prepare([self.course])[0]

    def _expect_bar(self) -> None:
        if self._half:
            raise TrainingError("push: the bar before is only half taken; call adopt with its training's result, or None, first.")
        if self.course_as_is.pending is not None:
            raise TrainingError("push: the bar before asked for a training; call adopt with its result first.")

    def mend(self) -> None:
        """Keep the bars as what was found at the newest says."""
        found = self.course_as_is.look
        if found is not None:
            self._observer.mend(found.factor, found.leaves_out)

    def adopt(self, result: Trained | TrainingError | None) -> RegimeState | None:
        """Second half of `update`: take the training's result (None where none was asked for) and filter the bar."""
        self._half = False
        return advance([self.course], accept([self.course], [result]))[0]

    def to_dict(self) -> dict[str, Any]:
        """Everything that the detector knows, as what JSON can hold: `from_dict` goes on from it without a different number.
        Of functions of your own it has the names alone.

        Raises
        ------
        ParameterError
            A training is pending.
        """
        from hidden_regime.detection import saving

        return saving.to_dict(self)

    @classmethod
    def from_dict(cls, content: dict[str, Any], like: RegimeDetector | None = None) -> Self:
        """Detector in the middle of its stream.

        Parameters
        ----------
        content : dict
            What `to_dict` gave.
        like : RegimeDetector, optional
            One that was made with the functions of your own (`naming`, `retrain`, `features`), which no file can hold.

        Raises
        ------
        SavedModelError
            Damaged, of another class, or of a newer version; or `like` is missing, or has other functions.
        """
        from hidden_regime.detection import saving

        return saving.from_dict(cls, content, like)

    def run(self, frame: Any) -> Any:
        """Regimes of every bar, from scratch: what the detector knew is forgotten. `extend` goes on instead.

        Parameters
        ----------
        frame : DataFrame
            A row a bar, indexed by the time when it ended, with a column `close` and, where known, `open`, `high`, `low`
            and `volume`, in either case of letters. Or what LEAN and QuantBook give: a frame by symbol and time, a series of
            closes, closes with a column for each symbol, a list of bars; or a mapping of assets to any of these.

        Returns
        -------
        DataFrame, or StatesByAsset of DataFrame
            By the same index: regime, state, confidence, prob_0 to prob_{n_states - 1} of the states, prob_Bear and so on of
            the regimes, duration, expected_duration, log_likelihood, trained_at, changed, error. Rows before the
            first training hold no regime.

            Of several assets, or of a mapping, such a frame for each, by its symbol or ticker: a clone of this detector runs
            over each, this one keeps no bar, and an asset's failure is its own, in `errors`.

        Raises
        ------
        TrainingError
            No training succeeded: the first error.
        """
        from hidden_regime.bars.prices import read_prices

        prices = read_prices(frame, "frame")
        with self._turn:
            if not prices.is_one:
                self.reset()
                from hidden_regime.detection.several import run_prices

                return run_prices(prices, self)
            one = prices.one("frame")[1]
            warn_of_starting_over(self.course_as_is, one.index, stacklevel=2)
            self.reset()
            past = past_of(self, one)
            take([past])
            self.mend()
            if past.error is not None:
                raise past.error
            states = self._framed(past.table, one.index)
            expect_trained(self.course_as_is, states.index)
            return states

    def extend(self, frame: Any) -> Any:
        """Regimes of further bars, from where the detector stands: a run over a frame in pieces gives the rows of one over all.

        Parameters
        ----------
        frame : DataFrame
            Later bars of the same asset, in any form that `run` takes.

        Returns
        -------
        DataFrame
            By the same index, with the columns that `run` gives. Rows before the first training hold no regime.

        Raises
        ------
        DataError
            Bars that can't be, or that aren't later than those taken: no bar is taken then.

        Examples
        --------
        >>> from hidden_regime import RegimeDetector, load_dataset
        >>> frame = load_dataset("sp500").iloc[:400]
        >>> detector = RegimeDetector()
        >>> first = detector.run(frame.iloc[:300])
        >>> detector.extend(frame.iloc[300:]).equals(RegimeDetector().run(frame).iloc[300:])
        True
        """
        from hidden_regime.bars.prices import read_prices

        one = read_prices(frame, "frame").one("frame")[1]
        bars = list(frame_to_bars(one, self._observer.columns))
        for bar in bars:
            bar.check()
        with self._turn:
            expect_later(self.course, one.index)
            return self._follow(one.index, bars)

    def _follow(self, index: Any, bars: Iterable[Any]) -> Any:
        """States of some bars, by their times, in a frame that has the names of before."""
        table = StateTable(int(self.n_states))
        for bar in bars:
            table.add(self.update(bar))
        return self._framed(table, index)

    def _framed(self, table: StateTable, index: Any) -> Any:
        usual = regime_names(int(self.n_states)) if self.naming is None else ()
        self._called = tuple(dict.fromkeys([*usual, *self._called, *table.names]))
        return table.frame(index, self._called)

    def save(self, path: str | Path) -> None:
        """Write the detector in the middle of its stream to a file: a checksum and a line of JSON; no pickle.

        Raises
        ------
        ParameterError
            As `to_dict`.
        """
        from hidden_regime.detection import saving

        saving.save(self, path)

    @classmethod
    def load(cls, path: str | Path, like: RegimeDetector | None = None) -> Self:
        """Detector that `save` wrote; it goes on without a different number. `like` and errors as of `from_dict`."""
        from hidden_regime.detection import saving

        return saving.load(cls, path, like)


fix(RegimeDetector, list(option_defaults(RegimeDetector)))
