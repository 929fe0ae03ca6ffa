"""Through time: weights at each rebalancing from the days before it, and what was earned with them."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime

import numpy as np
import numpy.typing as npt

from hidden_regime.detection.schedule import PERIODS
from hidden_regime.exceptions import ParameterError, StudyError
from hidden_regime.kernels.results import Floats

Weigh = Callable[[int, int], Floats]
"""Weights of the days from a place up to, and without, another."""


@dataclass(frozen=True, eq=False)
class Walk:
    """A portfolio through time.

    Attributes
    ----------
    weights : (n_rebalancings, n)
    returns : (n_days,)
        Of each day from the first rebalancing on, less the costs of trading.
    turnover : (n_rebalancings,)
        Bought and sold at each, over the portfolio's value; the first buys all of it.
    """

    weights: Floats
    returns: Floats
    turnover: Floats


def rebalancings(days: npt.NDArray[np.datetime64], rebalance: str, min_days: int) -> list[int]:
    """Places of the days on which weights are set: the first of each period, from which at least `min_days` lie before.

    Raises
    ------
    ParameterError
        Another period.
    StudyError
        There are too few days.
    """
    if rebalance not in PERIODS:
        raise ParameterError("rebalance", rebalance, f"one of {', '.join(PERIODS)}")
    period = PERIODS[rebalance]
    numbers = [period(datetime.fromisoformat(str(day))) for day in days]
    places = [place for place in range(1, len(days)) if numbers[place] != numbers[place - 1] and place >= min_days]
    if not places:
        raise StudyError(
            f"the strategies have {len(days)} days in common, and no period begins after {min_days} of them: expected more days, "
            "or a smaller min_days."
        )
    return places


def walk(returns: Floats, places: list[int], lookback: int | None, weigh: Weigh, cost: float) -> Walk:
    """Hold the weights of each rebalancing until the next; in between they drift as the strategies earn.

    Parameters
    ----------
    returns : (n_days, n)
    places : list of int
        Of the days that begin with new weights.
    lookback : int or None
        Days that weights are found of; None: all before.
    weigh : callable
    cost : float
        Of each dollar that is bought or sold, as a fraction.
    """
    held, chosen, turnover, earned = np.zeros(returns.shape[1]), [], [], []
    due = set(places)
    for place in range(places[0], len(returns)):
        paid = 0.0
        if place in due:
            weights = weigh(window_start(place, lookback), place)
            turnover.append(float(np.abs(weights - held).sum()))
            chosen.append(weights)
            held, paid = weights, cost * turnover[-1]
        grown = held * (1.0 + returns[place])
        earned.append((1.0 - paid) * float(grown.sum()) - 1.0)
        held = grown / grown.sum()
    return Walk(np.array(chosen), np.array(earned), np.array(turnover))


def window_start(place: int, lookback: int | None) -> int:
    """First of the days that weights of a place are found of."""
    return 0 if lookback is None else max(0, place - lookback)
