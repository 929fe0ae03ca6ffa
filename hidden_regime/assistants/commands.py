"""One command of this package, run as a user would run it: what a tool does."""

from __future__ import annotations

import asyncio
import json
import sys
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from hidden_regime.exceptions import ParameterError

MEANINGS = {
    0: "done",
    1: "done, and the answer is no: the strategy failed, orders differ, or it looks ahead",
    2: "refused: what was given can't be used, as `said` explains",
    3: "it waits or goes on: ask for its results later",
}
"""Of exit statuses."""
GRACE = 5.0
"""Seconds that a command gets to end when its caller has gone."""
SAID = 20_000
"""Characters of a command's words that are passed on: their end."""


@dataclass(frozen=True)
class Answer:
    """What a command came to.

    Attributes
    ----------
    exit_code : int
    result : object
        What it printed as JSON; None where it printed none.
    said : str
        Its other words: warnings, and why it refused.
    """

    exit_code: int
    result: Any
    said: str

    def to_dict(self) -> dict[str, Any]:
        """For a client."""
        meaning = MEANINGS.get(self.exit_code, "it ended before its time")
        return {"exit_code": self.exit_code, "meaning": meaning, "result": self.result, "said": self.said}


@dataclass(frozen=True)
class Commands:
    """Runs commands in a folder.

    Attributes
    ----------
    folder : Path
        In which they run: results go below it.
    timeout : float
        Seconds for one.
    environment : mapping of str to str, optional
        Default: this process's.
    """

    folder: Path
    timeout: float = 3600.0
    environment: Mapping[str, str] | None = field(default=None, repr=False)

    async def run(self, *words: str, options: Mapping[str, Any] | None = None, given: Sequence[str] = ()) -> dict[str, Any]:
        """Run `hidden-regime WORDS OPTIONS -- GIVEN`.

        Parameters
        ----------
        *words : str
            The command.
        options : mapping
            By name with hyphens. None and False are left out, True is a switch, a list repeats the option, a mapping becomes
            name=value pairs.
        given : sequence of str
            What stands behind: from outside, so never taken for an option.
        """
        arguments = [*words, *spelled(options or {}), "--", *(_text("argument", one) for one in given)]
        process = await asyncio.create_subprocess_exec(
            sys.executable, "-m", "hidden_regime", *arguments, cwd=self.folder, stdin=asyncio.subprocess.DEVNULL,
            stdout=asyncio.subprocess.PIPE, stderr=asyncio.subprocess.PIPE,
            env=None if self.environment is None else dict(self.environment),
        )  # fmt: skip
        try:
            out, err = await asyncio.wait_for(process.communicate(), self.timeout)
        except TimeoutError:
            await _end(process)
            return Answer(124, None, f"stopped after {self.timeout:,.0f} s. Ask for less.").to_dict()
        except asyncio.CancelledError:
            await _end(process)
            raise
        return answer(process.returncode or 0, out.decode("utf-8", "replace"), err.decode("utf-8", "replace")).to_dict()


def spelled(options: Mapping[str, Any]) -> list[str]:
    """Options as a command line has them.

    Examples
    --------
    >>> spelled({"p": {"fast": 5}, "constraint": ["Drawdown <= 25%"], "pay": False, "json": True, "data": None})
    ['-p', 'fast=5', '--constraint=Drawdown <= 25%', '--json']
    """
    out: list[str] = []
    for name, value in options.items():
        if isinstance(value, Mapping):
            for key, one in value.items():
                out += ["-p", f"{_text(name, key)}={_text(name, one)}"]
        elif isinstance(value, (list, tuple)):
            out += [f"--{name}={_text(name, one)}" for one in value]
        elif value is True:
            out.append(f"--{name}")
        elif value is not None and value is not False:
            out.append(f"--{name}={_text(name, value)}")
    return out


def answer(exit_code: int, out: str, err: str) -> Answer:
    """What a command printed, parted into its JSON, which begins a line, and its words.

    Examples
    --------
    >>> answer(0, 'bundled main.py\\n{"a": 1}\\n', "warning: thin")
    Answer(exit_code=0, result={'a': 1}, said='bundled main.py\\nwarning: thin')
    """
    lines = out.splitlines(keepends=True)
    for place, line in enumerate(lines):
        if line[:1] not in ("{", "["):
            continue
        rest = "".join(lines[place:])
        try:
            result, end = json.JSONDecoder().raw_decode(rest)
        except ValueError:
            continue
        return Answer(exit_code, result, _joined("".join(lines[:place]), rest[end:], err))
    return Answer(exit_code, None, _joined(out, err))


def _joined(*parts: str) -> str:
    return "\n".join(part.strip() for part in parts if part.strip())[-SAID:]


def _text(name: str, value: object) -> str:
    text = str(value)
    if "\0" in text:
        raise ParameterError(name, text, "a text without a zero byte")
    return text


async def _end(process: asyncio.subprocess.Process) -> None:
    """End a command that nobody waits for any more: it keeps what it has, if it does so soon."""
    if process.returncode is not None:
        return
    process.terminate()
    try:
        await asyncio.wait_for(process.wait(), GRACE)
    except TimeoutError:
        process.kill()
        await process.wait()
