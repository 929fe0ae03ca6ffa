"""Regime states as columns: what a frame of regimes is made of, at a hundred bytes a bar."""

from __future__ import annotations

import math
from collections.abc import Sequence
from datetime import datetime
from typing import TYPE_CHECKING, Any

import numpy as np

from hidden_regime.regimes import RegimeState, regime_names

if TYPE_CHECKING:
    import pandas as pd


class StateTable:
    """A row for each bar, filled in the order of time; rows before the first training hold no regime.

    Parameters
    ----------
    n_bars, n_states : int
    """

    def __init__(self, n_bars: int, n_states: int) -> None:
        self.n_states = n_states
        self._count = 0
        self._numbers = np.full((n_bars, 3 + n_states), np.nan)  # confidence, expected duration, log-likelihood, probabilities
        self._whole = np.zeros((n_bars, 2), np.int64)  # state, duration
        self._whole[:, 0] = -1
        self._changed = np.zeros(n_bars, bool)
        self._regime: list[str | None] = []
        self._trained_at: list[datetime | None] = []
        self._names: list[tuple[str, ...] | None] = []
        self._said: dict[int, tuple[str, str]] = {}  # errors and notes, which are rare

    def add(self, state: RegimeState | None) -> None:
        """The next bar's state."""
        i = self._count
        self._count += 1
        if state is None:
            self._regime.append(None)
            self._trained_at.append(None)
            self._names.append(None)
            return
        expected = state.expected_duration
        self._numbers[i] = (state.confidence, expected, state.log_likelihood, *state.probabilities)
        self._whole[i] = (state.state, state.duration)
        self._changed[i] = state.changed
        self._regime.append(state.regime)
        self._trained_at.append(state.trained_at)
        self._names.append(state.names)
        if state.error or state.notes:
            self._said[i] = (state.error, state.notes)

    def frame(self, index: pd.Index) -> pd.DataFrame:
        """Frame by the bars' times.

        `prob_0` and so on are the probabilities of the states, `prob_Bull` and so on of the regimes: a state may change its
        name at a retraining, and these go by the names of their own day.
        """
        import pandas as pd

        said = [self._said.get(i, ("", "")) for i in range(self._count)]
        values: dict[str, Any] = {
            "regime": self._regime,
            "state": self._whole[:, 0],
            "confidence": self._numbers[:, 0],
            **{f"prob_{k}": self._numbers[:, 3 + k] for k in range(self.n_states)},
            **self._by_name(),
            "duration": self._whole[:, 1],
            "expected_duration": self._numbers[:, 1],
            "log_likelihood": self._numbers[:, 2],
            "trained_at": [pd.NaT if t is None else t for t in self._trained_at],
            "changed": self._changed,
            "error": [error for error, _ in said],
            "notes": [notes for _, notes in said],
        }
        return pd.DataFrame(values, index=index)

    def _by_name(self) -> dict[str, Any]:
        """Probability of each regime that occurred as a name of some state."""
        kinds = {names: number for number, names in enumerate(dict.fromkeys(n for n in self._names if n is not None))}
        kind = np.array([-1 if names is None else kinds[names] for names in self._names], np.int64)
        seen = {name for names in kinds for name in names}
        possible = regime_names(self.n_states)
        out = {}
        for name in [*(n for n in possible if n in seen), *sorted(seen - set(possible))]:
            column = np.where(kind < 0, math.nan, 0.0)
            for names, number in kinds.items():
                rows = kind == number
                for k in range(self.n_states):
                    if names[k] == name:
                        column[rows] += self._numbers[rows, 3 + k]
            out[f"prob_{name}"] = column
        return out


def states_to_frame(states: Sequence[RegimeState | None], index: pd.Index, n_states: int) -> pd.DataFrame:
    """Frame of states, a row a bar; None gives a row without a regime. See `StateTable.frame`."""
    table = StateTable(len(states), n_states)
    for state in states:
        table.add(state)
    return table.frame(index)
