"""Options that several commands have, as values."""

from __future__ import annotations

from datetime import date

from hidden_regime.exceptions import ParameterError


def parse_parameters(pairs: list[str]) -> dict[str, str]:
    """`name=value` pairs."""
    out = {}
    for pair in pairs:
        name, equals, value = pair.partition("=")
        if not equals or not name:
            raise ParameterError("-p", pair, "name=value, such as -p n_states=2")
        out[name.strip()] = value.strip()
    return out


def parse_day(option: str, text: str | None) -> date | None:
    """A date of an option."""
    if text is None:
        return None
    try:
        return date.fromisoformat(text)
    except ValueError:
        raise ParameterError(option, text, "a date such as 2010-01-31") from None
