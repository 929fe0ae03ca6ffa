"""The page of a study."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, Any


from hidden_regime.experiments.analysis import Analysis, ParameterReport, analyse
from hidden_regime.experiments.pages import curve_figures, figures, parameter_figures
from hidden_regime.experiments.pages.rendering import drawn, render
from hidden_regime.experiments.pages.surface import most_important, surface_of
from hidden_regime.experiments.pages.words import RULE, in_words, warnings
from hidden_regime.experiments.pages.written import (
    NOTHING,
    day,
    goals,
    listed,
    number,
    objective,
    probability,
    set_of,
)
from hidden_regime.experiments.studies.luck import YEAR

if TYPE_CHECKING:
    from hidden_regime.experiments.studies.study import Study

TOP, MOST_FAILURES, LONGEST = 10, 20, 600
SEEDED = ("random", "tpe")


def study_page(study: Study) -> str:
    """HTML of a study's page: equal studies have equal pages.

    The page opens without a network, in light, dark and on paper. Texts from outside (names, values, errors) are escaped.
    """
    found = analyse(study)
    best, luck = study.best, study.luck
    varied = found.by_importance
    pair = most_important(varied)
    known = [one for one in varied if one.importance is not None]
    n_others = study.returns.shape[1] - (curve_figures.best_column(study) is not None)
    return render(
        "study", title=f"{study.spec['strategy']}: parameters", id=f"Study {study.id}", asked=asked(study), fixed=fixed(study),
        warnings=warnings(study, found), best=None if best is None else
        {"number": best.number, "parameters": list(best.parameters.items())},
        tiles=[] if best is None else tiles(study), probabilities=probabilities(study), words=in_words(luck), rule=RULE,
        history=drawn(figures.history(study), "history") if study.trials else "", history_note=_history_note(study),
        slices=[drawn(parameter_figures.slices(study, one), f"slice-{i}") for i, one in enumerate(found.parameters) if one.varies],
        reports=[_report(one) for one in found.parameters if one.varies], modes=_modes(found),
        heat=drawn(parameter_figures.heat_map(surface_of(study, *pair), study.spec["objectives"][0]["target"]), "heat")
        if len(pair) == 2 else "", heat_note=_heat_note(found, pair),
        importance=drawn(parameter_figures.importances(found), "importance") if known else "", importance_note=_importance_note(found),
        front=drawn(figures.front(study), "front") if len(study.directions) > 1 and found.n_sets else "",
        front_note=_front_note(study), columns=_columns(study, varied), top=[_row(study, i, varied) for i in range(_n_top(study))],
        fan=drawn(curve_figures.fan(study), "fan") if study.returns.size else "", fan_note=_fan_note(n_others),
        failures=[(_cut(one.reason), one.count, set_of(one.parameters)) for one in found.failures[:MOST_FAILURES]],
        notes=_notes(study, len(found.failures)))  # fmt: skip


def asked(study: Study) -> str:
    """What was asked, in one line."""
    spec = study.spec
    base = spec.get("parameters") or {}
    first, last = spec.get("start") or base.get("start"), spec.get("end") or base.get("end")
    if len(study.days):
        first, last = first or str(study.days[0]), last or str(study.days[-1])
    range_ = f"{day(first)} to {day(last)}" if first and last else f"from {day(first)}" if first else "no trading day"
    n = len(study.trials)
    parts = [str(spec["strategy"]), range_, f"{spec['method']}, {n} trial{'' if n == 1 else 's'}{_end(study)}", goals(spec)]
    if spec["method"] in SEEDED:
        parts.append(f"seed {spec['seed']}")
    return " \u00b7 ".join(parts)


def _end(study: Study) -> str:
    return ", ended at the value asked for" if study.ended == "target" else ""


def fixed(study: Any) -> str:
    """What no trial varied: of a study, or of a walk-forward."""
    varied = {one["name"] for one in study.spec["space"]} | {"start", "end"}
    given = {name: value for name, value in (study.spec.get("parameters") or {}).items() if name not in varied and value != ""}
    return set_of(given)


def tiles(study: Study) -> list[tuple[str, str, str]]:
    """Name, figure and what belongs beside it."""
    luck, first = study.luck, study.spec["objectives"][0]
    values = study.best.values if study.best is not None and study.best.values is not None else ()
    several = "".join(f"; {one['target']} {objective(v)}" for one, v in zip(study.spec["objectives"][1:], values[1:], strict=False))
    diluted = "LEAN's is diluted by weekends; " if "sharpe" in first["target"].lower() else ""
    needed = luck.minimum_track_record
    if luck.sharpe is not None and needed is None:
        needed = math.inf
    effective = f"worth {number(luck.n_effective, 1)} independent ones by mean correlation, " \
        f"{number(luck.n_effective_by_eigenvalues, 1)} by eigenvalues" if luck.n_effective is not None else "different sets"  # fmt: skip
    backtest = luck.minimum_backtest
    tries = "" if backtest is None else f"; below {number(backtest, 1)} years so many tries have 1.0 by luck"
    return [
        (f"{first['target']} of the best", objective(values[0] if values else None), f"{first['direction']}{several}"),
        ("Sharpe ratio a year", number(luck.sharpe), f"{diluted}this is of trading days"),
        ("Best minus median", objective(luck.best_minus_median), f"of {first['target']}: what choosing the best added"),
        ("Tries", f"{luck.n_tries:,}", effective + tries),
    ]  # fmt: skip


def probabilities(study: Study) -> list[tuple[str, str, str]]:
    """What a Sharpe ratio is worth: one probability never stands without the others."""
    luck = study.luck
    needed = math.inf if luck.sharpe is not None and luck.minimum_track_record is None else luck.minimum_track_record
    noise = "can't be said" if luck.pbo_low is None else f"noise of this shape: {number(luck.pbo_low)} to {number(luck.pbo_high)}"
    by_luck = "" if luck.luck_sharpe is None else f", which have {number(luck.luck_sharpe)} by luck"
    return [
        ("PSR", probability(luck.psr), "true Sharpe ratio above 0, as if nothing else had been tried"),
        ("DSR, all tries", probability(luck.dsr), f"above the best of all {luck.n_tries:,}{by_luck}"),
        ("DSR, by correlation", probability(luck.dsr_effective), f"above the best of {number(luck.n_effective, 1)} independent ones"),
        ("DSR, by eigenvalues", probability(luck.dsr_eigenvalues),
         f"above the best of {number(luck.n_effective_by_eigenvalues, 1)} independent ones"),
        ("Track record needed", NOTHING if needed is None else f"{number(needed, 1)} years" if math.isfinite(needed) else "infinite",
         f"until PSR is 0.95; there are {number(luck.years, 1)} years"),
        ("PBO", number(luck.pbo), noise),
    ]  # fmt: skip


def _history_note(study: Study) -> str:
    whole = "In the order in which they were proposed."
    return whole + (" What a search learns, it learns after each batch." if study.spec["method"] in ("tpe", "euler") else "")


def _report(one: ParameterReport) -> list[str]:
    values = f"{len(one.levels)}: {one.levels[0].value} to {one.levels[-1].value}" if one.numeric else f"{len(one.levels)}"
    best = NOTHING if one.best_value is None else one.best_value + (f" ({one.edge})" if one.edge else "")
    spread = [objective(one.mean_range), objective(one.max_range), objective(one.max_step)]
    return [one.name, values, best, *spread, str(one.n_slices)]


def _modes(found: Analysis) -> str:
    if not found.modes:
        return ""
    told = [f"trial {one.trial} ({objective(one.value)}, {one.neighbours} tried)" for one in found.modes]
    return f"Better than each of its neighbours that were tried: {listed(told, 6)}."


def _heat_note(found: Analysis, pair: list[ParameterReport]) -> str:
    what = "The two most important numbers" if all(one.numeric for one in pair) else "The two most important parameters"
    known = " that vary" if any(one.importance is None for one in pair) else ""
    rest = " Means over all others." if len([one for one in found.parameters if one.varies]) > 2 else ""
    return f"{what}{known}. The frame is the best trial's cell.{rest} Where nothing was tried, nothing is drawn."


def _importance_note(found: Analysis) -> str:
    shares = [one.importance for one in found.parameters if one.importance is not None]
    if found.is_grid:
        rest = max(0.0, 1.0 - sum(shares))
        return f"Share of the objective's variance that each explains alone, exact on a whole grid. {rest:.0%} is what they do together."
    return "Share of the objective's variance that each explains alone, less what so many groups explain of noise; numbers in five " \
           "groups of equal ranks. A region weighs as often as the search went there, and shares needn't sum to 1."  # fmt: skip


def _front_note(study: Study) -> str:
    more = f" of the {len(study.directions)} objectives" if len(study.directions) > 2 else ""
    n = len(study.front)
    told = "1 trial that no other one beats" if n == 1 else f"{n} trials that no other one beats"
    return f"The front: {told} in one objective without being worse in another. Drawn are the first two{more}."


def _fan_note(n_others: int) -> str:
    if n_others < 1:
        return "Each curve starts at 100; logarithmic scale."
    shown = "the band holds 90 of 100 of the others at each day" if n_others >= curve_figures.FEWEST else "the others are grey"
    return f"The best against the {n_others} other{'' if n_others == 1 else 's'}: all start at 100; logarithmic scale; {shown}. " \
           "The best is on top because it was chosen."  # fmt: skip


def _n_top(study: Study) -> int:
    return min(TOP, len(study.ranked))


def _columns(study: Study, varied: list[ParameterReport]) -> list[str]:
    goal = [one["target"] for one in study.spec["objectives"]]
    return ["", "Trial", *(one.name for one in varied), *goal, "Sharpe, LEAN", "Sharpe, days", "Drawdown", "CAGR", "Orders"]


def _row(study: Study, place: int, varied: list[ParameterReport]) -> list[str]:
    trial = study.ranked[place]
    own = [trial.parameters.get(one.name, NOTHING) for one in varied]
    values = [objective(value) for value in trial.values or ()]
    names = ("Drawdown", "Compounding Annual Return", "Total Orders")
    texts = [trial.statistics.get(name, NOTHING) for name in names]
    sharpe = trial.statistics.get("Sharpe Ratio", NOTHING)
    return [str(place + 1), str(trial.number), *own, *values, sharpe, number(_sharpe(study, trial.number)), *texts]


def _sharpe(study: Study, trial: int) -> float | None:
    """By trading days, a year; None where equity never moves."""
    if trial not in study.columns or len(study.returns) < 2:
        return None
    returns = study.returns[:, study.columns.index(trial)]
    deviation = float(returns.std(ddof=1))
    return float(returns.mean()) / deviation * math.sqrt(YEAR) if deviation > 0.0 else None


def _notes(study: Study, n_failures: int) -> list[str]:
    said = [*study.notes, *study.luck.notes]
    if n_failures > MOST_FAILURES:
        said.append(f"{n_failures - MOST_FAILURES} further reasons for trials without a value are in study.json")
    if len(study.days) and study.best is not None:
        said.append(f"PSR, DSR and PBO are of returns of the {len(study.days):,} trading days that all complete trials share, "
                    f"PBO in {study.luck.pbo_blocks} blocks; LEAN's Sharpe ratio also counts weekends")  # fmt: skip
    return said


def _cut(text: str) -> str:
    return text if len(text) <= LONGEST else text[: LONGEST - 1] + "\u2026"


