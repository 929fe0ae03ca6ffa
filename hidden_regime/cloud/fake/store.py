"""What the practice cloud keeps in its folder, and finds again after whatever ended it.

A database holds the records; results of backtests lie in `results/ID` as LEAN's own files, objects in `objects`. A folder
belongs to one server at a time.
"""

from __future__ import annotations

import hashlib
import json
import shutil
import sqlite3
from collections.abc import Iterator
from contextlib import contextmanager
from functools import lru_cache
from pathlib import Path
from threading import RLock
from typing import Any

from hidden_regime.cloud.fake import records
from hidden_regime.cloud.fake.table import Table
from hidden_regime.exceptions import ParameterError
from hidden_regime.files.paths import given_path

SCHEMA = 1
FIRST_PROJECT = 20_000_001


class Store:
    """Records and files of a cloud.

    Parameters
    ----------
    folder : str or Path
        Made if it isn't there.

    Raises
    ------
    ParameterError
        Another server uses the folder, or one of another version made it.
    """

    def __init__(self, folder: str | Path) -> None:
        self.folder = given_path("store", folder)
        for inner in ("results", "objects", "work"):
            (self.folder / inner).mkdir(parents=True, exist_ok=True)
        self.lock = RLock()
        self.connection = self._opened(self.folder / "cloud.sqlite")
        self.counters = Table(self.connection, records.Counter)
        self.projects = Table(self.connection, records.Project)
        self.files = Table(self.connection, records.SourceFile, "project", "name")
        self.snapshots = Table(self.connection, records.Snapshot)
        self.compiles = Table(self.connection, records.Compile)
        self.backtests = Table(self.connection, records.Backtest)
        self.optimizations = Table(self.connection, records.Optimization)
        self.deployments = Table(self.connection, records.Deployment)
        self.movements = Table(self.connection, records.Movement)
        self._read = lru_cache(maxsize=16)(self._result)
        with self.changing():
            for table in (
                self.counters, self.projects, self.files, self.snapshots, self.compiles, self.backtests, self.optimizations,
                self.deployments, self.movements,
            ):  # fmt: skip
                table.create()
            for column in ("state", "optimization"):
                self.connection.execute(f"CREATE INDEX IF NOT EXISTS backtest_{column} ON backtest ({column})")

    def _opened(self, path: Path) -> sqlite3.Connection:
        connection = sqlite3.connect(path, timeout=0, check_same_thread=False, isolation_level=None)
        try:
            connection.execute("PRAGMA locking_mode = EXCLUSIVE")
            connection.execute("PRAGMA journal_mode = WAL")
            connection.execute("PRAGMA synchronous = NORMAL")
            version = connection.execute("PRAGMA user_version").fetchone()[0]
            if version not in (0, SCHEMA):
                raise ParameterError("store", str(self.folder), f"a store of version {SCHEMA}", f"This is of version {version}.")
            connection.execute(f"PRAGMA user_version = {SCHEMA}")
        except sqlite3.OperationalError as error:
            connection.close()
            raise ParameterError("store", str(self.folder), f"a folder that no other server uses ({error})") from None
        except BaseException:
            connection.close()
            raise
        return connection

    @contextmanager
    def changing(self) -> Iterator[None]:
        """Hold the lock; what the block changes is kept as a whole, and not at all where it raises."""
        with self.lock:
            if self.connection.in_transaction:
                yield
                return
            self.connection.execute("BEGIN IMMEDIATE")
            try:
                yield
            except BaseException:
                self.connection.execute("ROLLBACK")
                raise
            self.connection.execute("COMMIT")

    def close(self) -> None:
        """Let go of the folder."""
        with self.lock:
            self.connection.close()

    def number(self, kind: str, first: int = 1) -> int:
        """The next number of a kind; none comes twice."""
        found = self.counters.get(kind) or records.Counter(kind, first - 1)
        found.value += 1
        self.counters.put(found)
        return found.value

    def identity(self, kind: str) -> str:
        """A new id of 32 hexadecimal digits."""
        return hashlib.sha256(f"{kind}:{self.number(kind)}".encode()).hexdigest()[:32]

    def snapshot(self, files: dict[str, str]) -> str:
        """Keep files as they are now; gives the hash that they are found by."""
        digest = hashlib.sha256(json.dumps(files, sort_keys=True).encode()).hexdigest()[:32]
        self.snapshots.put(records.Snapshot(digest, files))
        return digest

    def results(self, job: str) -> Path:
        """The folder of a job's result."""
        return self.folder / "results" / job

    def work(self, job: str) -> Path:
        """The folder that a job runs in."""
        return self.folder / "work" / job

    def forget(self, job: str) -> None:
        """Remove a job's files."""
        for folder in (self.results(job), self.work(job)):
            shutil.rmtree(folder, ignore_errors=True)

    def result(self, job: str) -> dict[str, Any]:
        """LEAN's result of a job, with `events`, `log` and for deployments `trace`; don't change it. Empty if there is none."""
        try:
            return self._read(job, (self.results(job) / f"{job}.json").stat().st_mtime_ns)
        except FileNotFoundError:
            return {"orders": {}, "charts": {}, "totalPerformance": {}, "events": [], "log": [], "trace": []}

    def _result(self, job: str, written: int) -> dict[str, Any]:
        folder = self.results(job)
        told: dict[str, Any] = json.loads((folder / f"{job}.json").read_text(encoding="utf-8"))
        events = folder / f"{job}-order-events.json"
        told["events"] = json.loads(events.read_text(encoding="utf-8")) if events.exists() else []
        told["log"] = (folder / f"{job}-log.txt").read_text(encoding="utf-8").split("\n")[:-1]
        trace = folder / "trace.json"
        told["trace"] = json.loads(trace.read_text(encoding="utf-8")) if trace.exists() else []
        return told
