"""Files in TOML that people write: rules, campaigns, plans, questions."""

from __future__ import annotations

import tomllib
from decimal import Decimal
from pathlib import Path
from typing import Any

from hidden_regime.exceptions import ParameterError
from hidden_regime.files.text import text_in


def tables_of(parameter: str, text: str, source: str | Path = "", *, decimals: bool = False) -> dict[str, Any]:
    """What a text in TOML holds.

    Parameters
    ----------
    parameter : str
        What it is called where it was given.
    text : str
    source : str or Path, optional
        The file that it is of; the message names it. The text itself never stands in a message: it may hold addresses.
    decimals : bool
        Fractions are decimals, as they are written.

    Raises
    ------
    ParameterError

    Examples
    --------
    >>> tables_of("rates", "short = 0.35", decimals=True)
    {'short': Decimal('0.35')}
    """
    try:
        return tomllib.loads(text, parse_float=Decimal if decimals else float)
    except (ValueError, RecursionError) as error:  # a TOMLDecodeError, a number of too many digits, tables in tables without end
        raise ParameterError(parameter, str(source) or "its text", f"a file in TOML ({error})") from None


def read_tables(parameter: str, path: str | Path, *, decimals: bool = False) -> dict[str, Any]:
    """What a file in TOML holds; see `text_in` and `tables_of`."""
    return tables_of(parameter, text_in(parameter, path), path, decimals=decimals)
