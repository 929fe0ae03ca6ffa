"""From figures and rules to a decision with its reason in words. Nothing here reads a file or a clock."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from hidden_regime.experiments.constraint import Constraint
from hidden_regime.experiments.objective import look_up


@dataclass(frozen=True)
class Decision:
    """Whether a hypothesis goes on.

    Attributes
    ----------
    goes_on : bool
    reason : str
        Every figure that decided, with its limit.
    figures : dict of str to float
        Those of the rules.
    """

    goes_on: bool
    reason: str
    figures: dict[str, float]


def decide(figures: Mapping[str, float], rules: Sequence[Constraint]) -> Decision:
    """Apply limits to figures. Where one isn't met, the reason has those that aren't; else all.

    Examples
    --------
    >>> from hidden_regime.experiments import Constraint
    >>> rules = [Constraint.parse("Sharpe Ratio > 0.3"), Constraint.parse("Drawdown <= 25%")]
    >>> decide({"Sharpe Ratio": 0.12, "Drawdown": 0.2}, rules).reason
    'Sharpe Ratio 0.12 is not > 0.3'
    >>> decide({"Sharpe Ratio": 0.5, "Drawdown": 0.2}, rules).reason
    'Sharpe Ratio 0.5 is > 0.3; Drawdown 0.2 is <= 0.25'
    """
    if not rules:
        return Decision(True, "no rule stands here", {})
    values = {rule.target: look_up(rule.target, figures) for rule in rules}
    known = {name: value for name, value in values.items() if value == value}
    missed = [rule for rule in rules if not rule.is_met(figures)]
    reason = "; ".join(_said(rule, values[rule.target], rule not in missed) for rule in (missed or rules))
    return Decision(not missed, reason, known)


def _said(rule: Constraint, value: float, is_met: bool) -> str:
    if value != value:
        return f"there is no {rule.target}, which must be {rule.operator} {_number(rule.value)}"
    return f"{rule.target} {_number(value)} is {'' if is_met else 'not '}{rule.operator} {_number(rule.value)}"


def _number(value: float) -> str:
    return repr(value).removesuffix(".0")
