"""Making a deployment: what is not its own is left alone, whatever the name, and whoever makes another at the same moment."""

from __future__ import annotations

import shutil
import threading

import pytest

from hidden_regime.exceptions import ParameterError
from hidden_regime.operation import deploying
from hidden_regime.operation.deploying import code_of, deploy
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
