"""A few processes that run strategies, warm between runs, since starting one takes longer than most runs."""

from __future__ import annotations

import contextlib
import json
import os
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from threading import Condition, Event
from typing import Any

ROOT = Path(__file__).parents[3]
MODULE = "hidden_regime.cloud.fake.worker"
WAITING = 0.05


class WorkerDied(Exception):
    """The process ended in the middle of a run."""


class Worker:
    """A process that runs one strategy at a time.

    Parameters
    ----------
    data : str
        What `open_market` takes.
    log : Path
        Where what strategies print goes.
    """

    def __init__(self, data: str, log: Path) -> None:
        paths = [str(ROOT), *filter(None, [os.environ.get("PYTHONPATH")])]
        with log.open("ab") as errors:
            self._process = subprocess.Popen(
                [sys.executable, "-m", MODULE, data], stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=errors,
                env={**os.environ, "PYTHONPATH": os.pathsep.join(paths)}, encoding="utf-8",
            )  # fmt: skip

    def run(self, task: dict[str, Any], tell: Callable[[float], None]) -> dict[str, Any]:
        """Run a task to its end.

        Raises
        ------
        WorkerDied
        """
        assert self._process.stdin is not None
        assert self._process.stdout is not None
        try:
            self._process.stdin.write(json.dumps(task) + "\n")
            self._process.stdin.flush()
            for line in self._process.stdout:
                told = json.loads(line)
                if "done" in told:
                    done: dict[str, Any] = told["done"]
                    return done
                if "progress" in told:
                    tell(told["progress"])
        except (OSError, ValueError) as error:
            raise WorkerDied(str(error)) from error
        raise WorkerDied(f"exit code {self._process.wait()}")

    def is_alive(self) -> bool:
        """Whether it can run something."""
        return self._process.poll() is None

    def kill(self) -> None:
        """End it at once, whatever it does; `run` raises then."""
        self._process.kill()

    def clear(self) -> None:
        """End it, and leave nothing of it."""
        self.kill()
        self._process.wait()
        for pipe in (self._process.stdin, self._process.stdout):
            if pipe is not None:
                with contextlib.suppress(OSError):  # it may hold what the process will never read
                    pipe.close()


class Pool:
    """Up to `size` workers, which several clouds may share.

    Parameters
    ----------
    size : int
    data : str
        What strategies trade on, as `open_market` takes it.
    log : str or Path
        File for what strategies print, and what workers die of.
    """

    def __init__(self, size: int, data: str, log: str | Path) -> None:
        self.size, self.data, self._log = size, data, Path(log)
        self._idle: list[Worker] = []
        self._lent = 0
        self._changed = Condition()
        self._closed = False

    def take(self, cancelled: Event) -> Worker | None:
        """A worker for oneself, as soon as one is free; None if it is cancelled before."""
        with self._changed:
            while not (cancelled.is_set() or self._closed):
                while self._idle:
                    worker = self._idle.pop()
                    if worker.is_alive():
                        self._lent += 1
                        return worker
                    worker.clear()
                if self._lent < self.size:
                    self._lent += 1
                    return Worker(self.data, self._log)
                self._changed.wait(WAITING)
        return None

    def give_back(self, worker: Worker) -> None:
        """The run is over; a dead worker is replaced when the next one is needed."""
        with self._changed:
            self._lent -= 1
            if worker.is_alive() and not self._closed:
                self._idle.append(worker)
            else:
                worker.clear()
            self._changed.notify_all()

    def close(self) -> None:
        """End the workers that do nothing; the others end as they are given back."""
        with self._changed:
            self._closed = True
            while self._idle:
                self._idle.pop().clear()
            self._changed.notify_all()

    def __enter__(self) -> Pool:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()
