"""Tapes of regimes in memory and, where there is one, in a store that other processes and studies share."""

from __future__ import annotations

from hidden_regime.cache.stores.base import Store
from hidden_regime.detection.tape import Tape

MOST = 32
"""Tapes that are held in memory, the latest used: of an asset of twelve years each takes some three megabytes."""


class KeptTapes:
    """Tapes by key; see `hidden_regime.detection.recorded`.

    Parameters
    ----------
    store : Store, optional
        Where they last. What can't be read there is recorded anew; what can't be written is lost when the process ends.
    """

    def __init__(self, store: Store | None = None) -> None:
        self.store = store
        self._held: dict[str, Tape] = {}
        self._new: list[str] = []
        self.hits = self.misses = 0

    def get(self, key: str) -> Tape | None:
        """The tape of a key, if there is one."""
        found = self._held.pop(key, None)
        if found is None and self.store is not None:
            try:
                content = self.store.get(key)
                found = None if content is None else Tape.from_bytes(content)
            except (OSError, ValueError):
                found = None
        self.hits += found is not None
        self.misses += found is None
        if found is not None:
            self._hold(key, found)
        return found

    def put(self, key: str, tape: Tape) -> None:
        """Keep a tape, which grows until `flush`."""
        self._new.append(key)
        self._held.pop(key, None)
        self._hold(key, tape)

    def flush(self) -> None:
        """Write the tapes of a run that has ended."""
        new, self._new = dict.fromkeys(self._new), []
        if self.store is None:
            return
        for key in new:
            tape = self._held.get(key)
            if tape is not None and len(tape):
                try:
                    self.store.put(key, tape.to_bytes())
                except OSError:
                    return

    def _hold(self, key: str, tape: Tape) -> None:
        self._held[key] = tape
        while len(self._held) > MOST:
            del self._held[next(iter(self._held))]
