"""Serves the status page to this machine alone, to whoever has the token."""

from __future__ import annotations

import json
import time
from collections.abc import Callable, Mapping
from datetime import datetime
from http.cookies import CookieError, SimpleCookie
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs, quote, urlsplit

from hidden_regime.exceptions import ParameterError, RegimeError
from hidden_regime.operation.clocks import utc
from hidden_regime.operation.errors import OperationError
from hidden_regime.operation.halting import halt_at
from hidden_regime.operation.journal import Journal
from hidden_regime.operation.journal.journal import check_name, folder_of
from hidden_regime.operation.panic import Outcome
from hidden_regime.operation.watching import page
from hidden_regime.operation.watching.holdings import Held, Holdings
from hidden_regime.operation.watching.seen import Bands, Seen, seen
from hidden_regime.operation.watching.token import is_right, token_of

HOST = "127.0.0.1"
LONGEST = 4096
"""Bytes of what is posted."""
PATIENCE = 20.0
"""Seconds that a connection may say nothing."""


class StatusServer(ThreadingHTTPServer):
    """The server of a workspace.

    Parameters
    ----------
    path : Path
        Of the journal. Each request opens it anew.
    port : int
        0 for any that is free.
    against : mapping of str to Path, optional
        Folders of backtests by deployment, for the band around its value.
    now : callable
        UTC.
    held : callable, optional
        Instead of asking targets, given the path of the journal and the deployment's name.
    kill : callable
        The kill switch.

    Attributes
    ----------
    token : str
    """

    daemon_threads = True

    def __init__(self, path: Path, port: int = 0, *, against: Mapping[str, Path] | None = None, now: Callable[[], datetime] = utc,
                 held: Callable[[Path, str], Held] | None = None,
                 kill: Callable[[Path, str], Outcome] = halt_at) -> None:  # fmt: skip
        if not 0 <= port <= 65535:
            raise ParameterError("port", port, "a number from 0 to 65535")
        self.journal_path, self.now, self.kill = path, now, kill
        self.token = token_of(path.parent)
        self.holdings = Holdings(path, time.monotonic, held)
        self.bands = Bands(against or {})
        try:
            super().__init__((HOST, port), Handler)
        except OSError as error:
            raise OperationError(
                f"port {port} of {HOST} can't be listened at ({error.strerror or error}): give another --port."
            ) from error

    @property
    def port(self) -> int:
        """Where it listens."""
        return int(self.server_address[1])

    @property
    def url(self) -> str:
        """The address that opens the page."""
        return f"http://{HOST}:{self.port}/?token={quote(self.token)}"

    @property
    def title(self) -> str:
        """The workspace's name."""
        return self.journal_path.resolve().parent.parent.name or "hidden-regime"

    def look(self, journal: Journal, now: datetime) -> list[Seen]:
        """All deployments, the latest first."""
        return [seen(journal, one, now, self.holdings.of, self.bands) for one in reversed(journal.deployments())]


