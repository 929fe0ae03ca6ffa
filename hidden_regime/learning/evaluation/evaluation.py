"""A model's evaluation: everything that its page shows."""

from __future__ import annotations

import math
from dataclasses import asdict, dataclass
from typing import TYPE_CHECKING, Any

from hidden_regime.experiments.folders import plain, to_json
from hidden_regime.learning.evaluation.bootstrap import Interval
from hidden_regime.learning.evaluation.figures import Confusion, Reliability
from hidden_regime.learning.evaluation.importances import Importances
from hidden_regime.learning.evaluation.trading import Earned, Luck

if TYPE_CHECKING:
    import pandas as pd

SCHEMA = "hidden-regime/evaluation/1"
SKILL, NONE, WORSE = "skill", "none found", "worse than the prior"


@dataclass(frozen=True, repr=False)
class Evaluation:
    """Figures out of fold.

    Attributes
    ----------
    title : str
    asked : dict
        What was evaluated: recipe, splits, columns, labels, seed, whether the labels were shuffled.
    n_rows, n_features, n_trials : int
        Rows that were tested; `n_trials` recipes were ever looked at.
    effective_rows : float
        Sum of the rows' uniqueness: so many labels' worth of bars there are.
    base_rate : float
        Share of 1 among them.
    figures : dict of str to Interval
        Of the model, with `log_loss_gain` and `brier_gain` over the prior.
    baselines : dict of str to dict
        The same figures without intervals of "class prior", "hold" and "momentum".
    folds : list of dict
        Of each split: its days, rows, figures, and what tuning chose.
    confusion : Confusion
    reliability : Reliability
    importances : Importances
    earned : tuple of Earned
        The model's rule, holding and momentum.
    luck : Luck
    paths : dict or None
        Of combinatorial splits: the figures of each path, as lists.
    regression : dict or None
        Of models of returns: correlation, R2 over the mean, share of returns within the 90% interval.
    table : DataFrame
        A row a tested label: what was said, what came, what was earned.
    notes : tuple of str
    """

    title: str
    asked: dict[str, Any]
    n_rows: int
    n_features: int
    n_trials: int
    effective_rows: float
    base_rate: float
    figures: dict[str, Interval]
    baselines: dict[str, dict[str, float]]
    folds: list[dict[str, Any]]
    confusion: Confusion
    reliability: Reliability
    importances: Importances
    earned: tuple[Earned, ...]
    luck: Luck
    paths: dict[str, list[float]] | None
    regression: dict[str, float] | None
    table: pd.DataFrame
    notes: tuple[str, ...]

    @property
    def verdict(self) -> str:
        """Whether the log loss is below that of the prior by more than luck: "skill", "none found" or "worse than the prior"."""
        gain = self.figures["log_loss_gain"]
        if not math.isfinite(gain.low):
            return NONE
        return SKILL if gain.low > 0.0 else WORSE if gain.high < 0.0 else NONE

    def __repr__(self) -> str:
        gain = self.figures["log_loss_gain"]
        said = f"log loss below the prior's {gain.value:+.4f} ({gain.low:+.4f} to {gain.high:+.4f})"
        return f"Evaluation({self.title!r}: {self.verdict}, {self.n_rows} rows, {said})"

    def summary(self) -> pd.DataFrame:
        """A row a figure: the model's with its 95%, and those of what knows nothing."""
        import pandas as pd

        rows = {
            name: {"model": one.value, "low": one.low, "high": one.high, **{b: f.get(name) for b, f in self.baselines.items()}}
            for name, one in self.figures.items()
        }
        return pd.DataFrame.from_dict(rows, orient="index")

    def _repr_html_(self) -> str:
        """What a notebook shows."""
        from hidden_regime.display import table

        rows = [(name, *row) for name, *row in self.summary().itertuples()]
        return table(f"{self.title}: {self.verdict}", ("", "model", "low", "high", *self.baselines), rows)

    def to_dict(self) -> dict[str, Any]:
        """As what JSON can hold, but for the table."""
        found = {name: getattr(self, name) for name in ("title", "asked", "n_rows", "n_features", "n_trials", "effective_rows",
                                                        "base_rate", "baselines", "folds", "paths", "regression")}  # fmt: skip
        said = self.reliability
        whole = {
            "schema": SCHEMA, **found, "verdict": self.verdict,
            "figures": {name: asdict(one) for name, one in self.figures.items()}, "confusion": asdict(self.confusion),
            "reliability": {"said": said.said.tolist(), "came": said.came.tolist(), "rows": said.rows.tolist(),
                            "error": said.error},
            "importances": [asdict(one) for one in self.importances.columns], "agreement": self.importances.agreement,
            "earned": [asdict(one) for one in self.earned], "luck": asdict(self.luck), "notes": list(self.notes),
        }  # fmt: skip
        told: dict[str, Any] = plain(whole)
        return told

    def to_json(self) -> str:
        """As a file."""
        return to_json(self.to_dict())

    def to_html(self) -> str:
        """The page, which opens without a network."""
        from hidden_regime.learning.evaluation.page import evaluation_page

        return evaluation_page(self)

    def to_markdown(self) -> str:
        """The figures as Markdown, for `evaluation.md` beside a model."""
        from hidden_regime.learning.evaluation.words import markdown

        return markdown(self)
