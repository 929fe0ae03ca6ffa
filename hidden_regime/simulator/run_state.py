"""The way from an algorithm to the state of its run."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, cast

if TYPE_CHECKING:
    from hidden_regime.simulator.core import Core


def run_state_of(algorithm: Any) -> Core:
    """State of the run that an algorithm belongs to. A strategy has no name for it: LEAN's algorithm has none."""
    return cast("Core", algorithm._sim)
