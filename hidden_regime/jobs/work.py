"""What a step is given: its question, what earlier steps found, and where its results go."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from hidden_regime.jobs import claiming, words
from hidden_regime.jobs.campaign import Campaign, Hypothesis
from hidden_regime.jobs.outcome import Outcome
from hidden_regime.jobs.planning import strategy_file
from hidden_regime.jobs.record import StepRecord
from hidden_regime.jobs.store import Store

TRIALS = "trials"


@dataclass(frozen=True)
class Work:
    """One step's work.

    Attributes
    ----------
    campaign : Campaign
    hypothesis : Hypothesis
    step : StepRecord
    earlier : dict of str to Outcome
        By the names of the steps before it.
    store : Store
    """

    campaign: Campaign
    hypothesis: Hypothesis
    step: StepRecord
    earlier: Mapping[str, Outcome]
    store: Store

    @property
    def folder(self) -> Path:
        """Of its results."""
        return self.campaign.results / self.hypothesis.name / self.step.folder

    @property
    def outcome_file(self) -> Path:
        """The file that says that it is done."""
        return self.folder.with_name(f"{self.step.folder}.json")

    @property
    def strategy(self) -> Path:
        """The strategy's file."""
        return strategy_file(self.campaign, self.hypothesis)

    @property
    def data(self) -> str | None:
        """As of `run_strategy`."""
        return self.campaign.place_of(self.campaign.target.data) or None

    @property
    def parameters(self) -> dict[str, str]:
        """Those of the hypothesis, with the best that was found."""
        best = self.earlier.get(words.OPTIMISE)
        return dict(self.hypothesis.parameters) | (dict(best.parameters) if best is not None else {})

    @property
    def trials(self) -> Path:
        """Folder of trials that were run before, in any step of the workspace: none is run twice."""
        return self.store.folder / TRIALS

    @property
    def name(self) -> str:
        """What it is called in the cloud and in LEAN."""
        return f"{self.campaign.name} {self.step.title}"

    def submitting(self) -> None:
        """Note that something is about to be sent: from here on it may have arrived, whatever happens."""
        claiming.move(self.store, self.step, words.SUBMITTING)

    def submitted(self, remote: str) -> None:
        """Note that it arrived, and its id there."""
        claiming.move(self.store, self.step, words.SUBMITTED, remote)
