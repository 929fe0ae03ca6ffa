"""Makes a deployment: a copy of the strategy, and how it is run, which never change afterwards."""

from __future__ import annotations

import hashlib
import shutil
from collections.abc import Callable, Iterable, Mapping
from dataclasses import replace
from datetime import date, datetime, timedelta
from pathlib import Path
from typing import Any

from hidden_regime.exceptions import ParameterError, StrategyError
from hidden_regime.files.whole import write_file
from hidden_regime.jobs.locked import locked
from hidden_regime.operation.alerting import check_alerts
from hidden_regime.operation.clocks import FASTEST
from hidden_regime.operation.errors import OperationError
from hidden_regime.operation.journal import Journal
from hidden_regime.operation.journal.journal import check_name
from hidden_regime.operation.journal.records import HALTED, RUNNING, Deployment, Spec
from hidden_regime.operation.readiness.signing import check_signed
from hidden_regime.operation.sources.base import Source
from hidden_regime.operation.sources.growing import GrowingFiles
from hidden_regime.operation.sources.opening import FILES, PLAYBACK, kind_of, open_source
from hidden_regime.operation.sources.playback import Playback
from hidden_regime.operation.targets.opening import is_real, runs_elsewhere, whole_target
from hidden_regime.research import projects, strategies

CODE, RULES, LOCK = "code", "rules.toml", "deploying.lock"
LARGEST = 20_000_000
"""Bytes of a strategy's folder."""
LONGEST = 7 * 86_400.0
"""Seconds that a bar may be late."""
SKIPPED = frozenset({"backtests", "live", "optimizations", "storage", "report", "results", "node_modules"})


def modules_of(path: Path) -> list[Path]:
    """A strategy's file and the modules beside it; a shipped template needs none."""
    if path.parent == strategies.template_folder():
        return [path]
    root, found, size = path.parent, [], 0
    for one in sorted(root.rglob("*.py")):
        inside = one.relative_to(root).parts
        if any(part.startswith((".", "__")) or part in SKIPPED for part in inside[:-1]):
            continue
        size += one.stat().st_size
        if size > LARGEST:
            raise OperationError(f"{root} holds more than {LARGEST:,} bytes of modules: give the strategy a folder of its own.")
        found.append(one)
    return found


def digest_of_strategy(path: Path) -> str:
    """SHA-256 of a strategy's files, as that of the copy that would be deployed."""
    root = path.resolve().parent
    return _digest((one.relative_to(root).as_posix(), one) for one in modules_of(path.resolve()))


def digest_of(folder: Path) -> str:
    """SHA-256 of a folder's modules, names included."""
    found = [path for path in folder.rglob("*.py") if "__pycache__" not in path.parts]
    return _digest((path.relative_to(folder).as_posix(), path) for path in found)


def _digest(files: Iterable[tuple[str, Path]]) -> str:
    told = hashlib.sha256()
    for name, path in sorted(files):
        told.update(f"{name}\n".encode() + path.read_bytes() + b"\n")
    return told.hexdigest()


def _refuse(given: Mapping[str, Any], target: str) -> None:
    """Raise for what means nothing where the strategy runs elsewhere."""
    for name, value in given.items():
        if value not in (None, ""):
            raise ParameterError(
                name, value, f"nothing for {target}", "There LEAN has its own data and clock. A strategy brings its guard itself."
            )


def _opened(data: str | None, speed: float | None) -> tuple[str, Source]:
    if data is None:
        raise ParameterError("data", None, "a folder that grows, an address with {ticker}, or file.py:Class")
    kind = kind_of(data, played=speed is not None)
    return kind, open_source(kind, data)


def _range(source: Source, kind: str, start: date | None, end: date | None, today: date) -> tuple[date, date | None]:
    """First and last day."""
    if kind == PLAYBACK:
        if start is None:
            raise ParameterError("start", None, "a first day where data are played back, such as --start 2012-01-03")
        last = max(source.asset(ticker, datetime.max).dates[-1] for ticker in (source.assets or [source.benchmark]))
        end = min(end or last, last)
    first, latest = start or today + timedelta(days=1), source.calendar.days[-1]
    if end is not None and first > end:
        raise ParameterError("start", first, f"a day until {end}")
    if first > latest:
        raise ParameterError("start", first, f"a day until {latest}, the last that the calendar of {source.name} knows")
    return first, end


def _parameters(source: Source, path: Path, given: Mapping[str, str]) -> dict[str, str]:
    """What a strategy is told, as a backtest on the same data tells it, but for the days."""
    market = source.market if isinstance(source, (Playback, GrowingFiles)) else None
    if market is not None:
        own = strategies.market_parameters(market, None, None)
    else:
        own = {"assets": ",".join(source.assets)} if source.assets else {}
    return {name: value for name, value in own.items() if name not in ("start", "end")} | projects.parameters(path) | dict(given)


