"""Opens a source by what a user names it."""

from __future__ import annotations

import importlib.util
from pathlib import Path
from typing import Any

from hidden_regime.data import packaged
from hidden_regime.exceptions import ParameterError
from hidden_regime.operation.sources.asked import Address, AskedSource
from hidden_regime.operation.sources.base import Source
from hidden_regime.operation.sources.growing import GrowingFiles
from hidden_regime.operation.sources.playback import Playback

PLAYBACK, FILES, ADDRESS, CLASS = "playback", "files", "address", "class"


def kind_of(data: str, *, played: bool) -> str:
    """How data are read: finished ones again, or what grows.

    Parameters
    ----------
    data : str
        A packaged set, a LEAN data folder or files of prices, an address with {ticker}, or file.py:Class.
    played : bool
        Whether their days shall happen again.

    Raises
    ------
    ParameterError
    """
    if played:
        return PLAYBACK
    if data.startswith(("http://", "https://")):
        return ADDRESS
    if ".py:" in data:
        return CLASS
    if data in packaged.names():
        raise ParameterError(
            "data", data, "a folder or file that grows, an address with {ticker}, or file.py:Class",
            "Packaged data have ended: play them back with --speed, such as --speed 100000.",
        )  # fmt: skip
    return FILES


def open_source(kind: str, data: str) -> Source:
    """Open a source.

    Parameters
    ----------
    kind : str
        As `kind_of` gives it.
    data : str
    """
    if kind == PLAYBACK:
        return Playback(packaged.open_market(data))
    if kind == ADDRESS:
        return AskedSource(Address(data), name=data, origin=f"tables at {data}")
    if kind == CLASS:
        return AskedSource(_own(data), name=data.rpartition(":")[2], origin=f"the class {data}")
    return GrowingFiles(Path(data))


def _own(data: str) -> Any:
    """An object of a class in a file."""
    file, _, name = data.rpartition(":")
    path = Path(file)
    if not path.is_file():
        raise ParameterError("data", data, f"an existing file before the colon, and not {file!r}")
    specification = importlib.util.spec_from_file_location(path.stem, path)
    assert specification is not None and specification.loader is not None
    module = importlib.util.module_from_spec(specification)
    specification.loader.exec_module(module)
    made = getattr(module, name, None)
    if not callable(made):
        raise ParameterError("data", data, f"a class {name!r} in {path}")
    return made()
