"""What the practice cloud remembers, one class for each table."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

QUEUED, RUNNING, DONE, FAILED = "queued", "running", "done", "failed"
NEW, ACTIVE, COMPLETED, ABORTED = "new", "running", "completed", "aborted"
LIVE, STOPPED, LIQUIDATED = "Running", "Stopped", "Liquidated"


@dataclass
class Counter:
    """How many of a kind there have been."""

    name: str
    value: int


@dataclass
class Project:
    """A project; `parameters` are what its strategy's `get_parameter` answers."""

    id: int
    name: str
    language: str
    created: float
    modified: float
    description: str = ""
    parameters: dict[str, str] = field(default_factory=dict)
    libraries: list[int] = field(default_factory=list)
    version: int = -1
    environment: int = 1
    nodes: list[str] = field(default_factory=list)


@dataclass
class SourceFile:
    """A file of a project."""

    project: int
    name: str
    content: str
    modified: float


@dataclass
class Snapshot:
    """All files of a project at a moment, by the hash of them."""

    hash: str
    files: dict[str, str]


@dataclass
class Compile:
    """A build of a snapshot."""

    id: str
    project: int
    snapshot: str
    created: float
    state: str = "InQueue"
    logs: list[str] = field(default_factory=list)


@dataclass
class Backtest:
    """A backtest, one's own or of an optimisation; its result lies in files.

    `begun` counts how often it was started, `reads` how often it was asked for since it was done.
    """

    id: str
    project: int
    snapshot: str
    name: str
    created: float
    parameters: dict[str, str] = field(default_factory=dict)
    optimization: str = ""
    state: str = QUEUED
    begun: int = 0
    started: float | None = None
    finished: float | None = None
    note: str = ""
    tags: list[str] = field(default_factory=list)
    error: str = ""
    stacktrace: str = ""
    summary: dict[str, Any] = field(default_factory=dict)
    reads: int = 0

    @property
    def is_over(self) -> bool:
        """Whether it came to an end, good or bad."""
        return self.state in (DONE, FAILED)

    @property
    def seconds(self) -> float:
        """How long it held its node."""
        return max(0.0, (self.finished or 0.0) - (self.started or 0.0)) if self.is_over else 0.0


@dataclass
class Optimization:
    """An optimisation; `seconds` of a backtest is what was estimated, `cost` in credits too."""

    id: str
    project: int
    snapshot: str
    name: str
    created: float
    target: str
    direction: str
    target_value: float | None
    strategy: str
    node: str
    parallel: int
    parameters: list[dict[str, Any]]
    constraints: list[dict[str, Any]]
    seconds: float
    cost: float
    status: str = NEW
    finished: float | None = None
    consumed: float = 0.0
    booked: bool = False


@dataclass
class Deployment:
    """A live deployment: a run of the strategy that is shown as far as its clock has come.

    Times of the market (`sold_at`, those of commands) are seconds since 1970 of the market's clock.
    """

    id: str
    project: int
    snapshot: str
    node: str
    brokerage: str
    launched: float
    cash: float | None = None
    parameters: dict[str, str] = field(default_factory=dict)
    state: str = QUEUED
    begun: int = 0
    market_start: float | None = None
    capital: float = 0.0
    failed_at: float | None = None
    error: str = ""
    stopped: float | None = None
    ending: str = ""
    sold_at: float | None = None
    commands: list[dict[str, Any]] = field(default_factory=list)
    redeploy: bool = False
    providers: list[str] = field(default_factory=list)


@dataclass
class Movement:
    """A movement of credits, and the balance after it."""

    number: int
    moment: float
    description: str
    type: str
    subtype: str
    amount: float
    balance: float
