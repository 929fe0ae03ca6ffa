"""Opens a deployment's target."""

from __future__ import annotations

import os
from pathlib import Path

from hidden_regime.exceptions import ParameterError, RegimeError
from hidden_regime.operation.clocks import utc
from hidden_regime.operation.journal import Journal
from hidden_regime.operation.journal.records import Deployment
from hidden_regime.operation.targets.base import Target
from hidden_regime.operation.targets.paper import LostAccount, NoAccount, PaperTarget

PAPER, CLOUD, LEAN = "paper", "cloud:", "lean:"
ACCOUNT = "account.sqlite"
ADDRESS, ENVIRONMENT, PAPER_BROKER = "QC_API_URL", "live-paper", "PaperBrokerage"
BASE = "https://www.quantconnect.com/api/v2/"


def whole_target(text: str) -> str:
    """A target as it is kept: LEAN's project with its whole path, for the kill switch may be pulled from another folder.

    Parameters
    ----------
    text : str
        "paper"; "cloud:PROJECT_ID"; "lean:PROJECT_FOLDER" or "lean:PROJECT_FOLDER#ENVIRONMENT" of lean.json.

    Raises
    ------
    ParameterError
        It can't be one.
    """
    if text == PAPER or (text.startswith(CLOUD) and text[len(CLOUD) :].isdigit()):
        return text
    folder, mark, environment = text.removeprefix(LEAN).partition("#")
    if not text.startswith(LEAN) or not folder:
        raise ParameterError("target", text, "paper, cloud:PROJECT_ID, or lean:FOLDER#ENVIRONMENT")
    if not Path(folder).is_dir():
        raise ParameterError("target", text, "lean:FOLDER, the folder of a project in LEAN's workspace", "There is none.")
    return f"{LEAN}{Path(folder).resolve()}{mark}{environment}"


def runs_elsewhere(target: str) -> bool:
    """Whether the strategy itself runs at the target, and is only watched from here."""
    return target != PAPER


def is_real(target: str) -> bool:
    """Whether real money may be at stake: in LEAN unless the environment is called paper, and lean.json names no other broker.

    In the cloud paper is asked for.
    """
    if not target.startswith(LEAN):
        return False
    folder, _, environment = target.removeprefix(LEAN).partition("#")
    environment = environment or ENVIRONMENT
    return PAPER not in environment or _broker(Path(folder).resolve().parent, environment) not in ("", PAPER_BROKER)


def _broker(workspace: Path, environment: str) -> str:
    """The broker that lean.json names; empty where it says nothing."""
    from hidden_regime.local_lean.workspace import read_workspace

    try:
        return str(read_workspace(workspace)["environments"][environment]["live-mode-brokerage"])
    except (RegimeError, LookupError, TypeError):
        return ""


def check_reachable(target: str) -> None:
    """Raise where a target can't even be asked: credentials are missing, or LEAN's command line.

    Raises
    ------
    RegimeError
    """
    if target.startswith(CLOUD):
        _cloud(int(target[len(CLOUD) :]))
    elif target.startswith(LEAN):
        _lean(target[len(LEAN) :], Path())


def open_target(journal: Journal, deployment: Deployment) -> Target:
    """A connection of its own to a deployment's target."""
    kind = deployment.spec.target
    if kind.startswith(CLOUD):
        return _cloud(int(kind[len(CLOUD) :]))
    if kind.startswith(LEAN):
        return _lean(kind[len(LEAN) :], journal.folder(deployment.name) / "lean")
    name, path = deployment.name, journal.folder(deployment.name) / ACCOUNT
    if not path.is_file():
        # Opening one would open it with whatever money this would guess.
        sent = journal.file.rows("SELECT 1 FROM sent WHERE deployment = ? LIMIT 1", name)
        return LostAccount(path) if sent else NoAccount()

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
