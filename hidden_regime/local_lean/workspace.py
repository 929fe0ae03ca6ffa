"""A folder in which LEAN's command line works, without `lean init`: that needs an account, and a backtest needs none."""

from __future__ import annotations

import json
import re
from pathlib import Path
from typing import Any

from hidden_regime.exceptions import ParameterError
from hidden_regime.experiments.space import commented_json
from hidden_regime.files.paths import given_path
from hidden_regime.files.whole import write_file
from hidden_regime.local_lean.errors import LeanError

CONFIG = "lean.json"
NOBODY = "0" * 32
"""Organization of a workspace that belongs to none: lean-cli wants one, and sends it nowhere in a backtest."""
ENGINE = "QuantConnect.Lean.Engine"
BACKTESTING = {
    "live-mode": False,
    "setup-handler": f"{ENGINE}.Setup.BacktestingSetupHandler",
    "result-handler": f"{ENGINE}.Results.BacktestingResultHandler",
    "data-feed-handler": f"{ENGINE}.DataFeeds.FileSystemDataFeed",
    "real-time-handler": f"{ENGINE}.RealTime.BacktestingRealTimeHandler",
    "history-provider": [f"{ENGINE}.HistoricalData.SubscriptionDataReaderHistoryProvider"],
    "transaction-handler": f"{ENGINE}.TransactionHandlers.BacktestingTransactionHandler",
}
"""What `lean init` writes of backtests."""
UPDATES, NEVER = "database-update-frequency", "-"


def make_workspace(folder: str | Path, data: str | Path, organization: str = NOBODY) -> Path:
    """Make a folder a workspace of lean-cli; one that is one already stays as it is.

    Parameters
    ----------
    folder : str or Path
        Projects lie in it, and so do their results.
    data : str or Path
        Folder of data in LEAN's format.
    organization : str
        Id of an organization of QuantConnect's, 32 hex digits.

    Returns
    -------
    Path
        The folder.

    Raises
    ------
    ParameterError
    LeanError
        It is a workspace with other data.
    """
    place, source = given_path("folder", folder).resolve(), given_path("data", data).resolve()
    if not source.is_dir():
        raise ParameterError("data", str(data), "an existing folder of data in LEAN's format")
    if not isinstance(organization, str) or not re.fullmatch("[0-9a-f]{32}", organization):
        raise ParameterError("organization", organization, "an id of 32 hex digits")
    path = place / CONFIG
    if path.exists():
        known = data_folder(place)
        if known != source:
            raise LeanError(f"{path} names the data {known}: expected {source}. Change its data-folder, or take another folder.")
        return place
    place.mkdir(parents=True, exist_ok=True)
    content = {
        "data-folder": str(source),
        "organization-id": organization,
        "data-provider": f"{ENGINE}.DataFeeds.DefaultDataProvider",
        "environments": {"backtesting": BACKTESTING},
    }
    write_file(path, json.dumps(content, indent=4) + "\n")
    return place


def read_workspace(folder: Path) -> dict[str, Any]:
    """What the folder's lean.json holds.

    Raises
    ------
    LeanError
        There is none, or it can't be read.
    """
    path = folder / CONFIG
    if not path.is_file():
        raise LeanError(
            f"{folder} holds no {CONFIG}: expected a workspace of lean-cli. Make one with make_workspace(folder, data), or with "
            "`lean init` where there is an account."
        )
    try:
        content = commented_json.loads(path.read_text(encoding="utf-8-sig"))
        if not isinstance(content, dict) or not isinstance(content.get("data-folder"), str):
            raise ValueError("no object with a data-folder")
    except (OSError, ValueError, RecursionError) as error:
        raise LeanError(f"{path} can't be read ({error}): expected lean-cli's configuration, in JSON.") from error
    return content


def data_folder(folder: Path) -> Path:
    """Where a workspace's data lie."""
    return (folder / str(read_workspace(folder)["data-folder"])).resolve()


def keep_quiet(home: Path) -> None:
    """Keep lean-cli from fetching files into the folder of data at each start, as `lean config set` does.

    Parameters
    ----------
    home : Path
        In which lean-cli keeps its own state: one that was made for us. A user's settings are never changed.
    """
    path = home / ".lean" / "config"
    try:
        known = json.loads(path.read_text(encoding="utf-8"))
    except FileNotFoundError:
        known = {}
    except ValueError as error:
        raise LeanError(f"{path} can't be read ({error}): expected lean-cli's settings, in JSON. Remove it.") from error
    if known.get(UPDATES) != NEVER:
        path.parent.mkdir(parents=True, exist_ok=True)
        write_file(path, json.dumps({**known, UPDATES: NEVER}, indent=4) + "\n")
