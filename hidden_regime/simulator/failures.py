"""Errors that a strategy's run ends with, and how LEAN words them."""

from __future__ import annotations

import linecache
import traceback
from pathlib import Path
from types import TracebackType

from hidden_regime.exceptions import PREFIX, RegimeError
from hidden_regime.simulator.carets import carets

ENGINE = (Path(__file__).parent, Path(__file__).parent.parent / "data")
NO_KEY = (
    "{what} was not found in the collection, which raises a KeyError exception. To prevent the exception, use "
    "collection.get(key), which returns None when the key is not found, or guard the access with 'if key in collection:'."
)


class EngineError(RegimeError):
    """What LEAN's own code refuses, in its words. `where` is the place in LEAN's source that its message names."""

    def __init__(self, message: str, where: str = "") -> None:
        super().__init__(message)
        self.where = where


class NetError(EngineError):
    """An error of LEAN's that strategies catch and print: its text is LEAN's alone, with the place in LEAN's source."""

    def __str__(self) -> str:
        return self.text + (f"\n   at {self.where}" if self.where else "")

    @property
    def text(self) -> str:
        """The message without the place."""
        return str(self.args[0]).removeprefix(PREFIX)


class KeyNotFoundException(NetError):
    """A key that a collection of LEAN's doesn't have. No KeyError, as in LEAN."""


class InvalidOperationException(NetError):
    """A call that LEAN refuses."""


class ArgumentException(NetError):
    """An argument that LEAN refuses."""


class ArgumentOutOfRangeException(ArgumentException):
    """An argument beyond what LEAN takes."""


class RegressionTestException(Exception):
    """What LEAN's own regression algorithms raise when a check of theirs fails: the strategy's error, not the engine's."""

    __module__ = "QuantConnect"


def text_of(error: BaseException) -> str:
    """An error's message as LEAN shows it: without its type."""
    if isinstance(error, KeyError) and error.args and not isinstance(error, RegimeError):
        key = str(error.args[0])
        return key if len(key) > 60 else NO_KEY.format(what=f"The key '{key}'" if key.strip() else "The requested key")
    if isinstance(error, NetError):
        return error.text
    if isinstance(error, EngineError):
        return error.text + (f" in {error.where}" if error.where else "")
    return str(error)


def frames_of(trace: TracebackType | None) -> str:
    """The user's frames as LEAN lists them, innermost first; the engine's own are left out."""
    lines = []
    for frame in reversed(traceback.extract_tb(trace)):
        path = Path(frame.filename)
        if any(folder in path.parents for folder in ENGINE) or path.parent.name == "importlib":
            continue
        source = linecache.getline(frame.filename, frame.lineno or 0).strip()
        shown = "".join(f"    {part}\n" for part in (source, carets(frame)) if part)
        lines.append(f"  at {frame.name}\n{shown} in {path.name}: line {frame.lineno}\n")
    return "".join(lines)


def describe(error: BaseException) -> str:
    """Message and frames as LEAN writes them."""
    placed = isinstance(error, EngineError) and not isinstance(error, NetError) and error.where
    frames = "" if placed else frames_of(error.__traceback__)
    return text_of(error).removeprefix("" if frames else PREFIX) + (f"\n{frames}" if frames else "")
