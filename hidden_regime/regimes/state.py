"""What is known after a bar: the regime, and the model that says so."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field, fields, make_dataclass
from datetime import datetime
from typing import Any, NamedTuple

import numpy as np

from hidden_regime.kernels.results import Floats
from hidden_regime.models.parameters import Parameters


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
        States of the model that are empty or can't be told apart, if there are any, and what was left out of this bar or the one
        before: a return as of a split, a bar that was taken back at once.
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


_Fields = make_dataclass(
    "_Fields", [(own.name, Any, field(default=own.default)) for own in fields(RegimeState)], slots=True
)  # those of a state, in its order, before they are fixed


def fixed_state(*fields: Any) -> RegimeState:
    """A `RegimeState` of all of its fields, in a quarter of the time: its own way sets each by a call that passes its lock."""
    out: Any = _Fields(*fields)
    out.__class__ = RegimeState
    return out  # type: ignore[no-any-return]


class RegimeModel(NamedTuple):
    """A trained model in use: parameters in the order of identity, and the name of each state.

    `columns` are the places of its features among those observed. `returns` are mean and standard deviation of each state's log
    return where that is none of them, (2, n_states): those of the window, weighted by the smoothed probabilities.
    """

    parameters: Parameters
    names: tuple[str, ...]
    columns: tuple[int, ...]
    trained_at: datetime
    log_likelihood: float
    n_iter: int
    converged: bool
    notes: str = ""
    returns: tuple[tuple[float, ...], ...] | None = None

    def return_moments(self, place: int) -> tuple[Floats, Floats]:
        """Mean and standard deviation of each state's log return, (n_states,) each; `place` is its among those observed."""
        if self.returns is not None:
            return np.array(self.returns[0]), np.array(self.returns[1])
        at = self.columns.index(place)
        return self.parameters.means[:, at], self.parameters.deviations[:, at]

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
        shares = [()] * len(self.names) if prior is None else [(f"{share:.0%}",) for share in prior]
        columns = ("regime", *(f"mean {c}" for c in called), *(f"sd {c}" for c in called), *p.shapes, "expected bars",
                   *(("of it prior",) if shares[0] else ()), *(f"to {name}" for name in self.names))  # fmt: skip
        sd, shapes, stay = p.deviations, list(p.shapes.values()), np.diagonal(p.transmat)
        rows = [
            (name, *p.means[k], *sd[k], *(values[k] for values in shapes),
             float("inf") if stay[k] >= 1.0 else 1.0 / (1.0 - stay[k]), *shares[k], *p.transmat[k])
            for k, name in enumerate(self.names)
        ]  # fmt: skip
        return table(title, columns, rows)

    def _repr_html_(self) -> str:
        """What a notebook shows."""
        return self.to_html()
