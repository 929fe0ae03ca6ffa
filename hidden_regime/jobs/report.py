"""What a campaign found: a row a hypothesis, with each step's answer, reason and figures."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

import hidden_regime
from hidden_regime.experiments.folders import PAGE, to_json
from hidden_regime.files.whole import write_folder
from hidden_regime.jobs import words
from hidden_regime.jobs.campaign import Campaign
from hidden_regime.jobs.record import StepRecord
from hidden_regime.jobs.store import Store

if TYPE_CHECKING:
    import pandas as pd

SCHEMA = "hidden-regime/campaign/1"
FILE = "campaign.json"


@dataclass(frozen=True)
class HypothesisResult:
    """What became of one hypothesis.

    Attributes
    ----------
    name, why : str
    answer : str
        accepted, rejected, or the state in which it is: failed, unclear, cancelled, waiting, submitted, planned.
    reason : str
    steps : tuple of StepRecord
    """

    name: str
    why: str
    answer: str
    reason: str
    steps: tuple[StepRecord, ...]

    @property
    def is_open(self) -> bool:
        """Whether something still has to happen."""
        return self.answer not in (words.ACCEPTED, words.REJECTED, *words.BLOCKED)


@dataclass(frozen=True)
class CampaignResult:
    """A campaign's state, over or not.

    Attributes
    ----------
    name : str
    spec : dict
    spec_hash : str
    folder : Path
        Of the results.
    hypotheses : tuple of HypothesisResult
    """

    name: str
    spec: dict[str, Any]
    spec_hash: str
    folder: Path
    hypotheses: tuple[HypothesisResult, ...]

    @property
    def is_over(self) -> bool:
        """Whether nothing is left to do, unless somebody retries something."""
        return not any(one.is_open for one in self.hypotheses)

    @property
    def waiting(self) -> list[StepRecord]:
        """Steps that wait for a person."""
        return [step for one in self.hypotheses for step in one.steps if step.state == words.WAITING]

    def named(self, answer: str) -> list[str]:
        """Hypotheses of an answer."""
        return [one.name for one in self.hypotheses if one.answer == answer]

    @property
    def headline(self) -> str:
        """How many there are of each answer."""
        answers = list(dict.fromkeys(one.answer for one in sorted(self.hypotheses, key=lambda one: _rank(one.answer))))
        n = len(self.hypotheses)
        counts = ", ".join(f"{len(self.named(answer))} {answer}" for answer in answers)
        return f"{n} hypothes{'i' if n == 1 else 'e'}s: {counts}"

    def table(self) -> pd.DataFrame:
        """A row a hypothesis: its answer, why, and the figures of its steps."""
        import pandas as pd

        rows = []
        for one in self.hypotheses:
            row: dict[str, Any] = {"hypothesis": one.name, "answer": one.answer, "reason": one.reason}
            for step in one.steps:
                told = {} if step.outcome is None else step.outcome.figures
                row |= {step.name: step.state if step.outcome is None else step.outcome.answer}
                row |= {
                    f"{step.name} {name}": told[name] for name in ("Sharpe Ratio", "Out-of-sample Sharpe Ratio") if name in told
                }
            rows.append(row)
        return pd.DataFrame(rows).set_index("hypothesis")

    def to_dict(self) -> dict[str, Any]:
        """As what JSON can hold. Nothing in it tells when or by whom it was found."""
        return {
            "schema": SCHEMA, "campaign": self.name, "version": hidden_regime.__version__, "spec_hash": self.spec_hash,
            "headline": self.headline, "spec": self.spec,
            "hypotheses": [
                {"name": one.name, "why": one.why, "answer": one.answer, "reason": one.reason,
                 "steps": [_step(step) for step in one.steps]}
                for one in self.hypotheses
            ],
        }  # fmt: skip

    def to_html(self) -> str:
        """The page, which opens without a network."""
        from hidden_regime.jobs.page import campaign_page

        return campaign_page(self)

    def __repr__(self) -> str:
        return f"CampaignResult({self.name!r}, {self.headline})"


def _rank(answer: str) -> int:
    order = (words.ACCEPTED, words.REJECTED, *words.BLOCKED)
    return order.index(answer) if answer in order else len(order)


def _step(step: StepRecord) -> dict[str, Any]:
    told = {"name": step.name, "place": step.place, "state": step.state, "spec_hash": step.spec_hash, "reason": step.reason}
    return told if step.outcome is None else told | {"folder": step.folder, "outcome": step.outcome.to_dict()}


def result_of(store: Store, campaign: Campaign) -> CampaignResult:
    """A campaign's state, of its store."""
    rows = store.steps(campaign.name)
    found = []
    for one in campaign.hypotheses:
        own = tuple(step for step in rows if step.hypothesis == one.name)
        found.append(HypothesisResult(one.name, one.why, *_answer(own), own))
    return CampaignResult(campaign.name, campaign.to_dict(), campaign.spec_hash, campaign.results, tuple(found))


def _answer(steps: Sequence[StepRecord]) -> tuple[str, str]:
    """What became of a hypothesis, and why."""
    for step in steps:
        if step.outcome is None:
            return step.state, f"{step.name}: {step.reason or step.state}"
        if step.name == words.VERDICT:
            return step.outcome.answer, step.outcome.reason
        if not step.outcome.goes_on:
            return words.REJECTED, f"{step.name}: {step.outcome.reason}"
    return words.PLANNED, "nothing is planned"


def write_report(found: CampaignResult, campaign: Campaign) -> list[Path]:
    """Write campaign.json and the page together. Equal findings make equal files."""
    files = {FILE: to_json(found.to_dict()), PAGE: found.to_html()}
    write_folder(campaign.results, files)
    return [campaign.results / name for name in sorted(files)]
