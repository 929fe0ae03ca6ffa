"""The kill switch: no entries, cancel, verify, flatten, verify, again, alarm."""

from __future__ import annotations

import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass

from hidden_regime.exceptions import RegimeError
from hidden_regime.operation.targets.base import Account, OpenOrder, Target

AGAIN = 0.5
"""Seconds between two rounds."""


@dataclass(frozen=True)
class Outcome:
    """What the kill switch came to.

    Attributes
    ----------
    is_flat : bool
        Whether the target itself says that nothing is held and nothing ordered.
    rounds : int
    left : Account or None
        What it holds still, as far as anybody knows.
    orders : sequence of OpenOrder
        What is open still.
    said : tuple of str
        What went wrong on the way.
    """

    is_flat: bool
    rounds: int
    left: Account | None
    orders: Sequence[OpenOrder]
    said: tuple[str, ...]


def _told(rounds: int) -> str:
    return f"{rounds} round" if rounds == 1 else f"{rounds} rounds"


def panic(target: Target, *, deadline: float = 60.0, pause: Callable[[float], None] = time.sleep,
          seconds: Callable[[], float] = time.monotonic, tell: Callable[[str], None] = lambda said: None) -> Outcome:  # fmt: skip
    """Cancel and sell everything, until the target itself says that nothing is left.

    An answer that doesn't come, or is an error, is never taken for "nothing is held". It sells once nothing is ordered any more,
    or nobody says so for half of the time: what an order does to the account then is seen to in the next round.

    Parameters
    ----------
    target : Target
    deadline : float
        Seconds after which it gives up.
    pause, seconds : callable
        Wait, and count, seconds.
    tell : callable
        Told of each thing that is done or fails.
    """
    begin, rounds = seconds(), 0
    end = begin + deadline
    failures: dict[str, int] = {}
    left: Account | None = None
    orders: Sequence[OpenOrder] = ()

    def tried(what: str, call: Callable[[], object]) -> object:
        try:
            return call()
        except RegimeError as error:
            failed = error.text
        except Exception as error:  # noqa: BLE001 - whatever a target raises, the next step is tried all the same
            failed = f"{type(error).__name__}: {error}"
        failed = f"{what}: {failed}"
        if failed not in failures:  # what fails at each round is told of once
            tell(failed)
        failures[failed] = failures.get(failed, 0) + 1
        return FAILED

    def said() -> tuple[str, ...]:
        return tuple(text if times == 1 else f"{text} ({times} times)" for text, times in failures.items())

    while True:
        rounds += 1
        tried("cancel", target.cancel_all)
        found = tried("open orders", target.orders)
        cancelled = found is not FAILED and not found
        if found is not FAILED:
            orders = found  # type: ignore[assignment]
        if cancelled or seconds() >= begin + deadline / 2.0:
            tried("flatten", target.flatten)
        held = tried("positions", target.portfolio)
        if isinstance(held, Account):
            left = held
            if held.is_flat and cancelled:
                again = tried("open orders", target.orders)
                if again is not FAILED and not again:
                    tell(f"flat after {_told(rounds)}")
                    return Outcome(True, rounds, held, (), said())
        if seconds() >= end:
            tell(f"NOT FLAT after {_told(rounds)}")
            return Outcome(False, rounds, left, tuple(orders), said())
        pause(AGAIN)


FAILED = object()
