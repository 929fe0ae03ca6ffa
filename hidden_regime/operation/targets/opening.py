"""Opens a deployment's target."""

from __future__ import annotations

import os
from pathlib import Path

from hidden_regime.exceptions import ParameterError
from hidden_regime.operation.clocks import utc
from hidden_regime.operation.journal import Journal
from hidden_regime.operation.journal.records import Deployment
from hidden_regime.operation.targets.base import Target
from hidden_regime.operation.targets.paper import NoAccount, PaperTarget

PAPER, CLOUD, LEAN = "paper", "cloud:", "lean:"
ACCOUNT = "account.sqlite"
ADDRESS, ENVIRONMENT = "QC_API_URL", "live-paper"
BASE = "https://www.quantconnect.com/api/v2/"


def check_target(text: str) -> None:
    """Raise for a target that can't be one.

    Parameters
    ----------
    text : str
        "paper"; "cloud:PROJECT_ID"; "lean:PROJECT_FOLDER" or "lean:PROJECT_FOLDER#ENVIRONMENT" of lean.json.
    """
    right = (
        text == PAPER or (text.startswith(CLOUD) and text[len(CLOUD) :].isdigit()) or (text.startswith(LEAN) and len(text) > 5)
    )
    if not right:
        raise ParameterError("target", text, "paper, cloud:PROJECT_ID, or lean:FOLDER#ENVIRONMENT")


def runs_elsewhere(target: str) -> bool:
    """Whether the strategy itself runs at the target, and is only watched from here."""
    return target != PAPER


def is_real(target: str) -> bool:
    """Whether real money may be at stake: in LEAN with another environment than one of paper. In the cloud paper is asked for."""
    return target.startswith(LEAN) and "paper" not in (target.partition("#")[2] or ENVIRONMENT)


def open_target(journal: Journal, deployment: Deployment) -> Target:
    """A connection of its own to a deployment's target."""
    kind = deployment.spec.target
    if kind.startswith(CLOUD):
        return _cloud(int(kind[len(CLOUD) :]))
    if kind.startswith(LEAN):
        return _lean(kind[len(LEAN) :], journal.folder(deployment.name) / "lean")
    name, path = deployment.name, journal.folder(deployment.name) / ACCOUNT
    if not path.is_file():
        return NoAccount()  # opening one would open it with whatever money this would guess

    def price(ticker: str) -> float | None:
        rows = journal.file.rows(
            "SELECT close FROM bars WHERE deployment = ? AND ticker = ? ORDER BY day DESC, minute DESC LIMIT 1", name, ticker
        )
        return rows[0][0] if rows else None

    return PaperTarget(path, deployment.spec.cash or 0.0, price)


def _cloud(project: int) -> Target:
    from hidden_regime.cloud.budget.budget import Budget
    from hidden_regime.cloud.client import QuantConnect
    from hidden_regime.cloud.credentials import find_credentials
    from hidden_regime.operation.targets.cloud import CloudTarget

    qc = QuantConnect(find_credentials(), base_url=os.environ.get(ADDRESS, BASE))
    return CloudTarget(qc, project, Budget(qc.account_name))


def _lean(text: str, output: Path) -> Target:
    from hidden_regime.local_lean.finding import LeanCli
    from hidden_regime.operation.targets.lean import LeanTarget

    folder, _, environment = text.partition("#")
    project = Path(folder).resolve()
    cli = LeanCli(workspace=project.parent)
    return LeanTarget(cli.tell, project, environment or ENVIRONMENT, output, utc)
