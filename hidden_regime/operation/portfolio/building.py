"""From results to weights."""

from __future__ import annotations

import math
from collections.abc import Sequence
from functools import partial
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt

from hidden_regime.exceptions import ParameterError, StudyError
from hidden_regime.experiments.checks import number, whole
from hidden_regime.experiments.comparison.days import common_days, trouble_with
from hidden_regime.experiments.honesty import sharpe_difference_bootstrap
from hidden_regime.experiments.result import Result
from hidden_regime.experiments.sources import is_results, result_of
from hidden_regime.experiments.studies.folder import STUDY
from hidden_regime.experiments.studies.walk_forward_folder import WINDOWS
from hidden_regime.kernels.results import Floats
from hidden_regime.operation.portfolio.covariances import REGIME, SHRUNK, by_regime, check_kind
from hidden_regime.operation.portfolio.market_regimes import MarketRegimes, market_regimes
from hidden_regime.operation.portfolio.optimising import EQUAL, MAX_SHARPE, check_method, equal, optimal_weights, shrunk
from hidden_regime.operation.portfolio.walking import Walk, rebalancings, walk, window_start
from hidden_regime.operation.portfolio.weights import EQUAL_LINE, Weights, line_of
from hidden_regime.regimes.statistics import days_per_year

LOOKBACK, MIN_DAYS, COST = 504, 126, 0.001
DEAR = "a fraction of each dollar that moves, from 0 to below 0.5"


def build_portfolio(
    results: Sequence[Any],
    method: str = "hrp",
    rebalance: str = "monthly",
    *,
    covariance: str = SHRUNK,
    market: Any = None,
    n_states: int = 3,
    lookback: int | None = LOOKBACK,
    min_days: int = MIN_DAYS,
    cost: float = COST,
    n_resamples: int = 2000,
    seed: int = 0,
) -> Weights:
    """Weights of strategies, set anew in each period from the days before it, and what would have come of them.

    Parameters
    ----------
    results : sequence of str, Path, Result or Series
        At least two: folders of walk-forwards, whose days are out of sample, or of backtests whose parameters were not chosen on
        these days; runs; or returns by trading day. A study's folder is refused: its best trial was chosen on its days.
    method : "hrp", "min-vol", "max-sharpe" or "equal"
        See `optimal_weights`.
    rebalance : "monthly", "daily", "weekly" or "quarterly"
        On the first common day of each.
    covariance : "ledoit-wolf" or "regime"
        The latter is conditional on the filtered regimes of `market`; the same method with the former stands beside it.
    market : (n_bars,) DataFrame or Series, optional
        Prices by date, or what `RegimeDetector.run` gave of them.
    n_states : int
        Regimes of the market, where prices are given.
    lookback : int or None
        Days that weights are found of; None: all before.
    min_days : int
        Of common days before the first weights.
    cost : float
        Of each dollar that moves between strategies, as a fraction.
    n_resamples, seed : int
        Of the test against equal weights.

    Returns
    -------
    Weights

    Raises
    ------
    ParameterError
        A value that can't be, or results of days that parameters were chosen on.
    StudyError
        Too few common days, or a result that has no returns.
    MissingDependencyError
        skfolio isn't installed.

    Examples
    --------
    >>> import pandas as pd
    >>> rng, days = np.random.default_rng(0), pd.bdate_range("2020-01-02", periods=400)
    >>> results = [pd.Series(rng.normal(0.0005, size, 400), index=days, name=name) for name, size in (("a", 0.01), ("b", 0.02))]
    >>> weights = build_portfolio(results, "min-vol")
    >>> weights.latest["a"] > 0.7, [line.name for line in weights.lines]
    (True, ['min-vol', 'equal weights', 'a', 'b'])
    """
    check_method(method)
    check_kind(covariance)
    if number("cost", cost, DEAR, low=0.0) >= 0.5:  # of a portfolio that is turned over nothing would be left
        raise ParameterError("cost", cost, DEAR)
    whole("min_days", min_days, "a whole number of days of at least 20", low=20)
    if lookback is not None:
        whole("lookback", lookback, f"a whole number of days of at least min_days ({min_days}), or None", low=min_days)
    known = _regimes(covariance, market, n_states)
    taken = _results(results)
    days, returns = common_days(taken)
    places = rebalancings(days, rebalance, min_days)
    names = [one.name for one in taken]
    walks = {kind: walk(returns, places, lookback, partial(_weigh, method, kind, returns, days, known), cost)
             for kind in ((SHRUNK,) if covariance == SHRUNK or method == EQUAL else (REGIME, SHRUNK))}  # fmt: skip
    same = walk(returns, places, lookback, lambda begin, end: equal(len(names)), cost)
    kind = next(iter(walks))
    latest = _weigh(method, kind, returns, days, known, window_start(len(returns), lookback), len(returns))
    spec = {
        "names": names, "method": method, "covariance": kind if method != EQUAL else None, "rebalance": rebalance,
        "lookback": lookback, "min_days": min_days, "cost": float(cost), "n_resamples": n_resamples, "seed": seed,
        "regimes": None if known is None else list(known.names), "first": str(days[places[0]]), "last": str(days[-1]),
    }  # fmt: skip
    return _told(
        spec, days, returns, places, walks, same, latest, _notes(results, method, known, returns, days, places, lookback)
    )


