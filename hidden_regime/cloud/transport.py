"""Requests: signed, sent, read, and sent again only where that is safe."""

from __future__ import annotations

import json
import math
import random
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from email.utils import parsedate_to_datetime
from typing import TYPE_CHECKING, Any

from hidden_regime.cloud.bodies import Unfit, read_body
from hidden_regime.cloud.credentials import Credentials
from hidden_regime.cloud.envelope import read_reply, seconds_asked
from hidden_regime.cloud.errors import AuthenticationFailed, CapacityBusy, QCError, RateLimited, RequestRefused, ServerError
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


class Unsent(ServerError):
    """No connection was made, so nothing can have arrived."""


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
            After the last try; `Unsent` where no connection came about, `Lost` where the call isn't repeatable.
        """
        until = self.clock() + patience
        lost = waits = 0
        adjusted = arrived = False  # whether an earlier try may have
        while True:
            try:
                return self._once(endpoint, fields or {}, timeout, parts)
            except AuthenticationFailed as error:
                adjusted = self._adjust(error, adjusted)
            except CapacityBusy as error:
                self._wait_for_capacity(error, waits, until, patience)
                waits += 1
            except RequestRefused as error:
                error.resent = arrived
                raise
            except ServerError as error:
                unsent = isinstance(error, Unsent)
                if not unsent and not repeatable:
                    raise Lost(error.text, endpoint, error.errors) from error
                if isinstance(error, Unfit):
                    raise
                arrived = arrived or not unsent
                if lost == len(READ_WAITS):
                    if not arrived:
                        remedy = "Nothing was sent: check the address and the network."
                        raise Unsent(f"{error.text} {lost + 1} tries. {remedy}", endpoint) from error
                    raise ServerError(f"{error.text} {lost + 1} tries. Try again later.", endpoint, error.errors) from error
                self.sleep(READ_WAITS[lost])
                lost += 1

    def _once(self, endpoint: str, fields: Mapping[str, Any], timeout: float, parts: Mapping[str, Any] | None) -> dict[str, Any]:
        self.pace.wait()
        used = self.offset
        signed = self.credentials.headers(int(self.clock() + used))
        body = {"content": as_json(endpoint, fields)} if parts is None else {"data": dict(fields), "files": dict(parts)}
        kind = {"Content-Type": "application/json"} if parts is None else {}
        status, headers, content = self._exchange(endpoint, signed | kind, body, timeout)
        if 300 <= status < 400:
            raise Unfit(
                f"{endpoint}: the server answered {status}, which sends callers elsewhere. Nobody was followed, for the request "
                f"is signed: check that {self.base_url} is the API's address.", endpoint,
            )  # fmt: skip
        try:
            return read_reply(endpoint, status, headers, content, hide=lambda text: self.credentials.hidden_in(text, signed))
        except AuthenticationFailed as error:
            raise _Refused(error, self._ahead(headers), used) from None

    def _exchange(
        self, endpoint: str, headers: Mapping[str, str], body: Mapping[str, Any], timeout: float
    ) -> tuple[int, dict[str, str], bytes]:
        """Status, headers and body of a reply."""
        import httpx

        limits = httpx.Timeout(timeout, connect=min(CONNECT, timeout))
        failure: ServerError
        try:
            # Never to another address: what is sent there could be repeated by whoever gets it.
            with self.http.stream(
                "POST", self.base_url + endpoint, headers=headers, timeout=limits, follow_redirects=False, **body
            ) as reply:
                told = {name.lower(): value for name, value in reply.headers.items()}
                return reply.status_code, told, read_body(reply, f"{endpoint}: the reply", endpoint, self.clock)
        except (httpx.ConnectError, httpx.ConnectTimeout, httpx.PoolTimeout) as error:
            failure = Unsent(f"{endpoint}: no connection to {self.base_url} ({type(error).__name__}).", endpoint)
        except httpx.HTTPError as error:
            failure = ServerError(f"{endpoint}: no reply ({type(error).__name__}).", endpoint)
        # Raised out here, httpx's own error, which holds the signed request, isn't its context.
        raise failure

    def _ahead(self, headers: Mapping[str, str]) -> float:
        """Seconds by which the server's clock is ahead; NaN where it doesn't tell its time."""
        try:
            return parsedate_to_datetime(headers["date"]).timestamp() - self.clock()
        except (LookupError, ValueError, TypeError):
            return math.nan

    def _adjust(self, error: AuthenticationFailed, adjusted: bool) -> bool:
        """Take the server's time, once, where the clocks are apart; an unchanged request is never sent again."""
        ahead, used = (error.ahead, error.used) if isinstance(error, _Refused) else (math.nan, 0.0)
        apart = math.isfinite(ahead) and abs(ahead) > SKEW
        # By what this request was signed with: another thread may have found the server's time out meanwhile, and a server whose
        # clock was set right is no more where it was found to be.
        if math.isfinite(ahead) and not adjusted and abs(ahead - used) > SKEW:
            self.offset = ahead if apart else 0.0
            return True
        hint = "Check user id and token; both are on QuantConnect's account page."
        if apart:
            where = "behind" if ahead > 0 else "ahead of"
            hint = f"This machine's clock is {abs(ahead):,.0f} s {where} the server's: set it. {hint}"
        raise AuthenticationFailed(f"{error.text} {hint}", error.endpoint, error.errors) from None

    def _wait_for_capacity(self, error: QCError, waits: int, until: float, patience: float) -> None:
        asked = seconds_asked(error)
        pause = min(CAPACITY_FIRST * CAPACITY_GROWTH**waits, CAPACITY_LONGEST) * (0.75 + 0.5 * self.jitter())
        pause = max(asked, 1.0) if math.isfinite(asked) else pause
        if self.clock() + pause > until:
            kind = type(error) if type(error) is CapacityBusy else RateLimited
            wants = f" The server wants {asked:,.0f} s of patience." if math.isfinite(asked) else ""
            raise kind(
                f"{error.text}{wants} It stayed so for the {patience:,.0f} s that there were. It says nothing of the strategy: "
                "try later.", error.endpoint, error.errors,
            ) from None  # fmt: skip
        self.sleep(pause)


class _Refused(AuthenticationFailed):
    """A refusal, with how far the server's clock is ahead, and how far the request took it to be."""

    def __init__(self, error: AuthenticationFailed, ahead: float, used: float) -> None:
        self.ahead, self.used = ahead, used
        super().__init__(error.text, error.endpoint, error.errors)


def as_json(endpoint: str, fields: Mapping[str, Any]) -> bytes:
    """Fields of a request as JSON.

    Raises
    ------
    ParameterError
        Something in them is no JSON, a date or NaN say.
    """
    try:
        return json.dumps(dict(fields), ensure_ascii=False, separators=(",", ":"), allow_nan=False).encode("utf-8")
    except (TypeError, ValueError, RecursionError) as error:
        expected = "numbers that are finite, texts, truths, None, and lists and mappings of them"
        raise ParameterError(f"fields of {endpoint}", dict(fields), expected, f"{error}.") from None


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
    if url.userinfo:
        raise ParameterError("base_url", f"an address at {url.host}", "one without a user in it", "Give a Credentials instead.")
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
