"""Files of text that people write."""

from __future__ import annotations

from pathlib import Path

from hidden_regime.exceptions import ParameterError
from hidden_regime.files.paths import given_path

LONGEST = 1_000_000
"""Bytes of such a file."""


def text_in(parameter: str, path: str | Path) -> str:
    """The text of a file, which must be one and not too long.

    Parameters
    ----------
    parameter : str
        What the path is called where it was given.
    path : str or Path

    Raises
    ------
    ParameterError
        There is no such file, or it is no text in UTF-8 of a usual length.
    """
    place = given_path(parameter, path)
    try:
        if not place.is_file():
            found = "That is a folder." if place.is_dir() else "There is no such file."
            raise ParameterError(parameter, str(path), "a file", found)
        if (size := place.stat().st_size) > LONGEST:
            raise ParameterError(parameter, str(path), f"a file of at most {LONGEST:,} bytes", f"It has {size:,}.")
        return place.read_text(encoding="utf-8-sig")
    except OSError as error:
        raise ParameterError(parameter, str(path), f"a file that can be read ({error.strerror or error})") from None
    except UnicodeDecodeError as error:
        raise ParameterError(parameter, str(path), f"a text in UTF-8 ({error.reason})") from None