class Handler(BaseHTTPRequestHandler):
    """Answers a request."""

    server: StatusServer
    server_version, sys_version = "hidden-regime", ""
    timeout = PATIENCE

    def log_message(self, format: str, *args: Any) -> None:
        """Write nothing: addresses hold the token."""

    def do_GET(self) -> None:
        """The page, a part of it, JSON, or the question before the kill switch."""
        address = urlsplit(self.path)
        asked = parse_qs(address.query)
        if not self._is_for_us():
            return
        if address.path == "/" and "token" in asked:
            self._enter(asked["token"][0])
        elif not self._is_known():
            self._say(403, "Not this way", "This page opens by the address that `hidden-regime live serve` printed.")
        else:
            self._guarded(lambda journal: self._got(journal, address.path, asked))

    def do_POST(self) -> None:
        """The kill switch. A cookie isn't enough: other pages can make a browser send it."""
        if not self._is_for_us():
            return
        length = self.headers.get("Content-Length", "")
        if not length.isdigit() or int(length) > LONGEST:
            return self._say(400, "Too long", f"Expected a form of at most {LONGEST} bytes.")
        form = parse_qs(self.rfile.read(int(length)).decode("utf-8", "replace"))
        if not is_right(form.get("token", [""])[0], self.server.token):
            return self._say(403, "Not this way", "The form has no token that is right.")
        if urlsplit(self.path).path != "/halt":
            return self._say(404, "Nothing here", "Expected /halt.")
        self._answered(lambda: self._halt(form.get("name", [""])[0]))

    # Who asks ------------------------------------------------------------------------------------------------------------
    def _is_for_us(self) -> bool:
        """Whether the address is this machine's: a name that was made to lead here is none of ours."""
        if self.headers.get("Host", "") in (f"{HOST}:{self.server.port}", f"localhost:{self.server.port}"):
            return True
        self._say(403, "Not this way", f"Expected http://{HOST}:{self.server.port}/.")
        return False

    @property
    def _cookie(self) -> str:
        return f"hidden_regime_{self.server.port}"  # browsers keep one jar for all ports

    def _is_known(self) -> bool:
        try:
            kept = SimpleCookie(self.headers.get("Cookie", "")).get(self._cookie)
        except CookieError:
            return False
        return kept is not None and is_right(kept.value, self.server.token)

    def _enter(self, token: str) -> None:
        """Exchange the token for a cookie, so that no history and no picture of the screen holds it."""
        if not is_right(token, self.server.token):
            return self._say(403, "Not this way", "The token is not the right one.")
        self.send_response(303)
        self.send_header("Location", "/")
        self.send_header("Set-Cookie", f"{self._cookie}={self.server.token}; HttpOnly; SameSite=Strict; Path=/")
        self.send_header("Content-Length", "0")
        self.end_headers()

    # What is answered ----------------------------------------------------------------------------------------------------
    def _guarded(self, answer: Callable[[Journal], None]) -> None:
        def opened() -> None:
            journal = Journal(self.server.journal_path)
            try:
                answer(journal)
            finally:
                journal.close()

        self._answered(opened)

    def _answered(self, answer: Callable[[], None]) -> None:
        try:
            answer()
        except ParameterError as error:
            self._say(404, "Nothing here", error.text)
        except RegimeError as error:
            self._say(500, "It can't be said", error.text)
        except ConnectionError:
            pass  # whoever asked has gone

    def _got(self, journal: Journal, path: str, asked: Mapping[str, list[str]]) -> None:
        now = self.server.now()
        at = f"{now:%Y-%m-%d %H:%M:%S}"
        if path == "/":
            self._send(200, page.page(self.server.title, self.server.look(journal, now), at))
        elif path == "/part":
            self._send(200, page.part(self.server.look(journal, now)), at=at)
        elif path == "/status":
            told = {"schema": 1, "at": at, "deployments": [one.to_dict() for one in self.server.look(journal, now)]}
            self._send(200, json.dumps(told, indent=2) + "\n", "application/json")
        elif path == "/halt":
            name = journal.deployment(asked.get("name", [""])[0]).name
            self._send(200, page.confirm(name, self.server.token))
        else:
            self._say(404, "Nothing here", "Expected /, /status or /halt.")

    def _halt(self, name: str) -> None:
        """Not by way of the journal: one that is damaged keeps no process from being ended."""
        path = self.server.journal_path
        check_name(name)
        if not folder_of(path, name).is_dir():
            raise ParameterError("name", name, "a deployment of this workspace")
        self._send(200, page.halted(name, self.server.kill(path, name)))

    def _say(self, code: int, title: str, text: str) -> None:
        self._send(code, page.said(title, text))

    def _send(self, code: int, text: str, kind: str = "text/html", at: str = "") -> None:
        content = text.encode("utf-8", "backslashreplace")
        self.send_response(code)
        for name, value in {
            "Content-Type": f"{kind}; charset=utf-8", "Content-Length": str(len(content)), "Cache-Control": "no-store",
            "Content-Security-Policy": page.POLICY, "X-Content-Type-Options": "nosniff", "Referrer-Policy": "no-referrer",
            **({"X-At": at} if at else {}),
        }.items():  # fmt: skip
            self.send_header(name, value)
        self.end_headers()
        self.wfile.write(content)
