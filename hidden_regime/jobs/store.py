"""The store of jobs: one SQLite file a workspace, which any number of workers use at once, and which outlives all of them."""

from __future__ import annotations

import sqlite3
import time
from collections.abc import Callable, Sequence
from contextlib import AbstractContextManager
from pathlib import Path

from hidden_regime.files.database import transaction
from hidden_regime.files.whole import write_file
from hidden_regime.jobs import words
from hidden_regime.jobs.campaign import Campaign
from hidden_regime.jobs.errors import StoreError
from hidden_regime.jobs.planning import Step
from hidden_regime.jobs.record import COLUMNS, Event, StepRecord, record_of
from hidden_regime.jobs.schema import SCHEMA, VERSION

FOLDER, FILE = ".hidden-regime", "jobs.sqlite"
ORDER = "ORDER BY hypothesis_position, position"


class Store:
    """Campaigns, their steps, and the log of what happened to them.

    Parameters
    ----------
    folder : Path
        Made, with a .gitignore, where there is none.
    clock : callable
        Seconds since 1970.

    Attributes
    ----------
    folder : Path
    path : Path
    """

    def __init__(self, folder: Path, *, clock: Callable[[], float] = time.time) -> None:
        self.folder, self.path, self.clock = folder, folder / FILE, clock
        try:
            folder.mkdir(parents=True, exist_ok=True)
            if not (folder / ".gitignore").is_file():
                write_file(folder / ".gitignore", "*\n")
        except OSError as error:
            raise StoreError(
                f"{folder}: {error.strerror or error}: expected a place where the store of jobs can be kept."
            ) from error
        with self.transaction() as db:
            version = db.execute("PRAGMA user_version").fetchone()[0]
            if version > VERSION:
                raise StoreError(f"{self.path} is of a newer version of hidden-regime ({version}): this one reads {VERSION}.")
            if version < VERSION:
                for statement in SCHEMA.split(";\n"):
                    db.execute(statement)
                db.execute(f"PRAGMA user_version = {VERSION}")

    def transaction(self) -> AbstractContextManager[sqlite3.Connection]:
        """A transaction beside which nothing else writes; none of it stays where the block raises.

        Raises
        ------
        StoreError
            The file is damaged or can't be written.
        """
        return transaction(self.path, self._broken)

    def _broken(self, error: Exception) -> StoreError:
        return StoreError(
            f"the store of jobs {self.path} can't be used ({error}). Move it aside if it is damaged: results that are whole are "
            "found again by their files."
        )

    def tell(self, db: sqlite3.Connection, campaign: str, kind: str, said: str, hypothesis: str = "", step: str = "") -> None:
        """Write a line of the log, in a transaction that is open."""
        db.execute(
            "INSERT INTO events (campaign, hypothesis, step, at, kind, said) VALUES (?, ?, ?, ?, ?, ?)",
            (campaign, hypothesis, step, self.clock(), kind, said),
        )

    def log(self, campaign: str, kind: str, said: str) -> None:
        """Write a line of the log that is of no step."""
        with self.transaction() as db:
            self.tell(db, campaign, kind, said)

    def plan(self, campaign: Campaign, steps: Sequence[Step]) -> None:
        """Take a campaign's steps in. A step whose spec has changed begins anew; one that is asked for no more goes.

        Raises
        ------
        StoreError
            Another file of this workspace has a campaign of this name.
        """
        name, path = campaign.name, str(campaign.path.resolve())
        position = {one.name: place for place, one in enumerate(campaign.hypotheses)}
        with self.transaction() as db:
            before = db.execute("SELECT path, spec_hash FROM campaigns WHERE name = ?", (name,)).fetchone()
            if before is not None and before[0] != path and Path(before[0]).is_file():
                raise StoreError(f"{before[0]} is a campaign called {name!r} too: expected each name once in a folder.")
            if before is None or before[1] != campaign.spec_hash:
                db.execute(
                    "INSERT INTO campaigns (name, path, spec_hash, at) VALUES (?, ?, ?, ?) ON CONFLICT (name) DO UPDATE SET "
                    "path = excluded.path, spec_hash = excluded.spec_hash, at = excluded.at",
                    (name, path, campaign.spec_hash, self.clock()),
                )  # fmt: skip
                self.tell(db, name, "planned" if before is None else "changed", f"spec {campaign.spec_hash}")
            known = {(one.hypothesis, one.name): one for one in self.rows(db, name)}
            ended: dict[str, str] = {}
            for step in steps:
                row = known.pop((step.hypothesis, step.name), None)
                by = ended.get(step.hypothesis)
                state, reason = (words.PLANNED, "") if by is None else (words.SKIPPED, f"{by} ended the hypothesis")
                if row is not None and row.spec_hash == step.spec_hash and row.outcome is not None and not row.outcome.goes_on:
                    ended[step.hypothesis] = step.name
                where = (position[step.hypothesis], step.position)
                if row is None:
                    db.execute(
                        "INSERT INTO steps (campaign, hypothesis, name, place, hypothesis_position, position, spec_hash, state, "
                        "reason) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)",
                        (name, step.hypothesis, step.name, step.place, *where, step.spec_hash, state, reason),
                    )  # fmt: skip
                elif row.spec_hash != step.spec_hash:
                    db.execute(
                        "UPDATE steps SET place = ?, hypothesis_position = ?, position = ?, spec_hash = ?, state = ?, "
                        "generation = 0, attempts = 0, deaths = 0, owner = '', until = 0, remote = '', outcome = '', reason = ? "
                        "WHERE id = ?",
                        (step.place, *where, step.spec_hash, state, reason, row.id),
                    )  # fmt: skip
                    said = f"spec {row.spec_hash} is {step.spec_hash} now"
                    self.tell(db, name, "changed", said, step.hypothesis, step.name)
                else:
                    db.execute("UPDATE steps SET hypothesis_position = ?, position = ? WHERE id = ?", (*where, row.id))
            for row in known.values():
                db.execute("DELETE FROM steps WHERE id = ?", (row.id,))
                self.tell(db, name, "dropped", "it is asked for no more", row.hypothesis, row.name)

    def steps(self, campaign: str) -> list[StepRecord]:
        """All steps of a campaign, hypothesis by hypothesis."""
        with self.transaction() as db:
            return self.rows(db, campaign)

    def rows(self, db: sqlite3.Connection, campaign: str) -> list[StepRecord]:
        """The same in a transaction that is open."""
        rows = db.execute(f"SELECT {COLUMNS} FROM steps WHERE campaign = ? {ORDER}", (campaign,)).fetchall()
        return [record_of(row) for row in rows]

    def events(self, campaign: str) -> list[Event]:
        """The log of a campaign, oldest first."""
        with self.transaction() as db:
            rows = db.execute(
                "SELECT at, hypothesis, step, kind, said FROM events WHERE campaign = ? ORDER BY id", (campaign,)
            ).fetchall()
            return [Event(*row) for row in rows]

    def campaigns(self) -> list[tuple[str, str]]:
        """Names of all campaigns, and their files."""
        with self.transaction() as db:
            return [(str(name), str(path)) for name, path in db.execute("SELECT name, path FROM campaigns ORDER BY name")]

    def committed(self, campaign: str, commit: str = "") -> str:
        """The git commit of a campaign's results; with `commit`, note it first."""
        with self.transaction() as db:
            if commit:
                db.execute("UPDATE campaigns SET commit_hash = ? WHERE name = ?", (commit, campaign))
            row = db.execute("SELECT commit_hash FROM campaigns WHERE name = ?", (campaign,)).fetchone()
            return "" if row is None else str(row[0])


def open_store(campaign: Campaign, *, clock: Callable[[], float] = time.time) -> Store:
    """The store of the workspace that a campaign's file is in."""
    return Store(campaign.folder / FOLDER, clock=clock)
