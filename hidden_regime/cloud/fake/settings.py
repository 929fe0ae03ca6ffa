"""What the practice cloud is like: whose account it is, which nodes it has, and how strict it is."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date

from hidden_regime.data.packaged import DEFAULT
from hidden_regime.exceptions import ParameterError
from hidden_regime.simulator.static.cloud import LARGEST

NODES = {"backtest": 2, "research": 1, "live": 1}
"""How many nodes of each kind there are, unless it is said otherwise."""
MOST_PARALLEL = {"O2-8": 24, "O4-12": 12, "O8-16": 6}
"""How many nodes an optimisation may have, by their type."""


@dataclass(frozen=True)
class Account:
    """Whose cloud it is.

    Parameters
    ----------
    name, email : str
    organization : str
        Id of the only organization, 32 hexadecimal digits.
    organization_name, type : str
    balance : float
        QuantConnect Credits that a new store begins with; afterwards the ledger has the word.
    """

    name: str = "Practice"
    email: str = "practice@example.com"
    organization: str = "5d41402abc4b2a76b9719d911017c592"
    organization_name: str = "Practice"
    type: str = "Researcher"
    balance: float = 10_000.0

    def __post_init__(self) -> None:
        if len(self.organization) != 32 or set(self.organization) - set("0123456789abcdef"):
            raise ParameterError("organization", self.organization, "32 hexadecimal digits")


@dataclass(frozen=True)
class Settings:
    """How the practice cloud behaves.

    Parameters
    ----------
    data : str
        What strategies trade on, as `open_market` takes it.
    nodes : mapping of str to int
        How many there are of "backtest", "research" and "live".
    when_full : "queue" or "refuse"
        Whether a backtest waits for a node, or is refused with "no spare nodes available in your cluster".
    queue_length : int
        With so many waiting, the next is refused with "Too many backtest requests; please slow down."
    seconds_per_backtest : float, optional
        By the clock; a backtest holds its node at least so long.
    backtests_a_day : int, optional
        More are refused, days being those of UTC.
    largest_file, most_files : int
        Bytes of a file, files of a project.
    most_parameters : int
        Of an optimisation.
    statistics_as : "array" or "object"
        How an optimisation tells the figures of its backtests.
    refuse_with : "reply" or "status"
        Wrong credentials are answered by 200 and "Hash doesn't match", or by 401.
    speed : float
        Seconds of the market that pass in a second of the clock, in live deployments.
    live_from : date, optional
        The market's day on which deployments begin; by default the strategy's own start date.
    workers : int
        Processes that run strategies.
    """

    data: str = DEFAULT
    nodes: Mapping[str, int] = field(default_factory=lambda: dict(NODES))
    when_full: str = "queue"
    queue_length: int = 100
    seconds_per_backtest: float | None = None
    backtests_a_day: int | None = None
    largest_file: int = LARGEST
    most_files: int = 25
    most_parameters: int = 3
    statistics_as: str = "array"
    refuse_with: str = "reply"
    speed: float = 1.0
    live_from: date | None = None
    workers: int = 2

    def __post_init__(self) -> None:
        for name, words in (
            ("when_full", ("queue", "refuse")), ("statistics_as", ("array", "object")), ("refuse_with", ("reply", "status"))
        ):  # fmt: skip
            if getattr(self, name) not in words:
                raise ParameterError(name, getattr(self, name), " or ".join(words))
        if self.workers < 1:
            raise ParameterError("workers", self.workers, "at least 1")
        if not self.speed > 0:
            raise ParameterError("speed", self.speed, "a number above 0")
        if set(self.nodes) - set(NODES) or any(count < 0 for count in self.nodes.values()):
            raise ParameterError("nodes", dict(self.nodes), f"how many there are of {', '.join(NODES)}")
