"""Whether a model still fits what comes: Page's test on its densities."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from hidden_regime.kernels.results import Floats

SLACK, ALARM = 0.5, 8.0
"""How far, in standard deviations, a log-density may lie below the window's mean at no charge, and the sum of what lies below
that calls for a training. On normal observations that fit that is once in some 700 bars; when their standard deviation doubles
it takes some 6 (simulated in the tests)."""


@dataclass(slots=True)
class Drift:
    """Page's (1954) cumulative sum against a fall of the mean: max(0, sum + (mean - log_density) / sd - SLACK).

    Attributes
    ----------
    sum : float
        0 after a training.
    mean, sd : float or None
        Of the log-densities of the window that trained the model; None until `measure` has seen them.
    """

    sum: float = 0.0
    mean: float | None = None
    sd: float = 0.0

    @property
    def is_alarming(self) -> bool:
        """Whether the densities have fallen far enough to train again."""
        return self.sum > ALARM

    def reset(self) -> None:
        """Begin again with another model, whose densities nobody has measured."""
        self.sum, self.mean = 0.0, None

    def measure(self, log_densities: Floats) -> None:
        """Take what is usual from the log-densities of the model's window, (n_samples,)."""
        self.mean, self.sd = float(log_densities.mean()), float(log_densities.std())

    def update(self, log_density: float) -> None:
        """Add the newest observation's log-density given those before it, under the model in use."""
        if self.mean is not None:
            self.sum = max(0.0, self.sum + (self.mean - log_density) / max(self.sd, 1e-12) - SLACK)

    def to_list(self) -> list[float]:
        """As what JSON can hold."""
        return [self.sum] if self.mean is None else [self.sum, self.mean, self.sd]

    @classmethod
    def from_list(cls, given: list[Any]) -> Drift:
        """Of what `to_list` gave."""
        return cls(*map(float, given))
