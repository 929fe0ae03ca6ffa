"""The page of a simulation."""

from __future__ import annotations

from typing import TYPE_CHECKING

from hidden_regime.experiments.pages import path_model_table, simulation_figures
from hidden_regime.experiments.pages import simulation_words as words
from hidden_regime.experiments.pages.rendering import drawn, render
from hidden_regime.experiments.pages.written import NOTHING, number, objective, percent, set_of

if TYPE_CHECKING:
    from hidden_regime.experiments.simulation.perturbation import Moved
    from hidden_regime.experiments.simulation.simulation import Simulation
    from hidden_regime.experiments.simulation.summary import Figure, Probability

SHOWN = (0.01, 0.05, 0.5, 0.95, 0.99)
MOVED = ("Parameter", "Winner", "Down", "Up", "Alone down", "Alone up", "Sets", "Keep half", "No value", "Worst", "Median")
MOST_FAILURES = 6


def simulation_page(found: Simulation) -> str:
    """HTML of a simulation: equal ones have equal pages.

    The page opens without a network, in light, dark and on paper. Texts from outside (names, errors) are escaped.
    """
    moved = found.perturbation
    sets = moved is not None
    return render(
        "simulation", title=words.title(found), id=f"Simulation {found.id}", asked=words.asked(found),
        headline=words.headline(found), rule=words.rule(found), warnings=[],
        by_parameter=drawn(simulation_figures.by_parameter(found), "by-parameter") if sets else "",
        by_parameter_note=_by_parameter_note(found), moved_columns=_moved_columns(found),
        moved=[] if moved is None else [_moved(one, told=moved.share is not None) for one in moved.parameters],
        fan="" if found.fan is None else drawn(simulation_figures.fan(found), "fan"), fan_note=words.fan_note(found),
        chances=[_chance(one) for one in found.probabilities], chances_note=_chances_note(found),
        histograms=[drawn(one, f"histogram-{i}") for i, one in enumerate(simulation_figures.histograms(found))],
        histograms_title="Sets around the winner" if sets else "Return, Sharpe ratio and drawdown",
        histograms_note=words.histograms_note(found), columns=_columns(sets),
        rows=[_row(one, found.drawn["unit"], sets) for one in found.figures if one.n], rows_note=words.rows_note(found),
        failures=_failures(found), failures_of="Sets" if sets else "Paths",
        failures_title="Sets that failed" if sets else "Paths that failed", model_columns=path_model_table.COLUMNS,
        model=path_model_table.rows(found.model), model_note=path_model_table.note(found.model), notes=found.notes,
        method=words.method(found))  # fmt: skip


def _columns(sets: bool) -> list[str]:
    return ["Figure", "Winner" if sets else "Source", "Place", *(f"{100 * level:.0f}%" for level in SHOWN)]


def _row(one: Figure, unit: str, sets: bool) -> list[str]:
    place = NOTHING if one.place is None else number(100.0 * one.place, 0)
    cells = []
    for level in SHOWN:
        at = words.figure_text(one.name, one.at(level), "").strip().removesuffix(" s")
        error = one.errors[simulation_level(level)]
        cells.append(at if sets else f"{at} \u00b1 {_error(one.name, error)}")
    name = words.FIGURES[one.name] + (f", {unit}s" if one.name == "under_water" else "")
    own = words.figure_text(one.name, one.source, "").strip().removesuffix(" s")
    return [name, own, place, *cells]


def simulation_level(level: float) -> int:
    """Where a level stands among the quantiles."""
    from hidden_regime.experiments.simulation.summary import LEVELS

    return LEVELS.index(level)


def _error(name: str, error: float) -> str:
    if name in (*words.PERCENTS, "lowest"):
        return number(100.0 * error, 1)
    return number(error, 0 if name == "under_water" else 2 if error >= 0.005 else 3)


def _chance(one: Probability) -> list[str]:
    return [words.probability_name(one), words.of_hundred(one), NOTHING if one.bound is not None else number(100.0 * one.se, 2),
            f"{one.count:,} of {one.n:,}"]  # fmt: skip


def _chances_note(found: Simulation) -> str:
    own = found.source.get("drawdown")
    what = "" if own is None else f" The source's own largest drawdown is {percent(own)}."
    ruin = "Ruin is any close so low, and not only the last."
    held = " The benchmark is that of the same path." if found.kind == "regime-paths" else ""
    return f"Shares of the paths, with their Monte Carlo standard errors. {ruin}{held}{what}"


def _by_parameter_note(found: Simulation) -> str:
    moved = found.perturbation
    if moved is None:
        return ""
    kind = "twice it" if moved.direction == "min" else "half of it"
    limit = "" if moved.share is None else f", the dashed line {kind}"
    drawn_as = "Each dot is a set in which the parameter was moved: triangles alone, grey with others."
    return f"{drawn_as} The blue line is the winner{limit}."


def _moved_columns(found: Simulation) -> list[str]:
    is_min = found.perturbation is not None and found.perturbation.direction == "min"
    return ["Within twice" if is_min and name == "Keep half" else name for name in MOVED]


def _moved(one: Moved, *, told: bool) -> list[str]:
    """A parameter's row; half of a winner that isn't above 0 says nothing, and so does how many keep it."""
    return [
        one.name, one.value, one.down or NOTHING, one.up or NOTHING, objective(one.down_value), objective(one.up_value),
        str(one.n), str(one.kept) if told else NOTHING, str(one.without), objective(one.worst), objective(one.median),
    ]  # fmt: skip


def _failures(found: Simulation) -> list[list[str]]:
    """Errors with how many paths have each, the most frequent first, and the first of them."""
    if "error" not in found.paths:
        return []
    seen: dict[str, list[int]] = {}
    for i, (status, error) in enumerate(zip(found.paths["status"], found.paths["error"], strict=True)):
        if status == "failed":
            seen.setdefault(str(error) or "no text", []).append(i)
    ranked = sorted(seen.items(), key=lambda item: (-len(item[1]), item[1][0]))[:MOST_FAILURES]
    sets = () if found.perturbation is None else found.perturbation.sets
    return [[error, str(len(own)), set_of(sets[own[0]]) if sets else f"path {own[0]}"] for error, own in ranked]
