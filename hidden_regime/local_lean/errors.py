"""What goes wrong between here and LEAN on this machine, by what the user can do about it."""

from __future__ import annotations

from hidden_regime.exceptions import RegimeError


class LeanError(RegimeError):
    """Root of the errors of LEAN on this machine."""


class LeanCliMissing(LeanError):
    """LEAN's command line isn't installed where it was looked for, or can't be used as it is."""


class DockerMissing(LeanError):
    """Docker isn't installed, doesn't run, or isn't for this user. Nothing was started."""


class LeanResultsError(LeanError):
    """A folder that holds no results of LEAN's, or damaged ones."""


class LeanFailed(LeanError):
    """LEAN's command line came to an end that is no result.

    Attributes
    ----------
    returncode : int or None
        What it ended with; None where it was stopped because its time was up.
    log : str
        The last lines of what it said.
    """

    def __init__(self, message: str, returncode: int | None = None, log: str = "") -> None:
        self.returncode = returncode
        self.log = log
        super().__init__(f"{message} It said last:\n{log}" if log else message)
