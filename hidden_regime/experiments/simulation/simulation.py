"""Many paths that might have come instead."""

from __future__ import annotations

from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any

from hidden_regime.display import facts
from hidden_regime.experiments.simulation.perturbation import Perturbation
from hidden_regime.experiments.simulation.summary import Fan, Figure, Probability

if TYPE_CHECKING:
    import pandas as pd
    import plotly.graph_objects as go


@dataclass(frozen=True, eq=False)
class Simulation:
    """What might have come instead of what came.

    Attributes
    ----------
    spec : dict
        What was asked: kind, name, n_paths, seed, and what the kind takes besides.
    id : str
        Digest of the question.
    drawn : dict
        From what paths were drawn: unit ("day" or "trade"), n_observed, first, last, n_steps (of a path), per_year, and of the
        bootstrap the mean length of its blocks.
    paths : DataFrame
        A row a path: the figures, and of what was run status, error and more.
    fan : Fan or None
        None where no path has a curve.
    figures : tuple of Figure
    probabilities : tuple of Probability
        Empty for parameters: sets around a winner are chosen, and not drawn as the market might.
    source : dict
        The source's own figures.
    model : dict
        Of regime-paths: what they were drawn from.
    perturbation : Perturbation or None
        Of parameters.
    notes : tuple of str
    """

    spec: dict[str, Any]
    id: str
    drawn: dict[str, Any]
    paths: pd.DataFrame
    fan: Fan | None
    figures: tuple[Figure, ...]
    probabilities: tuple[Probability, ...]
    source: dict[str, float | None]
    model: dict[str, Any] = field(default_factory=dict)
    perturbation: Perturbation | None = None
    notes: tuple[str, ...] = ()

    def __getitem__(self, name: str) -> Figure:
        """A figure by its name."""
        for one in self.figures:
            if one.name == name:
                return one
        raise KeyError(f"{name!r}: the figures are {', '.join(one.name for one in self.figures)}")

    def __eq__(self, other: object) -> bool:
        """Whether another one says the same of the same paths."""
        if not isinstance(other, Simulation):
            return NotImplemented
        return self.to_dict() == other.to_dict() and bool(self.paths.equals(other.paths))

    __hash__ = None  # type: ignore[assignment]

    @property
    def kind(self) -> str:
        """What was drawn: "bootstrap", "trades", "parameters" or "regime-paths"."""
        return str(self.spec["kind"])

    def count(self, status: str) -> int:
        """How many runs have a status; of what was only drawn all paths are complete."""
        if "status" not in self.paths:
            return len(self.paths) if status == "complete" else 0
        return int((self.paths["status"] == status).sum())

    def probability(self, what: str, level: float | None = None) -> Probability:
        """A probability by what happens, and by its level where it has one."""
        for one in self.probabilities:
            if one.what == what and level in (None, one.level):
                return one
        raise KeyError(f"{what!r} {level}: there are {', '.join(f'{one.what} {one.level}' for one in self.probabilities)}")

    def table(self) -> pd.DataFrame:
        """A row a figure: its quantiles over the paths, their Monte Carlo errors, the source and its place among them."""
        import pandas as pd

        from hidden_regime.experiments.simulation.summary import LEVELS

        rows = []
        for one in self.figures:
            row: dict[str, Any] = {"figure": one.name, "n": one.n, "mean": one.mean}
            row |= {f"q{level:g}": value for level, value in zip(LEVELS, one.quantiles, strict=False)}
            row |= {f"se{level:g}": value for level, value in zip(LEVELS, one.errors, strict=False)}
            rows.append(row | {"source": one.source, "place": one.place})
        return pd.DataFrame(rows).set_index("figure")

    def plot(self) -> go.Figure:
        """The fan, or of parameters the objective by parameter."""
        from hidden_regime.experiments.pages import simulation_figures

        return simulation_figures.by_parameter(self) if self.perturbation is not None else simulation_figures.fan(self)

    def to_dict(self) -> dict[str, Any]:
        """As what JSON can hold: the content of simulation.json."""
        from hidden_regime.experiments.simulation.folder import simulation_dict

        return simulation_dict(self)

    def to_html(self) -> str:
        """The page, which opens without a network."""
        from hidden_regime.experiments.pages.simulation_page import simulation_page

        return simulation_page(self)

    def write(self, folder: str | Path) -> list[Path]:
        """Write simulation.json, the paths and the page into a folder."""
        from hidden_regime.experiments.simulation.folder import write_simulation

        return write_simulation(self, Path(folder))

    def _repr_html_(self) -> str:
        """What a notebook shows."""
        from hidden_regime.experiments.pages.simulation_words import probability_name
        from hidden_regime.experiments.pages.written import percent

        return facts(repr(self), {probability_name(one): percent(one.value) for one in self.probabilities})

    def __repr__(self) -> str:
        from hidden_regime.experiments.pages.simulation_words import headline

        return f"Simulation({self.spec['name']!r} by {self.kind}: {headline(self)})"
