"""A transaction is whole or not at all, and one at a time."""

from __future__ import annotations

import sqlite3
import threading
import time

import pytest

from hidden_regime.exceptions import DataError, ParameterError
from hidden_regime.files.database import transaction


def broken(error):
    return DataError(f"broken: {error}")


def rows(path):
    with transaction(path, broken) as db:
        return [row[0] for row in db.execute("SELECT n FROM t ORDER BY n")]


@pytest.fixture
def path(tmp_path):
    with transaction(tmp_path / "t.sqlite", broken) as db:
        db.execute("CREATE TABLE t (n INTEGER)")
    return tmp_path / "t.sqlite"


def write_and_raise(path, error):
    with transaction(path, broken) as db:
        db.execute("INSERT INTO t VALUES (1)")
        raise error


@pytest.mark.parametrize("error", [KeyboardInterrupt, ParameterError("a", 1, "b"), ZeroDivisionError])
def test_what_a_block_wrote_goes_with_its_error(path, error):
    with pytest.raises(error if isinstance(error, type) else type(error)):
        write_and_raise(path, error)
    assert rows(path) == []


def test_a_damaged_file_is_told_by_the_error_given(tmp_path):
    (tmp_path / "t.sqlite").write_bytes(b"no database at all, and long enough for one" * 40)
    with pytest.raises(DataError, match="broken: file is not a database"), transaction(tmp_path / "t.sqlite", broken):
        pass
    with pytest.raises(DataError, match="broken"), transaction(tmp_path / "none" / "t.sqlite", broken):
        pass


def test_one_waits_for_the_other(path):
    begun = threading.Event()

    def first():
        with transaction(path, broken) as db:
            begun.set()
            time.sleep(0.2)
            db.execute("INSERT INTO t VALUES (1)")

    thread = threading.Thread(target=first)
    thread.start()
    begun.wait()
    with transaction(path, broken) as db:
        assert db.execute("SELECT count(*) FROM t").fetchone()[0] == 1  # what the first one wrote is there
        db.execute("INSERT INTO t VALUES (2)")
    thread.join()
    assert rows(path) == [1, 2]


def test_a_connection_is_closed_whatever_happens(path):
    with transaction(path, broken) as db:
        pass
    with pytest.raises(sqlite3.ProgrammingError, match="closed"):
        db.execute("SELECT 1")
