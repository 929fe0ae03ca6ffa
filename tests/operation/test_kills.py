"""A run that is killed at any moment, and begun again, comes to the same as one that never was."""

from __future__ import annotations

import os
import random
import signal
import time

import pytest

from hidden_regime.operation.journal import Journal
from hidden_regime.operation.targets.paper import PaperTarget
from hidden_regime.simulator.loop.pace import Ended
from tests.operation.strategies import TURNING
from tests.operation.worlds import deployed, journaled, runner

KILLS = int(os.environ.get("HIDDEN_REGIME_KILLS", "8"))
"""How many; CHANGELOG and docs name a run with 1,000."""


def whole(journal: Journal) -> tuple:
    did = journaled(journal)
    account = PaperTarget(journal.folder("one") / "account.sqlite", 0.0)
    bars = journal.file.rows("SELECT ticker, minutes, day, minute, close, slot FROM bars ORDER BY ticker, minutes, day, minute")
    taken = journal.file.rows("SELECT COUNT(*), COUNT(DISTINCT number) FROM sent")
    return did.orders, did.equity, sorted(did.lines), bars, account.portfolio(), account.orders(), taken


@pytest.mark.skipif(not hasattr(os, "fork"), reason="kills a fork of this process")
def test_a_run_killed_again_and_again_is_equal_to_an_unbroken_one(tmp_path):
    unbroken = deployed(tmp_path / "unbroken", TURNING)
    begin = time.monotonic()
    runner(unbroken).run()
    length = time.monotonic() - begin
    expected = whole(unbroken)
    rng, kills, worlds = random.Random(7), 0, 0
    while kills < KILLS:
        worlds += 1
        path = tmp_path / f"killed-{worlds}"
        deployed(path, TURNING).close()
        while True:
            child = os.fork()
            if child == 0:
                code = 1
                try:
                    code = 0 if runner(Journal(path / ".hidden-regime" / "operation.sqlite")).run() == "ended" else 1
                finally:
                    os._exit(code)
            if kills < KILLS:
                time.sleep(rng.uniform(0.0, 1.1 * length))
                os.kill(child, signal.SIGKILL)
            _, status = os.waitpid(child, 0)
            if os.WIFSIGNALED(status):
                kills += 1
                continue
            assert os.WEXITSTATUS(status) == 0
            break
        assert whole(Journal(path / ".hidden-regime" / "operation.sqlite")) == expected
    assert kills >= KILLS


class Cut(Ended):
    """Pulls the plug."""


@pytest.mark.parametrize("step", range(0, 260, 29))
def test_the_plug_is_pulled_at_each_kind_of_write(tmp_path, step, monkeypatch):
    """Before, and right after, a transaction of the journal or of the account, wherever it stands."""
    from hidden_regime.operation.journal.file import JournalFile
    from hidden_regime.operation.targets import paper

    expected = _unbroken(tmp_path)
    journal = deployed(tmp_path / "cut", TURNING)
    count = iter(range(10**9))
    write, book = JournalFile.transaction, paper.transaction

    def counted(call):
        def cut(*given):
            number = next(count)
            if number == step:
                raise Cut
            return call(*given)

        return cut

    with monkeypatch.context() as patch:
        patch.setattr(JournalFile, "transaction", counted(write))
        patch.setattr(paper, "transaction", counted(book))
        with pytest.raises(Cut):
            runner(journal).run()
    assert runner(journal).run() == "ended"
    assert whole(journal) == expected


_KEPT: list[tuple] = []


def _unbroken(folder) -> tuple:
    if not _KEPT:
        journal = deployed(folder / "unbroken", TURNING)
        runner(journal).run()
        _KEPT.append(whole(journal))
    return _KEPT[0]
