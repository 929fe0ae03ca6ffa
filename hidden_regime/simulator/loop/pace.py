"""What a run on a clock waits for: that a time has come, and that what ends by it has arrived."""

from __future__ import annotations

from datetime import datetime
from typing import Protocol


class Ended(BaseException):
    """The run goes on no more, for a reason outside of it. No strategy's `except` should catch it."""


class Pace(Protocol):
    """Leads a run through market time. Times are New York's, without a zone, and never fall. Each method may raise `Ended`."""

    def reach(self, time: datetime) -> None:
        """Return when a time has come."""

    def complete(self, time: datetime) -> bool:
        """Return when what ends by a time has arrived, or won't any more. Whether the market has more than before."""

    def done(self, time: datetime) -> None:
        """All that happens at a time has happened."""
