"""States into named regimes, and identity across retrainings."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING

import numpy as np

from hidden_regime.exceptions import ParameterError
from hidden_regime.kernels.results import Floats
from hidden_regime.models.parameters import Parameters

if TYPE_CHECKING:
    import pandas as pd


@dataclass(frozen=True)
class RegimeState:
    """The regime after one bar. Everything in it was known when that bar ended.

    Attributes
    ----------
    time : datetime
        End of the bar.
    regime : str
        Name of the regime.
    state : int
        Index of the state that bears the name.
    probabilities : tuple of float
        Filtered probability of each state.
    names : tuple of str
        Name of each state under the model of that bar.
    confidence : float
        Filtered probability of the regime.
    duration : int
        Bars since the regime began, this one included.
    expected_duration : float
        Bars that the state lasts on average, 1 / (1 - p_stay).
    log_likelihood : float
        Log-density of the bar's observation given those before it, in nats.
    trained_at : datetime
        Last bar of the window that trained the model.
    changed : bool
        Whether the bar before was in another regime.
    error : str
        Why the last training failed, if it did: the model is then an earlier one.
    notes : str
        States of the model that are empty or can't be told apart, if there are any.
    """

    time: datetime
    regime: str
    state: int
    probabilities: tuple[float, ...]
    names: tuple[str, ...]
    confidence: float
    duration: int
    expected_duration: float
    log_likelihood: float
    trained_at: datetime
    changed: bool
    error: str = ""
    notes: str = ""


@dataclass(frozen=True)
class RegimeModel:
    """A trained model in use: parameters in the order of identity, and the name of each state."""

    parameters: Parameters
    names: tuple[str, ...]
    columns: tuple[int, ...]
    trained_at: datetime
    log_likelihood: float
    n_iter: int
    converged: bool
    notes: str = ""


@dataclass(frozen=True)
class StateMoments:
    """Return of each state: `mean` and `sd` per bar, and `weight`, the observations that they rest on; each (n_states,)."""

    mean: Floats
    sd: Floats
    weight: Floats


NamingRule = Callable[[StateMoments], Sequence[str]]


def ladder(n: int) -> tuple[str, ...]:
    """Names of n regimes from worst to best."""
    fixed: dict[int, tuple[str, ...]] = {
        1: ("Sideways",),
        2: ("Bear", "Bull"),
        3: ("Bear", "Sideways", "Bull"),
        4: ("Bear", "Weak Bear", "Weak Bull", "Bull"),
        5: ("Bear", "Weak Bear", "Sideways", "Weak Bull", "Bull"),
    }
    if n in fixed:
        return fixed[n]
    return ("Bear", "Weak Bear", *(f"Sideways {i}" for i in range(1, n - 3)), "Weak Bull", "Bull")


def regime_names(n_states: int) -> tuple[str, ...]:
    """Names that `name_states` gives to a model of n_states, worst first. From four states on one is Crisis."""
    return ladder(n_states) if n_states < 4 else ("Crisis", *ladder(n_states - 1))


def order_states(moments: StateMoments, *, z: float = 3.0) -> list[int]:
    """States from worst to best.

    By mean return; two means within `z` standard errors of each other can't be told apart and are ranked by volatility,
    where calm is better. Each state counts the states that it beats this way; calm decides between equals.
    """
    n = len(moments.mean)
    error = moments.sd**2 / np.maximum(moments.weight, 1.0)
    wins = [0] * n
    for i in range(n):
        for j in range(n):
            gap = moments.mean[i] - moments.mean[j]
            clear = abs(gap) > z * np.sqrt(error[i] + error[j])
            wins[i] += bool(gap > 0 if clear else moments.sd[i] < moments.sd[j])
    return sorted(range(n), key=lambda i: (wins[i], -moments.sd[i]))


def name_states(moments: StateMoments) -> list[str]:
    """Name of each state by its fitted moments.

    Two states are Bear and Bull, three Bear, Sideways and Bull in the order of `order_states`. From four on, the state
    of highest volatility among those with a negative mean is Crisis (the worst state, if no mean is negative), and the
    others are named in order.
    """
    order = order_states(moments)
    n = len(order)
    names = [""] * n
    if n >= 4:
        falling = [i for i in range(n) if moments.mean[i] < 0]
        crisis = max(falling, key=lambda i: moments.sd[i]) if falling else order[0]
        names[crisis] = "Crisis"
        order = [i for i in order if i != crisis]
    for i, name in zip(order, ladder(len(order)), strict=True):
        names[i] = name
    return names


def match_states(old: Floats, new: Floats, distance: Floats) -> list[int]:
    """Order of the new states that keeps identity: result[i] is the new state that continues old state i.

    Minimum-cost assignment (Kuhn 1955) on the overlap of both models' probabilities over the same observations; the
    distance of emissions decides only between equals.

    Parameters
    ----------
    old, new : (n_samples, n_states)
        Probabilities of the states of both models.
    distance : (n_states, n_states)
        Distance between the emissions of old state i and new state j.
    """
    from scipy.optimize import linear_sum_assignment

    overlap = old.T @ new
    cost = -overlap + 1e-9 * len(old) * distance / max(float(distance.max()), 1e-300)
    return [int(j) for j in linear_sum_assignment(cost)[1]]


def describe_states(means: Floats, covars: Floats, weight: Floats, *, least: float = 2.0, closest: float = 0.05) -> str:
    """Which states hold (almost) nothing, and which pairs are (almost) the same; empty where all is well.

    Parameters
    ----------
    means : (n_states, n_features)
    covars : (n_states, n_features, n_features)
    weight : (n_states,)
        Observations that each state rests on.
    least : float
        A state of fewer observations is empty.
    closest : float
        Two states whose symmetric Kullback-Leibler divergence is smaller, in nats, are the same.
    """
    said = [f"state {k} is empty" for k in np.flatnonzero(weight < least)]
    for i in range(len(means)):
        for j in range(i + 1, len(means)):
            a, b, gap = np.linalg.inv(covars[i]), np.linalg.inv(covars[j]), means[i] - means[j]
            divergence = 0.25 * (np.trace(a @ covars[j] + b @ covars[i]) - 2 * len(gap) + gap @ (a + b) @ gap)
            if divergence < closest and weight[i] >= least and weight[j] >= least:
                said.append(f"states {i} and {j} can't be told apart")
    return "; ".join(said)


def check_names(names: Sequence[str], n_states: int) -> list[str]:
    """The names that a user's rule gave, if it gave one to each state."""
    names = list(names)
    if len(names) != n_states or not all(isinstance(name, str) and name for name in names):
        raise ParameterError("naming", names, f"a rule that returns {n_states} names, one for each state")
    return names


