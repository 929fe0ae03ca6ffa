"""Tools that need nothing but this machine: they cost nothing and trade nothing."""

from __future__ import annotations

from typing import Any

from hidden_regime.assistants.commands import Commands

Parameters = dict[str, str | float | int | bool]


class ResearchTools:
    """Backtests, searches and judgements in the embedded engine.

    Parameters
    ----------
    commands : Commands
    """

    def __init__(self, commands: Commands) -> None:
        self.commands = commands

    async def check_strategy(self, strategy: str) -> dict[str, Any]:
        """Read a strategy written for LEAN and list what LEAN would refuse or silently do otherwise. Nothing is run."""
        return await self.commands.run("lean-check", "--static", given=[strategy])

    async def backtest(
        self, strategy: str, data: str | None = None, start: str | None = None, end: str | None = None, cash: float | None = None,
        parameters: Parameters | None = None, out: str | None = None,
    ) -> dict[str, Any]:  # fmt: skip
        """Run a strategy over market history in the embedded engine, which answers like LEAN.

        strategy: a shipped template's name, a .py file, or a project's folder. data: a packaged set, a LEAN data folder or
        files of prices. start, end: yyyy-mm-dd. The result has LEAN's statistics, the regimes, and the folder with tables and
        report.html.
        """
        options = {"data": data, "start": start, "end": end, "cash": cash, "p": parameters or {}, "out": out, "json": True}
        return await self.commands.run("backtest", options=options, given=[strategy])

    async def what_a_strategy_reads(self, strategy: str, data: str | None = None) -> dict[str, Any]:
        """List the parameters that a strategy asks for, with types, defaults, and what a search would vary."""
        return await self.commands.run("optimize", options={"data": data, "list": True}, given=[strategy])

    async def optimize(
        self, strategy: str, vary: dict[str, str], data: str | None = None, start: str | None = None, end: str | None = None,
        fixed: Parameters | None = None, objective: str = "Sharpe Ratio", direction: str = "max",
        constraints: list[str] | None = None, method: str = "tpe", trials: int = 50, out: str | None = None,
    ) -> dict[str, Any]:  # fmt: skip
        """Search for the parameters with which a strategy does best, and say how much of that is luck.

        vary: ranges by name, such as {"fast": "10:50:5"}. method: grid, euler, random or tpe. Read `luck` beside the best trial:
        of many tries the best one looks good by luck alone.
        """
        options = {
            "data": data, "start": start, "end": end, "p": {**(fixed or {}), **vary}, "objective": [objective],
            "direction": direction, "constraint": constraints or [], "method": method, "trials": trials, "out": out, "json": True,
        }  # fmt: skip
        return await self.commands.run("optimize", options=options, given=[strategy])

    async def walk_forward(
        self, strategy: str, vary: dict[str, str], data: str | None = None, start: str | None = None, end: str | None = None,
        fixed: Parameters | None = None, in_sample_months: int = 12, out_of_sample_months: int = 6, trials: int = 30,
        out: str | None = None,
    ) -> dict[str, Any]:  # fmt: skip
        """Search in one stretch of time, trade the winner in the next, again and again, and judge what was traded.

        The verdict is about days that no search has seen: it is the one to believe.
        """
        options = {
            "data": data, "start": start, "end": end, "p": {**(fixed or {}), **vary}, "is-months": in_sample_months,
            "oos-months": out_of_sample_months, "trials": trials, "out": out, "json": True,
        }  # fmt: skip
        return await self.commands.run("walk-forward", options=options, given=[strategy])

    async def compare(
        self, strategies: list[str], data: str | None = None, start: str | None = None, end: str | None = None,
        parameters: Parameters | None = None, out: str | None = None,
    ) -> dict[str, Any]:  # fmt: skip
        """Say whether the Sharpe ratios of strategies, or of folders of results, differ by more than luck over the same days."""
        options = {"data": data, "start": start, "end": end, "p": parameters or {}, "out": out, "json": True}
        return await self.commands.run("compare", options=options, given=strategies)

    async def same_orders(
        self, runs: list[str], data: str | None = None, parameters: Parameters | None = None
    ) -> dict[str, Any]:  # fmt: skip
        """Say whether runs sent the same orders: strategies, or folders of results from here, local LEAN or the cloud."""
        return await self.commands.run(
            "compare", "--orders", options={"data": data, "p": parameters or {}, "json": True}, given=runs
        )

    async def check_lookahead(
        self, strategy: str, data: str | None = None, start: str | None = None, end: str | None = None, out: str | None = None
    ) -> dict[str, Any]:
        """Find orders that know what happens after them: the future is hidden, and no earlier order may change."""
        options = {"data": data, "start": start, "end": end, "out": out, "json": True}
        return await self.commands.run("check-lookahead", options=options, given=[strategy])

    async def segments(
        self, source: str, by: str = "regime", data: str | None = None, start: str | None = None, end: str | None = None,
        out: str | None = None,
    ) -> dict[str, Any]:  # fmt: skip
        """Say what a run earned in each regime as it was known then, in each era, or by year. source: a strategy or a folder."""
        options = {"by": by, "data": data, "start": start, "end": end, "out": out, "json": True}
        return await self.commands.run("segments", options=options, given=[source])

    async def monte_carlo(
        self, source: str, kind: str = "bootstrap", paths: int | None = None, data: str | None = None, start: str | None = None,
        end: str | None = None, out: str | None = None,
    ) -> dict[str, Any]:  # fmt: skip
        """Say what might have come instead: returns, drawdowns and ruin over many paths.

        kind: bootstrap, trades, parameters or regime-paths.
        """
        options = {"kind": kind, "paths": paths, "data": data, "start": start, "end": end, "out": out, "json": True}
        return await self.commands.run("monte-carlo", options=options, given=[source])

    async def list_data(self) -> dict[str, Any]:
        """List the packaged sets of prices."""
        return await self.commands.run("data", "list")

    async def check_data(self, folder: str, benchmark: str | None = None) -> dict[str, Any]:
        """Say what is wrong with a LEAN data folder, by file and line."""
        return await self.commands.run("data", "check", options={"benchmark": benchmark}, given=[folder])

    async def write_lean_data(self, source: str, folder: str) -> dict[str, Any]:
        """Write prices (a packaged set or files) as a LEAN data folder."""
        return await self.commands.run("data", "to-lean", given=[source, folder])
