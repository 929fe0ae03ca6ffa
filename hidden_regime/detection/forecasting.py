"""What a detector expects of the bars to come: densities of their returns, and bars that may be."""

from __future__ import annotations

import numpy as np

from hidden_regime.detection.course import Course
from hidden_regime.exceptions import ParameterError, not_fitted
from hidden_regime.kernels.results import Floats
from hidden_regime.models.chain import sample_paths
from hidden_regime.models.parameters import Parameters
from hidden_regime.regimes.bar_paths import BarPaths, bar_paths
from hidden_regime.regimes.density import ReturnForecast, forecast_returns
from hidden_regime.regimes.return_paths import ReturnPaths
from hidden_regime.regimes.state import RegimeModel

MOST_NIGHT = 0.9
"""Of the variance of a return, what the night is taken for at most where ranges say how much they miss."""


def forecast(course: Course, steps: int = 1) -> ReturnForecast:
    """Predictive density of the next bars' returns, by all that is known after the latest one.

    `forecast_returns` has the formula. Its scale comes from the log ranges of the last `lookback` bars where log_range is
    observed, and from their squared returns otherwise. With `time_of_day` it is of bars at an average time of day; of a
    `MarketDetector` it is of the mean of the assets' returns.

    Raises
    ------
    NotFittedError
        Before the first training.
    ParameterError
        steps is no number of bars.
    """
    model, filtered = _known(course)
    place, at = course.options.return_place, _range_place(course)
    window = course.rows.latest(course.options.lookback)
    means, sds = model.return_moments(place)
    return forecast_returns(
        window[:, place], None if at is None else window[:, at], means, sds, filtered, model.parameters.transmat, steps,
        names=model.names,
    )  # fmt: skip


def simulate(
    course: Course,
    steps: int,
    n_paths: int = 1,
    random_state: int | np.random.Generator | None = None,
    *,
    close: float = 100.0,
    night: float | None = None,
    moving_scale: bool = True,
) -> BarPaths:
    """Bars that may follow the latest one: regimes from now on, returns in them, and open, high and low around those.

    With `moving_scale` returns are those of `forecast(steps)`, which begin as wild as the market is now, and ranges follow them
    as they did in the window (`return_paths`). Without, a state's bars are independent and have the moments that the model was
    trained to, of returns and log ranges together: what a detector should find again. `bar_paths` makes bars of both.

    Parameters
    ----------
    course : Course
    steps : int
        Bars of each path.
    n_paths : int
    random_state : int or Generator, optional
        None, the default, draws others at each call.
    close : float
        Price before the first bar.
    night : float, optional
        Share of the returns' variance that comes between a close and the next open, from 0, and below 1. Default: what the
        ranges of the window didn't see of its squared returns, 1 - sum exp(2 log_range) / sum return^2; 0 without ranges.
    moving_scale : bool

    Raises
    ------
    NotFittedError
        Before the first training.
    ParameterError
        A number outside its limits.

    Notes
    -----
    With `time_of_day` all bars are at an average time of day. Of a `MarketDetector` the bars are of an index of the assets'
    mean returns that begins at 100, with ranges as wide as those of one asset.

    Examples
    --------
    >>> from hidden_regime import RegimeDetector, load_dataset
    >>> detector = RegimeDetector(2)
    >>> states = detector.run(load_dataset("sp500").iloc[:400])
    >>> paths = detector.simulate(252, 100, random_state=0)
    >>> paths
    <BarPaths: 100 of 252 bars in 2 states, after 2000-08-02 00:00:00>
    >>> paths.frame(3).columns.tolist()
    ['open', 'high', 'low', 'close', 'regime']
    """
    model, filtered = _known(course)
    for name, count in (("steps", steps), ("n_paths", n_paths)):
        if isinstance(count, bool) or not isinstance(count, (int, np.integer)) or count < 1:
            raise ParameterError(name, count, "an integer of at least 1")
    if night is not None and not 0.0 <= night < 1.0:
        raise ParameterError("night", night, "a share from 0, and below 1")
    rng = np.random.default_rng(random_state)
    if moving_scale:
        paths = forecast(course, int(steps)).draw(int(n_paths), rng)
    else:
        paths = _as_trained(course, model, filtered, int(steps), int(n_paths), rng)
    share = _night(course) if night is None else float(night)
    return bar_paths(paths, close, share, rng, names=model.names, time=course.time)


def _known(course: Course) -> tuple[RegimeModel, Floats]:
    """Model and filtered probabilities of now."""
    if course.model is not None and course.filtered is not None:
        return course.model, course.filtered
    if course.error is not None:
        raise not_fitted(f"this detector has no model yet, for its training failed: {course.error.text}")
    raise not_fitted(
        f"this detector has no model yet: it has {len(course.rows)} observations, and trains at {course.options.least_bars}. "
        "Give it more bars first, by run(frame), extend(frame) or update(bar)."
    )


def _range_place(course: Course) -> int | None:
    names = course.options.names
    return names.index("log_range") if "log_range" in names else None


def _night(course: Course) -> float:
    at = _range_place(course)
    if at is None:
        return 0.0
    window = course.rows.latest(course.options.lookback)
    returns, log_ranges = window[:, course.options.return_place], window[:, at]
    both = np.isfinite(returns) & np.isfinite(log_ranges)
    moved = float((returns[both] ** 2).sum())
    if 2 * both.sum() <= len(window) or moved == 0.0:
        return 0.0
    return min(max(1.0 - float(np.exp(2.0 * log_ranges[both]).sum()) / moved, 0.0), MOST_NIGHT)


def _as_trained(
    course: Course, model: RegimeModel, filtered: Floats, steps: int, n_paths: int, rng: np.random.Generator
) -> ReturnPaths:
    """Paths of the trained density. The tails that bars are filtered by alone aren't what any bars were found to have."""
    p, place, at = model.parameters, course.options.return_place, _range_place(course)
    if course.options.emission == "gaussian" and p.degrees is not None:
        p = Parameters(p.startprob, p.transmat, p.means, p.covars * p.tails[:, None, None])
    x, states = sample_paths(p.but(startprob=filtered @ p.transmat), n_paths, steps, rng)
    means, sds = model.return_moments(place)
    if model.returns is None:
        returns = x[..., model.columns.index(place)]
    else:
        returns = means[states] + sds[states] * rng.standard_normal(states.shape)
    log_ranges = x[..., model.columns.index(at)] if at is not None and at in model.columns else None
    return ReturnPaths(returns, states, sds[states], log_ranges)
