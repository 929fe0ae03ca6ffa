"""What stands above and below the pictures of a study's page."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

from hidden_regime.experiments.analysis import Analysis, ParameterReport
from hidden_regime.experiments.pages.curve_figures import FEWEST
from hidden_regime.experiments.pages.written import day, goals, listed, objective, set_of

if TYPE_CHECKING:
    from hidden_regime.experiments.studies.study import Study

SEEDED = ("random", "tpe")


def asked(study: Study) -> str:
    """What was asked, in one line."""
    spec, n = study.spec, len(study.trials)
    over = [f"{day(spec['first'])} to {day(spec['last'])}"] if spec["first"] else []  # unknown where no trial left a curve
    ended = ", ended at the value asked for" if study.ended == "target" else ""
    parts = [str(spec["strategy"]), *over, f"{spec['method']}, {n} trial{'' if n == 1 else 's'}{ended}", goals(spec)]
    return " \u00b7 ".join([*parts, f"seed {spec['seed']}"] if spec["method"] in SEEDED else parts)


def fixed(spec: dict[str, Any]) -> str:
    """What no trial varied, of a study's or a walk-forward's question."""
    told = set(spec["reads"]) - {one["name"] for one in spec["space"]} - {"start", "end"}
    return set_of({name: value for name, value in spec["parameters"].items() if name in told and value != ""})


def told_parameters(parameters: Mapping[str, str]) -> list[str]:
    """Parameters that a reader has to know, beside the days that are told anyway."""
    return [f"{name} = {value}" for name, value in parameters.items() if name not in ("start", "end") and value != ""]


def history_note(study: Study) -> str:
    """Of the trials in order."""
    learns = " What a search learns, it learns after each batch." if study.spec["method"] in ("tpe", "euler") else ""
    return f"In the order in which they were proposed.{learns}"


def slices_note(found: Analysis) -> str:
    """Of the table of parameters."""
    if not any(one.n_slices for one in found.parameters):
        return "No two sets differ in one parameter alone."
    said = "A slice holds the sets that differ in this parameter alone; a step is the change from one of its values to the next."
    if not found.modes:
        return said
    told = [f"trial {one.trial} ({objective(one.value)}, {one.neighbours} tried)" for one in found.modes]
    return f"{said} Better than each of their neighbours that were tried: {listed(told, 6)}."


def heat_note(found: Analysis, pair: Sequence[ParameterReport]) -> str:
    """Of the heat map."""
    kind = "numbers" if all(one.numeric for one in pair) else "parameters"
    what = f"Two {kind} that vary" if any(one.importance is None for one in pair) else f"The two most important {kind}"
    rest = " Means over all others." if sum(one.varies for one in found.parameters) > 2 else ""
    binned = "Numbers with many values are binned, and each bin's label is its middle."
    return f"{what}. The frame is the best trial's cell.{rest} {binned} Where nothing was tried, nothing is drawn."


def importance_note(found: Analysis) -> str:
    """Of the bars of importance: which formula they go by."""
    said = "Share of the objective's variance that each explains alone"
    if found.is_grid:
        rest = 1.0 - sum(one.importance for one in found.parameters if one.importance is not None)
        return f"{said}, exact on a whole grid. {max(rest, 0.0):.0%} is what they do together."
    return (
        f"{said}, less what so many groups explain of noise; numbers in five groups of equal ranks. A region weighs as often as "
        "the search went there, and shares needn't sum to 1."
    )


def front_note(study: Study) -> str:
    """Of the picture of two objectives."""
    n, k = len(study.front), len(study.directions)
    told = f"{n} trial{'' if n == 1 else 's'} that no other one beats in one objective without being worse in another"
    return f"The front: {told}. Drawn are the first two{f' of the {k} objectives' if k > 2 else ''}."


def fan_note(study: Study, n_others: int) -> str:
    """Of the curves."""
    scale = "logarithmic scale"
    if n_others < 1:
        return f"It starts at 100; {scale}."
    shown = "the band holds 90 of 100 of the others at each day" if n_others >= FEWEST else "the others are grey"
    if study.best is None:
        return f"All complete sets start at 100; {scale}; {shown}."
    others = f"{n_others} other{'' if n_others == 1 else 's'}"
    return f"The best against the {others}: all start at 100; {scale}; {shown}. The best is on top because it was chosen."


def notes(study: Study, n_reasons: int, most: int) -> list[str]:
    """What has to be said besides."""
    said = [*study.notes, *study.luck.notes]
    if n_reasons > most:
        said.append(f"{n_reasons - most} further reasons for trials without a value are in study.json")
    if len(study.days) and study.best is not None:
        blocks = f", PBO in {study.luck.pbo_blocks} blocks of them" if study.luck.pbo is not None else ""
        days = f"the {len(study.days):,} trading days that all complete trials share{blocks}"
        said.append(f"PSR, DSR and PBO are of {days}; LEAN's Sharpe ratio counts weekends, too")
    return said
