"""What goes wrong between here and QuantConnect, by what the caller can do about it."""

from __future__ import annotations

from hidden_regime.exceptions import RegimeError


def plain(text: str) -> str:
    """A text from outside, in which what would steer a terminal is spelled out.

    Examples
    --------
    >>> plain("gone\\x1b[2J")
    'gone\\\\x1b[2J'
    """
    return "".join(c if c.isprintable() or c == "\n" else c.encode("unicode_escape").decode("ascii") for c in text)


class QCError(RegimeError):
    """Root of the errors of QuantConnect's cloud. A message quotes the server's words, but never its control characters.

    Attributes
    ----------
    endpoint : str
        Path of the call, such as "backtests/create"; empty where none was made.
    errors : tuple of str
        What the server said, as it said it.
    """

    def __init__(self, message: str, endpoint: str = "", errors: tuple[str, ...] = ()) -> None:
        self.endpoint = endpoint
        self.errors = errors
        super().__init__(plain(message))


class AuthenticationFailed(QCError):
    """User, token or time were refused. The same request is never sent again."""


class RequestRefused(QCError):
    """The server understood the request and said no.

    Attributes
    ----------
    resent : bool
        An earlier try of the same call got no reply. It may have done its work, and that be why this one was refused.
    """

    resent = False


class NotFound(RequestRefused):
    """What was asked for doesn't exist, or isn't this user's."""


class CapacityBusy(QCError):
    """No node was free, or requests came too fast, until the deadline. It says nothing of the strategy."""


class RateLimited(CapacityBusy):
    """The server said how long to wait, and that was past the deadline."""


class ServerError(QCError):
    """No reply that could be read, however often it was asked for."""


class Unclear(QCError):
    """A call that must not be repeated got no reply, and nobody can say whether it arrived.

    Attributes
    ----------
    name : str
        Under which it would stand in the list if it had.
    """

    def __init__(self, message: str, endpoint: str = "", errors: tuple[str, ...] = (), name: str = "") -> None:
        self.name = name
        super().__init__(message, endpoint, errors)


class RunFailed(QCError):
    """A compilation, backtest or optimisation came to an end that is no result."""


class Waiting(QCError):
    """The job goes on in the cloud, and the deadline has passed here."""


class BudgetExceeded(QCError):
    """The guard of costs said no: a limit is not set, or would be exceeded. Nothing was sent."""
