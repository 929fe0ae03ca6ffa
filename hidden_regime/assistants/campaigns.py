"""Tools of campaigns: hypotheses from a file to a verdict. What waits for a person waits: none of them approves."""

from __future__ import annotations

from typing import Any

from hidden_regime.assistants.commands import Commands
from hidden_regime.assistants.research import Parameters


class CampaignTools:
    """Campaigns.

    Parameters
    ----------
    commands : Commands
    """

    def __init__(self, commands: Commands) -> None:
        self.commands = commands

    async def jobs_add(
        self,
        campaign: str,
        name: str,
        strategy: str,
        why: str,
        vary: dict[str, str] | None = None,
        fixed: Parameters | None = None,
    ) -> dict[str, Any]:
        """Write a hypothesis into a campaign's file, which is made where there is none. why: a reason to believe it, in words."""
        options = {"why": why, "p": {**(fixed or {}), **(vary or {})}}
        return await self.commands.run("jobs", "add", options=options, given=[campaign, name, strategy])

    async def jobs_run(self, campaign: str, workers: int = 1) -> dict[str, Any]:
        """Take a campaign as far as it goes without a person: baseline, decision, optimisation, walk-forward, verdict.

        exit_code 3: a step waits for a person's `hidden-regime jobs approve`, or goes on in the cloud. Tell which, and why.
        """
        return await self.commands.run("jobs", "run", options={"workers": workers, "json": True}, given=[campaign])

    async def jobs_show(self, campaign: str) -> dict[str, Any]:
        """Show each step of a campaign: where it ran, what it came to, and the reason of each decision with its figures."""
        return await self.commands.run("jobs", "show", options={"json": True}, given=[campaign])

    async def jobs_list(self, folder: str = ".") -> dict[str, Any]:
        """List the campaigns of a folder, and how far they are."""
        return await self.commands.run("jobs", "list", given=[folder])

    async def notebook_lint(self, notebooks: list[str]) -> dict[str, Any]:
        """Find calls of notebooks that don't exist, such as qb.Backtest, with cell and line, and say what to use instead."""
        return await self.commands.run("notebook", "lint", options={"json": True}, given=notebooks)

    async def notebook_run(
        self, notebook: str, parameters: Parameters | None = None, out: str | None = None, timeout: float = 1800.0
    ) -> dict[str, Any]:
        """Run a notebook with parameters and give what it reported by name; a failing cell is named with its line."""
        options = {"p": parameters or {}, "out": out, "timeout": timeout, "json": True}
        return await self.commands.run("notebook", "run", options=options, given=[notebook])
