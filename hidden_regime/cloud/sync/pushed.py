"""What a folder and its cloud project last had in common."""

from __future__ import annotations

import json
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from hidden_regime.cloud.errors import QCError
from hidden_regime.experiments.space.project_config import project_config, write_project_values
from hidden_regime.files.whole import write_file

FILE = ".qc/pushed.json"
"""In the project's folder; lean-cli leaves alone what begins with a dot."""
CONFIG, CLOUD_ID, ORGANIZATION = "config.json", "cloud-id", "organization-id"
KEPT_COMPILES = 8


@dataclass
class Pushed:
    """The last common state, by account.

    Attributes
    ----------
    account : str
        Host and user: a folder may be pushed to the practice server and to QuantConnect.
    project_id : int or None
    files : dict of str to str
        Digests by name.
    compiles : dict of str to str
        Ids of compilations by the digest of all files.
    whole : str
        Digest of all files that the project had in the cloud after the last push, those too that are there alone.
    is_new : bool
        The project was made by a push that hasn't come to its end: `files` are those that it began with, which are nobody's work.
    """

    account: str
    project_id: int | None = None
    files: dict[str, str] = field(default_factory=dict)
    compiles: dict[str, str] = field(default_factory=dict)
    whole: str = ""
    is_new: bool = False


def read_pushed(folder: Path, account: str) -> Pushed:
    """What is known of a folder.

    Raises
    ------
    QCError
        The file is damaged.
    """
    told = _read(folder / FILE).get(account)
    if told is not None:
        try:
            project = told["project"]
            if not (project is None or type(project) is int):
                raise TypeError("no number of a project")
            files, compiles = ({str(key): str(value) for key, value in told[name].items()} for name in ("files", "compiles"))
            return Pushed(account, project, files, compiles, str(told.get("whole", "")), bool(told.get("new", False)))
        except (LookupError, TypeError, ValueError, AttributeError) as error:
            raise _damaged(folder / FILE, error) from error
    return Pushed(account)


def write_pushed(folder: Path, state: Pushed, organization_id: str = "", *, tell_lean: bool) -> None:
    """Keep it; and tell lean-cli the project's id, where the account is QuantConnect's own."""
    compiles = dict(list(state.compiles.items())[-KEPT_COMPILES:])
    mine = {"project": state.project_id, "files": dict(sorted(state.files.items())), "compiles": compiles, "whole": state.whole}
    if state.is_new:
        mine["new"] = True
    path = folder / FILE
    path.parent.mkdir(parents=True, exist_ok=True)
    write_file(path, json.dumps(_read(path) | {state.account: mine}, indent=1) + "\n")
    if tell_lean:
        values = {CLOUD_ID: state.project_id} | ({ORGANIZATION: organization_id} if organization_id else {})
        write_project_values(folder / CONFIG, values)


def leans_project(folder: Path) -> int | None:
    """The id of the project that lean-cli pushed this folder to."""
    found = project_config(folder / CONFIG).get(CLOUD_ID)
    return found if isinstance(found, int) and not isinstance(found, bool) else None


def _read(path: Path) -> dict[str, Any]:
    if not path.is_file():
        return {}
    try:
        found = json.loads(path.read_text(encoding="utf-8"))
        if not isinstance(found, dict):
            raise ValueError("no object")
    except (OSError, ValueError, RecursionError) as error:
        raise _damaged(path, error) from error
    return found


def _damaged(path: Path, error: Exception) -> QCError:
    return QCError(f"{path} can't be read ({type(error).__name__}). Remove it: push and pull then ask what to do with each file.")
