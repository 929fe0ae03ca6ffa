"""States into named regimes, and identity across retrainings."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime
from functools import cache
from typing import NamedTuple

import numpy as np

from hidden_regime import kernels
from hidden_regime.exceptions import ParameterError
from hidden_regime.kernels.results import Floats, Integers
from hidden_regime.models.assignment import assign
from hidden_regime.models.parameters import Parameters
from hidden_regime.models.together import distances


@dataclass(frozen=True, slots=True)
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
        Bars that the state lasts on average under the model, 1 / (1 - p_stay). Of a window that saw few changes that is mostly
        the prior, see `RegimeDetector.prior_shares`; `regime_table` has the called runs' own `duration`.
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

    def _repr_html_(self) -> str:
        """What a notebook shows."""
        from hidden_regime.display import table

        title = f"{self.regime} with {self.confidence:.0%} at {self.time:%Y-%m-%d %H:%M}, for {self.duration} bars"
        rows = [(name, f"{p:.1%}", str(k)) for k, (name, p) in enumerate(zip(self.names, self.probabilities, strict=True))]
        return table(title, ("regime", "filtered probability", "state"), rows)


class RegimeModel(NamedTuple):
    """A trained model in use: parameters in the order of identity, and the name of each state."""

    parameters: Parameters
    names: tuple[str, ...]
    columns: tuple[int, ...]
    trained_at: datetime
    log_likelihood: float
    n_iter: int
    converged: bool
    notes: str = ""

    def to_html(self, features: Sequence[str] = (), prior: Floats | None = None) -> str:
        """Moments and transitions of each regime as a table.

        Parameters
        ----------
        features : sequence of str
            Names of those that it was trained on.
        prior : (n_states,), optional
            The prior's share of what the model says of durations.
        """
        from hidden_regime.display import table

        p = self.parameters
        called = [features[c] if c < len(features) else f"feature {c}" for c in self.columns]
        title = f"model of {self.trained_at:%Y-%m-%d}: {self.n_iter} iterations, {'' if self.converged else 'not '}converged"
        tails = () if p.degrees is None else ("degrees of freedom",)
        shares = [()] * len(self.names) if prior is None else [(f"{share:.0%}",) for share in prior]
        columns = ("regime", *(f"mean {c}" for c in called), *(f"sd {c}" for c in called), *tails, "expected bars",
                   *(("of it prior",) if shares[0] else ()), *(f"to {name}" for name in self.names))  # fmt: skip
        sd, degrees = p.deviations, [()] * len(self.names) if p.degrees is None else [(nu,) for nu in p.degrees]
        stay = np.diagonal(p.transmat)
        rows = [
            (name, *p.means[k], *sd[k], *degrees[k], float("inf") if stay[k] >= 1.0 else 1.0 / (1.0 - stay[k]),
             *shares[k], *p.transmat[k])
            for k, name in enumerate(self.names)
        ]  # fmt: skip
        return table(title, columns, rows)

    def _repr_html_(self) -> str:
        """What a notebook shows."""
        return self.to_html()


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


def order_all(moments: StateMoments, *, z: float = 3.0) -> Integers:
    """`order_states` of many models: moments with a leading axis, (n, n_states) -> (n, n_states)."""
    mean, sd = moments.mean, moments.sd
    error = sd**2 / np.maximum(moments.weight, 1.0)
    gap = mean[:, :, None] - mean[:, None]
    clear = np.abs(gap) > z * np.sqrt(error[:, :, None] + error[:, None])
    wins = np.where(clear, gap > 0, sd[:, :, None] < sd[:, None]).sum(axis=2)
    return np.lexsort((-sd, wins), axis=1)


def order_states(moments: StateMoments, *, z: float = 3.0) -> list[int]:
    """States from worst to best.

    By mean return; two means within `z` standard errors of each other can't be told apart and are ranked by volatility,
    where calm is better. Each state counts the states that it beats this way; calm decides between equals.
    """
    many = StateMoments(*(part[None] for part in vars(moments).values()))
    return [int(i) for i in order_all(many, z=z)[0]]


@cache
def _by_order(order: tuple[int, ...], crisis: int) -> tuple[str, ...]:
    """Name of each state: the ladder in this order, worst first; but for `crisis`, if there is one (-1 for none)."""
    names = [""] * len(order)
    if crisis >= 0:
        names[crisis] = "Crisis"
    left = [i for i in order if i != crisis]
    for i, name in zip(left, ladder(len(left)), strict=True):
        names[i] = name
    return tuple(names)


def name_all(moments: StateMoments) -> list[tuple[str, ...]]:
    """`name_states` of many models: moments with a leading axis, (n, n_states)."""
    order = order_all(moments)
    n_states = order.shape[1]
    crisis = np.full(len(order), -1)
    if n_states >= 4:
        falling = moments.mean < 0
        wildest = np.where(falling, moments.sd, -1.0).argmax(axis=1)
        crisis = np.where(falling.any(axis=1), wildest, order[:, 0])
    return [_by_order(tuple(row), one) for row, one in zip(order.tolist(), crisis.tolist(), strict=True)]


def name_states(moments: StateMoments) -> list[str]:
    """Name of each state by its fitted moments.

    Two states are Bear and Bull, three Bear, Sideways and Bull in the order of `order_states`. From four on, the state
    of highest volatility among those with a negative mean is Crisis (the worst state, if no mean is negative), and the
    others are named in order.
    """
    return list(name_all(StateMoments(*(part[None] for part in vars(moments).values())))[0])


def match_states(old: Floats, new: Floats, means: Floats, new_means: Floats, scale: Floats) -> Integers:
    """Order of the new states of many models that keeps identity: result[n, i] is the new state that continues old state i.

    Minimum-cost assignment (Kuhn 1955) on the overlap of both models' probabilities over the same observations; the
    distance of emissions decides only between equals.

    Parameters
    ----------
    old, new : (n, n_samples, n_states)
        Probabilities of the states of both models. Rows that only the new one has don't count.
    means, new_means : (n, n_states, n_features)
        Means of both models.
    scale : (n, n_features)
        Standard deviation of each feature.
    """
    away = distances(means, new_means, scale)
    tie = 1e-9 * old.shape[1] * away / np.maximum(away.max(axis=(1, 2), keepdims=True), 1e-300)
    return assign(tie - kernels.overlaps(old, new))


def _inverses(covars: Floats) -> Floats:
    """Of many small matrices; one or two features, which most models have, need no call of LAPACK for each."""
    if covars.shape[-1] == 1:
        return np.asarray(1.0 / covars)
    if covars.shape[-1] > 2:
        return np.asarray(np.linalg.inv(covars), np.float64)
    out = covars[..., ::-1, ::-1] * np.array([[1.0, -1.0], [-1.0, 1.0]])
    out /= (covars[..., 0, 0] * covars[..., 1, 1] - covars[..., 0, 1] * covars[..., 1, 0])[..., None, None]
    return np.asarray(out)


@cache
def _pairs(n: int) -> tuple[Integers, Integers]:
    one, other = np.triu_indices(n, 1)
    return one, other


def doubtful_states(means: Floats, covars: Floats, weight: Floats, *, least: float = 2.0, closest: float = 0.05) -> list[str]:
    """Which states of each model hold (almost) nothing, and which pairs are (almost) the same; empty where all is well.

    Parameters
    ----------
    means : (n, n_states, n_features)
    covars : (n, n_states, n_features, n_features)
    weight : (n, n_states)
        Observations that each state rests on.
    least : float
        A state of fewer observations is empty.
    closest : float
        Two states whose symmetric Kullback-Leibler divergence is smaller, in nats, are the same.
    """
    n_states, n_features = means.shape[1:]
    said: dict[int, list[str]] = {}
    full = weight >= least
    if not full.all():
        for n, k in np.argwhere(~full).tolist():
            said.setdefault(n, []).append(f"state {k} is empty")
    one, other = _pairs(n_states)
    inverse = _inverses(covars)
    gap = means[:, one] - means[:, other]
    across = inverse[:, one] * covars[:, other].swapaxes(2, 3) + inverse[:, other] * covars[:, one].swapaxes(2, 3)
    across += gap[..., None] * (inverse[:, one] + inverse[:, other]) * gap[..., None, :]
    alike = across.sum(axis=(2, 3)) < 4.0 * closest + 2 * n_features
    if alike.any():
        for n, pair in np.argwhere(alike & full[:, one] & full[:, other]).tolist():
            said.setdefault(n, []).append(f"states {one[pair]} and {other[pair]} can't be told apart")
    return ["; ".join(said.get(n, ())) for n in range(len(means))] if said else [""] * len(means)


def check_names(names: Sequence[str], n_states: int) -> list[str]:
    """The names that a user's rule gave, if it gave one to each state."""
    names = list(names)
    if len(names) != n_states or not all(isinstance(name, str) and name for name in names):
        raise ParameterError("naming", names, f"a rule that returns {n_states} names, one for each state")
    return names
