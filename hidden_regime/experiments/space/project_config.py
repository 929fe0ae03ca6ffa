"""The config.json of a project of LEAN's command line, whose parameters a backtest takes."""

from __future__ import annotations

import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from hidden_regime.exceptions import ParameterError
from hidden_regime.experiments.space import commented_json
from hidden_regime.files.paths import given_path
from hidden_regime.files.text import text_in
from hidden_regime.files.whole import write_file

PARAMETERS = "parameters"


def write_project_parameters(path: str | Path, best: Mapping[str, str]) -> None:
    """Write parameters into a project's config.json.

    Parameters
    ----------
    path : str or Path
        The file; made where there is none. All else in it stays, other parameters too; comments go.
    best : mapping of str to str

    Raises
    ------
    ParameterError
        What lies there is no such config: nothing is written.
    """
    document = project_config(path)
    write_project_values(path, {PARAMETERS: {**(document.get(PARAMETERS) or {}), **best}})


def write_project_values(path: str | Path, values: Mapping[str, Any]) -> None:
    """Write values into a project's config.json; all else in it stays, comments go.

    Raises
    ------
    ParameterError
        What lies there is no such config: nothing is written.
    """
    document = project_config(path)
    if all(name in document and document[name] == value for name, value in values.items()):
        return
    place = given_path("path", path)
    write_file(place, json.dumps({**document, **values}, indent=4, ensure_ascii=False) + "\n")


def project_config(path: str | Path) -> dict[str, Any]:
    """What a project's config.json holds; nothing where there is none.

    Raises
    ------
    ParameterError
    """
    place = given_path("path", path)
    if not place.exists():
        return {}
    try:
        document = commented_json.loads(text_in("path", place))
        if not isinstance(document, dict) or not isinstance(document.get(PARAMETERS) or {}, dict):
            raise ValueError("no object with parameters")
    except ValueError as error:
        raise ParameterError("path", str(path), f"a project's config.json ({error})", "It is left as it was.") from None
    return document
