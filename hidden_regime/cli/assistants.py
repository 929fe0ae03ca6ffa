"""The `mcp` command: these commands as tools for assistants."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from hidden_regime.cli.messages import Debug, messages, path_option
from hidden_regime.exceptions import ParameterError


def mcp(
    folder: Annotated[Path | None, path_option("In which tools run; results go below it. Default: the working folder.")] = None,
    timeout: Annotated[float, typer.Option(help="Seconds for one tool.")] = 3600.0,
    debug: Debug = False,
) -> None:
    """Serve these commands as tools of the Model Context Protocol, over standard input and output.

    An assistant starts it. Tools spend nothing unless they are told to pay, and then only within the limits of `qc cost`,
    which no tool can change.

    Example: [bold]hidden-regime mcp --folder research[/]
    """
    from hidden_regime.assistants.commands import Commands
    from hidden_regime.assistants.server import make_server

    with messages(debug):
        place = (folder or Path()).resolve()
        if not place.is_dir():
            raise ParameterError("--folder", str(folder), "an existing folder")
        if not timeout > 0:
            raise ParameterError("--timeout", timeout, "a number of seconds above 0")
        server = make_server(Commands(place, timeout))
    server.run("stdio")
