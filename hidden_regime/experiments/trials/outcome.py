"""What a trial came to: statistics and the curve of its equity, and nothing that a search doesn't read."""

from __future__ import annotations

import io
import json
import zipfile
import zlib
from dataclasses import asdict, dataclass, field
from typing import Any

import numpy as np
import numpy.typing as npt

FORMAT = 2
COMPLETE, IDLE, FAILED = "complete", "no orders", "failed"
"""Statuses: an idle trial sent no order, so none of its figures says anything; a failed one raised an error."""
DAMAGED = (
    OSError, ValueError, KeyError, TypeError, AttributeError, RuntimeError, EOFError, zipfile.BadZipFile, zlib.error,
)  # fmt: skip
"""What reading a damaged file raises; a RuntimeError says that zip has never heard of such a file."""


@dataclass(frozen=True, eq=False)
class Outcome:
    """A trial's result.

    Attributes
    ----------
    status : str
        "complete", "no orders" or "failed".
    texts : dict of str to str
        LEAN's statistics as LEAN writes them.
    days : (n_days,) of datetime64[D]
        Trading days.
    equity : (n_days,)
        Value of the account at the close of each.
    error : str
        Why it failed.
    further : dict of str to str
        What else was asked for, by its path in LEAN's result file.
    benchmark : (n_days,)
        What the strategy is measured against, at the same closes; empty where the data hold none.
    """

    status: str
    texts: dict[str, str]
    days: npt.NDArray[np.datetime64]
    equity: npt.NDArray[np.float64]
    error: str = ""
    further: dict[str, str] = field(default_factory=dict)
    benchmark: npt.NDArray[np.float64] = field(default_factory=lambda: np.empty(0))

    @property
    def returns(self) -> npt.NDArray[np.float64]:
        """Return of each trading day but the first, (n_days - 1,)."""
        return self.equity[1:] / self.equity[:-1] - 1.0 if len(self.equity) > 1 else np.empty(0)

    def to_bytes(self) -> bytes:
        """As plain arrays."""
        left = ("days", "equity", "benchmark")
        head = {name: value for name, value in asdict(self).items() if name not in left} | {"format": FORMAT}
        out = io.BytesIO()
        days = self.days.astype("datetime64[D]").astype(np.int64)
        told = np.frombuffer(json.dumps(head).encode(), np.uint8)
        np.savez(out, days=days, equity=self.equity, benchmark=self.benchmark, head=told)
        return out.getvalue()

    @classmethod
    def from_bytes(cls, content: bytes) -> Outcome | None:
        """What `to_bytes` gave; None where that can't be read: the trial is then run again."""
        try:
            with np.load(io.BytesIO(content), allow_pickle=False) as kept:
                days, equity, benchmark = kept["days"].astype("datetime64[D]"), kept["equity"], kept["benchmark"]
                head: dict[str, Any] = json.loads(kept["head"].tobytes().decode())
            if head.pop("format") != FORMAT or days.shape != equity.shape or benchmark.shape not in (days.shape, (0,)):
                return None
            return cls(days=days, equity=equity, benchmark=benchmark, **head)
        except DAMAGED:
            return None


def failed(error: str) -> Outcome:
    """Of a trial that raised an error."""
    return Outcome(FAILED, {}, np.empty(0, "datetime64[D]"), np.empty(0), error)
