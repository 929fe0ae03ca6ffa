"""From a prediction to a share of the portfolio, and what overrules it: the trend, and the account's own drawdown."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import asdict, dataclass
from typing import Any

from hidden_regime.exceptions import ParameterError
from hidden_regime.regimes.statistics import TRADING_DAYS

RULES = ("confidence", "threshold", "kelly")
LIMITS: dict[str, tuple[float, float]] = {
    "threshold": (0.0, 0.99), "max_share": (0.0, 4.0), "fraction": (0.0, 2.0), "target_volatility": (0.0, 5.0),
    "trend": (0, 2000), "drawdown_stop": (0.0, 1.0), "pause": (1, 2000),
}  # fmt: skip


@dataclass(frozen=True)
class Sizing:
    """How much to hold of an asset.

    Parameters
    ----------
    rule : str
        "confidence": max_share times how far the probability is from the threshold to 1. "threshold": max_share above it, else
        nothing. "kelly": fraction times mean over variance of the predicted return, of models that know both.
    threshold : float
        Probability below which nothing is held.
    max_share : float
        Share of the portfolio at most.
    fraction : float
        Of Kelly's share.
    target_volatility : float
        Of a year; the share is lowered where the asset's own of the latest 20 bars would bring more. 0: off.
    trend : int
        Bars; nothing is held while the close is below its mean of so many. 0: off.
    drawdown_stop : float
        Share of its peak that the account may lose; then nothing is held for `pause` bars, and its peak is counted anew. 0: off.
    pause : int
        Bars.

    Examples
    --------
    >>> from hidden_regime.quantconnect.learned.sizing import Sizing
    >>> sizing = Sizing(threshold=0.5, max_share=1.0)
    >>> [sizing.share(p) for p in (0.4, 0.5, 0.75, 1.0)]
    [0.0, 0.0, 0.5, 1.0]
    """

    rule: str = "confidence"
    threshold: float = 0.5
    max_share: float = 0.98
    fraction: float = 0.5
    target_volatility: float = 0.0
    trend: int = 0
    drawdown_stop: float = 0.0
    pause: int = 20

    def __post_init__(self) -> None:
        if self.rule not in RULES:
            raise ParameterError("strategy.rule", self.rule, f"one of {', '.join(RULES)}")
        for name, (low, high) in LIMITS.items():
            value = getattr(self, name)
            whole = isinstance(low, int)
            good = isinstance(value, int if whole else (int, float)) and not isinstance(value, bool)
            if not good or not low <= value <= high:
                raise ParameterError(
                    f"strategy.{name}", value, f"{'a whole number' if whole else 'a number'} from {low} to {high}"
                )

    @classmethod
    def of(cls, given: Mapping[str, Any]) -> Sizing:
        """Of what a file says.

        Raises
        ------
        ParameterError
        """
        known = asdict(cls())
        if not isinstance(given, Mapping):
            raise ParameterError("strategy", given, f"a table of {', '.join(known)}")
        for name, value in given.items():
            if name not in known:
                raise ParameterError(f"strategy.{name}", value, f"one of {', '.join(known)}")
        return cls(**dict(given))

    def to_dict(self) -> dict[str, Any]:
        """As what JSON can hold."""
        return asdict(self)

    def share(
        self,
        probability: float,
        mean: float = math.nan,
        sd: float = math.nan,
        *,
        volatility: float = math.nan,
        gap: float = math.nan,
        days_a_year: int = TRADING_DAYS,
    ) -> float:
        """Share of the portfolio, 0 where anything that the rule needs isn't known.

        Parameters
        ----------
        probability : float
            That the label is 1.
        mean, sd : float
            Of the return over a label's life.
        volatility : float
            Of a bar.
        gap : float
            Close over its mean of `trend` bars, less 1.
        days_a_year : int
            Bars of a year.
        """
        if not probability > self.threshold:
            return 0.0
        if self.rule == "kelly":
            if not (math.isfinite(mean) and sd > 0.0):
                return 0.0
            share = min(max(self.fraction * mean / sd**2, 0.0), self.max_share)
        elif self.rule == "threshold":
            share = self.max_share
        else:
            share = self.max_share * (probability - self.threshold) / (1.0 - self.threshold)
        if self.trend and not gap > 0.0:
            return 0.0
        if self.target_volatility:
            if not volatility > 0.0:
                return 0.0
            share = min(share, self.target_volatility / (volatility * math.sqrt(days_a_year)))
        return share


class DrawdownStop:
    """Whether an account has lost too much of its peak: then it stands aside for some bars, and begins anew.

    Parameters
    ----------
    limit : float
        Share of the peak; 0 never stops.
    pause : int
        Bars.
    """

    def __init__(self, limit: float, pause: int) -> None:
        self.limit, self.pause = limit, pause
        self.peak, self.left, self.stops = 0.0, 0, 0

    def take(self, value: float) -> bool:
        """Take the account's value after a bar; whether to stand aside."""
        if self.left:
            self.left -= 1
            self.peak = value
            return self.left > 0
        self.peak = max(self.peak, value)
        if self.limit and self.peak > 0.0 and value < self.peak * (1.0 - self.limit):
            self.left, self.stops = self.pause, self.stops + 1
            return True
        return False
