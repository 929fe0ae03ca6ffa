"""Faults that a test wants: what goes wrong between a client and a cloud, when, and how often.

Another process adds them by POST to `__faults__` under the base address: a JSON object with the arguments of `Faults.add`, or
`{"clear": true}`; the reply tells the rules that are left and what came unexpected. It needs no signature, for the practice
cloud listens on this machine alone.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from enum import StrEnum
from fnmatch import fnmatchcase
from threading import Lock
from typing import Any

from hidden_regime.cloud.fake.refusals import LOCKED, NO_NODE, SLOW_DOWN
from hidden_regime.cloud.fake.signing import WRONG_HASH
from hidden_regime.exceptions import ParameterError

PAGE = b"<!DOCTYPE html><html><head><title>502 Bad Gateway</title></head><body>Bad Gateway</body></html>"


class Kind(StrEnum):
    """What goes wrong."""

    EMPTY_500 = "empty 500"
    """Status 500 without a body, before the work."""
    HTML_502 = "html 502"
    """A page with status 502, before the work."""
    HTML_200 = "html 200"
    """A page with status 200, before the work."""
    TOO_MANY = "429"
    """Status 429 with Retry-After, before the work."""
    CAPACITY = "capacity"
    """Too many backtest requests, before the work."""
    NO_NODE = "no node"
    """No spare nodes, before the work."""
    LOCKED = "locked"
    """Somebody else edits the project, before the work."""
    WRONG_HASH = "wrong hash"
    """Hash doesn't match, before the work."""
    DELAY = "delay"
    """The request waits so many seconds before the work."""
    LOST_REPLY = "lost reply"
    """The connection ends after the work."""
    CLOSED = "closed"
    """The connection ends before the work."""
    SKEW = "skew"
    """The server's clock is so many seconds ahead."""
    EXTRA_FIELDS = "extra fields"
    """Every object of the reply has a field that nobody knows."""
    EMPTY_LISTS = "empty lists"
    """Every innermost object in a field of the reply comes as []."""


REFUSALS = {Kind.CAPACITY: SLOW_DOWN, Kind.NO_NODE: NO_NODE, Kind.LOCKED: LOCKED, Kind.WRONG_HASH: WRONG_HASH}
PAGES = {Kind.EMPTY_500: (500, b""), Kind.HTML_502: (502, PAGE), Kind.HTML_200: (200, PAGE), Kind.TOO_MANY: (429, b"")}


@dataclass(frozen=True)
class Rule:
    """A fault, and which requests it meets: after so many others, so many times, None for all."""

    pattern: str
    kind: Kind
    times: int | None
    after: int
    seconds: float


class Faults:
    """Faults by the endpoints that they meet.

    Examples
    --------
    >>> faults = Faults().add("backtests/*", "empty 500", times=2, after=1)
    >>> [len(faults.of("backtests/read")) for _ in range(4)]
    [0, 1, 1, 0]
    """

    def __init__(self) -> None:
        self._rules: list[Rule] = []
        self._lock = Lock()

    def add(self, pattern: str, kind: str, times: int | None = 1, after: int = 0, seconds: float = 1.0) -> Faults:
        """Add a fault.

        Parameters
        ----------
        pattern : str
            Of endpoints, with * and ?.
        kind : str
            One of `Kind`.
        times : int, optional
            How many requests it meets; None: all.
        after : int
            How many requests of the pattern it lets through before.
        seconds : float
            Of a delay, a skew, or in Retry-After.
        """
        if kind not in list(Kind):
            raise ParameterError("kind", kind, f"one of {', '.join(Kind)}")
        if after < 0 or (times is not None and times < 1):
            raise ParameterError("times", times, "at least 1, or None, and after at least 0")
        with self._lock:
            self._rules.append(Rule(pattern, Kind(kind), times, after, float(seconds)))
        return self

    def clear(self) -> None:
        """Drop all."""
        with self._lock:
            self._rules.clear()

    def of(self, endpoint: str) -> dict[Kind, Rule]:
        """The faults that a request meets, which counts it."""
        met, left = {}, []
        with self._lock:
            for rule in self._rules:
                if not fnmatchcase(endpoint, rule.pattern):
                    left.append(rule)
                elif rule.after:
                    left.append(replace(rule, after=rule.after - 1))
                else:
                    met[rule.kind] = rule
                    if rule.times is None or rule.times > 1:
                        left.append(replace(rule, times=None if rule.times is None else rule.times - 1))
            self._rules = left
        return met

    def told(self) -> list[dict[str, Any]]:
        """The rules that are left."""
        with self._lock:
            return [vars(rule) | {"kind": str(rule.kind)} for rule in self._rules]


def with_extra_fields(told: Any) -> Any:
    """A reply with a field more in each object."""
    if isinstance(told, list):
        return [with_extra_fields(one) for one in told]
    if not isinstance(told, dict):
        return told
    return {name: with_extra_fields(one) for name, one in told.items()} | {"aFieldOfTomorrow": {"a": [1, None]}}


def with_empty_lists(told: Any) -> Any:
    """A reply with [] for each object in a field that holds no further one."""
    if isinstance(told, list):
        return [with_empty_lists(one) for one in told]
    if not isinstance(told, dict):
        return told
    return {name: [] if _is_innermost(one) else with_empty_lists(one) for name, one in told.items()}


def _is_innermost(told: Any) -> bool:
    return isinstance(told, dict) and not any(isinstance(one, (dict, list)) for one in told.values())
