"""A campaign from its file, strictly: what isn't understood is refused before anything runs."""

from __future__ import annotations

import re
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from hidden_regime.exceptions import ParameterError
from hidden_regime.experiments.constraint import Constraint
from hidden_regime.experiments.objective import STATISTICS, Objective, path_of
from hidden_regime.experiments.search.base import DIRECTIONS
from hidden_regime.experiments.space import Range, Space
from hidden_regime.experiments.studies.spec import METHODS
from hidden_regime.experiments.trials.setup import text_of
from hidden_regime.experiments.walking_forward import MODES as WINDOW_MODES
from hidden_regime.files.paths import given_path
from hidden_regime.files.toml import read_tables
from hidden_regime.jobs import words
from hidden_regime.jobs.campaign import Campaign, Gates, Hypothesis, Rules, Search, Target, Windows
from hidden_regime.jobs.errors import CampaignError
from hidden_regime.jobs.reading import Table

TOP = ("name", "option", "skip", "target", "hypothesis", "rules", "optimise", "walk_forward", "gates", "budget")
OPTIONS: dict[str, tuple[tuple[str, str, str], str]] = {
    "A": ((words.CLOUD, words.CLOUD, words.NOWHERE), words.AUTONOMOUS),
    "B": ((words.LEAN, words.LEAN, words.NOWHERE), words.AUTONOMOUS),
    "C": ((words.CLOUD, words.EMBEDDED, words.CLOUD), words.AUTONOMOUS),
    "D": ((words.EMBEDDED, words.EMBEDDED, words.NOWHERE), words.MANUAL),
}
"""Presets: where baseline, optimisation and validation run, and who says go. What the file says besides has more say."""
NAME = re.compile(r"[A-Za-z0-9][A-Za-z0-9_.-]{0,59}")
ANSWERS = ("robust", "undecided", "fragile")
OF_STUDIES = {"PSR": 0.0, "DSR": 0.0, "PBO": 0.0}
"""Figures of a study beside LEAN's statistics."""
ELSEWHERE = {words.LEAN: ("grid", "euler"), words.CLOUD: ("grid",)}
"""Searches that run outside of this package."""


def read_campaign(path: str | Path) -> Campaign:
    """A campaign from its file.

    Parameters
    ----------
    path : str or Path
        A TOML file.

    Raises
    ------
    CampaignError
        It can't be read, has a key that there isn't, or a value that can't be.

    Examples
    --------
    >>> from pathlib import Path
    >>> from tempfile import mkdtemp
    >>> file = Path(mkdtemp()) / "c.toml"
    >>> _ = file.write_text('name = "c"\\n[[hypothesis]]\\nname = "h"\\nstrategy = "basic_regime_switching"\\n', encoding="utf-8")
    >>> read_campaign(file).hypotheses[0].strategy
    'basic_regime_switching'
    """
    file = given_path("CAMPAIGN", path)
    try:
        told = read_tables("CAMPAIGN", path)
    except ParameterError as error:
        raise CampaignError(error.text) from error
    try:
        return campaign_of(file, told)
    except ParameterError as error:
        raise CampaignError(f"{file}: {error.text}") from error
    except CampaignError as error:
        raise CampaignError(f"{file}: {error.text}") from error.__cause__


def campaign_of(path: Path, told: Mapping[str, Any]) -> Campaign:
    """A campaign of the content of its file; see `read_campaign`."""
    top = Table("the file", told, TOP)
    option = top.text("option", "", among=("", *OPTIONS))
    places, mode = OPTIONS[option] if option else ((words.EMBEDDED, words.EMBEDDED, words.NOWHERE), words.AUTONOMOUS)
    target = _target(top.values("target"), places)
    search = _search(top.values("optimise"), target)
    given = told.get("hypothesis", [])
    if not isinstance(given, list) or not given:
        raise CampaignError("it has no [[hypothesis]]: expected at least one, with a name and a strategy.")
    hypotheses = tuple(_hypothesis(i, one, target) for i, one in enumerate(given, 1))
    names = [one.name.lower() for one in hypotheses]
    for one in hypotheses:
        if names.count(one.name.lower()) > 1:
            raise CampaignError(f"two hypotheses are called {one.name!r}: expected each name once, for results lie under it.")
    windows = Table("[walk_forward]", top.values("walk_forward"), ("is_months", "oos_months", "mode", "n_trials"))
    budget = Table("[budget]", top.values("budget"), ("credits",))
    return Campaign(
        path, _name(top, "name", "the campaign"), hypotheses, option, target, search,
        Windows(windows.whole("is_months", 12), windows.whole("oos_months", 6),
                windows.text("mode", "rolling", among=WINDOW_MODES), windows.whole("n_trials", 20)),
        _rules(top.values("rules")), _gates(top.values("gates"), mode), top.texts("skip", among=words.SKIPPABLE),
        budget.whole("credits", 0, 0) if "credits" in budget.told else None,
    )  # fmt: skip


