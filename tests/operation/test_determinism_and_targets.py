"""Strategies that don't do the same again, targets that don't answer, and accounts that somebody else has touched."""

from __future__ import annotations

import re

import pytest

from hidden_regime.exceptions import StrategyError
from hidden_regime.operation.errors import DivergedError, TargetError, UnreconciledError
from hidden_regime.operation.reconcile import by_journal, differences, table
from hidden_regime.operation.targets.base import Account, OpenOrder
from hidden_regime.operation.targets.paper import PaperTarget
from hidden_regime.simulator.loop.pace import Ended
from tests.operation.strategies import ODD, TURNING
from tests.operation.worlds import backtest, deployed, journaled, runner, strategy_at


class Cut(Ended):
    """Ends a run in the middle."""


def cut_at(monkeypatch, journal, bars):
    """Run until so many slots are in the journal, then pull the plug."""
    from hidden_regime.operation.pacing import JournalPace

    take, count = JournalPace._take, iter(range(10**9))

    def counted(*given, **named):
        if next(count) == bars:
            raise Cut
        return take(*given, **named)

    with monkeypatch.context() as patch:
        patch.setattr(JournalPace, "_take", counted)
        with pytest.raises(Cut):
            runner(journal).run()


def test_a_strategy_that_throws_dice_is_stopped_with_the_first_order_that_differs(tmp_path, monkeypatch):
    journal = deployed(tmp_path, ODD)
    cut_at(monkeypatch, journal, 60)
    before = journal.order_events("one")
    assert len(before) > 10
    with pytest.raises(DivergedError, match="the journal has order") as caught:
        runner(journal).run()
    assert journal.order_events("one") == before
    number = int(re.search(r"the journal has order (\d+)", str(caught.value)).group(1))
    first = next(row for row in before if row.order == number)
    assert first.ticker in str(caught.value) and journal.deployment("one").state == "failed"


def test_an_edited_copy_is_refused(tmp_path):
    journal = deployed(tmp_path, TURNING)
    code = journal.folder("one") / "code" / "strategy.py"
    code.write_text(code.read_text(encoding="utf-8") + "\n# a word\n", encoding="utf-8")
    with pytest.raises(StrategyError, match="another one than was deployed"):
        runner(journal).run()


def test_editing_the_original_changes_nothing(tmp_path):
    journal = deployed(tmp_path, TURNING)
    expected = backtest(strategy_at(tmp_path / "mine", TURNING))
    strategy_at(tmp_path / "mine", "raise SystemExit")
    assert runner(journal).run() == "ended"
    assert journaled(journal).orders == expected.orders


class Unwell(PaperTarget):
    """A paper account whose answers get lost: before it has taken what came, or after."""

    def __init__(self, path, cash, before, after):
        super().__init__(path, cash)
        self.before, self.after, self.calls = set(before), set(after), 0

    def send(self, row):
        self.calls += 1
        if self.calls in self.before:
            raise TargetError("no answer")
        super().send(row)
        if self.calls in self.after:
            raise TargetError("no answer")


@pytest.mark.parametrize(("before", "after"), [((3, 4), ()), ((), (3, 5)), ((7,), (8, 9))])
def test_a_target_that_answers_late_or_twice_has_each_fill_once(tmp_path, before, after):
    journal = deployed(tmp_path, TURNING)
    target = Unwell(tmp_path / "account.sqlite", 50_000.0, before, after)
    live = runner(journal, target=target)
    assert live.run() == "ended"
    assert target.portfolio().positions == live._books.account().positions
    assert target.portfolio().cash == pytest.approx(live._books.account().cash, abs=0.005)
    failures = [line for line in journal.told("one") if line.kind == "target"]
    assert len(failures) == len(before) + len(after)


def test_a_target_that_never_answers_opens_the_breaker_and_the_next_run_sends_what_is_missing(tmp_path):
    journal = deployed(tmp_path, TURNING)
    path = tmp_path / "account.sqlite"
    with pytest.raises(TargetError, match="after 5 tries"):
        runner(journal, target=Unwell(path, 50_000.0, range(4, 10**6), ())).run()
    assert len(journal.unsent("one")) >= 1
    live = runner(journal, target=PaperTarget(path, 0.0))
    assert live.run() == "ended"
    assert not journal.unsent("one")
    assert PaperTarget(path, 0.0).portfolio().positions == live._books.account().positions
    assert journaled(journal).orders == backtest(strategy_at(tmp_path / "mine", TURNING)).orders


def test_positions_that_somebody_changed_stop_the_start_with_a_table(tmp_path, monkeypatch):
    journal = deployed(tmp_path, TURNING)
    cut_at(monkeypatch, journal, 60)
    account = PaperTarget(journal.folder("one") / "account.sqlite", 0.0)
    held = account.portfolio().positions
    account.adjust("by hand", -100.0, {"IBM": 5.0})
    with pytest.raises(UnreconciledError) as caught:
        runner(journal).run()
    said = str(caught.value)
    assert re.search(rf"IBM\s+{held['IBM']:.2f}\s+{held['IBM'] + 5:.2f}", said) and "cash" in said
    assert journal.deployment("one").state == "failed"
    assert [one.what for one in by_journal(journal, "one", account)] == ["IBM"]


def test_differences_are_of_cash_positions_and_orders():
    found = differences(
        Account(100.0, {"A": 1.0}), [OpenOrder(1, "A", 5.0, 2.0)], Account(100.004, {"B": 2.0}), [OpenOrder(2, "A", 1.0)]
    )
    assert [(one.what, one.journal, one.target) for one in found] == [
        ("A", 1.0, 0.0), ("B", 0.0, 2.0), ("order 1", 3.0, 0.0), ("order 2", 0.0, 1.0),
    ]  # fmt: skip
    assert table(found).splitlines()[1].split() == ["A", "1.00", "0.00"]
    assert not differences(Account(1.0), [], Account(1.0049), [])


def test_a_message_that_is_another_one_now_is_refused(tmp_path, monkeypatch):
    journal = deployed(tmp_path, TURNING)
    cut_at(monkeypatch, journal, 30)
    account = PaperTarget(journal.folder("one") / "account.sqlite", 0.0)
    row = journal.order_events("one")[0]
    before = account.portfolio(), account.orders()
    account.send(row)
    assert (account.portfolio(), account.orders()) == before
    with pytest.raises(TargetError, match="is not taken again"):
        account.send(row.__class__(**{**row.__dict__, "quantity": row.quantity + 1.0}))


def test_a_full_disk_ends_the_run_and_loses_nothing(tmp_path, monkeypatch):
    """SQLite's own limit of pages stands for the disk."""
    from hidden_regime.operation.errors import JournalError

    journal = deployed(tmp_path, TURNING)
    pages = journal.file.rows("PRAGMA page_count")[0][0]
    cut_at(monkeypatch, journal, 20)
    used = journal.file.rows("PRAGMA page_count")[0][0]
    assert used > pages
    journal.file.rows(f"PRAGMA max_page_count = {used + 1}")
    with pytest.raises(JournalError, match="disk is full"):
        runner(journal).run()
    journal.file.rows("PRAGMA max_page_count = 1000000")
    assert runner(journal).run() == "ended"
    assert journaled(journal).orders == backtest(strategy_at(tmp_path / "mine", TURNING)).orders
