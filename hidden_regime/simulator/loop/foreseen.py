"""Whether a run whose securities come from universes will meet pairs: it has to count in UTC from its beginning."""

from __future__ import annotations

from collections.abc import Iterator
from types import CodeType
from typing import TYPE_CHECKING

from hidden_regime.simulator.universes.universe import ManualUniverse, ScheduledUniverse

if TYPE_CHECKING:
    from hidden_regime.simulator.core import Core

PACKAGE = "hidden_regime."
ALLOWED = (ManualUniverse, ScheduledUniverse)
"""Universes that a run round the clock can have."""
TYPE, KINDS = "SecurityType", frozenset({"CRYPTO", "FOREX", "Crypto", "Forex"})


def _codes(code: CodeType) -> Iterator[CodeType]:
    """A function's code, and those of the functions inside it."""
    yield code
    for constant in code.co_consts:
        if isinstance(constant, CodeType):
            yield from _codes(constant)


def names_pairs(strategy: type) -> bool:
    """Whether a method of a strategy's class, or of a base of its own, names `SecurityType.CRYPTO` or `SecurityType.FOREX`.

    Examples
    --------
    >>> class Currencies:
    ...     __module__ = "strategy"
    ...     def select(self, time):
    ...         return [Symbol.create("EURUSD", SecurityType.FOREX, Market.OANDA)]
    >>> names_pairs(Currencies), names_pairs(dict)
    (True, False)
    """
    for kind in (known for known in strategy.__mro__ if not known.__module__.startswith(PACKAGE)):
        for member in vars(kind).values():
            found = getattr(member, "__code__", None)
            for code in _codes(found) if isinstance(found, CodeType) else ():
                if TYPE in code.co_names and KINDS.intersection(code.co_names):
                    return True
    return False


def foresee_pairs(core: Core, strategy: type) -> None:
    """Count in UTC where universes list pairs, or are chosen at times by a strategy that names them.

    What a function will choose isn't known before its time. Where it chooses a pair that no code names, the run ends with an
    error that says what to do.
    """
    universes = list(core.universes.universes.values())
    if core.clock.is_round or core.pace is not None or not all(isinstance(u, ALLOWED) for u in universes):
        return
    listed = any(symbol.is_pair for u in universes if isinstance(u, ManualUniverse) for symbol in u.wanted)
    chosen = any(isinstance(u, ScheduledUniverse) for u in universes)
    if listed or (chosen and names_pairs(strategy)):
        core.go_round("a universe of pairs")
