"""Carries requests and replies over HTTP/1.1, and spoils them where a fault says so."""

from __future__ import annotations

import contextlib
import json
import socket
import traceback
from collections import deque
from collections.abc import Callable
from dataclasses import dataclass, field
from email.utils import formatdate
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from threading import Event, Lock
from typing import Any, cast

from hidden_regime.cloud.fake import router
from hidden_regime.cloud.fake.faults import PAGES, REFUSALS, Faults, Kind, with_empty_lists, with_extra_fields
from hidden_regime.cloud.fake.refusals import Refused
from hidden_regime.cloud.fake.requests import Request, endpoint_of, request_of
from hidden_regime.cloud.fake.signing import objection
from hidden_regime.cloud.fake.state import Cloud
from hidden_regime.exceptions import ParameterError

CONTROL, READY = "__faults__", "__ready__"
LARGEST = 256 * 1024 * 1024
MOST_CALLS = 10_000


@dataclass
class Desk:
    """What all connections share: the cloud, who may ask, the faults, and what has come.

    `calls` are the requests that were understood, `unexpected` those that no client should send, in words.
    """

    cloud: Cloud
    token: str
    faults: Faults
    stop: Event = field(default_factory=Event)
    calls: deque[Request] = field(default_factory=lambda: deque(maxlen=MOST_CALLS))
    unexpected: list[str] = field(default_factory=list)

    def reply(self, ask: Request) -> dict[str, Any]:
        """The reply to a request, its refusals in it."""
        self.calls.append(ask)
        try:
            told = router.answer(self.cloud, ask)
        except Refused as refused:
            if refused.unexpected:
                self.unexpected += [f"{ask.endpoint}: {error}" for error in refused.errors]
            return refusal(*refused.errors)
        told = {"success": True, "errors": []} | told
        return {name: value for name, value in told.items() if name != "success" or value is not None}

    def control(self, told: dict[str, Any]) -> dict[str, Any]:
        """Add a fault, or drop all."""
        try:
            if told.pop("clear", False):
                self.faults.clear()
            if told:
                self.faults.add(**told)
        except (ParameterError, TypeError) as error:
            return refusal(str(error))
        return {"success": True, "rules": self.faults.told(), "unexpected": self.unexpected}


def refusal(*errors: str) -> dict[str, Any]:
    """A reply that says no."""
    return {"success": False, "errors": list(errors)}


class Server(ThreadingHTTPServer):
    """Listens on this machine alone."""

    daemon_threads = True
    request_queue_size = 128

    def __init__(self, port: int, desk: Desk) -> None:
        self.desk = desk
        self._connections: set[socket.socket] = set()
        self._lock = Lock()
        super().__init__(("127.0.0.1", port), Connection)

    def handle_error(self, request: Any, client_address: Any) -> None:
        """A client went away: nothing is printed."""

    def opened(self, connection: socket.socket) -> None:
        """A connection was made."""
        with self._lock:
            self._connections.add(connection)

    def ended(self, connection: socket.socket) -> None:
        """A connection is over."""
        with self._lock:
            self._connections.discard(connection)

    def hang_up(self) -> None:
        """End all connections."""
        with self._lock:
            for connection in self._connections:
                with contextlib.suppress(OSError):
                    connection.shutdown(socket.SHUT_RDWR)


