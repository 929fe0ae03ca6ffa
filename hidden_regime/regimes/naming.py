"""Which state is called what: by its fitted return, from worst to best."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import cache
from typing import Any

import numpy as np

from hidden_regime.exceptions import ParameterError
from hidden_regime.kernels.results import Floats, Integers


@dataclass(frozen=True)
class StateMoments:
    """Return of each state: `mean` and `sd` per bar, and `weight`, the observations that they rest on; each (n_states,)."""

    mean: Floats
    sd: Floats
    weight: Floats

    @classmethod
    def of(cls, model: Any, X: Any, feature: int | str = 0) -> StateMoments:
        """Those of a fitted model, so that `name_states`, or a rule of your own, can name its states.

        Parameters
        ----------
        model : HiddenMarkovModel
        X : (n_samples, n_features)
            What it was fitted on.
        feature : int or str
            Place, or name, of the log return among the features.

        Examples
        --------
        >>> import numpy as np
        >>> from hidden_regime import GaussianHMM
        >>> from hidden_regime.regimes import StateMoments, name_states
        >>> x = np.random.default_rng(0).normal(0, np.repeat([1.0, 4.0], 100))[:, None]
        >>> name_states(StateMoments.of(GaussianHMM(2, order_by="volatility").fit(x), x))
        ['Bull', 'Bear']
        """
        place = list(model.feature_names_in_).index(feature) if isinstance(feature, str) else feature
        p = model.parameters_
        return cls(p.means[:, place], p.deviations[:, place], np.asarray(model.predict_proba(X)).sum(axis=0))


CLEAR = 3.0
"""Standard errors by which two mean returns differ clearly."""

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


def order_all(moments: StateMoments, *, z: float = CLEAR) -> Integers:
    """`order_states` of many models: moments with a leading axis, (n, n_states) -> (n, n_states)."""
    mean, sd = moments.mean, moments.sd
    error = sd**2 / np.maximum(moments.weight, 1.0)
    gap = mean[:, :, None] - mean[:, None]
    clear = np.abs(gap) > z * np.sqrt(error[:, :, None] + error[:, None])
    wins = np.where(clear, gap > 0, sd[:, :, None] < sd[:, None]).sum(axis=2)
    return np.lexsort((-sd, wins), axis=1)


def order_states(moments: StateMoments, *, z: float = CLEAR) -> list[int]:
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


@cache
def spread(n_groups: int, n_states: int) -> tuple[str, ...]:
    """Names of two groups or more from worst to best, among those of `regime_names` that aren't Crisis."""
    names = ladder(n_states) if n_states < 4 else ladder(n_states - 1)
    return tuple(names[round(place * (len(names) - 1) / (n_groups - 1))] for place in range(n_groups))


def alone(n_states: int) -> tuple[str, ...]:
    """Names of a single group: that of a mean return of 0 or less, and that of another."""
    return spread(2, n_states) if n_states < 3 else ("Sideways", "Bull")


def name_groups(moments: StateMoments, groups: Sequence[Sequence[int]]) -> list[tuple[str, ...]]:
    """Names of many models' states, where several may be one regime: a state bears the name of its group.

    They are those of `regime_names`, spread from worst to best: of two groups the worse is Bear and the better Bull, however many
    states there are. A single group has nothing to be compared with: it is Bull where its mean return is above 0, Sideways
    elsewhere (Bear of two states, which know no other name).

    Parameters
    ----------
    moments : StateMoments
        With a leading axis of models, (n, n_states).
    groups : sequence of sequence of int
        Group of each state of each model.
    """
    of = np.array(groups)
    together = (of[:, :, None] == of[:, None, :]) * np.maximum(moments.weight, 1e-9)[:, None]
    weight = together.sum(axis=2)
    mean = (together * moments.mean[:, None]).sum(axis=2) / weight
    square = (together * (moments.sd**2 + moments.mean**2)[:, None]).sum(axis=2) / weight
    order = order_all(StateMoments(mean, np.sqrt(np.maximum(square - mean**2, 0.0)), weight))
    out = []
    for own, states, first in zip(groups, order.tolist(), mean[:, 0].tolist(), strict=True):
        ranked = list(dict.fromkeys(own[k] for k in states))  # states of a group have the same moments
        if len(ranked) == 1:
            out.append((alone(len(own))[first > 0.0],) * len(own))
            continue
        names = spread(len(ranked), len(own))
        out.append(tuple([names[ranked.index(g)] for g in own]))
    return out


def name_states(moments: StateMoments) -> list[str]:
    """Name of each state by its fitted moments.

    Two states are Bear and Bull, three Bear, Sideways and Bull in the order of `order_states`. From four on, the state
    of highest volatility among those with a negative mean is Crisis (the worst state, if no mean is negative), and the
    others are named in order.
    """
    return list(name_all(StateMoments(*(part[None] for part in vars(moments).values())))[0])


def check_names(names: Sequence[str], n_states: int) -> list[str]:
    """The names that a user's rule gave, if it gave one to each state."""
    names = list(names)
    if len(names) != n_states or not all(isinstance(name, str) and name for name in names):
        raise ParameterError("naming", names, f"a rule that returns {n_states} names, one for each state")
    return names
