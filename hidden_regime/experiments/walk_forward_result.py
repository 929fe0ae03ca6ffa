"""A finished walk-forward: its windows, the curve that they traded, and what both say."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
import numpy.typing as npt

from hidden_regime.display import facts
from hidden_regime.experiments.stitched import Stitched, stitch, stitched_figures
from hidden_regime.experiments.studies.trial import Trial
from hidden_regime.experiments.walk_forward_figures import WalkForwardFigures, WindowRecord, walk_forward_figures
from hidden_regime.experiments.windows import Window
from hidden_regime.regimes.statistics import days_per_year

if TYPE_CHECKING:
    import pandas as pd
    import plotly.graph_objects as go


@dataclass(frozen=True, eq=False)
class WindowResult:
    """What one window came to.

    Attributes
    ----------
    window : Window
    best : Trial or None
        The winner in sample; None where no trial was feasible: then nothing is held out of sample.
    n_trials, n_feasible : int
        In sample.
    is_median : float or None
        Of the objective over feasible trials.
    oos : Trial or None
        The winner's run out of sample.
    oos_median : float or None
        Median over the in-sample trials of what they come to out of sample; None where that wasn't asked for.
    days : (n_days,) of datetime64[D]
    returns : (n_days,)
        Of the winner out of sample, of each trading day.
    held : (n_days,)
        Of what it is measured against, bought at the first of these closes; empty where the data hold none.
    """

    window: Window
    best: Trial | None
    n_trials: int
    n_feasible: int
    is_median: float | None
    oos: Trial | None
    oos_median: float | None
    days: npt.NDArray[np.datetime64]
    returns: npt.NDArray[np.float64]
    held: npt.NDArray[np.float64] = field(default_factory=lambda: np.empty(0))

    @property
    def is_value(self) -> float | None:
        """Objective of the winner in sample."""
        return None if self.best is None or self.best.values is None else self.best.values[0]

    @property
    def oos_value(self) -> float | None:
        """Its objective out of sample; None where it has none, as without an order."""
        return None if self.oos is None or self.oos.values is None else self.oos.values[0]

    @property
    def oos_return(self) -> float:
        """Its return out of sample."""
        return float(np.prod(1.0 + self.returns) - 1.0)


@dataclass(frozen=True, eq=False)
class WalkForward:
    """A finished walk-forward.

    Attributes
    ----------
    spec : dict
        What was asked, as what JSON can hold.
    windows : tuple of WindowResult
    figures : WalkForwardFigures or None
        Averages, degradation, consistency, stability, the stitched curve and the verdict; None where no window had a winner.
    notes : tuple of str
    hold : Stitched or None
        The same curve of what the strategy is measured against; None where the data hold none.
    """

    spec: dict[str, Any]
    windows: tuple[WindowResult, ...]
    figures: WalkForwardFigures | None
    notes: tuple[str, ...] = ()
    id: str = ""
    config: dict[str, str] = field(default_factory=dict, repr=False)
    hold: Stitched | None = None

    @property
    def curve(self) -> pd.Series:
        """The stitched out-of-sample curve: 1 before its first day. A day that several windows tested has their mean."""
        import pandas as pd

        parts = [
            pd.Series(w.returns, index=pd.DatetimeIndex(w.days.astype("datetime64[ns]"))) for w in self.windows if len(w.days)
        ]
        if not parts:
            return pd.Series(dtype=np.float64, index=pd.DatetimeIndex([], name="date"), name="curve")
        daily = pd.concat(parts).groupby(level=0).mean().sort_index()
        return (1.0 + daily).cumprod().rename("curve").rename_axis("date")

    def table(self) -> pd.DataFrame:
        """A row a window: its days, the winner, its objective in and out of sample."""
        import pandas as pd

        rows = []
        for w in self.windows:
            days = {name: getattr(w.window, name).isoformat() for name in ("is_start", "is_end", "oos_start", "oos_end")}
            row: dict[str, Any] = {"window": w.window.number, **days}
            row |= {f"param_{name}": value for name, value in (w.best.parameters if w.best else {}).items()}
            row |= {"is_value": w.is_value, "is_median": w.is_median, "oos_value": w.oos_value, "oos_return": w.oos_return}
            rows.append(row | {"n_trials": w.n_trials, "n_feasible": w.n_feasible})
        return pd.DataFrame(rows).set_index("window")

    def plot(self) -> go.Figure:
        """Objective in and out of sample, window by window."""
        from hidden_regime.experiments.pages.figures import in_and_out

        return in_and_out(self)

    def to_html(self) -> str:
        """The page, which opens without a network."""
        from hidden_regime.experiments.pages.walk_forward_page import walk_forward_page

        return walk_forward_page(self)

    def save(self, folder: str | Path) -> list[Path]:
        """Write windows.json, the curve and the page into a folder."""
        from hidden_regime.experiments.studies.walk_forward_folder import write_walk_forward

        return write_walk_forward(self, Path(folder))

    def _repr_html_(self) -> str:
        """What a notebook shows."""
        told = {} if self.figures is None else {f"reason {i}": r for i, r in enumerate(self.figures.verdict.reasons, 1)}
        return facts(repr(self), told)

    def __repr__(self) -> str:
        answer = "no window had a feasible trial" if self.figures is None else self.figures.verdict.answer
        return f"WalkForward({self.spec['strategy']!r}, {len(self.windows)} {self.spec['mode']} windows: {answer})"


def finished(question: dict[str, Any], identity: str, results: Sequence[WindowResult], config: Mapping[str, str]) -> WalkForward:
    """A walk-forward of its windows."""
    records = [_record(w, w.best, w.is_value) for w in results if w.best is not None and w.is_value is not None]
    lost = [w.window.number for w in results if w.best is None]
    notes = [f"window {number}: no trial was feasible in sample, so nothing was traded" for number in lost]
    direction = question["objectives"][0]["direction"]
    days = np.concatenate([np.asarray(w.days, "datetime64[D]") for w in results]) if results else np.empty(0, "datetime64[D]")
    year = days_per_year(days)
    figures = walk_forward_figures(records, direction=direction, periods_per_year=year) if records else None
    hold = None
    if all(len(w.held) == len(w.returns) for w in results):
        hold = stitched_figures(stitch([w.held for w in results], [w.days for w in results]), year)
    return WalkForward(question, tuple(results), figures, tuple(notes), identity, dict(config), hold)


def _record(w: WindowResult, best: Trial, value: float) -> WindowRecord:
    return WindowRecord(
        w.window.number, value, w.oos_value, w.is_median, w.oos_median, w.oos_return, best.parameters, w.returns, w.days
    )
