"""The file of modules without which lean-cli doesn't start, for where the one it would fetch can't be reached."""

from __future__ import annotations

import json
import re
from pathlib import Path

from hidden_regime.files.whole import write_file
from hidden_regime.local_lean.errors import LeanCliMissing

MISSING = re.compile(r"Modules json not found in the given path (?P<path>.+?\.json)(?::|\s*$)", re.MULTILINE)
MODULES = {
    "modules": [
        {
            "id": "LocalDisk", "display-id": "Local", "type": ["data-downloader", "data-provider"], "platform": ["cli"],
            "configurations": [],
        },
        {
            "id": "QuantConnectBrokerage", "display-id": "Paper Trading", "type": ["brokerage"], "platform": ["cli", "cloud"],
            "live-cash-balance-state": "optional", "live-holdings-state": "optional", "configurations": [],
        },
        {
            "id": "QuantConnectBrokerage", "display-id": "QuantConnect", "type": ["data-queue-handler"], "platform": ["cloud"],
            "configurations": [],
        },
    ]
}  # fmt: skip
"""Of what lean-cli fetches, what backtests from a folder of data and paper trading need."""


def supply_modules(said: str) -> bool:
    """Write the file of modules where lean-cli says that it has none and couldn't fetch it.

    Parameters
    ----------
    said : str
        What lean-cli said as it didn't start.

    Returns
    -------
    bool
        Whether that was why; it can be started again then. A file that is there is never touched.

    Raises
    ------
    LeanCliMissing
        It may not be written there.
    """
    found = MISSING.search(said)
    if found is None:
        return False
    path = Path(found["path"])
    if path.exists():
        return True
    try:
        write_file(path, json.dumps(MODULES, indent=4) + "\n")
    except OSError as error:
        raise LeanCliMissing(
            f"lean-cli has no file of modules, can't fetch it, and {path} can't be written ({error}). Start `lean --version` "
            "once with a network, as a user who may write there."
        ) from error
    return True