def _name(table: Table, key: str, what: str) -> str:
    name = table.text(key)
    if not NAME.fullmatch(name):
        raise table.wrong(key, name, f"a name of letters, digits, '_', '-' and '.', for a folder of {what} is called so")
    return name


def _target(told: Mapping[str, Any], places: tuple[str, str, str]) -> Target:
    known = ("kind", "baseline", "optimise", "validate", "data", "start", "end", "cash", "timeout")
    table = Table("[target]", told, known)
    kind = table.text("kind", "", among=("", *words.PLACES))
    first, second, third = (kind, kind, places[2]) if kind else places
    target = Target(
        table.text("baseline", first, among=words.PLACES), table.text("optimise", second, among=words.PLACES),
        table.text("validate", third, among=(words.NOWHERE, *words.PLACES)), table.text("data", ""), table.day("start"),
        table.day("end"), table.number("cash", None), table.number("timeout", 6 * 3600.0) or 0.0,
    )  # fmt: skip
    elsewhere = {target.baseline, target.optimise, target.validate} & {words.LEAN, words.CLOUD}
    for name in ("start", "end", "cash"):
        if elsewhere and name in table.told:
            raise CampaignError(
                f"[target] {name} is for the embedded engine alone, and a step runs in {' and '.join(sorted(elsewhere))}: "
                "expected the strategy to set it, as LEAN wants."
            )
    if target.start is not None and target.end is not None and target.start > target.end:
        raise CampaignError(f"[target] start {target.start} is after end {target.end}: expected a day between.")
    return target


def _hypothesis(number: int, told: Any, target: Target) -> Hypothesis:
    place = f"[[hypothesis]] {number}"
    table = Table(place, told, ("name", "strategy", "why", "project", "parameters", "space"))
    parameters = {str(name): text_of(name, value) for name, value in table.values("parameters").items()}
    given = table.values("space")
    space = Space.of(given) if given else None
    for name in () if space is None else space.names:
        if name in parameters:
            raise CampaignError(f"{place} {name} stands in parameters and in space: expected it to be fixed or varied.")
    for one in () if space is None or target.optimise != words.CLOUD else space:
        if not isinstance(one, Range) or one.count is None:
            raise CampaignError(f"{place} space {one.name}: expected a range with a step, such as 10:50:5, for the cloud.")
    name, project = _name(table, "name", "the hypothesis"), table.text("project", "")
    return Hypothesis(name, table.text("strategy"), table.text("why", ""), project, parameters, space)


def _search(told: Mapping[str, Any], target: Target) -> Search:
    table = Table("[optimise]", told, ("method", "n_trials", "objective", "direction", "constraints", "seed"))
    allowed = ELSEWHERE.get(target.optimise, METHODS)
    usual = Search()
    goal = Objective(table.text("objective", "Sharpe Ratio"), table.text("direction", "max", among=DIRECTIONS))
    if path_of(goal.target).startswith(STATISTICS):
        goal.of({})  # an unknown name is told here, and not after a night
    return Search(
        table.text("method", "tpe" if "tpe" in allowed else "grid", among=allowed), table.whole("n_trials", usual.n_trials), goal,
        _limits(table, "constraints", {}), table.whole("seed", 0, 0))  # fmt: skip


def _rules(told: Mapping[str, Any]) -> Rules:
    table = Table("[rules]", told, ("baseline", "optimised", "accept", "cuts"))
    accept = table.texts("accept", ("robust",), among=ANSWERS)
    limits = _limits(table, "baseline", {}), _limits(table, "optimised", OF_STUDIES)
    return Rules(*limits, accept, table.whole("cuts", 3))


def _limits(table: Table, name: str, more: Mapping[str, float]) -> tuple[Constraint, ...]:
    out = []
    for text in table.texts(name):
        limit = Constraint.parse(text)
        if not path_of(limit.target).startswith(STATISTICS):
            raise table.wrong(name, text, "a statistic of LEAN by its name, such as 'Drawdown <= 25%'")
        limit.violation(more)
        out.append(limit)
    return tuple(out)


def _gates(told: Mapping[str, Any], mode: str) -> Gates:
    table = Table("[gates]", told, ("mode", "wait"))
    chosen = table.text("mode", mode, among=words.MODES)
    if "wait" in table.told and chosen != words.MANUAL:
        raise CampaignError(f"[gates] wait is of mode {words.MANUAL!r}, and mode is {chosen!r}: expected one without the other.")
    return Gates(chosen, table.texts("wait", words.RUNNING_STEPS, among=words.RUNNING_STEPS))
