"""What a strategy asks `get_parameter` for: found by beginning to run it."""

from __future__ import annotations

import warnings
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date
from typing import Any

from hidden_regime.data.offers import offered
from hidden_regime.exceptions import ParameterError, StrategyError
from hidden_regime.experiments.trials.running import first_line, run_setup
from hidden_regime.experiments.trials.setup import Setup
from hidden_regime.simulator.enums import SecurityType
from hidden_regime.simulator.failures import EngineError
from hidden_regime.simulator.loop.engine import Run
from hidden_regime.simulator.objects.dictionaries import entries_ever
from hidden_regime.simulator.run_state import run_state_of

SESSIONS = 5
"""Trading days after which what a strategy reads counts as known."""
CUSTOM = "custom"
"""Of data of the strategy's own, in place of the length of bars."""
KINDS: dict[type, str] = {bool: "truth", int: "whole number", float: "number", str: "text"}


class _SeenError(EngineError):
    """The strategy was watched for long enough."""


@dataclass(frozen=True)
class Read:
    """A parameter that a strategy reads.

    Attributes
    ----------
    name : str
    kind : type
        Of its default, which says what `get_parameter` makes of a text: int, float, bool or str.
    default : int, float, bool, str or None
    value : str or None
        What it is given: by the data, the project's config.json or the caller.
    """

    name: str
    kind: type
    default: Any
    value: str | None = None

    @property
    def kind_name(self) -> str:
        """The kind in words."""
        return KINDS[self.kind]


def reads_of(run: Run, given: Mapping[str, str]) -> dict[str, Read]:
    """The parameters that a run has read, by name."""
    out = {}
    for name, default in sorted(run_state_of(run.algorithm).parameters_read.items()):
        kind = next((kind for kind in KINDS if isinstance(default, kind)), str)
        out[name] = Read(name, kind, default, given.get(name))
    return out


@dataclass(frozen=True)
class Watched:
    """What a strategy was seen to do: the parameters that it reads, by name, the first and last day that it runs over, and what
    it subscribed to until then; see `subscribed_in`."""

    reads: dict[str, Read]
    first: date
    last: date
    subscribed: dict[str, str] = field(default_factory=dict)


def subscribed_in(run: Run) -> dict[str, str]:
    """Tickers of all securities that a run ever had, with the length of their bars: "daily", "hour" or "minute"; or "custom"."""
    securities = entries_ever(run_state_of(run.algorithm).securities)
    return {
        str(symbol.value): one.resolution.name.lower() if one.type == SecurityType.EQUITY else CUSTOM
        for symbol, one in securities.items()
    }


def find_reads(setup: Setup) -> dict[str, Read]:
    """What the strategy reads: see `watch`."""
    return watch(setup).reads


def watch(setup: Setup) -> Watched:
    """Begin to run a strategy: what counts is `initialize` and its first five sessions.

    Raises
    ------
    StrategyError
        It fails there.
    RegimeError
        The set-up can't be run.
    """
    seen = 0

    def on_day(day: date) -> None:
        nonlocal seen
        seen += 1
        if seen >= SESSIONS:
            raise _SeenError(f"watched until {day}")

    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # of a run that ends at once; the trials' own are said by a single run
        run = run_setup(setup, {}, on_day=on_day)
    if run.error is not None and not isinstance(run.error, _SeenError):
        raise StrategyError(f"{setup.strategy.name} fails before any trial: {first_line(run)}")
    core = run_state_of(run.algorithm)
    return Watched(reads_of(run, setup.base), core.start.date(), core.end.date(), subscribed_in(run))


def check_given(given: Mapping[str, str], reads: Mapping[str, Read], unusable: set[str]) -> None:
    """Raise for a parameter that changes nothing: one that nobody reads, or a text that is silently read as the default.

    Raises
    ------
    ParameterError
    """
    for name, text in given.items():
        if name not in reads:
            raise ParameterError(name, text, "a parameter that the strategy reads", f"Of these {offered(name, sorted(reads))}")
        if name in unusable:
            kind = "a whole number without a point, such as 5" if reads[name].kind is int else "a number"
            silently = f"Like LEAN's, get_parameter would silently answer the strategy's default, {reads[name].default!r}."
            raise ParameterError(name, text, kind, silently)