def _results(given: Sequence[Any]) -> list[Result]:
    if isinstance(given, (str, Path)) or len(given) < 2:
        raise ParameterError("results", given, "at least two results", "One strategy is a portfolio by itself.")
    found = []
    for one in given:
        if isinstance(one, (str, Path)) and not is_results(Path(one)):
            raise ParameterError("results", str(one), "the folder of a walk-forward or of a backtest", "Run it first.")
        if isinstance(one, (str, Path)) and (Path(one) / STUDY).is_file():
            raise ParameterError(
                "results", str(one), "days out of sample, and a study's best trial was chosen on its own",
                "hidden-regime walk-forward gives days out of sample.")  # fmt: skip
        result = result_of(one)
        if trouble := trouble_with(result):
            raise StudyError(f"{result.name} can't be weighed: {trouble}.")
        found.append(result)
    names = [one.name for one in found]
    return [result_of(one, name=_name(names, place)) for place, one in enumerate(found)]


def _name(names: list[str], place: int) -> str:
    """A name that no other has."""
    return names[place] if names.count(names[place]) == 1 else f"{names[place]} ({names[: place + 1].count(names[place])})"


def _regimes(covariance: str, market: Any, n_states: int) -> MarketRegimes | None:
    if covariance == SHRUNK and market is not None:
        raise ParameterError("market", market, f"nothing where the covariance is {SHRUNK}", "Ask for covariance regime.")
    if covariance == SHRUNK:
        return None
    if market is None:
        raise ParameterError("market", market, "prices of a market by date, whose regimes the covariance goes by")
    return market_regimes(market, n_states)


def _weigh(method: str, kind: str, returns: Floats, days: npt.NDArray[np.datetime64], known: MarketRegimes | None, begin: int,
           end: int) -> Floats:  # fmt: skip
    """Weights of the days from `begin` up to, and without, `end`: nothing of a later day is read."""
    past = returns[begin:end]
    if method == EQUAL:
        return equal(past.shape[1])
    return optimal_weights(method, past, _covariance(kind, past, days[begin:end], known))


def _covariance(kind: str, past: Floats, days: npt.NDArray[np.datetime64], known: MarketRegimes | None) -> Floats:
    if kind == SHRUNK or known is None:
        return shrunk(past)
    probabilities, pooled = known.at(days), shrunk(past)
    if not np.isfinite(probabilities[-1]).all():
        return pooled
    return by_regime(past, probabilities, probabilities[-1], pooled)


def _told(spec: dict[str, Any], days: npt.NDArray[np.datetime64], returns: Floats, places: list[int], walks: dict[str, Walk],
          same: Walk, latest: Floats, notes: tuple[str, ...]) -> Weights:  # fmt: skip
    import pandas as pd

    names, method, cost, first = spec["names"], spec["method"], spec["cost"], places[0]
    year = days_per_year(days)
    own = {f"{method}, {kind}" if len(walks) > 1 else method: one for kind, one in walks.items()}
    portfolios = {EQUAL_LINE: same} if method == EQUAL else {**own, EQUAL_LINE: same}
    lines = [line_of(name, one.returns, one.turnover, cost, days_a_year=year) for name, one in portfolios.items()]
    lines += [line_of(name, returns[first:, place], days_a_year=year) for place, name in enumerate(names)]
    columns = {name: one.returns for name, one in portfolios.items()}
    columns |= {name: returns[first:, place] for place, name in enumerate(names)}
    index = pd.DatetimeIndex(days.astype("datetime64[us]"), name="date")
    chosen = next(iter(walks.values()))
    return Weights(
        spec, pd.DataFrame(chosen.weights, index=index[places], columns=names),
        {name: float(value) for name, value in zip(names, latest, strict=True)}, tuple(lines),
        pd.DataFrame(columns, index=index[first:]), {} if method == EQUAL else _difference(chosen, same, spec, year), notes,
    )  # fmt: skip


def _difference(chosen: Walk, same: Walk, spec: dict[str, Any], year: int) -> dict[str, float]:
    if np.allclose(chosen.returns, same.returns, rtol=0.0, atol=1e-15):
        return {"difference": 0.0, "se": 0.0, "low": 0.0, "high": 0.0, "p": 1.0}
    found = sharpe_difference_bootstrap(chosen.returns, same.returns, n_resamples=spec["n_resamples"], seed=spec["seed"])
    told = {name: getattr(found, name) * math.sqrt(year) for name in ("difference", "se", "low", "high")}
    return told | {"p": found.p}


def _notes(results: Sequence[Any], method: str, known: MarketRegimes | None, returns: Floats, days: npt.NDArray[np.datetime64],
           places: list[int], lookback: int | None) -> tuple[str, ...]:  # fmt: skip
    said = []
    folders = [Path(one) for one in results if isinstance(one, (str, Path))]
    if len(folders) < len(results) or not all((folder / WINDOWS).is_file() for folder in folders):
        said.append(
            "Days are out of sample only where parameters were not chosen on them: of walk-forwards that is certain, of the "
            "others nobody but you knows."
        )
    if method == MAX_SHARPE:
        none = sum(not returns[window_start(place, lookback) : place].mean(axis=0).max() > 0.0 for place in places)
        if none:
            said.append(f"At {none} of {len(places)} rebalancings no mean return was above 0: the least variance was held.")
    if known is not None:
        unknown = sum(not np.isfinite(known.at(days[place - 1 : place])).all() for place in places)
        if unknown:
            said.append(f"At {unknown} of {len(places)} rebalancings no regime was known: the covariance of all days was taken.")
    return tuple(said)
