"""A proof: something that has been tried, and what came of it."""

from __future__ import annotations

from dataclasses import dataclass

PASSED, FAILED, NOT_DONE = "pass", "fail", "not done"


@dataclass(frozen=True)
class Proof:
    """One of them.

    Attributes
    ----------
    name : str
    state : str
        "pass", "fail", or "not done".
    evidence : str
        What was seen, or what to do.
    """

    name: str
    state: str
    evidence: str


def passed(name: str, evidence: str) -> Proof:
    """It holds."""
    return Proof(name, PASSED, evidence)


def failed(name: str, evidence: str) -> Proof:
    """It doesn't."""
    return Proof(name, FAILED, evidence)


def not_done(name: str, evidence: str) -> Proof:
    """Nobody has tried."""
    return Proof(name, NOT_DONE, evidence)
