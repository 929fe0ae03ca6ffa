"""Whether Docker is there and for this user, asked before anything starts, and how a container is stopped."""

from __future__ import annotations

import contextlib
import shutil
import socket
import subprocess
from collections.abc import Mapping
from dataclasses import dataclass, field
from http.client import HTTPConnection, HTTPException
from urllib.parse import quote, urlsplit

from hidden_regime.local_lean.errors import DockerMissing

HOST, ENCRYPTED, SOCKET = "DOCKER_HOST", "DOCKER_TLS_VERIFY", "unix:///var/run/docker.sock"
PORT = 2375
GRACE = 60
"""Seconds that LEAN gets to write its results after it was asked to stop."""
PATIENCE = 10.0
"""Seconds that the daemon gets for an answer."""
INSTALL = "Install it (https://docs.docker.com/engine/install/) and start it"
UNREADABLE = (OSError, HTTPException)


class UnixConnection(HTTPConnection):
    """HTTP over a socket in the file system, as Docker's daemon speaks it."""

    def __init__(self, path: str, timeout: float) -> None:
        super().__init__("localhost", timeout=timeout)
        self._path = path

    def connect(self) -> None:
        """Open the socket."""
        self.sock = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
        self.sock.settimeout(self.timeout)
        self.sock.connect(self._path)


@dataclass(frozen=True)
class Daemon:
    """Docker's daemon, at the address at which lean-cli looks for it.

    Parameters
    ----------
    environment : mapping of str to str
        DOCKER_HOST and DOCKER_TLS_VERIFY count, and PATH for the docker command. Contexts of the docker
        command don't: lean-cli doesn't read them either.
    """

    environment: Mapping[str, str] = field(repr=False)

    @property
    def host(self) -> str:
        """The address."""
        return self.environment.get(HOST) or SOCKET

    @property
    def is_direct(self) -> bool:
        """Whether it can be asked without the docker command: through a socket of this system, or TCP without encryption."""
        return urlsplit(self.host).scheme in ("unix", "tcp", "http") and not self.environment.get(ENCRYPTED)

    def ask(self, method: str, path: str, timeout: float = PATIENCE) -> tuple[int, bytes]:
        """Status and content of an answer.

        Raises
        ------
        OSError, HTTPException
            Nobody answers.
        """
        connection = self._connection(timeout)
        try:
            connection.request(method, path)
            reply = connection.getresponse()
            return reply.status, reply.read()
        finally:
            connection.close()

    def _connection(self, timeout: float) -> HTTPConnection:
        parts = urlsplit(self.host)
        if parts.scheme == "unix":
            return UnixConnection(parts.netloc + parts.path, timeout)
        return HTTPConnection(parts.hostname or "localhost", parts.port or PORT, timeout=timeout)

    def check(self) -> None:
        """Raise unless the daemon answers this user.

        Raises
        ------
        DockerMissing
            It isn't installed, doesn't run, or isn't for this user.
        """
        client = shutil.which("docker", path=self.environment.get("PATH"))
        if not self.is_direct:
            if client is None:
                raise DockerMissing(f"{HOST} = {self.host!r} needs the docker command, which isn't on PATH. {INSTALL}.")
            return
        try:
            status, content = self.ask("GET", "/_ping")
        except PermissionError as error:
            raise DockerMissing(
                f"Docker at {self.host} isn't for this user ({error}). lean-cli would start itself under sudo, which is refused "
                "here. Have this user added to the group docker (sudo usermod -aG docker NAME, then log in again), or give the "
                f"address of a daemon that is in {HOST}."
            ) from error
        except UNREADABLE as error:
            raise DockerMissing(self._absent(client, error)) from error
        if status != 200:
            raise DockerMissing(f"Docker at {self.host} answers {status} ({content[:200]!r}): expected OK. Start it again.")

    def _absent(self, client: str | None, error: BaseException) -> str:
        why = f"({type(error).__name__}: {error})"
        if client is None and not self.environment.get(HOST):
            return f"Docker isn't installed: no docker command is on PATH, and nobody answers at {self.host} {why}. {INSTALL}."
        return (
            f"Docker doesn't run: nobody answers at {self.host} {why}. Start it (systemctl start docker, or Docker Desktop). "
            f"Where it listens elsewhere, say so in {HOST}: `docker context inspect` tells the address."
        )

    def stop(self, container: str, grace: int = GRACE) -> bool:
        """Ask a container to end, as `docker stop -t 60` does; after that time it is killed.

        Returns
        -------
        bool
            Whether there was one that runs no more; False where there is none of this name, or nobody answers.
        """
        if not self.is_direct:
            done = subprocess.run(
                ["docker", "stop", "-t", str(grace), container], env=dict(self.environment), capture_output=True, check=False,
                stdin=subprocess.DEVNULL)  # fmt: skip
            return done.returncode == 0
        with contextlib.suppress(*UNREADABLE):
            status, _ = self.ask("POST", f"/containers/{quote(container)}/stop?t={grace}", timeout=grace + PATIENCE)
            return status in (204, 304)
        return False
