"""Requests: signed, sent, read, and sent again only where that is safe."""

from __future__ import annotations

import math
import random
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from email.utils import parsedate_to_datetime
from typing import TYPE_CHECKING, Any

from hidden_regime.cloud.credentials import Credentials
from hidden_regime.cloud.envelope import read_reply, seconds_asked
from hidden_regime.cloud.errors import AuthenticationFailed, CapacityBusy, QCError, RateLimited, ServerError
from hidden_regime.cloud.pace import Pace
from hidden_regime.exceptions import MissingDependencyError, ParameterError

if TYPE_CHECKING:
    import httpx

BASE = "https://www.quantconnect.com/api/v2/"
READ_WAITS = (1.0, 2.0, 4.0, 8.0)
"""Seconds before a read is asked again that got no reply which can be read."""
CAPACITY_FIRST, CAPACITY_GROWTH, CAPACITY_LONGEST = 45.0, 1.5, 600.0
SKEW = 60.0
"""Seconds between the server's clock and this one's that are worth a word."""
PATIENCE = 600.0
"""Seconds that a call waits for capacity, where its caller doesn't say."""
TIMEOUT, CONNECT = 30.0, 10.0


class Lost(ServerError):
    """A request may have arrived, and no reply to it came that can be read."""


@dataclass
class Transport:
    """Sends requests of one user to one address.

    Attributes
    ----------
    credentials : Credentials
    base_url : str
    clock, sleep : callable
    pace : Pace
    http : httpx.Client
    offset : float
        Seconds by which the server's clock is ahead of this one's, where it was found to be.
    """

    credentials: Credentials
    base_url: str
    pace: Pace
    http: httpx.Client
    clock: Callable[[], float] = time.time
    sleep: Callable[[float], None] = time.sleep
    jitter: Callable[[], float] = random.random
    offset: float = field(default=0.0, init=False)

    def call(
        self,
        endpoint: str,
        fields: Mapping[str, Any] | None = None,
        *,
        repeatable: bool = True,
        patience: float = PATIENCE,
        timeout: float = TIMEOUT,
        parts: Mapping[str, Any] | None = None,
    ) -> dict[str, Any]:
        """Payload of the reply to one call.

        Parameters
        ----------
        endpoint : str
            Path below the base.
        fields : mapping, optional
            Sent as JSON; None as null.
        repeatable : bool
            Whether the call may be sent again where nobody knows if it arrived.
        patience : float
            Seconds to wait for capacity, in all.
        timeout : float
            Seconds for a reply.
        parts : mapping, optional
            Files, which make the request multipart; `fields` are then form fields.

        Raises
        ------
        AuthenticationFailed, RequestRefused, NotFound
            At once.
        CapacityBusy, RateLimited
            Past the patience.
        ServerError
            After the last try; `Lost` where the call isn't repeatable.
        """
        until = self.clock() + patience
        lost = waits = 0
        adjusted = False
        while True:
            try:
                return self._once(endpoint, fields or {}, timeout, parts)
            except AuthenticationFailed as error:
                adjusted = self._adjust(error, adjusted)
            except CapacityBusy as error:
                self._wait_for_capacity(error, waits, until, patience)
                waits += 1
            except ServerError as error:
                unsent = isinstance(error, _Unsent)
                if not unsent and not repeatable:
                    raise Lost(error.text, endpoint, error.errors) from error
                if lost == len(READ_WAITS):
                    raise ServerError(f"{error.text} {lost + 1} tries.", endpoint, error.errors) from error
                self.sleep(READ_WAITS[lost])
                lost += 1

    def _once(self, endpoint: str, fields: Mapping[str, Any], timeout: float, parts: Mapping[str, Any] | None) -> dict[str, Any]:
        import httpx

        self.pace.wait()
        signed = self.credentials.headers(int(self.clock() + self.offset))
        body: dict[str, Any] = {"json": dict(fields)} if parts is None else {"data": dict(fields), "files": dict(parts)}
        try:
            reply = self.http.post(
                self.base_url + endpoint, headers=signed, timeout=httpx.Timeout(timeout, connect=min(CONNECT, timeout)), **body
            )
        except (httpx.ConnectError, httpx.ConnectTimeout, httpx.PoolTimeout) as error:
            raise _Unsent(f"{endpoint}: no connection to {self.base_url} ({type(error).__name__}).", endpoint) from None
        except httpx.HTTPError as error:
            raise ServerError(f"{endpoint}: no reply ({type(error).__name__}).", endpoint) from None
        headers = {name.lower(): value for name, value in reply.headers.items()}
        content = self.credentials.hidden_in(reply.content.decode("utf-8", "replace")).encode()
        try:
            return read_reply(endpoint, reply.status_code, headers, content)
        except AuthenticationFailed as error:
            raise _Refused(error, self._ahead(headers)) from None

    def _ahead(self, headers: Mapping[str, str]) -> float:
        """Seconds by which the server's clock is ahead; NaN where it doesn't tell its time."""
        try:
            return parsedate_to_datetime(headers["date"]).timestamp() - self.clock()
        except (LookupError, ValueError, TypeError):
            return math.nan

    def _adjust(self, error: AuthenticationFailed, adjusted: bool) -> bool:
        """Take the server's time, once, where the clocks are apart; an unchanged request is never sent again."""
        ahead = error.ahead if isinstance(error, _Refused) else math.nan
        apart = math.isfinite(ahead) and abs(ahead) > SKEW
        if apart and not adjusted and abs(ahead - self.offset) > SKEW:
            self.offset = ahead
            return True
        hint = "Check user id and token; both are on QuantConnect's account page."
        if apart:
            where = "behind" if ahead > 0 else "ahead of"
            hint = f"This machine's clock is {abs(ahead):,.0f} s {where} the server's: set it. {hint}"
        raise AuthenticationFailed(f"{error.text} {hint}", error.endpoint, error.errors) from None

    def _wait_for_capacity(self, error: QCError, waits: int, until: float, patience: float) -> None:
        asked = seconds_asked(error)
        pause = min(CAPACITY_FIRST * CAPACITY_GROWTH**waits, CAPACITY_LONGEST) * (0.75 + 0.5 * self.jitter())
        pause = asked if math.isfinite(asked) else pause
        if self.clock() + pause > until:
            kind = type(error) if type(error) is CapacityBusy else RateLimited
            raise kind(
                f"{error.text} Waited for {patience:,.0f} s in all. It says nothing of the strategy: try later.", error.endpoint,
                error.errors,
            ) from None  # fmt: skip
        self.sleep(pause)


