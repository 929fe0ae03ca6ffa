"""What stands in a journal, as values."""

from __future__ import annotations

import json
from dataclasses import asdict, dataclass, field
from datetime import datetime
from typing import Any

RUNNING, STOPPED, FAILED, HALTED, ENDED = "running", "stopped", "failed", "halted", "ended"
"""States of a deployment: it runs or should; ended by somebody; for an error; by the kill switch; or with its last day."""


@dataclass(frozen=True)
class Spec:
    """What was deployed, and how it is run. It never changes: who wants another makes another deployment.

    Attributes
    ----------
    strategy : str
        Path of the file within the deployment's folder, where a copy of it lies.
    digest : str
        SHA-256 of that copy and of the files beside it.
    origin : str
        Where it was copied from.
    data, feed : str
        What bars come from.
    start : str
        First day.
    end : str
        Last day; empty for no end.
    cash : float or None
    parameters : dict of str to str
    target : str
    speed : float or None
        None for the machine's clock.
    grace : float or None
        Seconds of market time that a bar may be late; None for what its length has.
    rules : str
        Text of rules.toml.
    """

    strategy: str
    digest: str
    origin: str
    data: str
    feed: str
    start: str
    end: str = ""
    cash: float | None = None
    parameters: dict[str, str] = field(default_factory=dict)
    target: str = "paper"
    speed: float | None = None
    grace: float | None = None
    rules: str = ""

    def as_json(self) -> str:
        """As the journal keeps it."""
        return json.dumps(asdict(self), sort_keys=True)


@dataclass(frozen=True)
class Deployment:
    """A deployment as the journal has it."""

    name: str
    made: str
    spec: Spec
    state: str
    reason: str


@dataclass(frozen=True)
class OrderRow:
    """Something that happened to an order.

    Attributes
    ----------
    number : int
        Of all such events of the deployment, from 0.
    market_time : str
    order, event : int
    ticker, type, status : str
    quantity, fill_quantity, fill_price, fee : float
    message : str
    """

    number: int
    market_time: str
    order: int
    event: int
    ticker: str
    type: str
    status: str
    quantity: float
    fill_quantity: float
    fill_price: float
    fee: float
    message: str

    @property
    def told(self) -> str:
        """Everything but its number and time."""
        return json.dumps({key: value for key, value in asdict(self).items() if key not in ("number", "market_time")})


def order_row(number: int, market_time: str, told: str) -> OrderRow:
    """The event that stands in a journal."""
    return OrderRow(number=number, market_time=market_time, **json.loads(told))


@dataclass(frozen=True)
class Said:
    """A line of the journal's own."""

    at: str
    market_time: str
    level: str
    kind: str
    said: str


@dataclass(frozen=True)
class BarRow:
    """A bar: raw prices, and the ratio of the adjusted close to the close where the source has one."""

    ticker: str
    minutes: int
    day: str
    minute: int
    opened: float
    high: float
    low: float
    close: float
    volume: float
    scale: float | None = None


def stamp(moment: datetime) -> str:
    """A market time as the journal has it."""
    return moment.isoformat(timespec="microseconds")


def moment_of(at: str) -> datetime:
    """A time of the journal's own."""
    return datetime.fromisoformat(at.replace("Z", "+00:00"))


def deployment_of(row: tuple[Any, ...]) -> Deployment:
    """A row of `deployments`."""
    name, made, spec, state, reason = row
    return Deployment(name, made, Spec(**json.loads(spec)), state, reason)
