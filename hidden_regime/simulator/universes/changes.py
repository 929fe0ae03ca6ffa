"""Securities that came and went."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any, ClassVar

from hidden_regime.simulator.spelling import TwoSpellings


class SecurityChanges(TwoSpellings):
    """Securities that came and went, each sorted by ticker."""

    def __init__(self, added: Iterable[Any] = (), removed: Iterable[Any] = ()) -> None:
        self.added_securities = sorted(added, key=lambda security: security.symbol.value)
        self.removed_securities = sorted(removed, key=lambda security: security.symbol.value)

    NONE: ClassVar[SecurityChanges]

    @property
    def count(self) -> int:
        """Number of changes."""
        return len(self.added_securities) + len(self.removed_securities)

    def __bool__(self) -> bool:
        return self.count > 0

    def __str__(self) -> str:
        parts = []
        for label, found in (("Added", self.added_securities), ("Removed", self.removed_securities)):
            if found:
                parts.append(f"{label}: {','.join(s.symbol.value for s in found)}")
        return f"SecurityChanges: {' '.join(parts) or 'None'}"


SecurityChanges.NONE = SecurityChanges()
