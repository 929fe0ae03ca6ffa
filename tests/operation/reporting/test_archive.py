"""An archive: equal journals give equal bytes, and whatever was changed in it is found."""

from __future__ import annotations

import csv
import hashlib
import io
import json
import subprocess
import sys
import zipfile
from contextlib import nullcontext, suppress

import pytest

from hidden_regime.exceptions import DataError, StrategyError
from hidden_regime.operation.journal import journal_of
from hidden_regime.operation.reporting.archive import archive_bytes, check_archive, parts_of, write_archive
from tests.operation.journals import two_months


@pytest.fixture(scope="module")
def made(tmp_path_factory):
    folder = tmp_path_factory.mktemp("archive")
    journal = two_months(folder)
    write_archive(journal, "one", folder / "one.zip")
    return journal, folder / "one.zip"


def test_it_holds_the_journal_row_for_row(made):
    journal, path = made
    with zipfile.ZipFile(path) as archive:
        assert archive.testzip() is None
        rows = list(csv.DictReader(io.StringIO(archive.read("journal/equity.csv").decode())))
        assert [(row["time_utc"], float(row["equity"])) for row in rows] == journal.equity("one")
        bars = list(csv.reader(io.StringIO(archive.read("journal/bars.csv").decode())))
        assert len(bars) - 1 == journal.file.rows("SELECT COUNT(*) FROM bars")[0][0]
        assert archive.read("code/strategy.py") == (journal.folder("one") / "code" / "strategy.py").read_bytes()
        assert {"reports/2012-01.html", "reports/2012-02.md", "deployment.json"} <= set(archive.namelist())
        manifest = json.loads(archive.read("manifest.json"))["files"]
        assert {name: hashlib.sha256(archive.read(name)).hexdigest() for name in manifest} == {
            name: one["sha256"] for name, one in manifest.items()
        }


def test_equal_journals_give_equal_bytes(made):
    journal, path = made
    code = (
        "import sys; from pathlib import Path; from hidden_regime.operation.journal import Journal; "
        "from hidden_regime.operation.reporting.archive import write_archive; "
        "write_archive(Journal(Path(sys.argv[1])), 'one', Path(sys.argv[2]))"
    )
    other = path.with_name("other.zip")
    subprocess.run([sys.executable, "-W", "ignore", "-c", code, str(journal.path), str(other)], check=True)
    assert other.read_bytes() == path.read_bytes()


def test_it_is_as_its_manifest_says(made):
    assert check_archive(made[1]) == (len(parts_of(made[0], "one")), [])


@pytest.mark.parametrize("damage", ["changed", "missing", "more", "twice"])
def test_what_was_changed_is_found(made, tmp_path, damage):
    parts = {"a.txt": b"one", "b.txt": b"two"}
    with zipfile.ZipFile(io.BytesIO(archive_bytes(parts))) as archive:
        held = [(name, archive.read(name)) for name in archive.namelist()]
    if damage == "changed":
        held = [(name, b"ONE" if name == "a.txt" else content) for name, content in held]
    elif damage == "missing":
        held = [one for one in held if one[0] != "a.txt"]
    else:
        held.append(("a.txt" if damage == "twice" else "c.txt", b"one"))
    path = tmp_path / "damaged.zip"
    with zipfile.ZipFile(path, "w") as archive:
        for name, content in held:
            if damage == "twice":
                with pytest.warns(UserWarning, match="Duplicate") if name in archive.namelist() else nullcontext():
                    archive.writestr(name, content)
            else:
                archive.writestr(name, content)
    wrong = check_archive(path)[1]
    assert len(wrong) == 1 and {"changed": "a.txt was changed", "missing": "a.txt is missing", "more": "c.txt is not in",
                                "twice": "a.txt is in it twice"}[damage] in wrong[0]  # fmt: skip


@pytest.mark.parametrize("place", [0.1, 0.3, 0.5, 0.7, 0.9])
def test_one_bit_is_found(made, tmp_path, place):
    content = bytearray(archive_bytes({"a.txt": bytes(4000), "b.txt": b"b" * 3000}))
    content[int(len(content) * place)] ^= 1
    path = tmp_path / "bit.zip"
    path.write_bytes(bytes(content))
    with suppress(DataError):
        assert check_archive(path)[1]


def test_what_is_no_archive_is_told(tmp_path):
    for content in (b"", b"PK", archive_bytes({})[:40]):
        (tmp_path / "none.zip").write_bytes(content)
        with pytest.raises(DataError, match="no archive"):
            check_archive(tmp_path / "none.zip")
    with pytest.raises(DataError, match="no archive"):
        check_archive(tmp_path / "nowhere.zip")


def test_code_that_somebody_changed_is_not_archived(tmp_path):
    journal = two_months(tmp_path)
    (journal.folder("one") / "code" / "strategy.py").write_text("# another\n")
    with pytest.raises(StrategyError, match="another one"):
        write_archive(journal_of(tmp_path / "workspace"), "one", tmp_path / "one.zip")
    assert not (tmp_path / "one.zip").exists()
