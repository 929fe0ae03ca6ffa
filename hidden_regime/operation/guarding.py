"""Puts a guard over a strategy whose file knows nothing of it."""

from __future__ import annotations

from typing import Any

from hidden_regime.quantconnect.guards import Guard, Rules
from hidden_regime.quantconnect.guards.rules import read_rules
from hidden_regime.simulator.run_state import run_state_of


def watch_over(algorithm: Any, rules: str) -> Guard:
    """Watch an algorithm that is about to be initialised, whatever brokerage model it chooses.

    Parameters
    ----------
    algorithm : QCAlgorithm
        Of the embedded engine.
    rules : str
        Text of a rules.toml.
    """
    core = run_state_of(algorithm)
    made = Guard(Rules(read_rules(rules).get("guards", {})))

    def begin() -> None:
        made.attach(algorithm)
        core.book.before_taking = made.refusal

    core.initialized.append(begin)
    return made
