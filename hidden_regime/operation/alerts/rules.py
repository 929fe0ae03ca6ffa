"""The table [alerts] of rules.toml: where alerts go, and how often."""

from __future__ import annotations

import math
import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from hidden_regime.data.offers import only_offered
from hidden_regime.exceptions import DataError, ParameterError
from hidden_regime.files.toml import read_tables
from hidden_regime.operation.alerts.queue import KIND

KEYS = ("deduplicate", "per_hour", "retry_first", "retry_most", "give_up", "sink")
SINK_KEYS = ("name", "url", "url_from", "kinds")
NAME = re.compile(r"[A-Za-z0-9][A-Za-z0-9_.-]{0,39}")


@dataclass(frozen=True)
class Sink:
    """Somewhere alerts go.

    Attributes
    ----------
    name : str
        What is told of it: its address is a secret.
    url : str
        Of apprise: mailtos://, slack://, discord://, json://, ...
    kinds : tuple of str
        What it gets; empty: everything.
    """

    name: str
    url: str = field(repr=False)
    kinds: tuple[str, ...] = ()

    def takes(self, kind: str) -> bool:
        """Whether alerts of a kind go there. What is told of another sink always does."""
        return not self.kinds or kind in self.kinds or kind == SINK_DOWN


SINK_DOWN = "sink-down"
"""Kind of the alert that another sink doesn't answer."""


@dataclass(frozen=True)
class AlertRules:
    """How alerts are sent.

    Attributes
    ----------
    sinks : tuple of Sink
    deduplicate : float
        Seconds in which an alert of the same kind and subject isn't sent again.
    per_hour : int
        Messages a sink gets in an hour; what is more goes together in one.
    retry_first, retry_most : float
        Seconds until a failed message is tried again: the first, doubled each time, and at most.
    give_up : float
        Seconds after which an alert isn't tried any more; it stays in the file.
    """

    sinks: tuple[Sink, ...]
    deduplicate: float = 600.0
    per_hour: int = 30
    retry_first: float = 1.0
    retry_most: float = 300.0
    give_up: float = 86_400.0

    def pause(self, failures: int) -> float:
        """Seconds to wait after so many failures in a row."""
        return min(self.retry_most, self.retry_first * 2.0 ** min(failures - 1, 60))


def read_alert_rules(path: str | Path, environment: Mapping[str, str]) -> AlertRules:
    """The table [alerts] of a TOML file; other tables are none of its business.

    Parameters
    ----------
    path : str or Path
    environment : mapping of str to str
        Where `url_from` looks: `os.environ`.

    Raises
    ------
    ParameterError
        There is no such file, or it is no TOML.
    DataError
        It says what can't be. No address is ever part of the message.
    """
    told = read_tables("rules", path)
    try:
        return alert_rules(told.get("alerts"), environment)
    except ParameterError as error:
        raise DataError(f"{path}: {error.text}") from error


def alert_rules(told: Any, environment: Mapping[str, str]) -> AlertRules:
    """Rules of the content of a table [alerts]; see `read_alert_rules`.

    Raises
    ------
    ParameterError

    Examples
    --------
    >>> told = {"per_hour": 5, "sink": [{"name": "hook", "url_from": "MY_HOOK"}]}
    >>> alert_rules(told, {"MY_HOOK": "json://localhost/secret"}).sinks
    (Sink(name='hook', kinds=()),)
    """
    only_offered("[alerts]", told, KEYS)
    rows = told.get("sink")
    if not isinstance(rows, list) or not rows:
        raise ParameterError("[[alerts.sink]]", None, "at least one sink with a name and url or url_from")
    sinks = tuple(_sink(number, row, environment) for number, row in enumerate(rows, 1))
    names = [one.name for one in sinks]
    for name in names:
        if names.count(name) > 1:
            raise ParameterError("[[alerts.sink]] name", name, "each name once")
    usual = AlertRules(sinks)
    seconds = {
        name: _seconds(told, name, getattr(usual, name)) for name in ("deduplicate", "retry_first", "retry_most", "give_up")
    }
    per_hour = told.get("per_hour", usual.per_hour)
    if isinstance(per_hour, bool) or not isinstance(per_hour, int) or per_hour < 1:
        raise ParameterError("[alerts] per_hour", per_hour, "a whole number of messages of at least 1")
    return AlertRules(sinks, per_hour=per_hour, **seconds)


def _sink(number: int, row: Any, environment: Mapping[str, str]) -> Sink:
    where = f"[[alerts.sink]] {number}"
    only_offered(where, row, SINK_KEYS)
    name, url, variable, kinds = (row.get(key) for key in SINK_KEYS)
    if not isinstance(name, str) or not NAME.fullmatch(name):
        raise ParameterError(f"{where} name", name, "a name of letters, digits, '_', '-' and '.'")
    if (url is None) == (variable is None):
        raise ParameterError(f"{where} ({name})", sorted(row), "either url or url_from, the name of an environment variable")
    if variable is not None:
        if not isinstance(variable, str) or variable not in environment:
            raise ParameterError(f"{where} url_from", variable, "an environment variable that is set", f"export {variable}=...")
        url = environment[variable]
    if not isinstance(url, str) or "://" not in url:
        raise ParameterError(f"{where} ({name})", "its address", "an address of apprise, such as mailtos://... or json://...")
    if kinds is not None and (not isinstance(kinds, list) or not all(isinstance(k, str) and KIND.fullmatch(k) for k in kinds)):
        raise ParameterError(f"{where} kinds", kinds, "a list of kinds of alerts, such as ['drawdown']")
    return Sink(name, url.strip(), tuple(kinds or ()))


def _seconds(told: Mapping[str, Any], name: str, usual: float) -> float:
    value = told.get(name, usual)
    if isinstance(value, bool) or not isinstance(value, (int, float)) or not math.isfinite(value) or value < 0:
        raise ParameterError(f"[alerts] {name}", value, "seconds of at least 0")
    return float(value)
