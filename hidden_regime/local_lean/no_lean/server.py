"""HTTP over a socket in the file system, or over TCP on this machine alone."""

from __future__ import annotations

import json
import re
import socketserver
from http.server import BaseHTTPRequestHandler
from pathlib import Path
from typing import Any, ClassVar
from urllib.parse import parse_qsl, unquote, urlsplit

from hidden_regime.local_lean.no_lean.images import API
from hidden_regime.local_lean.no_lean.routes import Reply, Request, State

VERSIONED = re.compile(r"/v\d+\.\d+(?=/)")


class Handler(BaseHTTPRequestHandler):
    """Answers one request a connection."""

    protocol_version = "HTTP/1.1"
    state: ClassVar[State]

    def _answer(self) -> None:
        parts = urlsplit(self.path)
        size = int(self.headers.get("Content-Length") or 0)
        try:
            content = json.loads(self.rfile.read(size) or b"{}")
        except ValueError:
            self._send(Reply(400, {"message": "the content is no JSON"}))
            return
        path = unquote(VERSIONED.sub("", parts.path, count=1))
        self._send(self.state.answer(Request(self.command, path, dict(parse_qsl(parts.query)), content)))

    do_GET = do_POST = do_DELETE = do_HEAD = do_PUT = _answer

    def _send(self, reply: Reply) -> None:
        is_text = isinstance(reply.content, str)
        body = b"" if reply.content is None else reply.content.encode() if is_text else json.dumps(reply.content).encode()
        self.close_connection = True
        try:
            self.send_response(reply.status)
            self.send_header("Api-Version", API)
            self.send_header("Connection", "close")
            if reply.pieces is not None:
                self.send_header("Content-Type", "application/octet-stream")
            elif reply.status not in (204, 304):
                self.send_header("Content-Type", "text/plain" if is_text else "application/json")
                self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            if self.command != "HEAD" and reply.status not in (204, 304):
                self.wfile.write(body)
                for piece in reply.pieces or ():
                    self.wfile.write(piece)
                    self.wfile.flush()
        except (BrokenPipeError, ConnectionResetError):
            return  # who asked listens no more

    def log_message(self, format: str, *args: Any) -> None:
        """Say nothing: what was asked is in the state."""


class UnixServer(socketserver.ThreadingUnixStreamServer):
    """A server on a socket in the file system."""

    daemon_threads = True


class TcpServer(socketserver.ThreadingTCPServer):
    """A server on this machine's own address."""

    daemon_threads = True
    allow_reuse_address = True


def server_for(state: State, socket: Path | None) -> UnixServer | TcpServer:
    """A server that answers from a state: on a socket, or on a free port where there is none."""
    handler = type("Answering", (Handler,), {"state": state})
    if socket is None:
        return TcpServer(("127.0.0.1", 0), handler)
    server = UnixServer(str(socket), handler)
    socket.chmod(0o600)
    return server
