"""`report(name, value)`: what a notebook hands to whoever ran it."""

from __future__ import annotations

from typing import Any

from hidden_regime.exceptions import MissingDependencyError, ParameterError
from hidden_regime.notebooks.reports.encoding import encode
from hidden_regime.notebooks.reports.mime import MIME

SHOWN = 200


def report(name: str, value: Any) -> None:
    """Hand out a value by a name: `read_report` gives it back exactly.

    Parameters
    ----------
    name : str
        Reported again it stands for the later value.
    value : object
        A number, text, date, list, tuple, dict, numpy array, Series or DataFrame, and what is made of these.

    Raises
    ------
    ParameterError
        The name is no text, or the value couldn't be read back as it is.
    """
    if not isinstance(name, str) or not name.strip():
        raise ParameterError("name", name, "a text that is not empty", "report('sharpe', 1.2)")
    told = {"kind": "value", "name": name, "value": encode(value, f"report({name!r})")}
    publish(told, f"{name} = {shown(value)}")


def shown(value: Any) -> str:
    """A value for people, short."""
    text = repr(value)
    return text if len(text) <= SHOWN and "\n" not in text else f"a {type(value).__name__}"


def publish(told: dict[str, Any], text: str) -> None:
    """Put an output into the running cell."""
    try:
        from IPython.display import display
    except ImportError as error:
        raise MissingDependencyError(
            "report needs IPython, which comes with notebooks: pip install 'hidden-regime[notebooks]'."
        ) from error
    display({MIME: told, "text/plain": text}, raw=True)  # type: ignore[no-untyped-call]
