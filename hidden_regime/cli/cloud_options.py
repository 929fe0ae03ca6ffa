"""What the `qc` commands share: where the server is, whose budget counts, and which folder a strategy is pushed from."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from hidden_regime.cli.messages import say

if TYPE_CHECKING:
    from hidden_regime.cloud.budget.budget import Budget
    from hidden_regime.cloud.client import QuantConnect

ADDRESS = "QC_API_URL"
BASE = "https://www.quantconnect.com/api/v2/"
GOES_ON = 3
"""Exit status where a job goes on in the cloud."""

Server = Annotated[str, typer.Option(envvar=ADDRESS, help="Base address of the API. `qc serve` says its own.")]
Delete = Annotated[bool, typer.Option("--delete", help="Delete on the other side, too, what was deleted since both were equal.")]
Force = Annotated[bool, typer.Option("--force", help="Overwrite what the other side changed.")]
Timeout = Annotated[
    float, typer.Option(min=0.0, help="Seconds to wait for the end; past them the job goes on, and `qc results` reads it.")
]


@contextmanager
def opened(server: str, later: str = "") -> Iterator[QuantConnect]:
    """A client of the server, with the credentials of the environment or of lean-cli's file.

    `later` says what to do where a job goes on in the cloud past the time that was given.
    """
    from hidden_regime.cloud.errors import Waiting
    from hidden_regime.cloud.opening import open_client

    with open_client(server) as qc:
        try:
            yield qc
        except Waiting as error:
            said = f"{error.text.rstrip('.')}. {later}" if later else error.text
            say(said, "yellow", err=True)
            raise typer.Exit(GOES_ON) from None


def budget_of(qc: QuantConnect) -> Budget:
    """The budget of a client's account."""
    from hidden_regime.cloud.budget.budget import Budget

    return Budget(qc.account_name)


def project_folder(strategy: str) -> Path:
    """The folder that is pushed: a project's own, or one into which a template or a file is bundled."""
    from hidden_regime.bundle import write_bundle
    from hidden_regime.research.projects import MAIN, name_of
    from hidden_regime.research.strategies import find_strategy

    if Path(strategy).is_dir():
        return Path(strategy)
    path = find_strategy(strategy)
    if path.name == MAIN:  # all projects have one, so its folder is meant
        return path.parent
    folder = Path("qc") / name_of(path)
    bundle = write_bundle(path, folder)
    say(f"bundled {path.name} into {folder}: {len(bundle.files)} files", err=True)
    return folder
