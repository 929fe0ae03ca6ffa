"""Puts parameters into a notebook by papermill's rule, and reads them as its command line does."""

from __future__ import annotations

import copy
import keyword
import math
from collections.abc import Mapping
from typing import Any

from hidden_regime.exceptions import ParameterError
from hidden_regime.notebooks.reports.reading import INJECTED

TAGGED = "parameters"
FIRST = "No cell is tagged `parameters`: they stand in a cell at the top, and a cell that assigns the same names wins."
EXPECTED = "None, a truth, a number, text, or a list, tuple or dict of these"


def parameter_of(text: str) -> Any:
    """A value as `-p` has it: True, False, None and numbers are what they look like, all else is text.

    Examples
    --------
    >>> [parameter_of(text) for text in ("True", "5", "1e-3", "None", "SPY")]
    [True, 5, 0.001, None, 'SPY']
    """
    known = {"True": True, "False": False, "None": None}
    if text in known:
        return known[text]
    for kind in (int, float):
        try:
            return kind(text)
        except ValueError:
            continue
    return text


def literal(value: Any, name: str) -> str:
    """A value as Python code.

    Raises
    ------
    ParameterError
    """
    if isinstance(value, float) and not math.isfinite(value):
        return f"float({str(value)!r})"
    if value is None or type(value) in (bool, int, float, str):
        return repr(value)
    if type(value) in (list, tuple):
        held = ", ".join(literal(one, name) for one in value)
        return f"[{held}]" if type(value) is list else f"({held}{',' if len(value) == 1 else ''})"
    if isinstance(value, Mapping):
        return "{" + ", ".join(f"{literal(key, name)}: {literal(one, name)}" for key, one in value.items()) + "}"
    raise ParameterError(f"parameters[{name!r}]", value, EXPECTED, "Give a date as text, and read it in the notebook.")


def code_of(parameters: Mapping[str, Any]) -> str:
    """The cell that assigns parameters.

    Raises
    ------
    ParameterError
        A name that Python can't assign to, or a value that is none.
    """
    for name in parameters:
        if not isinstance(name, str) or not name.isidentifier() or keyword.iskeyword(name):
            raise ParameterError("parameters", name, "names that Python can assign to")
    return "\n".join(["# Parameters", *(f"{name} = {literal(value, name)}" for name, value in parameters.items())])


def with_parameters(notebook: Any, parameters: Mapping[str, Any]) -> tuple[Any, tuple[str, ...]]:
    """A copy of a notebook with its parameters: in a cell behind the one tagged `parameters`, else at the top.

    A cell of an earlier injection is taken out.

    Returns
    -------
    notebook, notes
    """
    from nbformat.v4 import new_code_cell

    made = copy.deepcopy(notebook)
    made.cells = [cell for cell in made.cells if INJECTED not in tags_of(cell)]
    if not parameters:
        return made, ()
    cell = new_code_cell(code_of(parameters), metadata={"tags": [INJECTED]})  # type: ignore[no-untyped-call]
    if (made.nbformat, made.nbformat_minor) < (4, 5):
        del cell["id"]
    place = next((number for number, one in enumerate(made.cells) if TAGGED in tags_of(one)), None)
    made.cells.insert(0 if place is None else place + 1, cell)
    return made, (FIRST,) if place is None else ()


def tags_of(cell: Any) -> list[str]:
    """Tags of a cell."""
    return list(cell.get("metadata", {}).get("tags", ()))
