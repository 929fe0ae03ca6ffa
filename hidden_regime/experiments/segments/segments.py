"""A run in parts: what it earned in each regime, era or year."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from hidden_regime.display import facts
from hidden_regime.experiments.segments.eras import ALL
from hidden_regime.experiments.segments.part import Figures, Part

if TYPE_CHECKING:
    import pandas as pd
    import plotly.graph_objects as go

SIGNIFICANT = 0.05
"""Adjusted p value below which a part is told from the rest."""


@dataclass(frozen=True, eq=False)
class Segments:
    """A run in parts. Parts' returns multiply to the whole's.

    Attributes
    ----------
    spec : dict
        What was asked: name, by, asset, whether regimes are the run's own or given, eras, min_spells, n_resamples, seed, and the
        first and last day.
    parts : tuple of Part
        Regimes from worst to best, or eras and years in order; days without one come last.
    whole : Figures
        Of all days.
    benchmark : Figures or None
        Of what the run is measured against, over all days.
    days : DataFrame
        Columns part, return and benchmark, by trading day; the benchmark is NaN where it isn't known.
    before : str
        The trading day before the first of them.
    notes : tuple of str
    """

    spec: dict[str, Any]
    parts: tuple[Part, ...]
    whole: Figures
    benchmark: Figures | None
    days: pd.DataFrame
    before: str
    notes: tuple[str, ...] = ()

    def __getitem__(self, name: str) -> Part:
        """A part by its name."""
        for part in self.parts:
            if part.name == name:
                return part
        raise KeyError(f"{name!r}: the parts are {', '.join(part.name for part in self.parts)}")

    def __eq__(self, other: object) -> bool:
        """Whether another one says the same of the same days."""
        if not isinstance(other, Segments):
            return NotImplemented
        return self.to_dict() == other.to_dict() and bool(self.days.equals(other.days))

    __hash__ = None  # type: ignore[assignment]

    @property
    def told(self) -> tuple[str, ...]:
        """Parts whose mean return can be told from the rest's: p below 0.05, adjusted by Holm."""
        return tuple(p.name for p in self.parts if p.mean_difference is not None and p.mean_difference.p_holm < SIGNIFICANT)

    def table(self) -> pd.DataFrame:
        """A row a part, and one of all days."""
        import pandas as pd

        rows = [_row(part) for part in self.parts]
        spells = 1 if len(self.days) else 0
        rows.append(_row(Part(ALL, len(self.days), spells, 1.0, False, self.whole, self.benchmark)) | {"too_few": None})
        return pd.DataFrame(rows).set_index("part")

    def plot(self) -> go.Figure:
        """Equity over bands of the parts."""
        from hidden_regime.experiments.pages.segments_figures import equity

        return equity(self)

    def to_dict(self) -> dict[str, Any]:
        """As what JSON can hold: the content of segments.json."""
        from hidden_regime.experiments.segments.folder import segments_dict

        return segments_dict(self)

    def to_html(self) -> str:
        """The page, which opens without a network."""
        from hidden_regime.experiments.pages.segments_page import segments_page

        return segments_page(self)

    def write(self, folder: str | Path) -> list[Path]:
        """Write segments.json, the days and the page into a folder."""
        from hidden_regime.experiments.segments.folder import write_segments

        return write_segments(self, Path(folder))

    def _repr_html_(self) -> str:
        """What a notebook shows."""
        return facts(repr(self), {p.name: f"{p.own.mean:.1%} a year in {p.days} days" for p in self.parts})

    def __repr__(self) -> str:
        from hidden_regime.experiments.pages.segments_words import headline

        return f"Segments({self.spec['name']!r} by {self.spec['by']}: {headline(self)})"


def _row(part: Part) -> dict[str, Any]:
    own, held = part.own, part.benchmark
    low, high = part.mean_interval or (None, None)
    row: dict[str, Any] = {
        "part": part.name, "days": part.days, "spells": part.spells, "share": part.share, "too_few": part.too_few,
        "total_return": own.total_return, "mean": own.mean, "mean_low": low, "mean_high": high, "volatility": own.volatility,
        "sharpe": own.sharpe,
    }  # fmt: skip
    row |= dict(zip(("sharpe_low", "sharpe_high"), part.sharpe_interval or (None, None), strict=True))
    row |= {"drawdown": own.drawdown, "gains": own.gains}
    for name, one in (("mean", part.mean_difference), ("sharpe", part.sharpe_difference)):
        told = (None,) * 3 if one is None else (one.value, one.p, one.p_holm)
        row |= dict(zip((f"{name}_from_rest", f"{name}_p", f"{name}_p_holm"), told, strict=True))
    for name in ("total_return", "mean", "volatility", "sharpe", "drawdown", "gains"):
        row[f"benchmark_{name}"] = None if held is None else getattr(held, name)
    for name in ("total_return", "mean", "sharpe"):
        row[f"over_benchmark_{name}"] = over(own, held, name)
    return row


def over(own: Figures, held: Figures | None, name: str) -> float | None:
    """A figure less the benchmark's."""
    mine, theirs = getattr(own, name), None if held is None else getattr(held, name)
    return None if mine is None or theirs is None else float(mine - theirs)