def deploy(
    journal: Journal,
    name: str,
    strategy: str,
    *,
    data: str | None,
    now: datetime,
    at: str,
    start: date | None = None,
    end: date | None = None,
    cash: float | None = None,
    parameters: Mapping[str, str] | None = None,
    target: str = "paper",
    speed: float | None = None,
    grace: float | None = None,
    rules: str = "",
    reach: Callable[[str], None] = lambda target: None,
) -> Deployment:
    """Deploy a strategy into a workspace.

    Parameters
    ----------
    journal : Journal
    name : str
        Of the deployment.
    strategy : str
        A shipped template, a file, or a project's folder. What runs is a copy: later changes of it change nothing.
    data : str or None
        A folder or file that grows, an address with {ticker}, file.py:Class; with `speed`, finished data to be played back. None
        where the strategy runs elsewhere.
    now : datetime
        New York's time.
    at : str
        Time for the journal.
    start, end : date, optional
        First and last day. By default tomorrow, and none; played back, the data's second year, and their last day.
    cash : float, optional
    parameters : mapping of str to str, optional
    target : str
        As `whole_target` has it.
    speed : float, optional
        Seconds of market time in a second; by default the machine's clock.
    grace : float, optional
        Seconds of market time that a bar may be late.
    rules : str
        Text of rules.toml.
    reach : callable
        Given the target, raises where it can't be asked; called when all else is right.

    Raises
    ------
    RegimeError
        Something can't be used; then nothing was made.
    """
    if speed is not None and not speed > 0.0:
        raise ParameterError("speed", speed, "a number above zero, such as 100000")
    if grace is not None and not 0.0 <= grace <= LONGEST:
        raise ParameterError("grace", grace, f"seconds from 0 to {LONGEST:,.0f}, which are a week's")
    if cash is not None and not 0.0 < cash < float("inf"):
        raise ParameterError("cash", cash, "a number above zero")
    check_alerts(journal, name, rules)
    check_name(name)
    path, target = strategies.find_strategy(strategy).resolve(), whole_target(target)
    if is_real(target):
        check_signed(journal, name, digest_of_strategy(path), now.date())
    if runs_elsewhere(target):
        _refuse({"data": data, "start": start, "end": end, "cash": cash, "speed": speed, "grace": grace, "rules": rules}, target)
        kind, first, chosen = "", now.date(), dict(parameters or {})
    else:
        kind, source = _opened(data, speed)
        first, end = _range(source, kind, start, end, now.date())
        chosen = _parameters(source, path, parameters or {})
    where = str(Path(data).resolve()) if data and kind == FILES else data or ""
    spec = Spec(
        strategy=path.name, digest="", origin=str(path), data=where, feed=kind, start=first.isoformat(),
        end="" if end is None else end.isoformat(), cash=cash, parameters=chosen, target=target,
        speed=None if speed is None else min(speed, FASTEST), grace=grace, rules=rules,
    )  # fmt: skip
    reach(target)
    with locked(journal.path.with_name(LOCK)):
        _make(journal, name, path, spec, at)
    return journal.deployment(name)


def _make(journal: Journal, name: str, path: Path, spec: Spec, at: str) -> None:
    """Copy a strategy and add its deployment. Nobody else makes one meanwhile: a folder without one was left half made."""
    folder = journal.folder(name)
    if journal.find(name) is not None:
        raise OperationError(f"deployment {name!r} is there already: choose another name, or go on with it.")
    if folder.exists():
        shutil.rmtree(folder)
    try:
        for one in modules_of(path):
            copied = folder / CODE / one.relative_to(path.parent)
            copied.parent.mkdir(parents=True, exist_ok=True)
            shutil.copyfile(one, copied)
        if spec.rules:
            write_file(folder / RULES, spec.rules)
        journal.deploy(name, replace(spec, digest=digest_of(folder / CODE)), at)
    except BaseException:
        shutil.rmtree(folder, ignore_errors=True)
        raise


def differs(deployment: Deployment, asked: Mapping[str, Any]) -> tuple[str, Any] | None:
    """The first option that was given and isn't what a deployment was made with, and what that was; None where there is none.

    Parameters
    ----------
    deployment : Deployment
    asked : mapping
        Arguments of `deploy`. What is None or empty was not given.
    """
    spec = deployment.spec
    kept = {
        "target": spec.target, "start": date.fromisoformat(spec.start), "cash": spec.cash, "speed": spec.speed,
        "grace": spec.grace, "rules": spec.rules, "end": date.fromisoformat(spec.end) if spec.end else None,
    }  # fmt: skip
    given = dict(asked)
    if given.get("target"):
        given["target"] = whole_target(given["target"])
    for name, was in kept.items():
        if given.get(name) not in (None, "", was) and not (name == "speed" and min(given[name], FASTEST) == was):
            return name, "other rules" if name == "rules" else was
    if given.get("data") and spec.data not in (given["data"], str(Path(given["data"]).resolve())):
        return "data", spec.data
    for name, value in (given.get("parameters") or {}).items():
        if spec.parameters.get(name) != value:
            return "parameter", f"{name}={spec.parameters[name]}" if name in spec.parameters else f"no {name}"
    return None


def check_may_go_on(journal: Journal, deployment: Deployment, today: date) -> None:
    """Raise where a deployment may not be begun again: it was halted, or nobody has signed for its money this week.

    One that should run and died needs no signature: a strategy that trades elsewhere is never left unwatched.

    Raises
    ------
    StrategyError, NotSignedError
    """
    if deployment.state == HALTED:
        raise StrategyError(
            f"{deployment.name} was ended by the kill switch ({deployment.reason}): deploy anew under another --name."
        )
    if deployment.state != RUNNING and is_real(deployment.spec.target):
        check_signed(journal, deployment.name, deployment.spec.digest, today)


def code_of(journal: Journal, deployment: Deployment) -> Path:
    """The copy of a deployment's strategy.

    Raises
    ------
    StrategyError
        Somebody has changed it.
    """
    folder = journal.folder(deployment.name) / CODE
    if not folder.is_dir() or digest_of(folder) != deployment.spec.digest:
        raise StrategyError(
            f"the strategy of {deployment.name} in {folder} is another one than was deployed: expected the copy as it was made. "
            "Put it back, or deploy what it is now under another name."
        )
    return folder / deployment.spec.strategy
