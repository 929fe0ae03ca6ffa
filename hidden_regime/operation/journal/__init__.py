"""The journal: everything that happened to the deployments of a workspace, in one SQLite file that is only added to."""

from hidden_regime.operation.journal.journal import Journal, journal_of

__all__ = ["Journal", "journal_of"]
