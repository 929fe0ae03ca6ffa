"""A stand-in for Docker whose containers are the embedded engine: lean-cli works against it unchanged, and no LEAN runs."""

from __future__ import annotations

import os
import threading
from collections.abc import Mapping
from pathlib import Path
from types import TracebackType

from hidden_regime.exceptions import ParameterError
from hidden_regime.files.paths import given_path
from hidden_regime.local_lean.no_lean.containers import Container
from hidden_regime.local_lean.no_lean.routes import State
from hidden_regime.local_lean.no_lean.server import TcpServer, UnixServer, server_for

LONGEST = 100
"""Characters of a socket's path; systems take some hundred."""


class StubDocker:
    """Docker's HTTP API on a socket, for as long as the block runs.

    What a container does is done by the embedded engine in a process of this Python: a backtest or an optimisation of a strategy
    in Python, with the files that LEAN leaves. It is no LEAN, and nothing is shut in: strategies run as this user. The image and
    the first line of each log say so.

    Parameters
    ----------
    socket : str or Path, optional
        Where to listen, for this user alone; without one it is a free port of this machine, and whoever can reach that can have
        strategies run as this user.
    environment : mapping of str to str, optional
        Of the containers; default: this process's.

    Examples
    --------
    >>> import tempfile
    >>> from pathlib import Path
    >>> from hidden_regime.local_lean.docker import Daemon
    >>> with tempfile.TemporaryDirectory() as folder, StubDocker(Path(folder, "docker.sock")) as docker:
    ...     Daemon({"DOCKER_HOST": docker.host}).ask("GET", "/_ping")
    (200, b'OK')
    """

    def __init__(self, socket: str | Path | None = None, *, environment: Mapping[str, str] | None = None) -> None:
        self._socket = None if socket is None else given_path("socket", socket).absolute()
        if self._socket is not None and (len(str(self._socket)) > LONGEST or self._socket.exists()):
            left = "Remove it if no other one listens there." if self._socket.exists() else ""
            raise ParameterError("socket", str(socket), f"a path of at most {LONGEST} characters where nothing lies yet", left)
        self.state = State(dict(os.environ if environment is None else environment))
        self._server: UnixServer | TcpServer | None = None

    @property
    def host(self) -> str:
        """What to set DOCKER_HOST to."""
        if self._socket is not None:
            return f"unix://{self._socket}"
        assert isinstance(self._server, TcpServer), "it listens inside its block alone"
        return f"tcp://127.0.0.1:{self._server.server_address[1]}"

    @property
    def containers(self) -> tuple[Container, ...]:
        """Those that weren't removed yet."""
        return tuple(self.state.containers.values())

    @property
    def unknown(self) -> tuple[str, ...]:
        """What was asked that isn't played."""
        return tuple(self.state.unknown)

    def __enter__(self) -> StubDocker:
        self._server = server_for(self.state, self._socket)
        threading.Thread(target=self._server.serve_forever, kwargs={"poll_interval": 0.05}, daemon=True).start()
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None) -> None:
        assert self._server is not None
        self._server.shutdown()
        self._server.server_close()
        for container in self.containers:
            container.kill()
        if self._socket is not None:
            self._socket.unlink(missing_ok=True)
