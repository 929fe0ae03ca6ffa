"""What a result must keep to, such as a drawdown of at most 25%."""

from __future__ import annotations

import math
import operator as comparing
import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass

from hidden_regime.exceptions import ParameterError
from hidden_regime.experiments.objective import check_target, look_up, number_in

LEAN_NAMES = {
    "<": "less", "<=": "lessOrEqual", ">": "greater", ">=": "greaterOrEqual", "==": "equals", "!=": "notEqual",
}  # fmt: skip
OPERATORS = {**{name.lower(): symbol for symbol, name in LEAN_NAMES.items()}, "equal": "==", "=": "=="}
COMPARED: dict[str, Callable[[float, float], bool]] = {
    "<": comparing.lt, "<=": comparing.le, ">": comparing.gt, ">=": comparing.ge, "==": comparing.eq, "!=": comparing.ne,
}  # fmt: skip
WORDS = "|".join(sorted(OPERATORS.keys() - {"="}, key=len, reverse=True))
WRITTEN = re.compile(
    rf"(?P<target>.+?)(?:\s*(?P<symbol><=|>=|==|!=|<|>|=)\s*|\s+(?P<word>{WORDS})\s+)(?P<value>.+)", re.IGNORECASE
)
UNMET = math.inf
"""How far a result is from a constraint whose statistic it doesn't have."""
JUST = 5e-324


@dataclass(frozen=True)
class Constraint:
    """A limit for a statistic.

    Parameters
    ----------
    target : str
        As an `Objective` has it.
    operator : str
        <, <=, >, >=, ==, !=, or LEAN's word: less, lessOrEqual, greater, greaterOrEqual, equals, notEqual.
    value : float
        A fraction where LEAN writes a percent.
    literal : bool
        The target is of a config of LEAN's optimiser, where a name without "Statistics." is found nowhere.

    Examples
    --------
    >>> limit = Constraint.parse("Drawdown <= 25%")
    >>> limit, limit.is_met({"Drawdown": 0.193})
    (Constraint(target='Drawdown', operator='<=', value=0.25, literal=False), True)
    """

    target: str
    operator: str
    value: float
    literal: bool = False

    def __post_init__(self) -> None:
        check_target(self.target)
        symbol = OPERATORS.get(str(self.operator).lower(), self.operator)
        if symbol not in COMPARED:
            expected = f"one of {', '.join(COMPARED)}, or LEAN's words {', '.join(LEAN_NAMES.values())}"
            raise ParameterError("operator", self.operator, expected)
        if isinstance(self.value, (str, bool)) or not math.isfinite(self.value):
            raise ParameterError("value", self.value, "a number")
        object.__setattr__(self, "operator", symbol)
        object.__setattr__(self, "value", float(self.value))

    @classmethod
    def parse(cls, text: str) -> Constraint:
        """A constraint as it is written: "Drawdown <= 25%", "Net Profit greaterOrEqual 0.05", "End Equity > $100,000"."""
        found = WRITTEN.fullmatch(text.strip()) if isinstance(text, str) else None
        value = number_in(found["value"]) if found else None
        if found is None or value is None:
            raise ParameterError("constraint", text, "a statistic, an operator and a number, as in 'Drawdown <= 25%'")
        return cls(found["target"].strip(), found["symbol"] or found["word"], value)

    def is_met(self, values: Mapping[str, float]) -> bool:
        """Whether a result keeps to it; one without the statistic doesn't."""
        return self.violation(values) <= 0

    def violation(self, values: Mapping[str, float]) -> float:
        """How far a result is beyond the limit, in units of the statistic: above 0 where it isn't met, infinite without one."""
        value = look_up(self.target, values, literal=self.literal)
        if math.isnan(value):
            return UNMET
        away = abs(value - self.value) if self.operator in ("==", "!=") else value - self.value
        if COMPARED[self.operator](value, self.value):
            return -abs(away)
        return max(abs(away), JUST)  # on a limit that doesn't belong to what is allowed

    def __str__(self) -> str:
        return f"{self.target} {self.operator} {repr(self.value).removesuffix('.0')}"
