"""The client: all groups of calls over one transport."""

from __future__ import annotations

import random
import time
from collections.abc import Callable
from typing import TYPE_CHECKING

from hidden_regime.cloud.credentials import Credentials, find_credentials
from hidden_regime.cloud.endpoints.account import AccountGroup, NodesGroup
from hidden_regime.cloud.endpoints.backtests import BacktestsGroup
from hidden_regime.cloud.endpoints.live import LiveGroup
from hidden_regime.cloud.endpoints.objects import ObjectsGroup
from hidden_regime.cloud.endpoints.optimizations import OptimizationsGroup
from hidden_regime.cloud.endpoints.projects import CompilesGroup, FilesGroup, ProjectsGroup
from hidden_regime.cloud.transport import BASE, open_transport

if TYPE_CHECKING:
    import httpx


class QuantConnect:
    """QuantConnect's cloud.

    Parameters
    ----------
    credentials : Credentials, optional
        Default: QC_USER_ID and QC_API_TOKEN, else what lean-cli wrote when it logged in.
    base_url : str
        Of the API. `hidden-regime qc serve` says its own.
    clock, sleep : callable
        Seconds since 1970, and a pause of seconds.
    requests_per_minute : float
        The server's own limit is unknown; this is the client's.
    http : httpx.Client, optional
        With a proxy or certificates of your own.

    Attributes
    ----------
    account, nodes, projects, files, compiles, backtests, optimizations, live, objects
        Groups of calls.

    Raises
    ------
    AuthenticationFailed
        No credentials.
    MissingDependencyError
        httpx isn't installed: pip install 'hidden-regime[cloud]'.

    Notes
    -----
    A call blocks. In asyncio: `await asyncio.to_thread(qc.backtests.run, ...)`; a client may be used by several threads.

    Examples
    --------
    >>> from hidden_regime.cloud import Credentials, QuantConnect
    >>> qc = QuantConnect(Credentials("7", "secret"), base_url="http://localhost:5612/api/v2/")
    >>> qc.account.transport.base_url
    'http://localhost:5612/api/v2/'
    """

    def __init__(
        self,
        credentials: Credentials | None = None,
        *,
        base_url: str = BASE,
        clock: Callable[[], float] = time.time,
        sleep: Callable[[float], None] = time.sleep,
        jitter: Callable[[], float] = random.random,
        requests_per_minute: float = 30.0,
        http: httpx.Client | None = None,
    ) -> None:
        self.credentials = find_credentials() if credentials is None else credentials
        self.transport = open_transport(
            self.credentials,
            base_url,
            clock=clock,
            sleep=sleep,
            jitter=jitter,
            requests_per_minute=requests_per_minute,
            http=http,
        )
        self.account = AccountGroup(self.transport)
        self.nodes = NodesGroup(self.transport)
        self.projects = ProjectsGroup(self.transport)
        self.files = FilesGroup(self.transport)
        self.compiles = CompilesGroup(self.transport)
        self.backtests = BacktestsGroup(self.transport)
        self.optimizations = OptimizationsGroup(self.transport)
        self.live = LiveGroup(self.transport)
        self.objects = ObjectsGroup(self.transport)

    @property
    def account_name(self) -> str:
        """Whose money it is: the server's host and the user, under which a `Budget` keeps its books."""
        host = self.transport.base_url.split("//", 1)[1].split("/", 1)[0].replace("localhost", "127.0.0.1")
        return f"{host}/{self.credentials.user_id}"

    @property
    def is_quantconnect(self) -> bool:
        """Whether this is QuantConnect's own server, and no server to practise on."""
        return self.transport.base_url.startswith("https://www.quantconnect.com/")

    def close(self) -> None:
        """Close connections."""
        self.transport.http.close()

    def __enter__(self) -> QuantConnect:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def __repr__(self) -> str:
        return f"QuantConnect({self.account_name})"
