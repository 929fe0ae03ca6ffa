"""Making a deployment: what is not its own is left alone, whatever the name, and whoever makes another at the same moment."""

from __future__ import annotations

import shutil
import threading

import pytest

from hidden_regime.exceptions import ParameterError
from hidden_regime.operation import deploying
from hidden_regime.operation.deploying import code_of, deploy, differs
from hidden_regime.operation.errors import OperationError
from hidden_regime.operation.journal import journal_of
from tests.operation.strategies import TURNING
from tests.operation.worlds import END, NOW, START, WALL, deployed, strategy_at

GIVEN = {"data": "us_stocks", "now": NOW, "at": WALL, "start": START, "end": END, "speed": 1e12}


@pytest.mark.parametrize("name", ["..", "../..", ".", "a/b", "{folder}", "", "a b", "[red]x", "<script>", "n\u00e4me", "x" * 61])
def test_a_name_that_can_not_be_one_is_refused_before_anything_is_touched(tmp_path, name):
    journal = deployed(tmp_path / "workspace", TURNING)
    (tmp_path / "precious").mkdir()
    (tmp_path / "precious" / "prices.csv").write_text("x", encoding="utf-8")
    before = sorted(path.relative_to(tmp_path) for path in tmp_path.rglob("*"))
    with pytest.raises(ParameterError, match="name"):
        deploy(journal, name.format(folder=tmp_path / "precious"), str(tmp_path / "workspace" / "mine" / "strategy.py"), **GIVEN)
    assert sorted(path.relative_to(tmp_path) for path in tmp_path.rglob("*")) == before


def test_two_that_make_one_at_the_same_moment_leave_a_whole_one(tmp_path, monkeypatch):
    journal_of(tmp_path).close()
    path, at_once, said = strategy_at(tmp_path / "mine", TURNING), threading.Barrier(2), []
    other = threading.Event()  # the other one is done; it can't be while this one copies, unless nothing keeps it out
    range_of, copy = deploying._range, shutil.copyfile

    def together(*given):
        at_once.wait(10)
        return range_of(*given)

    def slowly(one, copied):
        other.wait(0.05)
        return copy(one, copied)

    monkeypatch.setattr(deploying, "_range", together)
    monkeypatch.setattr(deploying.shutil, "copyfile", slowly)

    def make():
        journal = journal_of(tmp_path)
        try:
            deploy(journal, "one", path, **GIVEN)
        except OperationError as error:
            said.append(error.text)
        other.set()

    threads = [threading.Thread(target=make) for _ in range(2)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(20)
    journal = journal_of(tmp_path)
    assert len(said) == 1 and "is there already" in said[0]
    assert code_of(journal, journal.deployment("one")).read_text(encoding="utf-8") == TURNING


@pytest.mark.parametrize(
    ("given", "says"),
    [({"cash": -5.0}, "cash"), ({"cash": float("nan")}, "cash"), ({"cash": float("inf")}, "cash"), ({"grace": float("inf")}, "grace"),
     ({"grace": -1.0}, "grace"), ({"speed": float("nan")}, "speed")],
)  # fmt: skip
def test_what_no_run_could_take_is_refused_before_anything_is_made(tmp_path, given, says):
    journal = journal_of(tmp_path)
    with pytest.raises(ParameterError, match=says):
        deploy(journal, "one", strategy_at(tmp_path / "mine", TURNING), **(GIVEN | given))
    assert journal.deployments() == [] and not journal.folder("one").exists()


def test_a_project_of_lean_is_kept_by_its_whole_path_and_has_to_be_there(tmp_path, monkeypatch):
    path, journal = strategy_at(tmp_path / "mine", TURNING, "main.py"), journal_of(tmp_path)
    monkeypatch.chdir(tmp_path)
    with pytest.raises(ParameterError, match="lean:none"):
        deploy(journal, "one", path, data=None, now=NOW, at=WALL, target="lean:none#live-paper")
    made = deploy(journal, "one", path, data=None, now=NOW, at=WALL, target="lean:mine#live-paper")
    assert made.spec.target == f"lean:{tmp_path / 'mine'}#live-paper"
    assert differs(made, {"target": "lean:mine#live-paper"}) is None


def test_an_option_that_differs_is_told_with_what_it_was(tmp_path):
    made = deployed(tmp_path, TURNING, cash=5_000.0, parameters={"fast": "5"}).deployment("one")
    assert differs(made, {"cash": 7.0}) == ("cash", 5_000.0)
    assert differs(made, {"parameters": {"fast": "6"}}) == ("parameter", "fast=5")
    assert differs(made, {"parameters": {"slow": "6"}}) == ("parameter", "no slow")
    assert differs(made, {"cash": 5_000.0, "parameters": {"fast": "5"}, "speed": 1e99}) is None
