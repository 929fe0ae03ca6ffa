"""What QuantConnect's replies do that no document says: a client that isn't ready for it breaks on the real ones too."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any


@dataclass(frozen=True)
class Quirks:
    """Each is a habit of the real replies.

    Parameters
    ----------
    empty_lists : bool
        An empty dict comes as [].
    texts : bool
        Numbers and truths come as texts in places, and the reverse.
    late_figures : int
        How many reads say `completed` before statistics and totalPerformance come.
    silent : bool
        account/read has no `success`, and lean/versions/read has it as a text.
    pascal : bool
        Charts have keys in PascalCase.
    snapshot_spelling : bool
        snapShotId instead of snapshotId.
    dates : bool
        Times come in several forms.
    loading : frozenset of str
        What is being prepared when it is first asked for: "chart", "report", "live orders", "objects", and if wanted "orders"
        and "log" of backtests.
    building : bool
        The first read of a compile finds it in the queue.
    paths : bool
        Targets of optimisations come back as JSON paths, operators in lower case.
    """

    empty_lists: bool = True
    texts: bool = True
    late_figures: int = 1
    silent: bool = True
    pascal: bool = True
    snapshot_spelling: bool = True
    dates: bool = True
    loading: frozenset[str] = frozenset({"chart", "report", "live orders", "objects"})
    building: bool = True
    paths: bool = True

    @classmethod
    def none(cls) -> Quirks:
        """Replies as the documents describe them."""
        return cls(False, False, 0, False, False, False, False, frozenset(), False, False)

    def mapping(self, told: dict[str, Any]) -> Any:
        """A dict, or [] for an empty one."""
        return [] if self.empty_lists and not told else told

    def number(self, value: float) -> Any:
        """A number, or its text."""
        return f"{value:.2f}" if self.texts else value

    def truth(self, value: bool) -> Any:
        """True or false, or its text."""
        return str(value).lower() if self.texts else value

    def target(self, target: str) -> str:
        """A target as it comes back."""
        return ".".join(f"['{step}']" for step in target.split(".")) if self.paths else target
