"""Whether an asset has regimes at all: asked when 504, 1,008, 2,016, ... bars are known, on the latest 2,016 of them at most."""

from __future__ import annotations

import math
from array import array
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

import numpy as np

from hidden_regime.detection.options import DetectorOptions
from hidden_regime.kernels.results import Floats
from hidden_regime.models.presence import THRESHOLD, presence

FIRST, MOST = 504, 2016
"""Bars at which it is asked first, and those that are kept. Before twice the first a no is no answer: too little was seen."""


@dataclass(slots=True, eq=False)
class Doubt:
    """What is kept to answer, and the answer.

    Attributes
    ----------
    values : array of float
        Observations since the beginning, row after row; none once regimes were found.
    n_rows : int
        How many there were.
    asks_at : int
        Number at which it is asked next.
    nats : float
        The largest answer of `presence`; NaN before the first.
    said : str
        For `notes`; empty where there is nothing to doubt, or nobody knows yet.
    """

    values: array[float] = field(default_factory=lambda: array("d"))
    n_rows: int = 0
    asks_at: int = FIRST
    nats: float = math.nan
    said: str = ""

    @property
    def is_settled(self) -> bool:
        """Whether regimes were found."""
        return self.nats > THRESHOLD

    @property
    def has_none(self) -> bool:
        """Whether enough was seen, and no regimes among it."""
        return self.said != ""

    @property
    def answer(self) -> str:
        """In a few words, for a table."""
        if self.is_settled:
            return f"yes: {self.nats:.0f} nats for them"
        return f"no: {self.said.removeprefix('no regimes ')}" if self.has_none else "not known yet"

    @property
    def warning(self) -> str:
        """What to tell a user who has none."""
        return (
            "no regimes were found: one volatility that moves explains these bars as well (evidence_of_regimes is below "
            f"{THRESHOLD:g} nats). Regimes then name how wild the market is, and say nothing of returns: see docs/limits.md. "
            "warnings.simplefilter('ignore', hidden_regime.exceptions.NoRegimesWarning) leaves this out."
        )

    def take(self, row: Sequence[float] | Floats) -> None:
        """Keep an observation, as long as there is something to ask."""
        self.n_rows += 1
        if not self.nats > THRESHOLD:
            self.values.extend(row)

    def take_all(self, rows: Floats) -> None:
        """Keep several observations (n_rows, n_features)."""
        self.n_rows += len(rows)
        if not self.nats > THRESHOLD:
            self.values.frombytes(np.ascontiguousarray(rows).tobytes())

    def ask(self, options: DetectorOptions, columns: tuple[int, ...]) -> None:
        """Ask, and keep what is needed to ask again.

        Parameters
        ----------
        options : DetectorOptions
        columns : tuple of int
            Features in use, by their places.
        """
        self.asks_at *= 2
        if self.is_settled:
            return
        rows = np.array(self.values).reshape(-1, len(options.features))[-MOST:]
        returns = rows[:, options.return_place]
        place = next((c for c in columns if options.features[c].is_volatility), None)
        if place is None:
            found = presence(returns, options.n_states, is_volatility=False)
        else:
            found = presence(rows[:, place], options.n_states, is_volatility=True, returns=returns)
        self.nats = found if math.isnan(self.nats) else max(self.nats, found)
        self.values = array("d") if self.is_settled else array("d", rows.ravel().tolist())
        self._say()

    def _say(self) -> None:
        none = self.asks_at > 2 * FIRST and not self.is_settled and not math.isnan(self.nats)
        self.said = f"no regimes in {self.asks_at // 2} bars that a volatility which moves wouldn't explain" if none else ""

    def to_dict(self) -> dict[str, Any]:
        """As what JSON can hold."""
        values, nats = ([None if math.isnan(value) else value for value in part] for part in (self.values, [self.nats]))
        return {"values": values, "n_rows": self.n_rows, "asks_at": self.asks_at, "nats": nats[0]}

    @classmethod
    def from_dict(cls, given: Mapping[str, Any]) -> Doubt:
        """Of what `to_dict` gave."""
        *values, nats = (math.nan if value is None else float(value) for value in (*given["values"], given["nats"]))
        found = cls(array("d", values), int(given["n_rows"]), int(given["asks_at"]), nats)
        found._say()
        return found
