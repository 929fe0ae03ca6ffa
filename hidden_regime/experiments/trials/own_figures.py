"""Figures of a run that LEAN's result has none of, for searches to go by."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Protocol

from hidden_regime.simulator.loop.engine import Run


class OwnFigures(Protocol):
    """What a trial is asked besides. It goes to other processes, so it can be pickled."""

    @property
    def name(self) -> str:
        """The first part of their paths: of "after-tax" one is "After-Tax.Net Profit"."""

    @property
    def key(self) -> str:
        """Digest of all that they depend on besides the run."""

    def of(self, run: Run) -> Mapping[str, float]:
        """Figures by name; what there is none of is left out.

        Raises
        ------
        RegimeError
            They can't be found; the trial has failed then.
        """


def with_own(content: dict[str, Any], figures: tuple[OwnFigures, ...], run: Run) -> dict[str, Any]:
    """A result in LEAN's format with figures besides it."""
    return content | {one.name: dict(one.of(run)) for one in figures}
