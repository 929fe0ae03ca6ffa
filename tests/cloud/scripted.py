"""A server whose every answer a test writes down, on a clock that only sleeping moves."""

from __future__ import annotations

import json
from collections.abc import Callable
from email.utils import formatdate

import httpx

from hidden_regime.cloud import Credentials, QuantConnect


class Scripted:
    """Answers requests by the next item of its endpoint's list; the last one stays.

    An answer is a dict (JSON), a `httpx.Response`, an exception to raise, or a function of the request's fields.
    """

    def __init__(self, answers=None, *, now=1_700_000_000.0, server_ahead=0.0):
        self.answers = {
            name: list(given) if isinstance(given, (list, tuple)) else [given] for name, given in (answers or {}).items()
        }
        self.now = now
        self.server_ahead = server_ahead
        self.asked: list[tuple[str, dict]] = []
        self.headers: list[httpx.Headers] = []
        self.slept: list[float] = []

    def clock(self):
        return self.now

    def sleep(self, seconds):
        self.slept.append(seconds)
        self.now += seconds

    def __call__(self, request: httpx.Request) -> httpx.Response:
        endpoint = request.url.path.removeprefix("/api/v2/")
        body = request.content
        fields = json.loads(body) if request.headers.get("content-type") == "application/json" else {"": body}
        self.asked.append((endpoint, fields))
        self.headers.append(request.headers)
        left = self.answers[endpoint]
        answer = left.pop(0) if len(left) > 1 else left[0]
        if isinstance(answer, Callable):
            answer = answer(fields)
        if isinstance(answer, Exception):
            raise answer
        date = {"Date": formatdate(self.now + self.server_ahead, usegmt=True)}
        if isinstance(answer, httpx.Response):
            answer.headers.update(date)
            return answer
        return httpx.Response(200, json=answer, headers=date)

    def client(self, **options) -> QuantConnect:
        options = {
            "clock": self.clock, "sleep": self.sleep, "jitter": lambda: 0.5, "requests_per_minute": 1e9,
            "http": httpx.Client(transport=httpx.MockTransport(self)),
        } | options  # fmt: skip
        return QuantConnect(Credentials("42", "abc123"), **options)

    def times(self, endpoint):
        return sum(asked == endpoint for asked, _ in self.asked)


LOST = httpx.ReadTimeout("no reply")
UNREACHED = httpx.ConnectError("nobody there")
HTML = httpx.Response(200, text="<html><body>maintenance</body></html>")
EMPTY_500 = httpx.Response(500)