def states_to_frame(states: Sequence[RegimeState | None], index: pd.Index, n_states: int) -> pd.DataFrame:
    """Frame of states, a row a bar; None gives a row without a regime.

    `prob_0` and so on are the probabilities of the states, `prob_Bull` and so on of the regimes: a state may change its
    name at a retraining, and these go by the names of their own day.
    """
    import pandas as pd

    nothing = (None, -1, np.nan, *[np.nan] * n_states, 0, np.nan, np.nan, pd.NaT, False, "", "")
    rows = [
        nothing
        if s is None
        else (
            s.regime,
            s.state,
            s.confidence,
            *s.probabilities,
            s.duration,
            s.expected_duration,
            s.log_likelihood,
            s.trained_at,
            s.changed,
            s.error,
            s.notes,
        )
        for s in states
    ]
    probabilities = [f"prob_{k}" for k in range(n_states)]
    columns = ["regime", "state", "confidence", *probabilities, "duration", "expected_duration", "log_likelihood"]
    frame = pd.DataFrame(rows, index=index, columns=[*columns, "trained_at", "changed", "error", "notes"])
    possible = regime_names(n_states)
    seen = {name for s in states if s is not None for name in s.names}
    for place, name in enumerate([*(n for n in possible if n in seen), *sorted(seen - set(possible))]):
        values = [
            np.nan if s is None else sum(p for p, label in zip(s.probabilities, s.names, strict=True) if label == name)
            for s in states
        ]
        frame.insert(3 + n_states + place, f"prob_{name}", values)
    return frame
