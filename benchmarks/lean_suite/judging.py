"""How a run of one of LEAN's definitions fared: by its exit code, its messages and its statistics."""

from __future__ import annotations

import json
import re
from pathlib import Path
from typing import NamedTuple

from benchmarks.lean_suite.definitions import Definition, of_spot
from benchmarks.lean_suite.order_hash import order_list_hash

NOT_COMPARED = {"Estimated Strategy Capacity", "Lowest Capacity Asset"}
"""Statistics of LEAN that the engine doesn't compute."""
HASH = "OrderListHash"
"""Compared of what trades crypto and forex: see `order_list_hash` for why not of all."""
TRACEBACK = "Traceback of the strategy:"
EQUAL, DIFFER, CLEAR, RAW, CRASH, TIMEOUT = OUTCOMES = (
    "equal", "differ", "unsupported, clear message", "unsupported, raw Python error", "crash", "timeout",
)  # fmt: skip


class Outcome(NamedTuple):
    """How a definition fared, and the first statistic or message that says so."""

    kind: str
    detail: str = ""


def judge(definition: Definition, code: int | None, folder: Path) -> Outcome:
    """What a run came to, by its exit code, its messages and its statistics."""
    if code is None:
        return Outcome(TIMEOUT)
    if code == 0:
        return _compare(definition, folder)
    errors = (folder / "stderr.txt").read_text(errors="replace").splitlines()
    refusals = [line for line in errors if line.startswith("error: ")]
    if code == 2 and refusals:
        return _refused(refusals[-1])
    if code == 1 and TRACEBACK in errors:
        return _failed(errors[errors.index(TRACEBACK) + 1 :])
    return Outcome(CRASH, next((line for line in reversed(errors) if line.strip()), f"exit code {code}"))


def _compare(definition: Definition, folder: Path) -> Outcome:
    file = folder / "statistics.json"
    if not file.is_file():
        return Outcome(CRASH, "no statistics.json")
    result = json.loads(file.read_text())
    expected = {"status": definition.status} | definition.statistics
    found = {"status": result["status"]} | result["statistics"]
    if of_spot(definition.family):
        [file] = folder.glob(f"{definition.name}.json")
        found[HASH] = order_list_hash(json.loads(file.read_text())["orders"])
    else:
        expected.pop(HASH, None)
    for values in (expected, found):
        values.update({name: "0" for name, value in values.items() if value == "-0"})
    different = [name for name in expected if name not in NOT_COMPARED and found.get(name) != expected[name]]
    if not different:
        return Outcome(EQUAL)
    first, rest = different[0], f" and {len(different) - 1} more" if different[1:] else ""
    return Outcome(DIFFER, f"{first}: LEAN {expected[first]}, here {found.get(first)}{rest}")


def _refused(line: str) -> Outcome:
    """One line of the command: the engine's own error, unless it wraps one of Python's."""
    wrapped = re.search(r" can't be \w+: (\w+): ", line)
    return Outcome(RAW if wrapped else CLEAR, line.removeprefix("error: "))


def _failed(lines: list[str]) -> Outcome:
    """A traceback of the strategy: an error of the engine's own types, a check of the strategy itself, or one of Python's."""
    frames = [line.strip() for line in lines if line.startswith("  ")]
    message = next((line for line in lines if line.strip() and not line.startswith("  ")), "no message")
    if message.startswith("hidden_regime."):
        return Outcome(CLEAR, message)
    statements = [line for line in frames if not line.startswith("File ") and set(line) - set("^~ ")]
    own = bool(statements) and re.match(r"raise\b|assert\b", statements[-1])
    return Outcome(DIFFER if own else RAW, message)
