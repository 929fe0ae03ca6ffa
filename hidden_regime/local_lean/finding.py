"""LEAN's command line: where it is, which one it is, and how it is run; never imported, for it has an environment of its own."""

from __future__ import annotations

import os
import re
import shutil
import subprocess
from collections.abc import Callable, Mapping, Sequence
from functools import cached_property
from pathlib import Path

from hidden_regime.files.paths import given_path
from hidden_regime.local_lean.errors import LeanCliMissing, LeanFailed
from hidden_regime.local_lean.modules import supply_modules
from hidden_regime.local_lean.processes import run_logged, tail
from hidden_regime.local_lean.workspace import keep_quiet, read_workspace

VARIABLE, NAME = "LEAN_CLI", "lean"
VERSION = re.compile(r"^lean (?P<version>\d+\.\d[\w.]*)$", re.MULTILINE)
START = 120.0
"""Seconds for a command that only tells something."""
INSTALL = "Install it into an environment of its own (python -m venv ~/lean-cli; ~/lean-cli/bin/pip install lean)"


class LeanCli:
    """LEAN's command line, in a workspace.

    Parameters
    ----------
    executable : str or Path, optional
        The program `lean`; default: what the environment's LEAN_CLI names, else the one on PATH.
    workspace : str or Path
        Folder with lean.json: see `make_workspace`.
    home : str or Path, optional
        In which lean-cli keeps its state instead of the user's own folder; made where it isn't there. In such a one lean-cli is
        kept from fetching files into the folder of data; in the user's own nothing is changed.
    environment : mapping of str to str, optional
        Default: this process's.

    Raises
    ------
    LeanCliMissing
        There is no such program.
    LeanError
        The folder is no workspace.
    """

    def __init__(self, executable: str | Path | None = None, *, workspace: str | Path, home: str | Path | None = None,
                 environment: Mapping[str, str] | None = None) -> None:  # fmt: skip
        self.environment = dict(os.environ if environment is None else environment)
        self.executable = find_lean(executable, self.environment)
        self.workspace = given_path("workspace", workspace).resolve()
        read_workspace(self.workspace)
        self.environment["COLUMNS"] = "400"  # else a line of its output is broken into several
        if home is not None:
            place = given_path("home", home).resolve()
            keep_quiet(place)
            self.environment |= {"HOME": str(place), "USERPROFILE": str(place)}

    @cached_property
    def version(self) -> str:
        """Its version, such as 1.0.230.

        Raises
        ------
        LeanCliMissing
            It doesn't start, or is another program: the theorem prover Lean has the same name.
        """
        said = self.tell("--version")
        found = VERSION.search(said)
        if found is None:
            raise LeanCliMissing(
                f"{self.executable} says {said.strip()[:200]!r}: expected the version of LEAN's command line. {INSTALL}, and "
                f"name it in {VARIABLE}."
            )
        return found["version"]

    def tell(self, *arguments: str) -> str:
        """What a command says that only tells something, such as --help.

        Raises
        ------
        LeanCliMissing
            It doesn't start.
        """
        said = self._said(arguments)
        if said.returncode and supply_modules(said.stdout):
            said = self._said(arguments)
        if said.returncode:
            lines = "\n".join(said.stdout.strip().splitlines()[-3:])
            raise LeanCliMissing(f"{self.executable} doesn't start ({lines}). {INSTALL}, and name it in {VARIABLE}.")
        return said.stdout

    def _said(self, arguments: Sequence[str]) -> subprocess.CompletedProcess[str]:
        try:
            return subprocess.run(
                [str(self.executable), *arguments], cwd=self.workspace, env=self.environment, stdin=subprocess.DEVNULL,
                stdout=subprocess.PIPE, stderr=subprocess.STDOUT, timeout=START, check=False, encoding="utf-8",
                errors="replace")  # fmt: skip
        except (OSError, subprocess.TimeoutExpired) as error:
            raise LeanCliMissing(f"{self.executable} doesn't start ({error}). {INSTALL}, and name it in {VARIABLE}.") from error

    def run(self, arguments: Sequence[str], *, log: Path, timeout: float, stop: Callable[[], object]) -> int:
        """Run a command to its end, its output in a file, and give what it ended with: 1 for every error.

        Parameters
        ----------
        arguments : sequence of str
        log : Path
        timeout : float
            Seconds.
        stop : callable
            Stops its container, where its time is up or this process is interrupted: lean-cli would leave it running.

        Raises
        ------
        LeanCliMissing
            It doesn't start.
        LeanFailed
            Its time was up.
        """
        version = self.version  # it starts, and has its modules
        try:
            return run_logged(
                [str(self.executable), *arguments], folder=self.workspace, environment=self.environment, log=log,
                timeout=timeout, stop=stop)  # fmt: skip
        except subprocess.TimeoutExpired:
            raise LeanFailed(
                f"`lean {arguments[0]}` (lean-cli {version}) was stopped after {timeout:g} seconds. Give it more time, or ask "
                "for less.", None, tail(log)) from None  # fmt: skip


def find_lean(executable: str | Path | None, environment: Mapping[str, str]) -> Path:
    """The program `lean`: the one given, that of LEAN_CLI, or the one on PATH.

    Raises
    ------
    LeanCliMissing
    """
    asked = executable or environment.get(VARIABLE)
    found = shutil.which(str(given_path("executable", asked)) if asked else NAME, path=environment.get("PATH"))
    if found is None:
        where = f"{str(asked)!r} isn't an executable file" if asked else f"no {NAME!r} is on PATH, and {VARIABLE} isn't set"
        raise LeanCliMissing(f"LEAN's command line isn't there: {where}. {INSTALL}, and name it in {VARIABLE}.")
    return Path(found).absolute()
