"""The rules of a guard: what is watched, where its limit is, and what happens beyond it."""

from __future__ import annotations

import math
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, NamedTuple

from hidden_regime.exceptions import ParameterError
from hidden_regime.files.toml import tables_of

WARN, REDUCE, STOP = "warn", "reduce", "stop"
ACTIONS = (WARN, REDUCE, STOP)


class Kind(NamedTuple):
    """A rule that there is.

    Attributes
    ----------
    unit : str
        What its limit is.
    whole : bool
        Whether the limit is a count.
    says : str
        What it watches.
    """

    unit: str
    whole: bool
    says: str


KINDS = {
    "daily_loss": Kind("share of the value at the day's beginning", False, "what is lost in a day"),
    "drawdown": Kind("share of the highest value so far", False, "what is lost from the top"),
    "stop_loss": Kind("share of what was paid", False, "what one position loses"),
    "position": Kind("share of the value", False, "the size of one position"),
    "exposure": Kind("share of the value", False, "all positions together"),
    "order_size": Kind("share of the value", False, "the size of one order"),
    "order_rate": Kind("orders a day", True, "how many orders are sent"),
    "model_age": Kind("days", True, "how old the model of an asset's regimes is, or that it can't be trained"),
    "drift": Kind("share of the value", False, "how far a position has moved from what it was when it was last traded"),
}
"""Rules by name."""
ORDERS = ("order_size", "order_rate")
"""Those that look at orders, before they are taken."""


@dataclass(frozen=True)
class Rule:
    """A limit, and what happens beyond it.

    Attributes
    ----------
    name : str
        One of `KINDS`.
    limit : float
    action : str
        "warn": it is told. "reduce": what is too much is sold, or not bought. "stop": everything is sold, and nothing is
        ordered any more.
    """

    name: str
    limit: float
    action: str


class Rules:
    """Rules by name.

    Parameters
    ----------
    given : mapping
        Of a rule's name to {"limit": number, "action": "warn", "reduce" or "stop"}, as the table [guards] of rules.toml has
        them.

    Raises
    ------
    ParameterError
        No such rule, or a limit or an action that can't be.

    Examples
    --------
    >>> rules = Rules({"drawdown": {"limit": 0.2, "action": "stop"}})
    >>> rules["drawdown"].limit, "daily_loss" in rules
    (0.2, False)
    """

    def __init__(self, given: Mapping[str, Any]) -> None:
        if not isinstance(given, Mapping):
            raise ParameterError("rules", given, "a mapping of names of rules to limit and action")
        self._rules = {name: self._checked(name, told) for name, told in given.items()}

    @staticmethod
    def _checked(name: str, told: Any) -> Rule:
        kind = KINDS.get(name)
        if kind is None:
            raise ParameterError("guards", name, f"one of {', '.join(KINDS)}")
        if not isinstance(told, Mapping) or set(told) != {"limit", "action"}:
            raise ParameterError(f"guards.{name}", told, '{ limit = ..., action = "warn", "reduce" or "stop" }')
        limit, action = told["limit"], told["action"]
        if isinstance(limit, bool) or not isinstance(limit, (int, float)) or not (math.isfinite(limit) and limit > 0):
            raise ParameterError(f"guards.{name}.limit", limit, f"a number above zero: {kind.unit}")
        if kind.whole and limit != int(limit):
            raise ParameterError(f"guards.{name}.limit", limit, f"a whole number: {kind.unit}")
        if action not in ACTIONS:
            raise ParameterError(f"guards.{name}.action", action, "warn, reduce or stop")
        return Rule(name, float(limit), action)

    def __contains__(self, name: object) -> bool:
        return name in self._rules

    def __getitem__(self, name: str) -> Rule:
        return self._rules[name]

    def __len__(self) -> int:
        return len(self._rules)

    def __iter__(self) -> Iterator[str]:
        return iter(self._rules)

    def get(self, name: str) -> Rule | None:
        """A rule, or None."""
        return self._rules.get(name)


def read_rules(text: str, source: str | Path = "") -> dict[str, Any]:
    """A rules.toml: its tables by name.

    Parameters
    ----------
    text : str
    source : str or Path, optional
        The file that it is of, for messages.

    Raises
    ------
    ParameterError
        It is no TOML, or has a table or key that means nothing.
    """
    found = tables_of("rules", text, source)
    unknown = [name for name in found if name not in ("guards", "alerts")]
    if unknown:
        raise ParameterError("rules", unknown[0], "the tables [guards] and [alerts]")
    Rules(found.get("guards", {}))
    return found
