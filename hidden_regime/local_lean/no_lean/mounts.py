"""What a container is to do, from what lean-cli mounts into it."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import asdict, dataclass
from pathlib import Path, PurePosixPath
from typing import Any

SCRIPT = "/lean-cli-start.sh"
LEAN_CONFIG = "/Lean/Launcher/bin/Debug/config.json"
OPTIMIZER_CONFIG = "/Lean/Optimizer.Launcher/bin/Debug/config.json"
PROJECT, DATA, RESULTS, STORAGE = "/LeanCLI", "/Lean/Data", "/Results", "/Storage"
BACKTEST, OPTIMIZATION = "exec dotnet QuantConnect.Lean.Launcher.dll", "dotnet QuantConnect.Optimizer.Launcher.dll"


class NotPlayedError(Exception):
    """A container that the stand-in has no part for."""


@dataclass(frozen=True)
class Job:
    """A backtest or an optimisation.

    Attributes
    ----------
    strategy, data, results, storage : str
        Paths on this machine.
    lean_config : str
        The file with LEAN's configuration.
    optimizer_config : str
        That of the optimiser's; empty for a backtest.
    """

    strategy: str
    data: str
    results: str
    storage: str
    lean_config: str
    optimizer_config: str = ""

    def to_json(self) -> str:
        """As a text, for the process that does it."""
        return json.dumps(asdict(self))

    @classmethod
    def from_json(cls, text: str) -> Job:
        """What `to_json` gave."""
        return cls(**json.loads(text))


def mounted(config: Mapping[str, Any]) -> dict[str, Path]:
    """Where the paths of a container lie on this machine, of what it was created with."""
    host = config.get("HostConfig") or {}
    found = {}
    for bind in host.get("Binds") or []:
        source, _, rest = str(bind).rpartition(":")[0].rpartition(":") if str(bind).count(":") > 1 else str(bind).rpartition(":")
        if source.startswith("/"):  # else the name of a volume
            found[rest] = Path(source)
    for mount in host.get("Mounts") or []:
        if mount.get("Type") == "bind":
            found[str(mount["Target"])] = Path(mount["Source"])
    return found


def job_of(config: Mapping[str, Any]) -> Job:
    """What a container is to do.

    Raises
    ------
    NotPlayedError
        It is neither a backtest nor an optimisation of a strategy in Python.
    """
    places = mounted(config)
    for path in (SCRIPT, LEAN_CONFIG, PROJECT, DATA, RESULTS, STORAGE):
        if path not in places:
            raise NotPlayedError(f"nothing is mounted at {path}: only lean backtest and lean optimize are played")
    last = places[SCRIPT].read_text(encoding="utf-8").rstrip().splitlines()[-1]
    if last not in (BACKTEST, OPTIMIZATION):
        raise NotPlayedError(f"the last command is {last!r}: only lean backtest and lean optimize are played")
    lean = json.loads(places[LEAN_CONFIG].read_text(encoding="utf-8"))
    language = lean.get("algorithm-language")
    if language != "Python":
        raise NotPlayedError(f"the strategy is written in {language}: only Python is played")
    inside = PurePosixPath(str(lean["algorithm-location"])).relative_to(PROJECT)
    return Job(
        str(places[PROJECT] / inside), str(places[DATA]), str(places[RESULTS]), str(places[STORAGE]), str(places[LEAN_CONFIG]),
        str(places[OPTIMIZER_CONFIG]) if last == OPTIMIZATION else "")  # fmt: skip
