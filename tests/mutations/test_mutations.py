"""The check of mistakes, on a package of two functions: what is seen, what survives, and what it can't go on from."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.mutations.__main__ import main
from tests.mutations.checking import LostTextError, changed
from tests.mutations.edits import EDITS, Edit

PACKAGE = Path(__file__).resolve().parents[2] / "hidden_regime"
SEEN = Edit("sums are wrong", "sums.py", "return a + b", "return a - b", ("tests/test_sums.py",))
MISSED = Edit("nobody looks", "sums.py", "return 2 * a", "return 3 * a", ("tests/test_sums.py::test_sums",))


@pytest.fixture
def root(tmp_path):
    """A package with a test of one of its functions."""
    for folder in ("hidden_regime", "tests"):
        (tmp_path / folder).mkdir()
        (tmp_path / folder / "__init__.py").write_text("")
    (tmp_path / "pyproject.toml").write_text("")
    (tmp_path / "hidden_regime" / "sums.py").write_text("def add(a, b):\n    return a + b\n\n\ndef twice(a):\n    return 2 * a\n")
    (tmp_path / "tests" / "test_sums.py").write_text(
        "from hidden_regime.sums import add\n\n\ndef test_sums():\n    assert add(1, 2) == 3\n"
    )
    return tmp_path


def test_it_says_what_is_seen_and_what_survives(root, capsys):
    before = (root / "hidden_regime" / "sums.py").read_text()
    assert main(["wrong", "nobody"], (SEEN, MISSED, SEEN._replace(name="not asked for")), root) == 1
    assert capsys.readouterr().out.splitlines() == [
        "killed   sums are wrong (sums.py): tests/test_sums.py::test_sums",
        "SURVIVED nobody looks (sums.py): not seen by tests/test_sums.py::test_sums",
        "2 edits: 1 killed, 1 survived",
    ]
    assert (root / "hidden_regime" / "sums.py").read_text() == before


def test_text_that_is_gone_stops_it_before_anything_runs(root, capsys):
    (root / "hidden_regime" / "sums.py").write_text("def add(a, b):\n    return b + a\n")
    assert main(edits=(SEEN, MISSED), root=root) == 2
    said = capsys.readouterr().out
    assert "sums are wrong: sums.py holds 'return a + b' 0 times, expected once: correct the edit" in said
    assert "nobody looks: sums.py holds 'return 2 * a' 0 times" in said
    assert main(edits=(SEEN._replace(path="gone.py"),), root=root) == 2
    assert main(["no such word"], edits=(SEEN,), root=root) == 2
    assert "no edit has one of ['no such word']" in capsys.readouterr().out


def test_an_edit_changes_one_place():
    assert changed(SEEN, "x\nreturn a + b\ny") == "x\nreturn a - b\ny"
    with pytest.raises(LostTextError, match="2 times"):
        changed(SEEN, "return a + b\nreturn a + b")
    with pytest.raises(LostTextError, match="1 times"):
        changed(SEEN._replace(instead=SEEN.text), "return a + b")


@pytest.mark.parametrize(
    ("test", "words"),
    [
        ("assert add(1, 2) == 4", "tests/test_sums.py::test_sums fails without any edit"),
        ("assert add(1, 2", "pytest ended with 2"),
    ],
)
def test_tests_that_fail_without_an_edit_show_nothing(root, capsys, test, words):
    (root / "tests" / "test_sums.py").write_text(f"from hidden_regime.sums import add\n\n\ndef test_sums():\n    {test}\n")
    assert main(edits=(SEEN,), root=root) == 2
    assert words in capsys.readouterr().out


def test_the_mistakes_are_of_one_line_and_their_names_differ():
    assert len({edit.name for edit in EDITS}) == len(EDITS) == 32
    for edit in EDITS:
        assert "\n" not in edit.text + edit.instead
        assert edit.tests
        assert (PACKAGE / edit.path).read_text(encoding="utf-8").count(edit.text) == 1, edit.name
