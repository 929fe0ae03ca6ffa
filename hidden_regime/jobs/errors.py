"""What goes wrong in the loop itself, beside what goes wrong in a step."""

from __future__ import annotations

from hidden_regime.exceptions import RegimeError


class JobError(RegimeError):
    """Root of the errors of campaigns and their store."""


class CampaignError(JobError, ValueError):
    """A campaign's file that can't be read, or says what can't be."""


class StoreError(JobError):
    """The store of jobs is damaged, can't be written, or is of a newer version."""


class StepFailed(JobError):
    """A step came to an end that is no outcome, such as a strategy that raises."""
