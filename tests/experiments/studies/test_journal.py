"""What a killed study goes on from."""

from __future__ import annotations

import errno
import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

from hidden_regime.exceptions import StudyError
from hidden_regime.experiments.studies import journal as module
from hidden_regime.experiments.studies.journal import NAME, opened

ROOT = Path(__file__).parents[3]
SPEC = {"strategy": "mine", "seed": 0, "space": [{"name": "n", "low": 0.1}], "digests": {"strategy": "a" * 64, "data": "b" * 64}}


def trial(number, value=1.0):
    return {"number": number, "parameters": {"n": str(number)}, "values": [value]}


def lines(folder):
    return (folder / NAME).read_bytes().split(b"\n")


def test_it_knows_what_was_written_down(tmp_path):
    folder = tmp_path / "new" / "deep"
    with opened(folder, SPEC) as journal:
        assert journal.known == []
        for number in range(3):
            journal.add(trial(number))
    with opened(folder, SPEC) as journal:
        assert journal.known == [trial(number) for number in range(3)]
        journal.add(trial(1))
        journal.add(trial(3))
        assert len(journal.known) == 4
    assert len(lines(folder)) == 6
    assert json.loads(lines(folder)[0]) == {"schema": "hidden-regime/journal/1", "study": SPEC}


def test_wherever_a_kill_tears_it_the_rest_is_known(tmp_path, monkeypatch):
    monkeypatch.setattr(module.os, "fsync", lambda number: None)
    with opened(tmp_path, SPEC) as journal:
        for number in range(2):
            journal.add(trial(number))
    whole = (tmp_path / NAME).read_bytes()
    for cut in (*range(0, len(whole), 3), len(whole)):
        (tmp_path / NAME).write_bytes(whole[:cut])
        with opened(tmp_path, SPEC) as journal:
            assert len(journal.known) == max(whole[:cut].count(b"\n") - 1, 0)
            for number in range(2):
                journal.add(trial(number))
        assert (tmp_path / NAME).read_bytes() == whole


@pytest.mark.parametrize("damage", [b"{", b"[]", b"3", b"\xff\xfe", b"", b"null", b"[" * 100_000])
def test_a_damaged_line_is_told_by_its_number(tmp_path, damage):
    with opened(tmp_path, SPEC) as journal:
        journal.add(trial(0))
        journal.add(trial(1))
    parts = lines(tmp_path)
    parts[1] = damage
    before = b"\n".join(parts)
    (tmp_path / NAME).write_bytes(before)
    with (
        pytest.raises(StudyError, match=r"journal\.log line 2 is damaged .*remove the file, and the same command goes on"),
        opened(tmp_path, SPEC),
    ):
        pass
    assert (tmp_path / NAME).read_bytes() == before


@pytest.mark.parametrize(
    ("changed", "told"),
    [
        ({"seed": 1}, "seed was 0 and is 1"), ({"cash": 5.0}, "cash was None and is 5.0"),
        ({"strategy": "other", "seed": 2}, "strategy was 'mine' and is 'other'; seed was 0 and is 2"),
        ({"digests": {"strategy": "c" * 64, "data": "b" * 64}}, "the content of the strategy differs"),
        ({"digests": {"strategy": "a" * 64, "data": "c" * 64}, "seed": 1}, "seed was 0 and is 1; the content of the data differs"),
        ({"space": [{"name": "x" * 200}]}, "space differs"),
    ],
)  # fmt: skip
def test_another_study_is_refused_with_what_differs(tmp_path, changed, told):
    with opened(tmp_path, SPEC) as journal:
        journal.add(trial(0))
    before = (tmp_path / NAME).read_bytes()
    with pytest.raises(StudyError) as error, opened(tmp_path, SPEC | changed):
        pass
    assert f"holds another study: {told}. Give another folder (--out), or remove this one." in str(error.value)
    assert (tmp_path / NAME).read_bytes() == before


@pytest.mark.parametrize(
    "head", [{"schema": "hidden-regime/journal/0", "study": SPEC}, {"x": 1}, {"schema": "hidden-regime/journal/1", "study": 3}]
)
def test_another_schema_is_refused(tmp_path, head):
    (tmp_path / NAME).write_text(json.dumps(head) + "\n", encoding="utf-8")
    with pytest.raises(StudyError, match="holds another study: its schema is"), opened(tmp_path, SPEC):
        pass


def test_a_trial_that_comes_out_differently_is_refused(tmp_path):
    with opened(tmp_path, SPEC) as journal:
        journal.add(trial(0))
    with (
        opened(tmp_path, SPEC) as journal,
        pytest.raises(StudyError, match=r"trial 0 was .* with \[1\.0\] and is .* with \[2\.0\] now.*same result twice"),
    ):
        journal.add(trial(0, 2.0))


HOLD = """
import sys
from pathlib import Path
from hidden_regime.experiments.studies.journal import opened
with opened(Path(sys.argv[1]), {}):
    print("held", flush=True)
    sys.stdin.read()
"""


def test_a_folder_belongs_to_one_process_until_it_dies(tmp_path):
    pytest.importorskip("fcntl")
    with (
        opened(tmp_path, {}),
        pytest.raises(StudyError, match=r"another process works on this study\. Wait for it"),
        opened(tmp_path, {}),
    ):
        pass
    command, env = [sys.executable, "-c", HOLD, str(tmp_path)], os.environ | {"PYTHONPATH": str(ROOT)}
    with subprocess.Popen(command, env=env, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True) as process:
        assert process.stdout.readline() == "held\n"
        with pytest.raises(StudyError, match="another process"), opened(tmp_path, {}):
            pass
        process.kill()
        process.wait()
        with opened(tmp_path, {}) as journal:
            assert journal.known == []


def test_a_disk_that_is_full_leaves_what_can_be_gone_on_from(tmp_path, monkeypatch):
    with opened(tmp_path, SPEC) as journal:
        journal.add(trial(0))

    def full(number):
        raise OSError(errno.ENOSPC, "No space left on device")

    with monkeypatch.context() as patched:
        patched.setattr(module.os, "fsync", full)
        with pytest.raises(OSError, match="No space left"), opened(tmp_path, SPEC) as journal:
            journal.add(trial(1))
    with opened(tmp_path, SPEC) as journal:
        for number in range(3):
            journal.add(trial(number))
    assert len(lines(tmp_path)) == 5


def test_a_folder_of_something_else_is_left_alone(tmp_path):
    (tmp_path / "config.json").write_text("{}", encoding="utf-8")
    with pytest.raises(StudyError, match=r"holds config\.json and no study"), opened(tmp_path, {}):
        pass
    assert [path.name for path in tmp_path.iterdir()] == ["config.json"]
