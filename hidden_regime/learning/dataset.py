"""Features and labels of the same bars: what models are trained on."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass, replace
from functools import cached_property
from typing import TYPE_CHECKING, Any

import numpy as np

from hidden_regime.exceptions import DataError
from hidden_regime.experiments.checks import whole
from hidden_regime.kernels.results import Floats, Integers
from hidden_regime.learning.features.making import Features
from hidden_regime.learning.labels.labels import Labels

if TYPE_CHECKING:
    import pandas as pd

FEWEST = 100
"""Rows of a data set that can say anything."""


@dataclass(frozen=True, repr=False)
class Dataset:
    """Rows whose features are all known and that have a label.

    Attributes
    ----------
    features : Features
    labels : Labels
        Of these rows.
    """

    features: Features
    labels: Labels

    @classmethod
    def of(cls, features: Features, labels: Labels) -> Dataset:
        """Join features and labels of the same bars.

        Raises
        ------
        DataError
        """
        index = features.table.index
        if len(index) != labels.n_bars or not index[labels.t0].equals(labels.times):
            raise DataError("features and labels are of different bars: expected both of one frame.")
        kept = labels.at(features.complete.index)
        if len(kept) < FEWEST:
            raise DataError(
                f"{len(kept)} rows have all features and a label: expected at least {FEWEST}. Give more bars, or columns and a "
                "detector that look back on fewer."
            )
        return cls(features, kept)

    def __repr__(self) -> str:
        return f"Dataset({len(self)} rows of {self.names}, {self.labels!r})"

    def __len__(self) -> int:
        return len(self.labels)

    @property
    def names(self) -> list[str]:
        """Of the columns."""
        return list(self.features.table.columns)

    @cached_property
    def X(self) -> Floats:
        """Features, (n_rows, n_features)."""
        return np.asarray(self.features.table.loc[self.labels.times], dtype=np.float64)

    @cached_property
    def y(self) -> Floats:
        """What a classifier learns, (n_rows,): 1 and 0, or of soft labels between."""
        value = self.labels.value
        return value if self.labels.kind == "regime" else (value > 0.0).astype(np.float64)

    @property
    def ret(self) -> Floats:
        """What a regression learns, (n_rows,): the return over the label's life."""
        return self.labels.ret

    @cached_property
    def weight(self) -> Floats:
        """Uniqueness, less what is uncertain of a soft label, (n_rows,)."""
        unsure = self.labels.uncertainty
        own = self.labels.weight
        return own if unsure is None else np.asarray(own * (1.0 - 0.5 * unsure.to_numpy(dtype=np.float64)))

    @property
    def frame(self) -> pd.DataFrame:
        """The bars."""
        return self.features.frame

    def shuffled(self, seed: int) -> Dataset:
        """The same with its labels dealt to other rows: whoever finds skill in it is fooled.

        Parameters
        ----------
        seed : int

        Raises
        ------
        ParameterError
        """
        order = np.random.default_rng(whole("shuffle", seed, "a whole number of at least 0", low=0)).permutation(len(self))
        table = self.labels.table.copy()
        for name in ("value", "ret"):
            table[name] = table[name].to_numpy()[order]
        return replace(self, labels=replace(self.labels, table=table))

    def rows(self, places: Integers) -> Labels:
        """Labels of some rows."""
        return self.labels.at(self.labels.times[places])

    @cached_property
    def digest(self) -> str:
        """Of all numbers and times in it."""
        out = hashlib.sha256(repr((self.names, self.labels.kind)).encode())
        times: Any = self.labels.times
        out.update(np.asarray(times, dtype="datetime64[ns]").tobytes())
        for values in (self.X, self.y, self.ret, self.weight, self.labels.t1.astype(np.float64)):
            out.update(np.ascontiguousarray(values + 0.0).tobytes())
        return out.hexdigest()
