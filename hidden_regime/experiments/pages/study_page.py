"""The page of a study."""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

from hidden_regime.experiments.analysis import Analysis, ParameterReport, analyse
from hidden_regime.experiments.objective import path_of
from hidden_regime.experiments.pages import captions, curve_figures, figures, parameter_figures
from hidden_regime.experiments.pages.rendering import drawn, render
from hidden_regime.experiments.pages.surface import most_important, surface_of
from hidden_regime.experiments.pages.tiles import SHARPE, probabilities, tiles
from hidden_regime.experiments.pages.words import RULE, in_words, warnings
from hidden_regime.experiments.pages.written import NOTHING, number, objective, set_of
from hidden_regime.regimes.statistics import days_per_year

if TYPE_CHECKING:
    from hidden_regime.experiments.studies.study import Study

TOP, MOST_REASONS, LONGEST = 10, 20, 600
REPORT = ("Parameter", "Values", "Best", "Range within a slice, mean", "largest", "Largest step", "Slices")
SHOWN = {"Sharpe, LEAN": "Sharpe Ratio", "Drawdown": "Drawdown", "CAGR": "Compounding Annual Return", "Orders": "Total Orders"}


def study_page(study: Study) -> str:
    """HTML of a study's page: equal studies have equal pages.

    The page opens without a network, in light, dark and on paper. Texts from outside (names, values, errors) are escaped.
    """
    found, best = analyse(study), study.best
    reasons = [(_cut(one.reason), one.n, set_of(one.parameters)) for one in found.failures[:MOST_REASONS]]
    return render(
        "study", title=f"{study.spec['strategy']}: parameters", id=f"Study {study.id}", asked=captions.asked(study),
        fixed=captions.fixed(study.spec), warnings=warnings(study, found),
        best=None if best is None else {"number": best.number, "parameters": list(best.parameters.items())},
        tiles=tiles(study), probabilities=probabilities(study), words=in_words(study.luck), rule=RULE,
        **_of_trials(study, found), **_of_parameters(study, found), **_of_the_best(study, found), failures=reasons,
        notes=captions.notes(study, len(found.failures), MOST_REASONS))  # fmt: skip


def _of_trials(study: Study, found: Analysis) -> dict[str, Any]:
    several = len(study.directions) > 1 and study.best is not None
    return {
        "history": drawn(figures.history(study), "history") if found.n_sets else "", "history_note": captions.history_note(study),
        "front": drawn(figures.front(study), "front") if several else "",
        "front_note": captions.front_note(study) if several else "",
    }  # fmt: skip


def _of_parameters(study: Study, found: Analysis) -> dict[str, Any]:
    varied = found.by_importance
    pair = most_important(varied)
    in_order = [one for one in found.parameters if one.varies]
    slices = [parameter_figures.slices(study, one, is_grid=found.is_grid) for one in in_order]
    # One alone explains all there is.
    important = len(varied) > 1 and any(one.importance is not None for one in varied)
    heat = ""
    if len(pair) == 2:
        heat = drawn(parameter_figures.heat_map(surface_of(study, *pair), study.spec["objectives"][0]["target"]), "heat")
    shown = len(REPORT) if any(one.n_slices for one in found.parameters) else 3
    return {
        "slices": [drawn(figure, f"slice-{i}") for i, figure in enumerate(slices)], "report_columns": REPORT[:shown],
        "reports": [_report(one)[:shown] for one in in_order], "slices_note": captions.slices_note(found),
        "heat": heat, "heat_note": captions.heat_note(found, pair),
        "importance": drawn(parameter_figures.importances(found), "importance") if important else "",
        "importance_note": captions.importance_note(found),
    }  # fmt: skip


def _of_the_best(study: Study, found: Analysis) -> dict[str, Any]:
    names = [one.name for one in found.by_importance]
    targets = [one["target"] for one in study.spec["objectives"]]
    further = {name: statistic for name, statistic in SHOWN.items() if path_of(statistic) not in map(path_of, targets)}
    goals = [f"{target}, LEAN" if path_of(target) == SHARPE else target for target in targets]
    n_others = study.returns.shape[1] - (curve_figures.best_column(study) is not None)
    return {
        "columns": ["", "Trial", *names, *goals, "Sharpe, days", *further],
        "top": [_row(study, place, names, list(further.values())) for place in range(min(TOP, len(study.ranked)))],
        "fan": drawn(curve_figures.fan(study), "fan") if study.returns.size else "",
        "fan_note": captions.fan_note(study, n_others),
    }  # fmt: skip


def _report(one: ParameterReport) -> list[str]:
    span = f": {one.levels[0].value} to {one.levels[-1].value}" if one.numeric else ""
    best = NOTHING if one.best_value is None else one.best_value + (f" ({one.edge})" if one.edge else "")
    spread = [objective(value) for value in (one.mean_range, one.max_range, one.max_step)]
    return [one.name, f"{len(one.levels)}{span}", best, *spread, str(one.n_slices)]


def _row(study: Study, place: int, names: Sequence[str], statistics: Sequence[str]) -> list[str]:
    trial = study.ranked[place]
    own = [trial.parameters.get(name, NOTHING) for name in names]
    values = [objective(value) for value in trial.values or ()]
    texts = [trial.statistics.get(statistic, NOTHING) for statistic in statistics]
    return [str(place + 1), str(trial.number), *own, *values, number(sharpe_of(study, trial.number)), *texts]


def sharpe_of(study: Study, trial: int) -> float | None:
    """A trial's Sharpe ratio by trading days, a year; None where its equity never moves."""
    if trial not in study.columns or len(study.returns) < 2:
        return None
    returns = study.returns[:, study.columns.index(trial)]
    deviation = float(returns.std(ddof=1))
    return float(returns.mean()) / deviation * math.sqrt(days_per_year(study.days)) if deviation > 0.0 else None


def _cut(text: str) -> str:
    return text if len(text) <= LONGEST else text[: LONGEST - 1] + "\u2026"
