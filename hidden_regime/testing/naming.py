"""Proof that a rule of one's own names states by what they are, and not by the number that a fit happened to give them."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import fields

import numpy as np

from hidden_regime.exceptions import ConformanceError, ParameterError
from hidden_regime.regimes.naming import NamingRule, StateMoments, check_names


def check_naming(rule: NamingRule, n_states: int = 3, *, draws: int = 50, random_state: int = 0) -> None:
    """Raise unless a naming rule gives a name to each state, the same whatever the states' numbers are.

    Parameters
    ----------
    rule : callable
        From `StateMoments` to a name for each state.
    n_states : int
    draws : int
        Markets to try, of means and deviations as daily returns have them.
    random_state : int
        Seed of the markets.

    Raises
    ------
    ConformanceError
        Names the market and what the rule said of it.

    Examples
    --------
    >>> from hidden_regime.testing import check_naming
    >>> check_naming(lambda moments: ["Calm" if sd <= moments.sd.min() else "Wild" for sd in moments.sd])
    >>> check_naming(lambda moments: ["Bear", "Sideways", "Bull"])
    Traceback (most recent call last):
    hidden_regime.exceptions.ConformanceError: hidden_regime: ... by their numbers, ...
    """
    rng = np.random.default_rng(random_state)
    for _ in range(draws):
        moments = StateMoments(
            rng.normal(0.0, 0.001, n_states), rng.uniform(0.004, 0.04, n_states), rng.uniform(20.0, 200.0, n_states)
        )
        names = _named(rule, moments, n_states)
        if _named(rule, moments, n_states) != names:
            raise ConformanceError(f"{_said(moments)} have other names when the rule is asked again: expected the same ones.")
        order = rng.permutation(n_states)
        turned = _named(rule, StateMoments(moments.mean[order], moments.sd[order], moments.weight[order]), n_states)
        if turned != [names[place] for place in order]:
            raise ConformanceError(
                f"{_said(moments)} are named {names}, and {turned} in the order {order.tolist()}: the rule names states by their "
                "numbers, which a training gives at random. Expected names by mean, sd or weight."
            )


def _named(rule: NamingRule, moments: StateMoments, n_states: int) -> Sequence[str]:
    given = StateMoments(moments.mean.copy(), moments.sd.copy(), moments.weight.copy())
    names = rule(given)
    try:
        names = check_names(names, n_states)
    except (ParameterError, TypeError) as error:
        raise ConformanceError(f"{_said(moments)} are named {names!r}: expected {n_states} names, one for each state.") from error
    if any(not np.array_equal(getattr(given, field.name), getattr(moments, field.name)) for field in fields(given)):
        raise ConformanceError("the rule changed the moments that it was given: expected it to read them alone.")
    return names


def _said(moments: StateMoments) -> str:
    return f"states of means {np.round(moments.mean, 5).tolist()} and deviations {np.round(moments.sd, 4).tolist()}"
