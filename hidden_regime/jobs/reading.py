"""A table of a campaign's file, strictly: unknown keys and values of another kind are told with their place."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from datetime import date, datetime
from typing import Any

from hidden_regime.data.offers import close_to
from hidden_regime.jobs.errors import CampaignError


class Table:
    """What one table of the file says.

    Parameters
    ----------
    place : str
        Such as "[target]", for messages.
    told : object
    known : sequence of str
        Keys that it may have.

    Raises
    ------
    CampaignError
        It is no table, or has another key.
    """

    def __init__(self, place: str, told: Any, known: Sequence[str]) -> None:
        if not isinstance(told, Mapping):
            raise CampaignError(f"{place}: expected a table with {', '.join(known)}, not {told!r}.")
        for name in told:
            if name not in known:
                near = close_to(str(name), list(known))
                raise CampaignError(f"{place} has {name!r}: expected one of {', '.join(known)}.{near}")
        self.place = place
        self.told = dict(told)

    def text(self, name: str, default: str | None = None, *, among: Sequence[str] = ()) -> str:
        """A text that isn't empty; without a default it must be there."""
        value = self.told.get(name, default)
        if value is None:
            raise CampaignError(f"{self.place} lacks {name!r}: expected a text.")
        if not isinstance(value, str) or (not value.strip() and value != default):
            raise self.wrong(name, value, "a text that is not empty")
        if among and value not in among:
            raise self.wrong(name, value, f"one of {', '.join(one or repr(one) for one in among)}", close_to(value, list(among)))
        return value.strip()

    def number(self, name: str, default: float | None) -> float | None:
        """A number above 0."""
        value = self.told.get(name, default)
        if value is None:
            return None
        if isinstance(value, bool) or not isinstance(value, (int, float)) or not math.isfinite(value) or not value > 0:
            raise self.wrong(name, value, "a number above 0")
        return float(value)

    def whole(self, name: str, default: int, least: int = 1) -> int:
        """A whole number."""
        value = self.told.get(name, default)
        if isinstance(value, bool) or not isinstance(value, int) or value < least:
            raise self.wrong(name, value, f"a whole number of at least {least}")
        return value

    def day(self, name: str) -> date | None:
        """A date, as TOML writes it."""
        value = self.told.get(name)
        if value is None:
            return None
        if not isinstance(value, date) or isinstance(value, datetime):
            raise self.wrong(name, value, "a date such as 2004-01-31, without quotation marks")
        return value

    def texts(self, name: str, default: Sequence[str] = (), *, among: Sequence[str] = ()) -> tuple[str, ...]:
        """A list of texts."""
        value = self.told.get(name, list(default))
        if not isinstance(value, (list, tuple)) or not all(isinstance(one, str) for one in value):
            raise self.wrong(name, value, "a list of texts")
        for one in value:
            if among and one not in among:
                raise self.wrong(name, one, f"some of {', '.join(among)}", close_to(one, list(among)))
        return tuple(value)

    def values(self, name: str) -> dict[str, Any]:
        """A table of any keys."""
        value = self.told.get(name, {})
        if not isinstance(value, Mapping):
            raise self.wrong(name, value, "a table such as { fast = 10 }")
        return dict(value)

    def wrong(self, name: str, value: object, expected: str, near: str = "") -> CampaignError:
        """The error for a value that can't be."""
        return CampaignError(f"{self.place} {name} = {value!r}: expected {expected}.{near}")
