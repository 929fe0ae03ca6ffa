"""Detectors kept in LEAN's object store, so that a strategy that is started again goes on where it stopped."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable
from typing import Any

from hidden_regime.detection.detector import RegimeDetector
from hidden_regime.detection.saved_options import options_out
from hidden_regime.exceptions import ParameterError, SavedModelError
from hidden_regime.quantconnect.bar_length import DAYS, BarLength
from hidden_regime.quantconnect.tracking import Tracked

FORMAT = 1
SCHEDULE = ("retrain", "stagger")
"""Options that change no model there is: a restart may have others."""


class Keeper:
    """Saves models, latest bars and identity of all assets as one object, and reads them back.

    One object and not one for each asset: LEAN looks through all of them whenever it saves one.

    Parameters
    ----------
    store : ObjectStore
        `self.object_store` of an algorithm.
    key : str
    report : callable
        Takes a line for the log.
    """

    def __init__(self, store: Any, key: str, report: Callable[[str], None]) -> None:
        self.store, self.key, self.report = store, key, report
        self._known: dict[str, Any] | None = None
        self._refused: set[str] = set()
        self._failed = False

    def _read(self) -> dict[str, Any]:
        if self._known is None:
            self._known = {}
            try:
                if self.store.contains_key(self.key):
                    content = json.loads(self.store.read(self.key))
                    if content["format"] != FORMAT:
                        raise ValueError(f"format {content['format']!r}")
                    self._known = dict(content["assets"])
            except Exception as error:  # noqa: BLE001 - what LEAN's store raises has no Python type
                self.report(f"hidden_regime: the saved regimes {self.key!r} can't be read ({error}): starting from history.")
        return self._known

    def restore(self, ticker: str, fresh: RegimeDetector, length: BarLength = DAYS) -> RegimeDetector | None:
        """The saved detector of an asset, if there is one with the same options, of bars of the same length."""
        content, found = self._read().get(ticker), None
        if content is None:
            return None
        try:
            kept, own = dict(content["options"]), json.loads(json.dumps(options_out(fresh)))
            schedule = {name: own[name] for name in SCHEDULE}
            if kept | schedule == own and content.get("bars", DAYS.name) == length.name:
                found = RegimeDetector.from_dict(
                    {key: part for key, part in content.items() if key != "bars"} | {"options": own}, like=fresh
                )
        except (SavedModelError, LookupError, TypeError, ValueError, AttributeError, RecursionError) as error:
            self.report(f"hidden_regime: {ticker}: {str(error)[:300]} Starting from history.")
            return None
        if found is None:
            self.report(f"hidden_regime: {ticker}: the saved regimes are of other options: starting from history.")
        return found

    def save(self, assets: Iterable[Tracked]) -> None:
        """Write all assets."""
        content = dict(self._read())  # an asset that this run doesn't watch is kept
        for tracked in assets:
            try:
                own = {} if tracked.length.is_daily else {"bars": tracked.length.name}
                content[tracked.ticker] = tracked.detector.to_dict() | own
            except ParameterError as error:
                if tracked.ticker not in self._refused:
                    self._refused.add(tracked.ticker)
                    self.report(f"hidden_regime: {tracked.ticker} can't be kept for a restart: {error}")
        self._known = content
        said = ""
        try:
            if not self.store.save(self.key, json.dumps({"format": FORMAT, "assets": content}, separators=(",", ":"))):
                said = "it refused"
        except Exception as error:  # noqa: BLE001 - trading goes on without
            said = f"{type(error).__name__}: {error}"
        if said and not self._failed:
            self.report(f"hidden_regime: the object store can't keep {self.key!r} ({said}): a restart would start from history.")
        self._failed = bool(said)
