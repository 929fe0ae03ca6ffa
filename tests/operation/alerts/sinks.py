"""Places where alerts arrive: a webhook and a mail server on this machine."""

from __future__ import annotations

import json
import socket
import threading
import time
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer


class Arrivals:
    """What came, and a way to wait for it."""

    def __init__(self):
        self.all, self._changed = [], threading.Condition()

    def add(self, one):
        with self._changed:
            self.all.append(one)
            self._changed.notify_all()

    def wait(self, n, seconds=20.0):
        """Seconds until there were `n`; an error where they don't come."""
        begin = time.monotonic()
        with self._changed:
            assert self._changed.wait_for(lambda: len(self.all) >= n, seconds), f"{len(self.all)} of {n} arrived: {self.all}"
        return time.monotonic() - begin


class Webhook:
    """A server that takes JSON; `status` is what it answers, and `gate` holds answers back while it is closed."""

    def __init__(self):
        self.arrivals, self.status, self.gate, self.asked = Arrivals(), 200, threading.Event(), Arrivals()
        self.gate.set()
        hook = self

        class Handler(BaseHTTPRequestHandler):
            def do_POST(self):
                told = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
                hook.asked.add(told)
                hook.gate.wait(30)
                if hook.status == 200:
                    hook.arrivals.add(told)
                try:
                    self.send_response(hook.status)
                    self.end_headers()
                except OSError:
                    pass  # who asked is no more

            def log_message(self, *_):
                pass

        self.server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self.url = f"json://127.0.0.1:{self.server.server_address[1]}/secret-path"


@contextmanager
def webhook():
    one = Webhook()
    thread = threading.Thread(target=one.server.serve_forever, kwargs={"poll_interval": 0.02}, daemon=True)
    thread.start()
    try:
        yield one
    finally:
        one.gate.set()
        one.server.shutdown()
        one.server.server_close()
        thread.join()


@contextmanager
def mail_server():
    from aiosmtpd.controller import Controller

    arrivals = Arrivals()

    class Handler:
        async def handle_DATA(self, server, session, envelope):
            arrivals.add(envelope.content.decode())
            return "250 OK"

    with socket.socket() as free:  # the controller knows its port by its number alone
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    controller = Controller(Handler(), hostname="127.0.0.1", port=port)
    controller.start()
    try:
        arrivals.url = f"mailto://127.0.0.1:{port}?from=a@example.com&to=b@example.com&mode=insecure"
        yield arrivals
    finally:
        controller.stop()
