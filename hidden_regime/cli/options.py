"""Options that several commands have, as values."""

from __future__ import annotations

from datetime import date

from hidden_regime.exceptions import ParameterError
from hidden_regime.research.strategies import pair_of


def parse_parameters(pairs: list[str]) -> dict[str, str]:
    """`name=value` pairs."""
    return dict(pair_of("-p", pair) for pair in pairs)


def parse_day(option: str, text: str | None) -> date | None:
    """A date of an option."""
    if text is None:
        return None
    try:
        return date.fromisoformat(text)
    except ValueError:
        raise ParameterError(option, text, "a date such as 2010-01-31") from None
