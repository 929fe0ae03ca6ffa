"""The door to libraries of models: what each takes, and what comes out."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

from hidden_regime.exceptions import ParameterError
from hidden_regime.kernels.results import Floats
from hidden_regime.learning.models import boosted, gaussian_process, linear
from hidden_regime.quantconnect.learned.cores import Core

Fit = Callable[[Floats, Floats, Floats, Mapping[str, Any], int], Core]

ANY = (-1e9, 1e9)
"""Limits of a parameter that has none of its own."""


@dataclass(frozen=True)
class Door:
    """One kind of model.

    Attributes
    ----------
    fit : callable
        From rows (n, n_features), what to learn (n,), weights (n,), parameters and a seed to a core.
    learns : str
        "up" (probabilities) or "return" (means).
    defaults : mapping
        Parameters and what they are without a word.
    ranges : mapping
        What tuning may vary: (low, high, "log" | "linear" | "whole").
    limits : mapping
        The least and the largest value that a parameter may have; `ANY` of one that isn't named.
    in_strategies : bool
        Whether LEAN can run it.
    """

    fit: Fit
    learns: str
    defaults: Mapping[str, Any] = field(default_factory=dict)
    ranges: Mapping[str, tuple[float, float, str]] = field(default_factory=dict)
    limits: Mapping[str, tuple[float, float]] = field(default_factory=dict)
    in_strategies: bool = True

    def parameters(self, given: Mapping[str, Any]) -> dict[str, Any]:
        """Given ones over the defaults.

        Raises
        ------
        ParameterError
        """
        if not isinstance(given, Mapping):
            raise ParameterError("model.parameters", given, f"a table of {', '.join(self.defaults) or 'nothing'}")
        for name, value in given.items():
            if name not in self.defaults:
                known = ", ".join(self.defaults) or "none"
                raise ParameterError(f"model.parameters.{name}", value, f"one of {known}", "There is no such parameter.")
            whole, (low, high) = isinstance(self.defaults[name], int), self.limits.get(name, ANY)
            good = isinstance(value, (int, float)) and not isinstance(value, bool) and low <= value <= high
            if not good or (whole and value != int(value)):
                kind = "a whole number" if whole else "a number"
                raise ParameterError(f"model.parameters.{name}", value, f"{kind} from {low:g} to {high:g}")
        integers = {name for name, usual in self.defaults.items() if isinstance(usual, int)}
        return {
            name: int(value) if name in integers else float(value) for name, value in (dict(self.defaults) | dict(given)).items()
        }


DOORS: dict[str, Door] = {
    "prior": Door(linear.fit_prior, "up"),
    "logistic": Door(linear.fit_logistic, "up", {"C": 0.1}, {"C": (1e-4, 10.0, "log")}, {"C": (1e-9, 1e9)}),
    "bayesian-ridge": Door(linear.fit_bayesian, "return"),
    "lightgbm": Door(boosted.fit_lightgbm, "up", boosted.USUAL, boosted.RANGES, boosted.LIMITS),
    "xgboost": Door(
        boosted.fit_xgboost, "up", boosted.USUAL_XGBOOST, boosted.RANGES_XGBOOST, boosted.LIMITS, in_strategies=False
    ),
    "gaussian-process": Door(gaussian_process.fit_process, "return", in_strategies=False),
}


def door_of(kind: str) -> Door:
    """A kind of model by its name.

    Raises
    ------
    ParameterError
    """
    if not isinstance(kind, str) or kind not in DOORS:
        raise ParameterError("model.kind", kind, f"one of {', '.join(DOORS)}")
    return DOORS[kind]
