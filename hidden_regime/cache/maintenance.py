"""Looking after a store: what is in it, is it sound, make it smaller."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

from hidden_regime.cache.entry import unpack
from hidden_regime.cache.stores.base import DamagedError, Store
from hidden_regime.exceptions import ParameterError

DAY = 86_400.0


@dataclass
class Report:
    """What a store holds; `damaged` says what is wrong with which key or pack of keys, `strangers` names what is no entry.
    Of the `entries` so many are `sound`, if they were verified."""

    entries: int = 0
    sound: int = 0
    bytes: int = 0
    oldest: float | None = None
    newest: float | None = None
    damaged: dict[str, str] = field(default_factory=dict)
    strangers: list[str] = field(default_factory=list)


def inspect(store: Store, *, verify: bool = False) -> Report:
    """Count a store's entries; with `verify` read each of them and check it."""
    report = Report(strangers=getattr(store, "strangers", list)())
    report.damaged |= getattr(store, "damaged", dict)()
    for kept in sorted(store.entries()):
        report.entries += 1
        report.bytes += kept.size
        if kept.used is not None:
            report.oldest = kept.used if report.oldest is None else min(report.oldest, kept.used)
            report.newest = kept.used if report.newest is None else max(report.newest, kept.used)
        if verify:
            try:
                content = store.get(kept.key)
                if content is not None:
                    unpack(kept.key, content)
                report.sound += 1
            except (DamagedError, OSError) as problem:
                report.damaged[kept.key] = str(problem)
    return report


def prune(store: Any, *, max_bytes: float | None = None, max_age: float | None = None) -> int:
    """Remove the entries unused for longest until both limits hold, and what killed writers left.

    Parameters
    ----------
    store : Store
    max_bytes : int, optional
    max_age : float, optional
        Days. Needs a store that knows when entries were used.

    Returns
    -------
    int
        Entries removed.
    """
    kept = sorted(store.entries(), key=lambda entry: (entry.used or 0.0, entry.key))
    total = sum(entry.size for entry in kept)
    limit = None
    if max_age is not None:
        if not hasattr(store, "now"):
            raise ParameterError("max_age", max_age, "None for a store that has no clock", "Use max_bytes.")
        limit = store.now() - max_age * DAY
    removed = 0
    for entry in kept:
        old = limit is not None and entry.used is not None and entry.used < limit
        if not old and (max_bytes is None or total <= max_bytes):
            continue
        store.delete(entry.key)
        total -= entry.size
        removed += 1
    if hasattr(store, "sweep"):
        store.sweep()
    return removed


def clear(store: Any) -> int:
    """Remove every entry; how many there were."""
    keys = [entry.key for entry in store.entries()]
    for key in keys:
        store.delete(key)
    if hasattr(store, "sweep"):
        store.sweep()
    return len(keys)
