"""Campaigns: hypotheses taken from a file to a verdict, by workers that may be killed at any moment."""

from __future__ import annotations

from typing import TYPE_CHECKING

from hidden_regime.lazily import lazily

if TYPE_CHECKING:
    from hidden_regime.jobs.campaign import Campaign
    from hidden_regime.jobs.campaign_file import read_campaign
    from hidden_regime.jobs.errors import CampaignError, JobError, StepFailed, StoreError
    from hidden_regime.jobs.report import CampaignResult
    from hidden_regime.jobs.runner import run_campaign

ERRORS = "hidden_regime.jobs.errors"
HOMES = {
    "Campaign": "hidden_regime.jobs.campaign", "CampaignError": ERRORS, "CampaignResult": "hidden_regime.jobs.report",
    "JobError": ERRORS, "StepFailed": ERRORS, "StoreError": ERRORS, "read_campaign": "hidden_regime.jobs.campaign_file",
    "run_campaign": "hidden_regime.jobs.runner",
}  # fmt: skip

__all__ = [
    "Campaign", "CampaignError", "CampaignResult", "JobError", "StepFailed", "StoreError", "read_campaign", "run_campaign",
]  # fmt: skip

__getattr__ = lazily(__name__, HOMES)
