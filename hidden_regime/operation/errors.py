"""What goes wrong while a strategy is run."""

from __future__ import annotations

from hidden_regime.exceptions import RegimeError


class OperationError(RegimeError):
    """A deployment can't be run, or not as it was asked for."""


class JournalError(OperationError):
    """The journal can't be read or written: nothing may go on without it."""


class DivergedError(OperationError):
    """A strategy that was run again over the same bars did something else."""


class UnreconciledError(OperationError):
    """What the journal says is held and ordered isn't what the target says."""


class TargetError(OperationError):
    """A target doesn't answer, or not as it should."""


class FeedError(OperationError):
    """A source of bars can't be read."""
