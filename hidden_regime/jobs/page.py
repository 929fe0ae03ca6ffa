"""The page of a campaign: what became of each hypothesis, by which figures, with links to the pages of its steps."""

from __future__ import annotations

from typing import Any
from urllib.parse import quote

from hidden_regime.experiments.pages.page import MACROS
from hidden_regime.jobs import words
from hidden_regime.jobs.record import StepRecord
from hidden_regime.jobs.report import CampaignResult, HypothesisResult
from hidden_regime.jobs.template import CAMPAIGN, OWN_SHELL

SHOWN = ("Sharpe Ratio", "Out-of-sample Sharpe Ratio", "Drawdown", "Total Orders", "Trials", "DSR", "PSR", "Windows")
"""Figures of a step on the page; all are in campaign.json."""
LOOKS = {words.ACCEPTED: "robust", words.REJECTED: "fragile"}
PERCENTS = ("Drawdown",)
NOTES = (
    "every step ran once, for the spec whose digest stands below; a changed spec runs anew what depends on it",
    "where several hypotheses are tried on the same days, the best of them is good by being the best of them too: the figures of "
    "luck on a study's page count its own trials, and not those of the other hypotheses",
)


def campaign_page(found: CampaignResult) -> str:
    """HTML of a campaign's page: equal findings have equal pages. Texts from outside are escaped."""
    import jinja2

    from hidden_regime import __version__

    environment = jinja2.Environment(
        loader=jinja2.DictLoader({"shell": OWN_SHELL, "macros": MACROS, "campaign": CAMPAIGN}), autoescape=True,
        undefined=jinja2.StrictUndefined, trim_blocks=True,
    )  # fmt: skip
    return environment.get_template("campaign").render(
        plotly="", version=__version__, title=f"{found.name}: campaign", asked=asked(found), look=_look(found),
        headline=found.headline, lines=[f"{one.name}: {one.answer}. {one.reason}" for one in found.hypotheses],
        rules=rules(found), hypotheses=[_hypothesis(one) for one in found.hypotheses], notes=NOTES,
        id=f"Campaign {found.spec_hash}",
    )  # fmt: skip


def asked(found: CampaignResult) -> str:
    """What was asked, in one line."""
    target = found.spec["target"]
    days = f"{target['start'] or 'its start'} to {target['end'] or 'its end'}"
    places = " \u00b7 ".join(
        f"{name} in {target[name]}" for name in ("baseline", "optimise", "validate") if target[name] != "none"
    )
    return f"{target['data'] or 'packaged stocks'}, {days} \u00b7 {places}"


def rules(found: CampaignResult) -> str:
    """What decided, in a sentence."""
    told = found.spec["rules"]
    return (
        f"Baseline: {', '.join(told['baseline']) or 'none'}. Best of a search: {', '.join(told['optimised']) or 'none'}. "
        f"Accepted where the walk-forward says {' or '.join(told['accept']) or 'nothing'}."
    )


def _look(found: CampaignResult) -> str:
    if found.named(words.ACCEPTED):
        return "robust"
    return "fragile" if all(one.answer == words.REJECTED for one in found.hypotheses) else "undecided"


def _hypothesis(one: HypothesisResult) -> dict[str, Any]:
    return {
        "name": one.name, "why": one.why, "answer": one.answer, "reason": one.reason,
        "steps": [_step(step) for step in one.steps],
    }  # fmt: skip


def _step(step: StepRecord) -> dict[str, str]:
    told = step.outcome
    link = "" if told is None or not told.page else "/".join(quote(part) for part in (step.hypothesis, step.folder))
    return {
        "name": step.name, "place": step.place or "rule", "answer": step.state if told is None else told.answer,
        "reason": step.reason, "figures": "" if told is None else _figures(told.figures),
        "link": f"{link}/{told.page}" if link and told is not None else "",
    }  # fmt: skip


def _figures(figures: Any) -> str:
    shown = [(name, figures[name]) for name in SHOWN if figures.get(name) is not None]
    return ", ".join(f"{name} {value:.1%}" if name in PERCENTS else f"{name} {value:.4g}" for name, value in shown)
