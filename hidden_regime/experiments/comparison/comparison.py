"""Strategies that were compared, as a value."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
import numpy.typing as npt

from hidden_regime.display import facts
from hidden_regime.exceptions import StudyError
from hidden_regime.experiments.comparison.days import common_days, trouble_with
from hidden_regime.experiments.comparison.family import FamilyTests, family_tests
from hidden_regime.experiments.comparison.figures import StrategyFigures, out_of_tests, strategy_figures
from hidden_regime.experiments.comparison.pairs import Pair, pairs_of
from hidden_regime.experiments.comparison.verdict import Verdict, judge
from hidden_regime.experiments.result import Result
from hidden_regime.kernels.results import Floats
from hidden_regime.regimes.statistics import days_per_year

if TYPE_CHECKING:
    import pandas as pd
    import plotly.graph_objects as go


@dataclass(frozen=True, eq=False)
class Comparison:
    """Strategies over the days that they have in common.

    Attributes
    ----------
    question : dict
        What was asked, as what JSON can hold.
    results : tuple of Result
        In the order in which they were given; the benchmark last, where it is none of them.
    benchmark : str
        Name of what the family is measured against.
    days : (n_days,) of datetime64[D]
        Trading days that all in the tests have.
    names : tuple of str
        Those in the tests, in the order of `results`.
    returns : (n_days, n)
        Theirs.
    figures : tuple of StrategyFigures
        From the highest Sharpe ratio to the lowest, and then those that aren't in the tests.
    pairs : tuple of Pair
    family : FamilyTests or None
    verdict : Verdict
    notes : tuple of str
    """

    question: dict[str, Any]
    id: str
    results: tuple[Result, ...]
    benchmark: str
    days: npt.NDArray[np.datetime64]
    names: tuple[str, ...]
    returns: Floats
    figures: tuple[StrategyFigures, ...]
    pairs: tuple[Pair, ...]
    family: FamilyTests | None
    verdict: Verdict
    notes: tuple[str, ...] = field(default=())

    @property
    def ranked(self) -> tuple[StrategyFigures, ...]:
        """Those in the tests, the highest Sharpe ratio first."""
        return tuple(one for one in self.figures if not one.error)

    def result(self, name: str) -> Result:
        """The run of that name."""
        return next(one for one in self.results if one.name == name)

    def of(self, name: str) -> Floats:
        """Its returns on the common days, (n_days,)."""
        return np.asarray(self.returns[:, self.names.index(name)])

    def table(self) -> pd.DataFrame:
        """A row a strategy, ranked by Sharpe ratio."""
        import pandas as pd

        found = pd.DataFrame([vars(one) for one in self.figures]).set_index("name")
        return found.astype({"n_orders": "Int64", "n_trades": "Int64"})

    def pair_table(self) -> pd.DataFrame:
        """A row for each two strategies."""
        import pandas as pd

        rows = [vars(pair) | {"told": pair.told} for pair in self.pairs]
        return pd.DataFrame(rows).set_index(["first", "second"])

    def plot(self) -> go.Figure:
        """Equity and drawdowns of all, over the regimes of those that have them."""
        from hidden_regime.experiments.pages.comparison_figures import curves

        return curves(self)

    def to_dict(self) -> dict[str, Any]:
        """All but tables, as what JSON can hold."""
        from hidden_regime.experiments.comparison.folder import comparison_dict

        return comparison_dict(self)

    def to_html(self) -> str:
        """The page, which opens without a network."""
        from hidden_regime.experiments.pages.comparison_page import comparison_page

        return comparison_page(self)

    def write(self, folder: str | Path) -> list[Path]:
        """Write comparison.json, returns, runs and the page into a folder.

        Raises
        ------
        StudyError
            It holds something else.
        """
        from hidden_regime.experiments.comparison.folder import write_comparison

        return write_comparison(self, Path(folder))

    def _repr_html_(self) -> str:
        """What a notebook shows."""
        return facts(repr(self), {f"reason {i}": said for i, said in enumerate(self.verdict.reasons, 1)})

    def __repr__(self) -> str:
        return f"Comparison({', '.join(one.name for one in self.figures)}: {self.verdict.headline})"


def compared(question: dict[str, Any], identity: str, results: Sequence[Result], benchmark: str, *, notes: Sequence[str] = (),
             block: float | None = None, n_resamples: int = 2000, seed: int = 0) -> Comparison:  # fmt: skip
    """A comparison of runs.

    Raises
    ------
    StudyError
        Fewer than two that can be compared, or too few common days.
    """
    trouble = {result.name: trouble_with(result) for result in results}
    inside = [result for result in results if not trouble[result.name]]
    _expect_two(inside, trouble)
    days, returns = common_days(inside)
    moves = np.ptp(returns, axis=0) > 0.0
    for one in [result for result, some in zip(inside, moves, strict=True) if not some]:
        trouble[one.name] = "it never moves on the common days, so that it has no Sharpe ratio"
    inside, returns = [one for one, some in zip(inside, moves, strict=True) if some], returns[:, moves]
    _expect_two(inside, trouble)
    options: dict[str, Any] = {"block": block, "n_resamples": n_resamples, "seed": seed}
    names = [one.name for one in inside]
    figures = [strategy_figures(one, returns[:, i], days, **options) for i, one in enumerate(inside)]
    order = sorted(range(len(figures)), key=lambda i: -(figures[i].sharpe or 0.0))
    year = days_per_year(days)
    pairs = pairs_of([names[i] for i in order], returns[:, order], days_a_year=year, **options)
    mark = benchmark if benchmark in names else ""
    family = family_tests(mark, names, returns, **options) if mark else None
    ranked = tuple(figures[i] for i in order)
    outside = tuple(out_of_tests(one, trouble[one.name]) for one in results if trouble[one.name])
    said = [*notes, *_dropped(inside, days)]
    if not mark:
        said.append(f"{benchmark}, the benchmark, isn't in the tests, so that nothing is measured against it")
    verdict = judge(ranked, pairs, family, len(days) / year)
    return Comparison(question, identity, tuple(results), benchmark, days, tuple(names), returns, (*ranked, *outside), pairs,
                      family, verdict, tuple(said))  # fmt: skip


def _expect_two(inside: Sequence[Result], trouble: dict[str, str]) -> None:
    if len(inside) < 2:
        why = "; ".join(f"{name}: {said}" for name, said in trouble.items() if said)
        raise StudyError(
            f"{len(inside)} of {len(trouble)} can be compared: expected at least two, the benchmark among them. "
            f"{why or 'Give another strategy, or a benchmark'}."
        )


def _dropped(inside: Sequence[Result], days: npt.NDArray[np.datetime64]) -> list[str]:
    more = [(one.name, len(one.equity) - 1) for one in inside if len(one.equity) - 1 > len(days)]
    if not more:
        return []
    each = ", ".join(f"{name} has {count:,}" for name, count in more)
    return [
        f"compared are the {len(days):,} trading days that all have, {days[0]} to {days[-1]}; the others are left out: {each}"
    ]
