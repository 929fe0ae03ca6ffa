"""The clock of a run: which time the engine counts in, and which one the strategy sees."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime

from hidden_regime.data.zones import Zone, zone_of
from hidden_regime.simulator import clock

Convert = Callable[[datetime], datetime]
NEW_YORK, UTC = zone_of("America/New_York"), zone_of("UTC")


def _same(moment: datetime) -> datetime:
    return moment


class RunClock:
    """Naive times of the engine, of exchanges and of the strategy.

    A run of US equities counts in New York's time, as all its data do. Where a market goes on while New York's clocks are set
    back, an hour would happen twice, so that a run with crypto or forex counts in UTC, and so does one with another time zone.

    Attributes
    ----------
    to_utc, from_utc : callable
        UTC of the engine's time, and back.
    shown, of_shown : callable
        What the strategy's clock shows at a time of the engine's, and back.
    is_shown : bool
        Whether both are the same.
    is_round : bool
        Whether the engine counts in UTC.
    """

    to_utc: Convert
    from_utc: Convert
    shown: Convert
    of_shown: Convert

    def __init__(self) -> None:
        self.engine = self.own = NEW_YORK
        self._bind()

    def _bind(self) -> None:
        self.is_round = in_utc = self.engine.is_utc
        self.to_utc, self.from_utc = (_same, _same) if in_utc else (clock.to_utc, clock.from_utc)
        self.is_shown = self.engine is self.own
        self.shown, self.of_shown = (_same, _same) if self.is_shown else (self.own.from_utc, self.own.to_utc)

    def go_round(self) -> None:
        """Count in UTC from now on."""
        self.engine = UTC
        self._bind()

    def show(self, zone: Zone) -> None:
        """Let the strategy see another zone's time. The engine must count in UTC."""
        self.own = zone
        self._bind()

    def local(self, moment: datetime, zone: Zone) -> datetime:
        """A zone's time at a time of the engine's."""
        return moment if zone is self.engine else zone.from_utc(self.to_utc(moment))

    def of(self, local: datetime, zone: Zone) -> datetime:
        """The engine's time at a zone's."""
        return local if zone is self.engine else self.from_utc(zone.to_utc(local))
