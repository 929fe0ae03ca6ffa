"""Folders as the stand-in's containers leave them, made in this process: starting one takes longer than what it does."""

from __future__ import annotations

import json
import time
from pathlib import Path

from hidden_regime.data import LeanFolder
from hidden_regime.local_lean.no_lean.engine import Interruption, backtest
from hidden_regime.local_lean.no_lean.logs import Log
from hidden_regime.local_lean.no_lean.mounts import Job
from hidden_regime.local_lean.no_lean.optimizer import optimize
from tests.conftest import CASES
from tests.local_lean.strategies import write_project

MARKET = CASES / "data"
ID = "1000000001"


def write_backtest(project: Path, **parameters: str) -> Path:
    """The folder of a backtest in a new project."""
    folder = _folder(project, "backtests")
    backtest(
        project / "main.py", LeanFolder(MARKET), parameters, identity=ID, name="one", results=folder, storage=project / "storage",
        log=Log(folder / "log.txt", time.time, None), interruption=Interruption(),
    )  # fmt: skip
    return folder


def write_search(project: Path, optimizer: dict) -> Path:
    """The folder of a search in a new project, by a configuration of LEAN's optimiser."""
    folder = _folder(project, "optimizations")
    config = folder / "optimizer-config.json"
    config.write_text(json.dumps(optimizer), encoding="utf-8")
    job = Job(str(project / "main.py"), str(MARKET), str(folder), str(project / "storage"), "", str(config))
    log = Log(folder / "log.txt", time.time, None)
    assert optimize(job, LeanFolder(MARKET), {}, log, time.time, Interruption()) == 0
    return folder


def _folder(project: Path, kind: str) -> Path:
    write_project(project)
    (project / "storage").mkdir()
    folder = project / kind / "2026-01-05_10-00-00"
    folder.mkdir(parents=True)
    (folder / "config").write_text(json.dumps({"id": int(ID)}), encoding="utf-8")
    return folder
