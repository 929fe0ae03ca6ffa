"""The harness itself: it sees what it is for, its valid files are valid, and a few cases of each reader end well."""

from __future__ import annotations

import sys
import time
import warnings

import pytest

from hidden_regime.exceptions import DataError, RegimeWarning
from tests.fuzz.__main__ import main
from tests.fuzz.running import Subject, try_case, write_case
from tests.fuzz.subjects import SUBJECTS

pytestmark = pytest.mark.skipif(sys.platform != "linux", reason="the harness needs Linux")


def subject(read):
    return Subject("mine", lambda: {"a.csv": b"1,2\n3,4\n"}, lambda name: lambda content, rng: content + rng.randbytes(3), read)


def test_what_is_no_error_of_ours_is_a_fault():
    def raw(folder, name):
        raise KeyError(name)

    def typed(folder, name):
        raise DataError("no")

    assert try_case(subject(raw), 4).what == "KeyError: 'a.csv'"
    assert try_case(subject(typed), 4) is None
    assert try_case(subject(lambda folder, name: None), 4) is None


def test_a_hang_and_a_lack_of_memory_are_faults():
    def greedy(folder, name):
        raise MemoryError

    assert try_case(subject(lambda folder, name: time.sleep(30)), 0, 0.2).what == "HangError: "
    assert try_case(subject(greedy), 0).what == "MemoryError: "


def test_a_case_is_the_same_each_time_and_another_for_another_number(tmp_path):
    for number, folder in ((7, "a"), (7, "b"), (8, "c")):
        write_case(subject(None), number, tmp_path / folder)
    a, b, c = ((tmp_path / folder / "a.csv").read_bytes() for folder in "abc")
    assert a == b != c


QUICK = [reader for reader in SUBJECTS if reader.name != "folder"]  # which makes calendars, for seconds


@pytest.mark.parametrize("reader", QUICK, ids=lambda reader: reader.name)
def test_files_as_they_are_are_read(tmp_path, reader):
    for name, content in reader.files().items():
        (tmp_path / name).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / name).write_bytes(content)
    for name in reader.files():
        with warnings.catch_warnings():
            warnings.simplefilter("ignore", RegimeWarning)  # of files that aren't among them
            reader.read(tmp_path, name)


@pytest.mark.parametrize("reader", QUICK, ids=lambda reader: reader.name)
def test_a_few_damaged_files_end_in_nothing_but_errors_of_ours(reader):
    assert [fault for number in range(25) if (fault := try_case(reader, number, 60.0)) is not None] == []


def test_the_command_runs_one_case_again(tmp_path, capsys):
    assert main(["--only", "settings", "--case", "3", "--keep", str(tmp_path)]) == 0
    assert capsys.readouterr().out == "None\n"
    assert {path.name for path in tmp_path.iterdir()} == {"benchmark.json", "config.json"}
