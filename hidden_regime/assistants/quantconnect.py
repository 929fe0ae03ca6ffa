"""Tools of QuantConnect's cloud and of local LEAN. What costs money needs `pay`, and limits that a person has set."""

from __future__ import annotations

from typing import Any

from hidden_regime.assistants.commands import Commands
from hidden_regime.assistants.research import Parameters


class CloudTools:
    """QuantConnect's cloud.

    Parameters
    ----------
    commands : Commands
    """

    def __init__(self, commands: Commands) -> None:
        self.commands = commands

    async def cloud_whoami(self) -> dict[str, Any]:
        """Say whose QuantConnect account is used, on which server, and what is left to spend."""
        return await self.commands.run("qc", "whoami", options={"json": True})

    async def cloud_push(self, strategy: str, name: str | None = None) -> dict[str, Any]:
        """Make the cloud's project as a local folder is. What somebody changed there meanwhile is refused; nothing is deleted."""
        return await self.commands.run("qc", "push", options={"name": name, "json": True}, given=[strategy])

    async def cloud_pull(self, project: str, folder: str) -> dict[str, Any]:
        """Make a local folder as the cloud's project is. What was changed here meanwhile is refused, and nothing deleted."""
        return await self.commands.run("qc", "pull", options={"json": True}, given=[project, folder])

    async def cloud_backtest(
        self, strategy: str, parameters: Parameters | None = None, key: str | None = None, timeout: float = 1800.0,
        out: str | None = None,
    ) -> dict[str, Any]:  # fmt: skip
        """Push a project and run it in QuantConnect's cloud, within the limit of backtests a day that a person has set.

        key: eight hexadecimal digits of your choice; the same ones find the backtest again instead of beginning another.
        """
        options = {"p": parameters or {}, "key": key, "timeout": timeout, "out": out, "json": True}
        return await self.commands.run("qc", "backtest", options=options, given=[strategy])

    async def cloud_optimize(
        self, strategy: str, vary: dict[str, str], fixed: Parameters | None = None, objective: str = "Sharpe Ratio",
        direction: str = "max", constraints: list[str] | None = None, node: str = "O2-8", parallel: int = 1, pay: bool = False,
        key: str | None = None, timeout: float = 3000.0, out: str | None = None,
    ) -> dict[str, Any]:  # fmt: skip
        """Estimate what a grid search in the cloud would cost. With pay it is sent, if limits that a person has set leave room.

        Show the estimate to the person and ask before you set pay. The limits can't be changed from here: `hidden-regime qc cost
        --set` is a person's.
        """
        options = {
            "p": {**(fixed or {}), **vary}, "objective": objective, "direction": direction, "constraint": constraints or [],
            "node": node, "parallel": parallel, "pay": pay, "key": key, "timeout": timeout, "out": out, "json": True,
        }  # fmt: skip
        return await self.commands.run("qc", "optimize", options=options, given=[strategy])

    async def cloud_results(self, project: str, id: str | None = None, out: str | None = None) -> dict[str, Any]:
        """List what a project ran in the cloud, or fetch one result by its id, with its page."""
        given = [project] if id is None else [project, id]
        return await self.commands.run("qc", "results", options={"out": out, "json": True}, given=given)

    async def cloud_costs(self) -> dict[str, Any]:
        """Show what may be spent and done, what was, and what is open. Nothing is changed."""
        return await self.commands.run("qc", "cost", options={"json": True})


class LeanTools:
    """LEAN on this machine, by lean-cli and Docker.

    Parameters
    ----------
    commands : Commands
    """

    def __init__(self, commands: Commands) -> None:
        self.commands = commands

    async def lean_backtest(
        self, project: str, parameters: Parameters | None = None, timeout: float = 3000.0, out: str | None = None
    ) -> dict[str, Any]:
        """Run a project in local LEAN. It takes lean-cli, Docker, and a workspace around the project."""
        options = {"p": parameters or {}, "timeout": timeout, "out": out, "json": True}
        return await self.commands.run("lean", "backtest", options=options, given=[project])

    async def lean_optimize(
        self, project: str, vary: dict[str, str], fixed: Parameters | None = None, objective: str = "Sharpe Ratio",
        direction: str = "max", constraints: list[str] | None = None, method: str = "grid", timeout: float = 3000.0,
        out: str | None = None,
    ) -> dict[str, Any]:  # fmt: skip
        """Search with LEAN's own optimiser, grid or euler, and say how much of what it finds is luck."""
        options = {
            "p": {**(fixed or {}), **vary}, "objective": objective, "direction": direction, "constraint": constraints or [],
            "method": method, "timeout": timeout, "out": out, "json": True,
        }  # fmt: skip
        return await self.commands.run("lean", "optimize", options=options, given=[project])

    async def lean_results(self, folder: str, out: str | None = None) -> dict[str, Any]:
        """Make tables and page of what LEAN's command line left in a folder of backtests or optimizations."""
        return await self.commands.run("lean", "results", options={"out": out, "json": True}, given=[folder])
