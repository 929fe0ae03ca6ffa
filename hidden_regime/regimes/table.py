"""Regime states as columns: what a frame of regimes is made of, at a hundred bytes a bar."""

from __future__ import annotations

import math
from array import array
from collections.abc import Sequence
from datetime import datetime
from typing import TYPE_CHECKING, Any

import numpy as np

from hidden_regime.kernels.results import Floats, Integers
from hidden_regime.regimes.naming import regime_names
from hidden_regime.regimes.state import RegimeState

if TYPE_CHECKING:
    import pandas as pd


class StateTable:
    """A row for each bar, filled in the order of time; rows before the first training hold no regime.

    Parameters
    ----------
    n_states : int
    """

    def __init__(self, n_states: int) -> None:
        self.n_states = n_states
        self._numbers = array("d")  # confidence, expected duration, log-likelihood, probabilities
        self._whole = array("q")  # state, duration, whether it changed
        self._regime: list[str | None] = []
        self._trained_at: list[datetime | None] = []
        self._names: list[tuple[str, ...] | None] = []
        self._said: dict[int, tuple[str, str]] = {}  # errors and notes, which are rare

    def add(self, state: RegimeState | None) -> None:
        """The next bar's state."""
        if state is None:
            self.add_none(1)
            return
        self._numbers.extend((state.confidence, state.expected_duration, state.log_likelihood, *state.probabilities))
        self._whole.extend((state.state, state.duration, state.changed))
        self._regime.append(state.regime)
        self._trained_at.append(state.trained_at)
        self._names.append(state.names)
        if state.error or state.notes:
            self._said[len(self._regime) - 1] = (state.error, state.notes)

    def add_none(self, count: int) -> None:
        """So many bars without a regime."""
        self._numbers.extend((math.nan,) * (3 + self.n_states) * count)
        self._whole.extend((-1, 0, 0) * count)
        self._regime.extend([None] * count)
        self._trained_at.extend([None] * count)
        self._names.extend([None] * count)

    def extend(self, numbers: Floats, whole: Integers, regimes: Sequence[str], trained_at: Sequence[datetime],
               names: Sequence[tuple[str, ...]], errors: Sequence[str], notes: Sequence[str]) -> None:  # fmt: skip
        """The next bars' states, by what they have.

        Parameters
        ----------
        numbers : (n_bars, 3 + n_states)
            Confidence, expected duration, log-likelihood and probabilities.
        whole : (n_bars, 3)
            State, duration, and whether the regime changed.
        regimes, trained_at, names, errors, notes : sequence
        """
        first = len(self._regime)
        self._numbers.frombytes(np.ascontiguousarray(numbers).tobytes())
        self._whole.frombytes(np.ascontiguousarray(whole).tobytes())
        self._regime.extend(regimes)
        self._trained_at.extend(trained_at)
        self._names.extend(names)
        if any(errors) or any(notes):
            said = enumerate(zip(errors, notes, strict=True), first)
            self._said.update((i, one) for i, one in said if one != ("", ""))

    @property
    def names(self) -> list[str]:
        """Every name that some state had."""
        return list(dict.fromkeys(name for names in dict.fromkeys(self._names) if names is not None for name in names))

    def frame(self, index: pd.Index, names: Sequence[str] = ()) -> pd.DataFrame:
        """Frame by the bars' times, with a column for each of `names` whether it occurred or not.

        `prob_0` and so on are the probabilities of the states, `prob_Bull` and so on of the regimes: a state may change its
        name at a retraining, and these go by the names of their own day.
        """
        import pandas as pd

        count = len(self._regime)
        said = [self._said.get(i, ("", "")) for i in range(count)]
        numbers = np.array(self._numbers, np.float64).reshape(count, 3 + self.n_states)
        whole = np.array(self._whole, np.int64).reshape(count, 3)
        values: dict[str, Any] = {
            "regime": self._regime if self._names.count(None) < count else pd.Series([*self._regime, ""])[:-1].array,
            "state": whole[:, 0],
            "confidence": numbers[:, 0],
            **{f"prob_{k}": numbers[:, 3 + k] for k in range(self.n_states)},
            **self._by_name(numbers, names),
            "duration": whole[:, 1],
            "expected_duration": numbers[:, 1],
            "log_likelihood": numbers[:, 2],
            "trained_at": _in_zone_of(index, [pd.NaT if t is None else t for t in self._trained_at]),
            "changed": whole[:, 2].astype(bool),
            "error": [error for error, _ in said],
            "notes": [notes for _, notes in said],
        }
        return pd.DataFrame(values, index=index)

    def _by_name(self, numbers: Floats, others: Sequence[str]) -> dict[str, Any]:
        """Probability of each regime that occurred as a name of some state, and of the others."""
        kinds = {names: number for number, names in enumerate(dict.fromkeys(n for n in self._names if n is not None))}
        kind = np.array([-1 if names is None else kinds[names] for names in self._names], np.int64)
        seen = {name for names in kinds for name in names} | set(others)
        possible = regime_names(self.n_states)
        out = {}
        for name in [*(n for n in possible if n in seen), *sorted(seen - set(possible))]:
            column = np.where(kind < 0, math.nan, 0.0)
            for names, number in kinds.items():
                rows = kind == number
                for k in range(self.n_states):
                    if names[k] == name:
                        column[rows] += numbers[rows, 3 + k]
            out[f"prob_{name}"] = column
        return out


def _in_zone_of(index: pd.Index, times: list[Any]) -> Any:
    """Times in the zone of an index. What a file kept has a zone of another library where pandas still takes pytz's, and pandas
    makes one column of both only where they are one."""
    import pandas as pd

    zone = getattr(index, "tz", None)
    if zone is None or all(t is pd.NaT or isinstance(t.tzinfo, type(zone)) for t in times):
        return times
    return pd.to_datetime(times, utc=True).tz_convert(zone)


def states_to_frame(states: Sequence[RegimeState | None], index: pd.Index, n_states: int) -> pd.DataFrame:
    """Frame of states, a row a bar; None gives a row without a regime. See `StateTable.frame`."""
    table = StateTable(n_states)
    for state in states:
        table.add(state)
    return table.frame(index)
