"""A learned model in an algorithm: watches assets, predicts after each bar, and says what to hold."""

from __future__ import annotations

import math
from datetime import datetime, time
from typing import Any, NamedTuple

from hidden_regime.exceptions import ParameterError, StrategyError
from hidden_regime.quantconnect._lean import SecurityType
from hidden_regime.quantconnect.feeding import Feeder
from hidden_regime.quantconnect.learned.column import Column
from hidden_regime.quantconnect.learned.predictor import predict_row
from hidden_regime.quantconnect.learned.rows import Rows
from hidden_regime.quantconnect.learned.sizing import DrawdownStop
from hidden_regime.quantconnect.learned.text import StrategyModel
from hidden_regime.quantconnect.tracking import Tracked, Tracker, ticker_of
from hidden_regime.regimes.statistics import EVERY_DAY, TRADING_DAYS

VOLATILITY = Column("volatility", 20)
LATE = 10
"""Days after its origin at which an asset's history may begin."""


class Prediction(NamedTuple):
    """What is predicted of an asset after its latest bar.

    Attributes
    ----------
    time : datetime
        End of that bar.
    probability : float
        That the label is 1.
    mean, sd : float
        Of the return over the label's life; NaN of models of probabilities alone.
    """

    time: datetime
    probability: float
    mean: float
    sd: float


class LearnedModel:
    """A model that `load_model` found, or the alarm that it wasn't there: then it holds nothing.

    Parameters
    ----------
    algorithm : HiddenRegimeAlgorithm
    model : StrategyModel or None
    problem : str
        Why there is none.

    Attributes
    ----------
    problem : str
        Empty while all is well.
    """

    def __init__(self, algorithm: Any, model: StrategyModel | None, problem: str = "") -> None:
        self.algorithm, self.model, self.problem = algorithm, model, ""
        self._watched: dict[str, tuple[Tracked, Rows]] = {}
        self._found: dict[str, Prediction] = {}
        self._seen: Any = None
        self._stopped = False
        self._feeder: Feeder | None = vars(algorithm).get("_hr_feeder")
        if self._feeder is None:
            raise StrategyError("load_model: expected an algorithm that derives from HiddenRegimeAlgorithm.")
        if model is None:
            self._alarm(problem)
            return
        extra = [VOLATILITY, *([Column("sma-gap", model.sizing.trend)] if model.sizing.trend else [])]
        self._columns = (*model.columns, *(one for one in extra if one not in model.columns))
        self._stop = DrawdownStop(model.sizing.drawdown_stop, model.sizing.pause)

    def _alarm(self, problem: str) -> None:
        """Say what is wrong where users look, once; nothing is held from then on."""
        self.problem = problem
        self.algorithm.error(f"hidden_regime: {problem} Nothing is held.")
        hook = getattr(self.algorithm, "on_model_alarm", None)
        if callable(hook):
            hook(problem)

    @property
    def _tracker(self) -> Tracker:
        assert self._feeder is not None
        return self._feeder.tracker

    def watch(self, ticker: Any) -> None:
        """Predict an asset from now on: its history is read from the model's origin, so that columns are those of its training.

        It sets up the detector that the columns need, too: `get_regime_signal` and so on know the asset then.

        Parameters
        ----------
        ticker : str or Symbol
            An asset that is subscribed, and that isn't watched yet.

        Raises
        ------
        ParameterError
        """
        model = self.model
        if model is None or self.problem:
            return
        assert self._feeder is not None
        rows = Rows(self._columns)
        options = {name: tuple(value) if isinstance(value, list) else value for name, value in model.regimes.items()}
        self._feeder.watch(ticker, options, rows=rows, origin=datetime.combine(model.origin, time()))
        name = ticker_of(ticker)
        tracked = self._tracker.assets[name]
        if isinstance(tracked.rows, Rows) and tracked.rows.columns == rows.columns:
            rows = tracked.rows  # those of an asset that a universe chose again go on
        self._watched[name] = tracked, rows
        if not rows.bars or (rows.bars[0].end_time.date() - model.origin).days > LATE:
            first = f"{rows.bars[0].end_time:%Y-%m-%d}" if rows.bars else "no day"
            self.algorithm.log(
                f"hidden_regime: {name}: history begins on {first}, and the model {model.name!r} was trained from {model.origin} "
                "on: columns that remember long, and regimes, may differ from its training's."
            )
        if self.algorithm.time.date() <= model.trained_until:
            self.algorithm.log(
                f"hidden_regime: the model {model.name!r} was trained on days until {model.trained_until}: what it earns before "
                "says nothing."
            )

    def _found_of(self, ticker: Any) -> tuple[Tracked, Rows] | None:
        """What is known of an asset, up to date; None without a model."""
        name = ticker_of(ticker)
        if self.problem:
            return None
        if name not in self._watched:
            raise ParameterError("ticker", name, f"one of {sorted(self._watched)}", "Call watch for it in initialize.")
        self._tracker.flush()
        return self._watched[name]

    def row(self, ticker: Any) -> dict[str, float]:
        """Columns after the latest bar, by name; NaN where one isn't known yet. Empty without a model."""
        known = self._found_of(ticker)
        if known is None:
            return {}
        tracked, rows = known
        values = rows.row(tracked.states)
        return {one.name: value for one, value in zip(self._columns, values, strict=True)}

    def prediction(self, ticker: Any) -> Prediction | None:
        """After the latest bar; None while a column isn't known, or without a model."""
        known = self._found_of(ticker)
        if known is None or self.model is None or not known[1].bars:
            return None
        tracked, rows = known
        when = rows.bars[-1].end_time
        last = self._found.get(tracked.ticker)
        if last is not None and last.time == when:
            return last
        row = rows.row(tracked.states)[: len(self.model.columns)]
        if not all(math.isfinite(value) for value in row):
            return None
        found = Prediction(when, *predict_row(self.model.predictor, row))
        if not 0.0 <= found.probability <= 1.0:
            self._alarm(f"the model {self.model.name!r} says {found.probability} of {tracked.ticker} at {when}.")
            return None
        self._found[tracked.ticker] = found
        return found

    def is_ready(self, ticker: Any) -> bool:
        """Whether there is a prediction of an asset."""
        return self.prediction(ticker) is not None

    def allocation(self, ticker: Any) -> float:
        """Share of the portfolio to hold of an asset: 0 without a prediction, or while the account's drawdown stops all."""
        found = self.prediction(ticker)
        if self.model is None or self.problem or found is None:
            return 0.0
        if self.is_stopped:
            return 0.0
        row, sizing = self.row(ticker), self.model.sizing
        gap = row[Column("sma-gap", sizing.trend).name] if sizing.trend else math.nan
        kind = self.algorithm.securities[self._watched[ticker_of(ticker)][0].symbol].type
        return sizing.share(
            found.probability, found.mean, found.sd, volatility=row[VOLATILITY.name], gap=gap,
            days_a_year=EVERY_DAY if kind == SecurityType.CRYPTO else TRADING_DAYS,
        )  # fmt: skip

    @property
    def is_stopped(self) -> bool:
        """Whether the account has lost too much of its peak, as its sizing says; looked at once in each bar."""
        if self.model is None:
            return True
        now = self.algorithm.time
        if now != self._seen:
            self._seen = now
            self._stopped = self._stop.take(float(self.algorithm.portfolio.total_portfolio_value))
        return self._stopped
