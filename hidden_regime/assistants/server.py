"""The server: tools over standard input and output, as assistants start it."""

from __future__ import annotations

import inspect
from collections.abc import Callable, Iterator
from typing import TYPE_CHECKING, Any

from hidden_regime.assistants.campaigns import CampaignTools
from hidden_regime.assistants.commands import Commands
from hidden_regime.assistants.quantconnect import CloudTools, LeanTools
from hidden_regime.assistants.research import ResearchTools
from hidden_regime.exceptions import MissingDependencyError

if TYPE_CHECKING:
    from mcp.server.mcpserver import MCPServer

INSTRUCTIONS = """Research on trading strategies that know their market's regime (bull, bear, sideways, crisis).
Begin with check_strategy and backtest; check_lookahead before you believe a result; optimize says how much of the best is luck,
and walk_forward gives the verdict to believe. Cloud tools spend nothing unless pay is set, and then only within limits that a
person has set. Nothing here trades. Every answer has exit_code, its meaning, result, and said: read said where exit_code isn't
0."""
READ_ONLY = frozenset({
    "check_strategy", "what_a_strategy_reads", "list_data", "check_data", "same_orders", "jobs_show", "jobs_list",
    "notebook_lint", "cloud_whoami", "cloud_costs",
})  # fmt: skip
"""Tools that write nothing but, at most, caches."""
OUTSIDE = "cloud_"
"""How the names begin of tools that reach another machine."""


def tools(commands: Commands) -> Iterator[Callable[..., Any]]:
    """All tools."""
    for group in (ResearchTools(commands), CampaignTools(commands), CloudTools(commands), LeanTools(commands)):
        for name, method in inspect.getmembers(group, inspect.iscoroutinefunction):
            if not name.startswith("_"):
                yield method


def make_server(commands: Commands) -> MCPServer[Any]:
    """A server of all tools.

    Parameters
    ----------
    commands : Commands
        Where and for how long they run.

    Raises
    ------
    MissingDependencyError
        The official SDK isn't installed.
    """
    try:
        from mcp.server.mcpserver import MCPServer
        from mcp.types import ToolAnnotations
    except ImportError as error:
        raise MissingDependencyError("tools for assistants need mcp: pip install 'hidden-regime[assistants]'.") from error
    from hidden_regime import __version__

    server: MCPServer[Any] = MCPServer("hidden-regime", instructions=INSTRUCTIONS, version=__version__)
    for tool in tools(commands):
        name = tool.__name__
        hints = ToolAnnotations(
            read_only_hint=name in READ_ONLY, destructive_hint=False, idempotent_hint=name in READ_ONLY,
            open_world_hint=name.startswith(OUTSIDE),
        )  # fmt: skip
        server.add_tool(tool, name=name, description=inspect.getdoc(tool), annotations=hints)
    return server
