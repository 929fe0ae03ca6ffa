"""Files that are whole at every moment, and folders that are never half of each."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

from hidden_regime.files.whole import write_file, write_folder, written_together


class Killed(BaseException):
    """Stands for the moment at which nothing goes on."""


NAMES = ("a", "b", "c", "d")
OLD, NEW = ({name: f"{when} {name}" for name in NAMES} for when in ("old", "new"))


@pytest.mark.parametrize("moment", range(9))
def test_a_writer_that_ends_at_any_rename_leaves_no_mixture(tmp_path, monkeypatch, moment):
    write_folder(tmp_path, OLD)
    (tmp_path / "foreign").write_text("mine", encoding="utf-8")
    replace, seen, calls = os.replace, [], []

    def counted(*places):
        if len(calls) == moment:
            calls.append(None)
            raise Killed
        calls.append(None)
        replace(*places)
        seen.append({p.read_text(encoding="utf-8")[:3] for p in tmp_path.iterdir() if p.name in NAMES})

    monkeypatch.setattr(os, "replace", counted)
    if moment < 8:
        with pytest.raises(Killed):
            write_folder(tmp_path, NEW)
    else:
        write_folder(tmp_path, NEW)
    whole = OLD if moment < 8 else NEW
    assert {p.name: p.read_text(encoding="utf-8") for p in tmp_path.iterdir()} == whole | {"foreign": "mine"}
    assert all(len(kinds) < 2 for kinds in seen)


def test_what_belongs_to_an_earlier_run_goes_with_it(tmp_path):
    write_folder(tmp_path / "r", {"report.html": "old", "x.json": "old"})
    write_folder(tmp_path / "r", {"x.json": "new"}, instead_of=["report.html", "never.there"])
    assert {p.name: p.read_text(encoding="utf-8") for p in (tmp_path / "r").iterdir()} == {"x.json": "new"}


def everything(folder):
    return {p.relative_to(folder).as_posix(): p.read_text(encoding="utf-8") for p in folder.rglob("*") if p.is_file()}


@pytest.mark.parametrize("moment", range(11))
def test_folders_within_are_written_together_or_stay_as_they_were(tmp_path, monkeypatch, moment):
    old = {"a/x": "old", "a/y": "old", "m/1": "old", "m/deep/2": "old", "z": "old"}
    new = {"a/x": "new", "b/c/w": "new", "m/3": "new", "z": "new"}
    write_folder(tmp_path / "f", old)
    replace, calls = os.replace, []

    def counted(*places):
        calls.append(None)
        if len(calls) == moment + 1:
            raise Killed
        replace(*places)

    monkeypatch.setattr(os, "replace", counted)
    needed = 3 + 4  # the folder m, a/x and z leave, four come
    if moment < needed:
        with pytest.raises(Killed):
            write_folder(tmp_path / "f", new, instead_of=["m", "never/there"])
        assert everything(tmp_path / "f") == old
        assert sorted(p.name for p in (tmp_path / "f").iterdir()) == ["a", "m", "z"]
    else:
        write_folder(tmp_path / "f", new, instead_of=["m", "never/there"])
        assert everything(tmp_path / "f") == {"a/y": "old"} | new


def test_what_the_block_wrote_goes_where_it_raises(tmp_path):
    def work():
        with written_together(tmp_path / "new" / "folder") as new:
            (new / "x").write_text("half", encoding="utf-8")
            raise Killed

    with pytest.raises(Killed):
        work()
    assert list(tmp_path.iterdir()) == []


def test_a_text_that_no_encoding_holds_is_spelled_out(tmp_path):
    write_file(tmp_path / "t", "é日本 \ud800\n")
    assert (tmp_path / "t").read_bytes() == "é日本 \\ud800\n".encode()


def test_a_link_stays_and_rights_stay(tmp_path):
    (tmp_path / "real").write_text("old", encoding="utf-8")
    (tmp_path / "real").chmod(0o600)
    (tmp_path / "link").symlink_to("real")
    write_file(tmp_path / "link", b"new")
    assert (tmp_path / "link").is_symlink()
    assert (tmp_path / "real").read_bytes() == b"new"
    assert (tmp_path / "real").stat().st_mode & 0o777 == 0o600


def test_what_killed_writers_left_goes_when_it_is_old(tmp_path):
    for name, age in ((".writing-1", 1e5), (".writing-2", 10.0)):
        (tmp_path / name / "new").mkdir(parents=True)
        when = tmp_path.stat().st_mtime - age
        os.utime(tmp_path / name, (when, when))
    write_folder(tmp_path, NEW)
    assert {p.name for p in tmp_path.iterdir()} == {*NAMES, ".writing-2"}


WRITER = """
import sys
from pathlib import Path
from hidden_regime.files.whole import write_folder
n = 0
print("ready", flush=True)
while True:
    n += 1
    write_folder(Path(sys.argv[1]), {name: f"{n} " + "x" * 200_000 for name in "abcd"})
"""


def test_killed_while_it_writes_over_an_earlier_result(tmp_path):
    for i in range(8):
        command = [sys.executable, "-c", WRITER, str(tmp_path)]
        with subprocess.Popen(command, stdout=subprocess.PIPE, cwd=Path(__file__).parents[2]) as writer:
            writer.stdout.readline()
            time.sleep(0.02 + 0.007 * i)
            writer.send_signal(signal.SIGKILL)
        found = [p.read_text(encoding="utf-8") for p in tmp_path.iterdir() if p.name in "abcd"]
        assert len({text.split()[0] for text in found}) <= 1
        assert all(len(text) > 200_000 for text in found)
