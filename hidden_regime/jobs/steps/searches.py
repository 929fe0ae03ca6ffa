"""What judges a strategy beyond one run: a search, a walk-forward, a check for look-ahead."""

from __future__ import annotations

from typing import TYPE_CHECKING

from hidden_regime.jobs import words
from hidden_regime.jobs.outcome import Outcome
from hidden_regime.jobs.places import cloud, embedded, lean
from hidden_regime.jobs.work import Work

if TYPE_CHECKING:
    from hidden_regime.experiments.studies.study import Study

SEARCHES = {words.EMBEDDED: embedded.optimise, words.LEAN: lean.optimise, words.CLOUD: cloud.optimise}
PAGE = "report.html"


def optimise(work: Work) -> Outcome:
    """Search for the best parameters."""
    return outcome_of_study(SEARCHES[work.step.place](work))


def outcome_of_study(study: Study) -> Outcome:
    """A study's best, with how much of it is luck."""
    from hidden_regime.experiments.objective import fractions

    best, n = study.best, len(study.trials)
    if best is None:
        return Outcome("none", f"none of {n} trials may be the best", figures={"Trials": float(n)}, page=PAGE)
    luck = study.luck.to_dict()
    figures = fractions(best.statistics) | {"Trials": float(n)}
    figures |= {name.upper(): luck[name] for name in ("psr", "dsr", "pbo") if isinstance(luck.get(name), float)}
    parameters = ", ".join(f"{name} = {value}" for name, value in best.parameters.items())
    value = (best.values or (float("nan"),))[0]
    goal = study.spec["objectives"][0]["target"]
    return Outcome("best", f"of {n} trials {parameters} is the best: {goal} {value:g}", True, figures, best.parameters, PAGE)


def walk_forward(work: Work) -> Outcome:
    """Search and trade by turns, and judge what was traded."""
    from hidden_regime.experiments.walking_forward import walk_forward as walk

    search, windows = work.campaign.search, work.campaign.windows
    found = walk(
        work.strategy, work.hypothesis.space, is_months=windows.is_months, oos_months=windows.oos_months, mode=windows.mode,
        n_trials=windows.n_trials, parameters=work.hypothesis.parameters, method=search.method, objective=search.objective,
        constraints=search.constraints, seed=search.seed, workers=1, out=work.folder, store=work.trials, **embedded.asked(work),
    )  # fmt: skip
    figures: dict[str, float | None] = {"Windows": float(len(found.windows))}
    if found.figures is None:
        return Outcome("undecided", "no window had a feasible trial, so nothing was traded", figures=figures, page=PAGE)
    verdict, stitched = found.figures.verdict, found.figures.stitched
    if stitched is not None:
        figures |= {"Out-of-sample Sharpe Ratio": stitched.annual_sharpe, "PSR": stitched.psr}
    return Outcome(verdict.answer, " ".join(verdict.reasons[:2]), True, figures, page=PAGE)


def lookahead(work: Work) -> Outcome:
    """Hide the future, and see whether an earlier order changes. One that does ends the hypothesis."""
    from hidden_regime.experiments.lookahead.check import check_lookahead

    found = check_lookahead(
        work.strategy, parameters=work.hypothesis.parameters, cuts=work.campaign.rules.cuts, out=work.folder,
        **embedded.asked(work))  # fmt: skip
    told = f"{len(found.moments)} moments of {found.n_decisions} decisions"
    where = f", first in {found.findings[0].place}" if found.findings else ""
    figures = {"Findings": float(len(found.findings)), "Decisions": float(found.n_decisions)}
    return Outcome(found.verdict, f"{told}{where}", not found.findings, figures, page=PAGE)
