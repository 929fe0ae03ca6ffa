"""The practice cloud: a server on this machine that answers as QuantConnect's does, and runs what it is given."""

from __future__ import annotations

import time
from collections.abc import Callable, Mapping
from dataclasses import replace
from pathlib import Path
from threading import Thread
from types import TracebackType
from typing import Any

from hidden_regime.cloud.fake import ledger
from hidden_regime.cloud.fake.faults import Faults
from hidden_regime.cloud.fake.jobs import Jobs
from hidden_regime.cloud.fake.pool import Pool
from hidden_regime.cloud.fake.quirks import Quirks
from hidden_regime.cloud.fake.requests import Request
from hidden_regime.cloud.fake.server import Desk, Server
from hidden_regime.cloud.fake.settings import NODES, Account, Settings
from hidden_regime.cloud.fake.state import Cloud
from hidden_regime.cloud.fake.store import Store
from hidden_regime.data import packaged
from hidden_regime.exceptions import ParameterError, UnknownDataError

POLL = 0.05


class FakeCloud:
    """A cloud of one user, for practice and for tests. Nothing of it is QuantConnect's: its engine is the embedded one.

    Use it as a context manager, or call `serve_forever`.

    Parameters
    ----------
    store : str or Path
        Folder in which it keeps everything; the next cloud on it goes on where this one ended.
    data : str or Path
        What strategies trade on: a packaged set, "synthetic", a LEAN data folder or a file of prices.
    user_id, token : str
        Whose requests are taken.
    port : int
        0: any that is free.
    nodes : mapping of str to int
        How many there are of "backtest", "research" and "live".
    clock : callable
        Seconds since 1970.
    faults : Faults, optional
        See there.
    quirks : bool or Quirks
        Whether replies have the habits of the real ones; see there.
    seconds_per_backtest : float, optional
        How long by the clock a backtest holds its node at least.
    account : Account
        Name, organization and first balance.
    settings : Settings
        The rest; `data`, `nodes` and `seconds_per_backtest` stand above it.
    pool : Pool, optional
        Processes to share with other clouds, since each takes seconds to start; by default the cloud has its own.

    Attributes
    ----------
    url : str
        The base address of the API, with a slash at its end.
    faults : Faults
    calls : list of Request
        Requests that were understood, in their order.
    unexpected : list of str
        What no client should send: unknown endpoints, unknown and missing fields; and what went wrong in here.

    Raises
    ------
    ParameterError, UnknownDataError

    Examples
    --------
    >>> import tempfile, urllib.request
    >>> with tempfile.TemporaryDirectory() as folder, FakeCloud(folder) as cloud:
    ...     urllib.request.urlopen(cloud.url + "authenticate").read()[:38]
    b'{"success": false, "errors": ["Hash do'
    """

    def __init__(
        self,
        store: str | Path,
        *,
        data: str | Path = packaged.DEFAULT,
        user_id: str = "1",
        token: str = "practice",
        port: int = 0,
        nodes: Mapping[str, int] | None = None,
        clock: Callable[[], float] = time.time,
        faults: Faults | None = None,
        quirks: bool | Quirks = True,
        seconds_per_backtest: float | None = None,
        account: Account | None = None,
        settings: Settings | None = None,
        pool: Pool | None = None,
    ) -> None:
        if not (user_id.isdigit() and token):
            raise ParameterError("user_id", user_id, "a number as a text, and a token that isn't empty")
        if str(data) not in packaged.names() and not Path(data).exists():
            raise UnknownDataError(f"data {str(data)!r}: expected one of {', '.join(packaged.names())}, or a path.")
        if pool is not None and pool.data != str(data):
            raise ParameterError("pool", pool.data, f"one whose strategies trade on {str(data)!r} too")
        given: dict[str, Any] = {"data": str(data), "nodes": {**NODES, **(nodes or {})}}
        if seconds_per_backtest is not None:
            given["seconds_per_backtest"] = seconds_per_backtest
        if nodes is None and settings is not None:
            del given["nodes"]
        self.settings = replace(settings or Settings(), **given)
        self.quirks = quirks if isinstance(quirks, Quirks) else Quirks() if quirks else Quirks.none()
        self.faults = faults if faults is not None else Faults()
        self.account = account or Account()
        self.user_id, self.token = user_id, token
        self._folder, self._port, self._clock, self._pool = store, port, clock, pool
        self._server: Server | None = None
        self._thread: Thread | None = None
        self._desk: Desk | None = None

    def start(self) -> FakeCloud:
        """Begin to serve, and go on with what an earlier one was doing."""
        if self._server is not None:
            return self
        store = Store(self._folder)
        try:
            jobs = Jobs(store, self.settings, self._clock, self._pool)
            cloud = Cloud(self.account, self.user_id, self.settings, store, jobs, self.quirks, self._clock)
            with store.changing():
                ledger.begin(store, self._clock(), self.account.balance)
            self._desk = Desk(cloud, self.token, self.faults)
            self._server = Server(self._port, self._desk)
        except OSError as error:
            store.close()
            raise ParameterError("port", self._port, f"a port of this machine that is free ({error.strerror})") from None
        except BaseException:
            store.close()
            raise
        cloud.base = self.url
        jobs.start()
        self._thread = Thread(target=self._server.serve_forever, kwargs={"poll_interval": POLL}, daemon=True)
        self._thread.start()
        return self

    def close(self) -> None:
        """End, with all that runs; the next cloud on this store runs it again."""
        if self._server is None or self._thread is None:
            return
        server, self._server = self._server, None
        server.desk.stop.set()
        server.shutdown()
        self._thread.join()
        server.server_close()
        server.desk.cloud.jobs.close()
        server.hang_up()
        server.desk.cloud.store.close()

    def serve_forever(self) -> None:
        """Serve until the process is interrupted; begin to, unless it has begun."""
        self.start()
        assert self._thread is not None
        try:
            while self._thread.is_alive():
                self._thread.join(1.0)
        finally:
            self.close()

    def __enter__(self) -> FakeCloud:
        return self.start()

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None) -> None:
        self.close()

    @property
    def url(self) -> str:
        """The base address of the API."""
        if self._server is None:
            raise ParameterError("cloud", self, "one that serves", "Use it in a with statement, or call start().")
        return f"http://127.0.0.1:{self._server.server_address[1]}/api/v2/"

    @property
    def calls(self) -> list[Request]:
        """Requests that were understood since it began."""
        return list(self._desk.calls) if self._desk is not None else []

    @property
    def unexpected(self) -> list[str]:
        """What no client should have sent since it began."""
        return list(self._desk.unexpected) if self._desk is not None else []
