"""What is measured: columns by name, and the detector whose regimes are among them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from hidden_regime.detection.detector import RegimeDetector
from hidden_regime.exceptions import ParameterError
from hidden_regime.experiments.trials.digests import digest_of
from hidden_regime.quantconnect.learned.column import Column, read_columns
from hidden_regime.regimes.naming import regime_names

USUAL = (
    "return:1", "return:5", "return:20", "rsi:14", "sma-gap:50", "volatility:20", "zscore:20", "range:10", "drawdown:60",
    "probability:Bear", "probability:Bull", "age",
)  # fmt: skip
PLAIN = (bool, int, float, str, type(None))


@dataclass(frozen=True)
class FeatureSpec:
    """Columns and the regimes that some of them are made of.

    Parameters
    ----------
    columns : sequence of str
        Such as "return:5", "rsi:14", "volatility:20@1" (of the bar before), "probability:Bear", "age":
        `hidden_regime.quantconnect.learned.column` has them all.
    regimes : mapping
        Options of `RegimeDetector` that a file can hold: numbers, texts, and lists of texts.

    Examples
    --------
    >>> spec = FeatureSpec(["rsi:14", "probability:Bear"], {"n_states": 2})
    >>> spec.names
    ('rsi_14', 'probability_Bear')
    """

    columns: tuple[Column, ...] = USUAL  # type: ignore[assignment]
    regimes: Mapping[str, Any] = field(default_factory=dict)

    def __post_init__(self) -> None:
        object.__setattr__(self, "columns", read_columns(self.columns))
        if not isinstance(self.regimes, Mapping):
            raise ParameterError("regimes", self.regimes, "a table of options of RegimeDetector")
        options = {name: _plain(name, value) for name, value in dict(self.regimes).items()}
        object.__setattr__(self, "regimes", options)
        known = RegimeDetector().options
        for name, value in options.items():
            if name not in known:
                raise ParameterError(f"regimes.{name}", value, f"one of {', '.join(sorted(known))}", "There is no such option.")
        names = regime_names(int(self.detector().n_states))
        for one in self.columns:
            if one.kind == "probability" and one.of not in names:
                raise ParameterError("column", one.text, f"a regime of {len(names)} states: {', '.join(names)}")

    def detector(self) -> RegimeDetector:
        """A fresh detector."""
        options: dict[str, Any] = {name: tuple(v) if isinstance(v, list) else v for name, v in self.regimes.items()}
        return RegimeDetector(**options)

    @property
    def names(self) -> tuple[str, ...]:
        """Names of the columns, in their order."""
        return tuple(one.name for one in self.columns)

    @property
    def needs_regimes(self) -> bool:
        """Whether some column is made of regimes."""
        return any(one.is_of_regimes for one in self.columns)

    def to_dict(self) -> dict[str, Any]:
        """As what JSON can hold."""
        return {"columns": [one.text for one in self.columns], "regimes": dict(self.regimes)}

    @property
    def digest(self) -> str:
        """Of what it says."""
        return digest_of(self.to_dict())


def _plain(name: str, value: Any) -> Any:
    if isinstance(value, Sequence) and not isinstance(value, str) and all(isinstance(one, str) for one in value):
        return list(value)
    if not isinstance(value, PLAIN):
        raise ParameterError(f"regimes.{name}", value, "a number, a text or a list of texts, which a file can hold")
    return value
