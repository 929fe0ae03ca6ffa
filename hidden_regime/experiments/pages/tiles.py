"""The figures on top of a study's page, each with what belongs beside it."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

from hidden_regime.experiments.objective import path_of
from hidden_regime.experiments.pages.written import NOTHING, number, objective, probability, years

if TYPE_CHECKING:
    from hidden_regime.experiments.studies.study import Study

Tile = tuple[str, str, str]
LARGE = {"max": "large", "min": "small"}
SHARPE = path_of("Sharpe Ratio")


def tiles(study: Study) -> list[Tile]:
    """Name, figure, and what it is of."""
    luck, (first, *others) = study.luck, study.spec["objectives"]
    values = () if study.best is None or study.best.values is None else study.best.values
    several = "".join(f"; {one['target']} {objective(v)}" for one, v in zip(others, values[1:], strict=False))
    diluted = "LEAN's is diluted by weekends; " if path_of(first["target"]) == SHARPE else ""
    effective = "different sets"
    if luck.n_effective is not None:
        effective = f"worth {number(luck.n_effective, 1)} independent ones by mean correlation, "
        effective += f"{number(luck.n_effective_by_eigenvalues, 1)} by eigenvalues"
    backtest = luck.minimum_backtest
    tries = "" if backtest is None else f"; below {number(backtest, 1)} years so many tries have 1.0 by luck"
    sought = f"as {LARGE[first['direction']]} as can be{several}"
    return [
        (f"{first['target']} of the best", objective(values[0] if values else None), sought),
        ("Sharpe ratio a year", number(luck.sharpe), f"{diluted}this is of trading days"),
        ("Best minus median", objective(luck.best_minus_median), f"of {first['target']}: what choosing the best added"),
        ("Tries", f"{luck.n_tries:,}", effective + tries),
    ]


def probabilities(study: Study) -> list[Tile]:
    """What a Sharpe ratio is worth: the probability of the best as if it were the only one never stands without the others."""
    luck = study.luck
    # A study that was read has None for what JSON has no word for.
    needed = math.inf if luck.sharpe is not None and luck.minimum_track_record is None else luck.minimum_track_record
    record = NOTHING if needed is None else f"{years(needed)} years" if math.isfinite(needed) else "infinite"
    noise = "can't be said" if luck.pbo_low is None else f"noise of this shape: {number(luck.pbo_low)} to {number(luck.pbo_high)}"
    by_luck = "" if luck.luck_sharpe is None else f", which have {number(luck.luck_sharpe)} by luck"
    return [
        ("PSR", probability(luck.psr), "true Sharpe ratio above 0, as if nothing else had been tried"),
        ("DSR, all tries", probability(luck.dsr), f"above the best of all {luck.n_tries:,}{by_luck}"),
        ("DSR, by correlation", probability(luck.dsr_effective), _above(luck.n_effective)),
        ("DSR, by eigenvalues", probability(luck.dsr_eigenvalues), _above(luck.n_effective_by_eigenvalues)),
        ("Track record needed", record, f"until PSR is 0.95; there are {number(luck.years, 1)} years"),
        ("PBO", number(luck.pbo), noise),
    ]


def _above(n: float | None) -> str:
    return f"above the best of {number(n, 1)} independent ones"
