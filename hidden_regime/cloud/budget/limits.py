"""What may be spent and done, each with where it comes from: nothing is claimed by default."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date

from hidden_regime.exceptions import ParameterError


@dataclass(frozen=True)
class Kind:
    """A limit that can be set.

    Attributes
    ----------
    what : str
    unit : str
    money : bool
        Whether nothing that costs money runs while it isn't set.
    """

    what: str
    unit: str
    money: bool = False


KINDS = {
    "job": Kind("one job", "QCC", money=True),
    "day": Kind("a day, UTC", "QCC", money=True),
    "month": Kind("a month, UTC", "QCC", money=True),
    "backtests": Kind("backtests a day", ""),
    "files": Kind("files of a project", ""),
    "file_bytes": Kind("bytes of a file", ""),
    "live": Kind("live deployments at a time", ""),
}
"""By name. Those of money must all be set before a job that costs something is sent; live is 0 until it is set."""


@dataclass(frozen=True)
class Limit:
    """A limit that is set.

    Attributes
    ----------
    name : str
    value : int
    source : str
        Where it comes from, such as "QuantConnect's pricing page".
    day : date
        When it was read there.
    """

    name: str
    value: int
    source: str
    day: date


def checked(name: str, value: object) -> int:
    """A limit's value.

    Raises
    ------
    ParameterError
        No such limit, or no whole number from 0.
    """
    if name not in KINDS:
        raise ParameterError("limit", name, f"one of {', '.join(KINDS)}")
    if isinstance(value, bool) or not isinstance(value, int) or not 0 <= value < 2**53:
        raise ParameterError(name, value, "a whole number of at least 0", "1 dollar is 100 QCC." if KINDS[name].unit else "")
    return value
