"""What the practice cloud says no with."""

from __future__ import annotations


class Refused(Exception):
    """A request that is answered with `success` false.

    Parameters
    ----------
    *errors : str
        What the reply says.
    unexpected : bool
        Whether no client should ever send such a request: an unknown endpoint, an unknown field, or a missing one.
    """

    def __init__(self, *errors: str, unexpected: bool = False) -> None:
        super().__init__(*errors)
        self.errors = list(errors)
        self.unexpected = unexpected


NO_NODE = "There are no spare nodes available in your cluster."
SLOW_DOWN = "Too many backtest requests; please slow down."
NO_DEPLOYMENT = "No live deployment found for this project."
LOCKED = "You don't have write permission: the project is being edited by another collaborator."


def absent(what: str) -> Refused:
    """The answer for what doesn't exist, or isn't this user's."""
    return Refused(f"{what} not found or permission denied.")


def invalid(what: str) -> Refused:
    """The answer for an argument that can't be."""
    return Refused(f"Invalid argument: {what}")
