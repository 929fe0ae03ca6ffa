"""Runs what is queued: backtests on the nodes there are, those of optimisations on their own, deployments as they come.

Which jobs there are stands in the store. What ran when a server ended is queued again by the next one.
"""

from __future__ import annotations

import shutil
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from threading import Event, Thread
from typing import Any

from hidden_regime.cloud.fake import optimizing
from hidden_regime.cloud.fake.compiling import ERROR, SUCCESS, laid_out
from hidden_regime.cloud.fake.pool import Pool, Worker, WorkerDied
from hidden_regime.cloud.fake.records import ACTIVE, DONE, FAILED, NEW, QUEUED, RUNNING, Backtest, Deployment
from hidden_regime.cloud.fake.settings import Settings
from hidden_regime.cloud.fake.store import Store

OWN, LIVE = "", "live"
"""Groups of jobs: backtests that belong to no optimisation, and deployments. The others have the ids of optimisations."""
TICK = 0.02


@dataclass
class Running:
    """A job that has a node."""

    group: str
    progress: float = 0.0
    worker: Worker | None = None
    cancelled: Event = field(default_factory=Event)

    def cancel(self) -> None:
        """End it, whatever it does."""
        self.cancelled.set()
        if self.worker is not None:
            self.worker.kill()


class Jobs:
    """The nodes of a cloud.

    Parameters
    ----------
    store : Store
    settings : Settings
    clock : callable
    pool : Pool, optional
        Workers that belong to somebody else; by default the nodes have their own.
    """

    def __init__(self, store: Store, settings: Settings, clock: Callable[[], float], pool: Pool | None = None) -> None:
        self._store, self._settings, self._clock = store, settings, clock
        self._is_own = pool is None
        self._pool = pool or Pool(settings.workers, settings.data, store.folder / "worker.log")
        self._running: dict[str, Running] = {}
        self._threads: set[Thread] = set()
        self._wake, self._ending = Event(), Event()

    def start(self) -> None:
        """Go on where the last server ended."""
        with self._store.changing():
            for backtest in self._store.backtests.find(state=RUNNING):
                backtest.state = QUEUED
                self._store.backtests.put(backtest)
            for deployment in self._store.deployments.find(state=RUNNING):
                deployment.state = QUEUED
                self._store.deployments.put(deployment)
            waiting = self._store.compiles.find(state="InQueue")
        shutil.rmtree(self._store.folder / "work", ignore_errors=True)
        for one in waiting:
            self.build(one.id)
        self._wake.set()
        self._thread(self._dispatch)

    def close(self) -> None:
        """End all that runs; the next server runs it again."""
        with self._store.lock:
            self._ending.set()
            for running in self._running.values():
                running.cancel()
        self._wake.set()
        while True:
            with self._store.lock:
                threads = list(self._threads)
            if not threads:
                break
            for thread in threads:
                thread.join()
        if self._is_own:
            self._pool.close()

    def wake(self) -> None:
        """There may be something to run."""
        self._wake.set()

    def busy(self, group: str = OWN) -> int:
        """How many nodes a group has."""
        return sum(running.group == group for running in self._running.values())

    def progress(self, job: str) -> float:
        """How much of a running job is done."""
        running = self._running.get(job)
        return running.progress if running is not None else 0.0

    def cancel(self, job: str) -> None:
        """End a job if it runs."""
        running = self._running.get(job)
        if running is not None:
            running.cancel()

    def build(self, compile_id: str) -> None:
        """Build a project's snapshot."""
        self._thread(lambda: self._build(compile_id))

    def _thread(self, target: Callable[[], None]) -> None:
        def run() -> None:
            try:
                target()
            finally:
                with self._store.lock:
                    self._threads.discard(thread)

        thread = Thread(target=run, daemon=True)
        with self._store.lock:
            if self._ending.is_set():
                return
            self._threads.add(thread)
            thread.start()

    def _build(self, compile_id: str) -> None:
        with self._store.lock:
            found = self._store.compiles.get(compile_id)
            project = found and self._store.projects.get(found.project)
            snapshot = found and self._store.snapshots.get(found.snapshot)
        if not (found and project and snapshot):
            return
        outcome = self._built(snapshot.files, project.language)
        if outcome is None:
            return
        with self._store.changing():
            found.state, found.logs = outcome["state"], outcome["logs"]
            if found.state == SUCCESS:
                said = f"Build Request Successful for Project ID: {found.project}, with CompileID: {found.id}"
                found.logs = [said, *found.logs]
            self._store.compiles.put(found)

    def _built(self, files: dict[str, str], language: str) -> dict[str, Any] | None:
        """What a worker makes of the files; None if the cloud ends before."""
        worker = self._pool.take(self._ending)
        if worker is None:
            return None
        try:
            return worker.run({"build": files, "language": language}, lambda done: None)
        except WorkerDied as death:
            return {"state": ERROR, "logs": [f"Build Error: the builder died: {death}."]}
        finally:
            self._pool.give_back(worker)

    def _dispatch(self) -> None:
        while True:
            self._wake.wait()
            self._wake.clear()
            if self._ending.is_set():
                return
            with self._store.changing():
                for group, free in self._free():
                    for backtest in self._store.backtests.find(state=QUEUED, optimization=group, most=free):
                        self._begin(backtest, group)
                for deployment in self._store.deployments.find(state=QUEUED):
                    if deployment.id not in self._running:
                        self._begin(deployment, LIVE)

    def _free(self) -> list[tuple[str, int]]:
        """Groups that may have more nodes, and how many."""
        groups = [(OWN, self._settings.nodes.get("backtest", 0))]
        for status in (NEW, ACTIVE):
            groups += [(one.id, one.parallel) for one in self._store.optimizations.find(status=status)]
        free = [(group, room - self.busy(group)) for group, room in groups]
        return [(group, room) for group, room in free if room > 0]

    def _begin(self, job: Backtest | Deployment, group: str) -> None:
        job.state, job.begun = RUNNING, job.begun + 1
        running = self._running[job.id] = Running(group)
        if isinstance(job, Backtest):
            job.started = self._clock()
            self._store.backtests.put(job)
            optimizing.begun(self._store, job.optimization)
        else:
            self._store.deployments.put(job)
        self._thread(lambda: self._carry(job, running))

    def _carry(self, job: Backtest | Deployment, running: Running) -> None:
        """Run a job to its end, or until it is cancelled."""
        try:
            outcome = self._outcome(job, running)
            if outcome is not None:
                with self._store.changing():
                    if not running.cancelled.is_set():
                        self._finish(job, outcome)
        finally:
            shutil.rmtree(self._store.work(job.id), ignore_errors=True)
            with self._store.lock:
                self._running.pop(job.id, None)
                gone = not (self._store.backtests.get(job.id) or self._store.deployments.get(job.id))
            if gone:
                self._store.forget(job.id)
            self.wake()

    def _outcome(self, job: Backtest | Deployment, running: Running) -> dict[str, Any] | None:
        worker = self._pool.take(running.cancelled)
        if worker is None:
            return None
        try:
            with self._store.lock:
                if running.cancelled.is_set():
                    return None
                running.worker = worker
                if isinstance(job, Backtest):
                    job.started = self._clock()  # waiting for a process of this machine is none of the node's time
                snapshot = self._store.snapshots.get(job.snapshot)
            folder = self._store.work(job.id)
            laid_out(snapshot.files if snapshot else {}, folder)
            outcome = worker.run(self._task(job, folder), lambda done: self._told(job, running, done))
        except (WorkerDied, OSError) as death:
            outcome = {"error": f"The node died as the algorithm ran: {death}.", "stacktrace": ""}
        finally:
            with self._store.lock:
                running.worker = None
            self._pool.give_back(worker)
        while not running.cancelled.is_set() and self._left(job) > 0:
            self._told(job, running, 0.99)
            running.cancelled.wait(min(TICK, self._left(job)))
        return outcome

    def _left(self, job: Backtest | Deployment) -> float:
        """Seconds for which a finished job still holds its node."""
        if isinstance(job, Deployment) or self._settings.seconds_per_backtest is None:
            return 0.0
        return (job.started or 0.0) + self._settings.seconds_per_backtest - self._clock()

    def _told(self, job: Backtest | Deployment, running: Running, done: float) -> None:
        if isinstance(job, Backtest) and self._settings.seconds_per_backtest:
            done = min(done, 1 - self._left(job) / self._settings.seconds_per_backtest)
        running.progress = max(0.0, done)

    def _task(self, job: Backtest | Deployment, folder: Path) -> dict[str, Any]:
        task: dict[str, Any] = {
            "id": job.id, "folder": str(folder), "out": str(self._store.results(job.id)), "parameters": job.parameters,
            "objects": str(self._store.folder / "objects"),
        }  # fmt: skip
        if isinstance(job, Deployment):
            first = self._settings.live_from
            task |= {"live": True, "start": first.isoformat() if first else None, "cash": job.cash, "commands": job.commands}
        return task

    def _finish(self, job: Backtest | Deployment, outcome: dict[str, Any]) -> None:
        """Keep what came of a job, as a whole."""
        error = outcome.pop("error")
        trace = outcome.pop("stacktrace")
        if isinstance(job, Deployment):
            known = self._store.deployments.get(job.id)
            if known is None:
                return
            if known.begun == job.begun and known.state == RUNNING:
                known.state, known.error = DONE, trace or error
                known.market_start, known.capital = outcome.get("start", 0.0), outcome.get("capital", 0.0)
                known.failed_at = outcome.get("ended") if error else None
                self._store.deployments.put(known)
            return
        found = self._store.backtests.get(job.id)
        if found is None:
            return
        found.state, found.error, found.stacktrace, found.summary = FAILED if error else DONE, error, trace, outcome
        found.started, found.finished = job.started, self._clock()
        self._store.backtests.put(found)
        optimizing.ended(self._store, found.optimization, self._clock())