class _Unsent(ServerError):
    """No connection was made, so nothing can have arrived."""


class _Refused(AuthenticationFailed):
    """A refusal, with what the server's clock says."""

    def __init__(self, error: AuthenticationFailed, ahead: float) -> None:
        self.ahead = ahead
        super().__init__(error.text, error.endpoint, error.errors)


def open_transport(
    credentials: Credentials,
    base_url: str = BASE,
    *,
    clock: Callable[[], float] = time.time,
    sleep: Callable[[float], None] = time.sleep,
    jitter: Callable[[], float] = random.random,
    requests_per_minute: float = 30.0,
    http: httpx.Client | None = None,
) -> Transport:
    """A transport over httpx.

    Raises
    ------
    ParameterError
        An address that is none, or a token that would cross the network in the clear.
    """
    try:
        import httpx
    except ImportError as error:
        raise MissingDependencyError("QuantConnect's cloud needs httpx: pip install 'hidden-regime[cloud]'.") from error
    try:
        url = httpx.URL(base_url)
    except httpx.InvalidURL:
        raise ParameterError("base_url", base_url, "an address such as https://www.quantconnect.com/api/v2/") from None
    loopback = url.host in ("localhost", "127.0.0.1", "::1")
    if url.scheme != "https" and not (url.scheme == "http" and loopback):
        raise ParameterError(
            "base_url", base_url, "an https address", "Plain http is taken on this machine alone (hidden-regime qc serve)."
        )
    if not (math.isfinite(requests_per_minute) and requests_per_minute > 0):
        raise ParameterError("requests_per_minute", requests_per_minute, "a number above 0")
    client = httpx.Client(trust_env=not loopback) if http is None else http
    pace = Pace(requests_per_minute, clock, sleep)
    return Transport(credentials, base_url.rstrip("/") + "/", pace, client, clock, sleep, jitter)
