"""The unmodified lean-cli in a process of its own, pointed at another address.

lean-cli fetches `modules-1.14.json` into its own folder as it is imported. So that nothing is fetched, and nothing written into
an installation that others use, its package is copied into a folder of the tests, where that file lies already.
"""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import time
from dataclasses import dataclass
from pathlib import Path

VERSION = "1.0.230"
PYTHON = os.environ.get("HIDDEN_REGIME_LEAN_CLI", "")
"""The Python of an environment with lean-cli."""
LAUNCHER = """import sys
sys.path.insert(0, {folder!r})
import lean.constants
lean.constants.API_BASE_URL = {url!r}
from lean.main import main
main()
"""


def _module(identity: str, name: str, types: list[str], platforms: list[str], **more: str) -> dict:
    return {"id": identity, "display-id": name, "type": types, "platform": platforms, "configurations": [], **more}


MODULES = [
    _module("LocalDisk", "Local", ["data-downloader", "data-provider"], ["cli"]),
    _module(
        "QuantConnectBrokerage", "Paper Trading", ["brokerage"], ["cli", "cloud"],
        **{"live-cash-balance-state": "optional", "live-holdings-state": "optional"},
    ),
    _module("QuantConnectBrokerage", "QuantConnect", ["data-queue-handler"], ["cloud"]),
]  # fmt: skip


def version() -> str:
    """The version of lean-cli that PYTHON has; empty if none."""
    code = "import importlib.metadata as m; print(m.version('lean'))"
    return subprocess.run([PYTHON, "-c", code], capture_output=True, text=True).stdout.strip() if PYTHON else ""


def copied(folder: Path) -> Path:
    """A folder to import lean-cli from, with the file that it would fetch."""
    code = "import importlib.util as u; print(u.find_spec('lean').submodule_search_locations[0])"
    found = subprocess.run([PYTHON, "-c", code], capture_output=True, text=True, check=True, cwd=folder).stdout.strip()
    shutil.copytree(found, folder / "lean", ignore=shutil.ignore_patterns("__pycache__"))
    (folder / "lean" / "modules-1.14.json").write_text(json.dumps({"modules": MODULES}))
    return folder


@dataclass
class Lean:
    """Runs commands of lean-cli.

    Parameters
    ----------
    code : Path
        What `copied` gave.
    url : str
        Base address of the API.
    home : Path
        Its HOME, in which it has looked for updates a moment ago.
    organization : str
    """

    code: Path
    url: str
    home: Path
    organization: str

    def __post_init__(self) -> None:
        (self.home / ".lean").mkdir(parents=True)
        looked = {f"last-update-check-{what}": time.time() for what in ("cli", "announcements")}
        (self.home / ".lean" / "cache").write_text(json.dumps(looked))
        self.launcher = self.home / "launcher.py"
        self.launcher.write_text(LAUNCHER.format(folder=str(self.code), url=self.url))

    def workspace(self, name: str) -> Path:
        """A folder in which its commands work."""
        folder = self.home / name
        (folder / "data").mkdir(parents=True)
        (folder / "lean.json").write_text(json.dumps({"data-folder": "data", "organization-id": self.organization}))
        return folder

    def run(self, where: Path, *words: str, fails: bool = False) -> str:
        """What a command says, without line ends inside."""
        kept = {name: os.environ[name] for name in ("PATH", "SYSTEMROOT", "TMPDIR") if name in os.environ}
        done = subprocess.run(
            [PYTHON, str(self.launcher), *words], cwd=where, capture_output=True, text=True, timeout=120, encoding="utf-8",
            env=kept | {"HOME": str(self.home), "USERPROFILE": str(self.home), "COLUMNS": "400", "NO_PROXY": "127.0.0.1"},
        )  # fmt: skip
        said = done.stdout + done.stderr
        assert (done.returncode != 0) is fails, said
        return said