class Connection(BaseHTTPRequestHandler):
    """A connection, for as many requests as come over it."""

    protocol_version = "HTTP/1.1"
    server_version, sys_version = "hidden-regime-practice", ""
    wbufsize = 65_536  # head and body leave together
    skew = 0.0

    @property
    def desk(self) -> Desk:
        """What all connections share."""
        return cast(Server, self.server).desk

    def setup(self) -> None:
        """Begin."""
        super().setup()
        cast(Server, self.server).opened(self.connection)

    def finish(self) -> None:
        """End."""
        cast(Server, self.server).ended(self.connection)
        with contextlib.suppress(OSError):
            super().finish()

    def log_message(self, format: str, *args: Any) -> None:
        """Nothing is printed."""

    def date_time_string(self, timestamp: float | None = None) -> str:
        """The server's time, by its own clock."""
        return formatdate(self.desk.cloud.clock() + self.skew if timestamp is None else timestamp, usegmt=True)

    def do_GET(self) -> None:
        """Answer."""
        self._guarded(self._answer)

    do_POST = do_GET

    def _guarded(self, answer: Callable[[bytes], None]) -> None:
        """Whatever goes wrong in the cloud is status 500 to a client, and unexpected to a test."""
        length = self.headers.get("Content-Length") or "0"
        if not length.isdigit() or int(length) > LARGEST or self.headers.get("Transfer-Encoding"):
            self.close_connection = True
            self._send(411, b"", "text/plain")
            return
        try:
            body = self.rfile.read(int(length))
            if len(body) < int(length):  # the client died while it sent: what came is no request
                self.close_connection = True
                return
            answer(body)
        except OSError:
            self.close_connection = True
        except Exception:  # noqa: BLE001 - a server answers
            self.desk.unexpected.append(f"{self.path}: {traceback.format_exc()}")
            self._send(500, b"", "text/plain")

    def _answer(self, body: bytes) -> None:
        desk, endpoint = self.desk, endpoint_of(self.path)
        self.skew = 0.0
        if endpoint == CONTROL:
            self._send_json(desk.control(json.loads(body or b"{}")))
            return
        if endpoint.startswith(READY + "/"):
            content = desk.cloud.ready.get(endpoint.removeprefix(READY + "/"))
            self._send(404 if content is None else 200, content or b"", "application/zip")
            return
        met = desk.faults.of(endpoint)
        if Kind.CLOSED in met:
            self._hang_up()
            return
        if Kind.DELAY in met:
            desk.stop.wait(met[Kind.DELAY].seconds)
        self.skew = met[Kind.SKEW].seconds if Kind.SKEW in met else 0.0
        for kind, (status, page) in PAGES.items():
            if kind in met:
                after = {"Retry-After": f"{met[kind].seconds:g}"} if kind is Kind.TOO_MANY else {}
                self._send(status, page, "text/html", after)
                return
        wrong = objection(self.headers, desk.cloud.user_id, desk.token, desk.cloud.clock() + self.skew)  # type: ignore[arg-type]
        if wrong:
            self._refuse(wrong)
            return
        refused = [text for kind, text in REFUSALS.items() if kind in met]
        told = refusal(*refused) if refused else self._work(body)
        if Kind.LOST_REPLY in met:
            self._hang_up()
            return
        told = with_empty_lists(told) if Kind.EMPTY_LISTS in met else told
        self._send_json(with_extra_fields(told) if Kind.EXTRA_FIELDS in met else told)

    def _work(self, body: bytes) -> dict[str, Any]:
        try:
            ask = request_of(self.path, self.headers.get("Content-Type", ""), body)
        except Refused as refused:
            self.desk.unexpected += [f"{endpoint_of(self.path)}: {error}" for error in refused.errors]
            return refusal(*refused.errors)
        return self.desk.reply(ask)

    def _refuse(self, wrong: str) -> None:
        if self.desk.cloud.settings.refuse_with == "status":
            realm = {"WWW-Authenticate": 'Basic realm="QuantConnect"'}
            self._send(401, json.dumps(refusal(wrong)).encode(), "application/json", realm)
        else:
            self._send_json(refusal(wrong))

    def _hang_up(self) -> None:
        self.close_connection = True
        with contextlib.suppress(OSError):
            self.connection.shutdown(socket.SHUT_RDWR)

    def _send_json(self, told: dict[str, Any]) -> None:
        self._send(200, json.dumps(told).encode(), "application/json")

    def _send(self, status: int, content: bytes, kind: str, headers: dict[str, str] | None = None) -> None:
        self.send_response(status)
        self.send_header("Content-Type", kind)
        self.send_header("Content-Length", str(len(content)))
        for name, value in (headers or {}).items():
            self.send_header(name, value)
        self.end_headers()
        self.wfile.write(content)
