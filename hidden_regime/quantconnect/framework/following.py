"""Regimes for the models of LEAN's framework: what they are given is not the strategy's own object."""

from __future__ import annotations

from typing import Any

from hidden_regime.quantconnect.feeding import Feeder
from hidden_regime.quantconnect.tracking import Tracked, Tracker, ticker_of


class Follower:
    """Watches every security that a universe brings.

    Parameters
    ----------
    options : dict
        Of `RegimeDetector`, checked by `detector_options`.
    only : str, optional
        Ticker of the only security to watch.
    """

    def __init__(self, options: dict[str, Any], only: str | None = None) -> None:
        self.options, self.only = options, only
        self.tracker = Tracker()
        self._feeder: Feeder | None = None

    def change(self, algorithm: Any, changes: Any) -> None:
        """Watch who came, and leave who went."""
        if self._feeder is None:
            self._feeder = Feeder(algorithm, self.tracker)
        self._feeder.change(changes)
        for security in changes.added_securities:
            name = ticker_of(security.symbol)
            known = self.tracker.assets.get(name)
            if self.only in (None, name) and (known is None or (known.is_pair and known.symbol != security.symbol)):
                self._feeder.watch(security.symbol, dict(self.options), trades=False)

    def follow(self, algorithm: Any, data: Any) -> list[Tracked]:
        """Assets that are subscribed, up to date with a slice's events and the bars that came before it."""
        if self._feeder is not None and data is not None:
            self._feeder.split(data.splits)
            self._feeder.pay(data.dividends)
        self.tracker.flush()
        return [tracked for tracked in self.tracker.assets.values() if tracked.is_held]
