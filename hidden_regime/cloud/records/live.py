"""Live deployments: what they hold and what they say."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from hidden_regime.cloud.reading import integer, mapping, moment, number, open_enum, text
from hidden_regime.cloud.records.record import Record, told


class LiveStatus(StrEnum):
    """State of a deployment."""

    DEPLOY_ERROR = "DeployError"
    IN_QUEUE = "InQueue"
    RUNNING = "Running"
    STOPPED = "Stopped"
    LIQUIDATED = "Liquidated"
    DELETED = "Deleted"
    COMPLETED = "Completed"
    RUNTIME_ERROR = "RuntimeError"
    INVALID = "Invalid"
    LOGGING_IN = "LoggingIn"
    INITIALIZING = "Initializing"
    HISTORY = "History"
    UNDEFINED = "Undefined"


ENDED = frozenset({
    LiveStatus.DEPLOY_ERROR, LiveStatus.STOPPED, LiveStatus.LIQUIDATED, LiveStatus.DELETED, LiveStatus.COMPLETED,
    LiveStatus.RUNTIME_ERROR, LiveStatus.INVALID,
})  # fmt: skip


@dataclass(frozen=True, kw_only=True)
class Deployment(Record):
    """A strategy that trades, or did."""

    project_id: int | None = told(integer)
    deploy_id: str = told(text, "algorithmId", default="")
    status: LiveStatus | str = told(open_enum(LiveStatus), default="")
    launched: datetime | None = told(moment)
    stopped: datetime | None = told(moment)
    brokerage: str = told(text, default="")
    error: str = told(text, default="")

    @property
    def ended(self) -> bool:
        """Whether it trades no more."""
        return self.status in ENDED


@dataclass(frozen=True, kw_only=True)
class Holding(Record):
    """One asset of a portfolio: the server's a, q, p, v and u by their meaning."""

    average_price: float | None = told(number, "a")
    quantity: float | None = told(number, "q")
    price: float | None = told(number, "p")
    value: float | None = told(number, "v")
    unrealized: float | None = told(number, "u")
    unrealized_percent: float | None = told(number, "up")


@dataclass(frozen=True, kw_only=True)
class Cash(Record):
    """Money in one currency."""

    symbol: str = told(text, default="")
    amount: float | None = told(number)
    conversion_rate: float | None = told(number)
    value_in_account_currency: float | None = told(number)


@dataclass(frozen=True, kw_only=True)
class Portfolio(Record):
    """What a deployment held at its last snapshot, which may be ten minutes old."""

    holdings: dict[str, Holding] | None = told(mapping(Holding.read))
    cash: dict[str, Cash] = told(mapping(Cash.read), factory=dict)

    @property
    def flat(self) -> bool:
        """Whether nothing is held. What can't be read is held."""
        return self.holdings is not None and all(one.quantity == 0 for one in self.holdings.values())
