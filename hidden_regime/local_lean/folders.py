"""Folders of backtests, as LEAN's command line leaves them: found by the id that stands in them, never by their time."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Any

from hidden_regime.experiments.objective import fractions
from hidden_regime.files.paths import given_path
from hidden_regime.local_lean.errors import LeanResultsError
from hidden_regime.local_lean.lenient import mapping, read_any, read_object, record, result_of, texts

CONFIG, OPTIMIZER_CONFIG, LOG = "config", "optimizer-config.json", "log.txt"
EVENTS, SUMMARY, LINES = "-order-events", "-summary", "-log.txt"
COMPLETED, RUNNING = "Completed", "Running"
OTHERS = re.compile(rf".*({EVENTS}|{SUMMARY})$|(data-monitor-report|analysis|portfolio|config|optimizer-config).*")
"""Files beside a result that aren't one, without their ending."""
ERROR_LINE = re.compile(r"^\S+(?: \S+)? ERROR:: (?P<text>.*)$", re.MULTILINE)


@dataclass(frozen=True)
class Found:
    """A folder of a backtest, found but not read.

    Attributes
    ----------
    folder : Path
    id : str
        That of LEAN's command line; empty where it can't be read.
    name : str
    error : str
        Why it can't be read.
    """

    folder: Path
    id: str
    name: str
    error: str = ""


@dataclass(frozen=True, eq=False)
class LeanRun:
    """A backtest as LEAN's files tell of it.

    Attributes
    ----------
    folder : Path
    id : str
    name : str
    parameters : dict of str to str
        All that `get_parameter` was given.
    status : str
        "Completed"; "RuntimeError" where the strategy raised; "Stopped"; "Running" where the file is of a run that goes on.
    error : str
        What ended the run early; empty if nothing did. Everything until then is there.
    result : dict
        LEAN's result, named as LEAN names it today.
    order_events : tuple of dict
    log : tuple of str
        What the strategy logged.
    """

    folder: Path
    id: str
    name: str
    parameters: dict[str, str]
    status: str
    error: str
    result: dict[str, Any]
    order_events: tuple[dict[str, Any], ...]
    log: tuple[str, ...]

    @property
    def statistics(self) -> dict[str, str]:
        """LEAN's statistics as LEAN writes them."""
        return texts(self.result.get("statistics"))

    @cached_property
    def figures(self) -> dict[str, float]:
        """The same as numbers, percents as fractions."""
        return fractions(self.statistics)

    @property
    def orders(self) -> list[dict[str, Any]]:
        """Orders in the order of their numbers."""
        known = mapping(self.result.get("orders"))
        return [known[key] for key in sorted(known, key=lambda key: (len(key), key))]

    def __repr__(self) -> str:
        said = self.error.splitlines()[0] if self.error else self.status
        return f"LeanRun({self.id}, {self.name!r}: {said}, {len(self.orders)} orders)"


def read_backtest(folder: str | Path) -> LeanRun:
    """A backtest from its folder, or a trial of an optimisation from its own.

    Parameters
    ----------
    folder : str or Path
        As `lean backtest --output` has it.

    Raises
    ------
    LeanResultsError
        No results are there, or a file is damaged or half written: it is named.
    """
    place = _folder(folder)
    config = read_object(place / CONFIG) if (place / CONFIG).is_file() else {}
    path = result_file(place, config)
    if path is None:
        raise LeanResultsError(_without(place))
    identity = str(config.get("id") or path.stem)
    result = result_of(read_object(path))
    state = mapping(result.get("state"))
    events = place / f"{path.stem}{EVENTS}.json"
    return LeanRun(
        folder=place, id=identity, name=str(config.get("backtest-name") or state.get("Name") or ""),
        parameters=texts(mapping(result.get("algorithmConfiguration")).get("parameters")),
        status=status_of(result), error=str(state.get("RuntimeError") or ""), result=result,
        order_events=_events(events) if events.is_file() else (), log=_lines(place / f"{path.stem}{LINES}"))  # fmt: skip


def find_backtests(folder: str | Path) -> tuple[Found, ...]:
    """The backtests in a folder and below it, in the order of their paths; those of optimisations and live runs aren't among
    them.

    Parameters
    ----------
    folder : str or Path
        A workspace, a project, or its folder `backtests`.
    """
    return tuple(one for path in sorted(_folder(folder).rglob(CONFIG)) if (one := _found(path)) is not None)


def _found(path: Path) -> Found | None:
    place = path.parent
    if not path.is_file() or (place / OPTIMIZER_CONFIG).exists():
        return None
    try:
        config = read_object(path)
    except LeanResultsError as error:
        return Found(place, "", "", error.text) if (place / LOG).exists() or (place / "code").is_dir() else None
    if "id" not in config or "brokerage" in config:
        return None
    return Found(place, str(config["id"]), str(config.get("backtest-name") or ""))


def result_file(folder: Path, config: Mapping[str, Any]) -> Path | None:
    """The file with a folder's result: ID.json by the id in `config`, or by the folder's name, or, as years ago, the only one."""
    for stem in (config.get("id"), folder.name):
        if stem is not None and (folder / f"{stem}.json").is_file():
            return folder / f"{stem}.json"
    others = [path for path in folder.glob("*.json") if not OTHERS.fullmatch(path.stem)]
    return others[0] if len(others) == 1 else None


def status_of(result: Mapping[str, Any]) -> str:
    """How a run stands: as its result says, or, of results that don't say it, by whether there are figures."""
    said = mapping(result.get("state")).get("Status")
    if said:
        return str(said)
    return COMPLETED if mapping(result.get("statistics")) and mapping(result.get("totalPerformance")) else RUNNING


def _folder(given: str | Path) -> Path:
    place = given_path("folder", given)
    if not place.is_dir():
        raise LeanResultsError(f"{place} is no folder: expected one with results of LEAN's.")
    return place


def _without(folder: Path) -> str:
    said = last_errors(folder / LOG)
    why = f" Its {LOG} says: {said}" if said else " The run didn't come so far, or goes on."
    return f"{folder} holds no result: expected ID.json with the id that stands in its file `{CONFIG}`.{why}"


def last_errors(log: Path, most: int = 3) -> str:
    """The last errors in a log of LEAN's; empty where there is none."""
    try:
        text = log.read_bytes().decode("utf-8", "replace")
    except OSError:
        return ""
    return "; ".join([found["text"].strip() for found in ERROR_LINE.finditer(text)][-most:])


def _events(path: Path) -> tuple[dict[str, Any], ...]:
    content = read_any(path)
    if not isinstance(content, list):
        raise LeanResultsError(f"{path} holds a {type(content).__name__}: expected a list of order events.")
    return tuple(mapping(record(one)) for one in content)


def _lines(path: Path) -> tuple[str, ...]:
    try:
        return tuple(path.read_bytes().decode("utf-8-sig", "replace").splitlines())
    except FileNotFoundError:
        return ()
    except OSError as error:
        raise LeanResultsError(f"{path} can't be read ({error}).") from error
