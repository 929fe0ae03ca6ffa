"""What a strategy came to on each of many paths of a regime model."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np
import numpy.typing as npt

from hidden_regime.display import facts

if TYPE_CHECKING:
    import pandas as pd

    from hidden_regime.experiments.result import Result


@dataclass(frozen=True, eq=False)
class EnginePaths:
    """A strategy's course over paths that the market might have taken, each a run in the engine.

    Attributes
    ----------
    days : (n_days,) of datetime64[D]
        Trading days, the real ones.
    equity : (n_paths, n_days)
        Value of the account at each close; NaN on a path that failed. Where a strategy quit it stays what it was then.
    benchmark : (n_paths, n_days)
        What the strategy is measured against, drawn with the rest; NaN where it isn't drawn.
    n_orders : (n_paths,)
    statuses : tuple of str
        "complete", "no orders" or "failed".
    errors : tuple of str
        Why a path failed; empty texts for the others.
    original : Result
        The strategy over the same days of real prices.
    model : dict
        `n_states`, `names`, `assets`, `lead`, `n_days` of the fit, `means` (n_states, n_features) and `stay` of the states,
        `refit` (`n_days`, and differences of `means` and `stay` when it is fitted on what it draws), `clipped` (share of
        these days whose body didn't fit into their range), `method` ("density" or "days").
    notes : tuple of str
        What a reader has to know of the paths.
    id : str
        Digest of the question.
    """

    days: npt.NDArray[np.datetime64]
    equity: npt.NDArray[np.float64]
    benchmark: npt.NDArray[np.float64]
    n_orders: npt.NDArray[np.int64]
    statuses: tuple[str, ...]
    errors: tuple[str, ...]
    original: Result
    model: dict[str, Any]
    notes: tuple[str, ...]
    id: str = ""

    @property
    def n_failed(self) -> int:
        """Paths on which the strategy failed."""
        return sum(status == "failed" for status in self.statuses)

    def table(self) -> pd.DataFrame:
        """A row for each path: status, orders, return of the whole path and largest drawdown, as fractions."""
        import pandas as pd

        rows = []
        for path, (status, n_orders) in enumerate(zip(self.statuses, self.n_orders.tolist(), strict=True)):
            curve = self.equity[path][~np.isnan(self.equity[path])]
            gained = curve[-1] / curve[0] - 1.0 if len(curve) else np.nan
            fallen = float((1.0 - curve / np.maximum.accumulate(curve)).max()) if len(curve) else np.nan
            rows.append((status, n_orders, gained, fallen, self.errors[path]))
        return pd.DataFrame(rows, columns=["status", "orders", "return", "drawdown", "error"]).rename_axis("path")

    def _repr_html_(self) -> str:
        """What a notebook shows."""
        shown = {"paths": len(self.statuses), "failed": self.n_failed, "days": len(self.days),
                 "states": ", ".join(self.model["names"])}  # fmt: skip
        return facts(f"{self.original.name}: paths of a regime model", shown)

    def __repr__(self) -> str:
        failed = f", {self.n_failed} failed" if self.n_failed else ""
        return f"<EnginePaths: {self.original.name} over {len(self.statuses)} paths of {len(self.days)} days{failed}>"
