"""From a campaign to the steps of each hypothesis, each with a digest of all that it depends on."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Any

from hidden_regime.experiments.trials.digests import data_digest, digest_of, strategy_digest
from hidden_regime.experiments.trials.source import open_source, stamp_of
from hidden_regime.jobs import words
from hidden_regime.jobs.campaign import Campaign, Hypothesis
from hidden_regime.research import projects
from hidden_regime.research.strategies import find_strategy

FREE = (words.BASELINE, words.WORTH, words.LOOKAHEAD, words.OPTIMISE, words.BEST, words.WALK_FORWARD)
PAID = (words.BASELINE, words.WORTH, words.LOOKAHEAD, words.WALK_FORWARD, words.CANDIDATE, words.OPTIMISE, words.BEST)
"""Where a search costs money, everything that is free comes before it: only final candidates are searched."""


@dataclass(frozen=True)
class Step:
    """One step of one hypothesis.

    Attributes
    ----------
    hypothesis, name : str
    place : str
        Where it runs; empty for a decision.
    position : int
        From 0, in its hypothesis.
    spec_hash : str
        Of everything that it depends on: its own settings, the strategy's sources, the data, and the steps before it.
    """

    hypothesis: str
    name: str
    place: str
    position: int
    spec_hash: str


def names_of_steps(campaign: Campaign, hypothesis: Hypothesis) -> tuple[str, ...]:
    """Steps of a hypothesis, in their order."""
    order = PAID if campaign.target.optimise == words.CLOUD else FREE
    left_out = set(campaign.skip)
    if hypothesis.space is None:
        left_out |= {words.OPTIMISE, words.WALK_FORWARD}
    if words.OPTIMISE in left_out:
        left_out.add(words.BEST)
    if words.WALK_FORWARD in left_out:
        left_out.add(words.CANDIDATE)
    first = [words.PULL] if hypothesis.project else []
    last = [words.VALIDATE] if campaign.target.validate != words.NOWHERE else []
    return (*first, *(name for name in order if name not in left_out), *last, words.VERDICT)


def plan(campaign: Campaign) -> list[Step]:
    """All steps of a campaign, hypothesis by hypothesis.

    Raises
    ------
    RegimeError
        A strategy or data that aren't there: told before anything runs.
    """
    data = campaign.place_of(campaign.target.data) or None
    content = data_digest(open_source(data, stamp_of(data))) or ""
    out: list[Step] = []
    for hypothesis in campaign.hypotheses:
        digest = digest_of(hypothesis.to_dict() | {"why": ""}, _sources(campaign, hypothesis), content, _days(campaign))
        for position, name in enumerate(names_of_steps(campaign, hypothesis)):
            place = _place(campaign, name)
            digest = digest_of(digest, name, place, _settings(campaign, name))
            out.append(Step(hypothesis.name, name, place, position, digest[:16]))
    return out


def _sources(campaign: Campaign, hypothesis: Hypothesis) -> str:
    """Digest of the strategy's files; of a project that is pulled first, its name."""
    if hypothesis.project:
        return hypothesis.project
    path = strategy_file(campaign, hypothesis)
    return digest_of(strategy_digest(path, projects.library_folders(path)), projects.parameters(path))


def strategy_file(campaign: Campaign, hypothesis: Hypothesis) -> Path:
    """The file of a hypothesis' strategy."""
    return find_strategy(campaign.place_of(hypothesis.strategy))


def _days(campaign: Campaign) -> list[Any]:
    told = campaign.target.to_dict()
    return [told[name] for name in ("data", "start", "end", "cash")]


def _place(campaign: Campaign, name: str) -> str:
    target = campaign.target
    own = {words.PULL: words.CLOUD, words.BASELINE: target.baseline, words.OPTIMISE: target.optimise,
           words.VALIDATE: target.validate}  # fmt: skip
    return "" if name in words.DECISIONS else own.get(name, words.EMBEDDED)


def _settings(campaign: Campaign, name: str) -> Any:
    rules, search = campaign.rules.to_dict(), campaign.search.to_dict()
    if name == words.OPTIMISE:
        return search
    if name == words.WALK_FORWARD:
        return [search, campaign.windows.to_dict()]
    own = {words.WORTH: "baseline", words.BEST: "optimised", words.CANDIDATE: "accept", words.VERDICT: "accept",
           words.LOOKAHEAD: "cuts"}  # fmt: skip
    return rules[own[name]] if name in own else None
