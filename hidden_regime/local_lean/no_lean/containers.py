"""Containers: each a process of the embedded engine, its output kept, its end awaited."""

from __future__ import annotations

import contextlib
import os
import secrets
import signal
import subprocess
import sys
import threading
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import IO, Any

from hidden_regime.local_lean.no_lean.mounts import NotPlayedError, job_of

CREATED, RUNNING, EXITED = "created", "running", "exited"
PACKAGE = Path(__file__).parents[3]
"""The folder from which this package was imported: the process must find the same one."""


@dataclass
class Container:
    """A container.

    Attributes
    ----------
    name : str
    config : mapping
        What it was created with, as Docker's API has it.
    status : str
        "created", "running" or "exited".
    exit_code : int
    stops : list of int
        Seconds that each request to stop gave it.
    """

    name: str
    config: Mapping[str, Any]
    id: str = field(default_factory=lambda: secrets.token_hex(32))
    status: str = CREATED
    exit_code: int = 0
    stops: list[int] = field(default_factory=list)
    _output: list[bytes] = field(default_factory=list)
    _changed: threading.Condition = field(default_factory=threading.Condition)
    _process: subprocess.Popen[bytes] | None = None

    def start(self, environment: Mapping[str, str]) -> None:
        """Begin what it is for; a container that isn't played ends at once and says why."""
        try:
            job = job_of(self.config)
        except (NotPlayedError, OSError, ValueError, LookupError) as error:
            self._output.append(f"This container isn't played: {error}\n".encode())
            self._end(1)
            return
        path = os.pathsep.join(filter(None, (str(PACKAGE), environment.get("PYTHONPATH"))))
        self._process = subprocess.Popen(
            [sys.executable, "-m", "hidden_regime.local_lean.no_lean.inside", job.to_json()],
            env={**environment, "PYTHONPATH": path}, stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE, stderr=subprocess.STDOUT, start_new_session=True)  # fmt: skip
        self.status = RUNNING
        assert self._process.stdout is not None
        threading.Thread(target=self._follow, args=(self._process, self._process.stdout), daemon=True).start()

    def _follow(self, process: subprocess.Popen[bytes], output: IO[bytes]) -> None:
        with output:
            for line in output:
                with self._changed:
                    self._output.append(line)
                    self._changed.notify_all()
        code = process.wait()
        self._end(code if code >= 0 else 128 - code)

    def _end(self, code: int) -> None:
        with self._changed:
            self.status, self.exit_code = EXITED, code
            self._changed.notify_all()

    def lines(self, *, follow: bool, last: int | None = None) -> Iterator[bytes]:
        """Its output, line by line; with `follow` as it comes, until it ends.

        Parameters
        ----------
        follow : bool
        last : int, optional
            Of what is there already, only so many lines.
        """
        with self._changed:
            place = 0 if last is None else max(0, len(self._output) - last)
        while True:
            with self._changed:
                while follow and place == len(self._output) and self.status == RUNNING:
                    self._changed.wait()
                found = self._output[place:]
            place += len(found)
            yield from found
            if not found:
                return

    def wait(self, timeout: float | None = None) -> bool:
        """Wait until it runs no more; whether it doesn't."""
        with self._changed:
            return self._changed.wait_for(lambda: self.status != RUNNING, timeout)

    def stop(self, grace: int) -> None:
        """Ask it to end; after so many seconds it is killed."""
        self.stops.append(grace)
        self.signal(signal.SIGINT)
        if not self.wait(grace):
            self.kill()

    def kill(self) -> None:
        """End it at once."""
        self.signal(signal.SIGKILL)
        self.wait()

    def signal(self, number: int) -> None:
        """Send it a signal, if it runs."""
        if self._process is not None and self.status == RUNNING:
            with contextlib.suppress(ProcessLookupError):
                self._process.send_signal(number)

    @property
    def is_gone_after(self) -> bool:
        """Whether it is to be removed when it ends."""
        return bool((self.config.get("HostConfig") or {}).get("AutoRemove"))

    def told(self) -> dict[str, Any]:
        """As Docker's API tells of it."""
        state = {"Status": self.status, "Running": self.status == RUNNING, "ExitCode": self.exit_code, "Error": ""}
        own = {"Tty": bool(self.config.get("Tty")), "Image": self.config.get("Image", ""), "Labels": {}}
        return {
            "Id": self.id, "Name": f"/{self.name}", "State": state, "Config": own, "Image": self.config.get("Image", ""),
            "HostConfig": self.config.get("HostConfig") or {}, "NetworkSettings": {"Ports": {}, "Networks": {}},
            "Created": "1970-01-01T00:00:00Z", "Path": "bash", "Args": [],
        }  # fmt: skip
