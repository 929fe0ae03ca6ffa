"""A journal of two months, run once a session and copied by whoever writes to it."""

from __future__ import annotations

import shutil
from functools import cache
from pathlib import Path
from tempfile import mkdtemp

from hidden_regime.operation.journal import Journal, journal_of
from tests.operation.strategies import TURNING
from tests.operation.worlds import deployed, runner


@cache
def _made() -> Path:
    folder = Path(mkdtemp()) / "workspace"
    journal = deployed(folder, TURNING)
    assert runner(journal).run() == "ended"
    journal.file.rows("PRAGMA wal_checkpoint(TRUNCATE)")
    journal.close()
    return folder


def two_months(folder: Path) -> Journal:
    """A copy of it in a folder."""
    shutil.copytree(_made(), folder / "workspace")
    return journal_of(folder / "workspace")
