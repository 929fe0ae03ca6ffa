"""The kill switch, in every script of faults: flat within a round of answers, else not flat and told so."""

from __future__ import annotations

import itertools
import sqlite3
from contextlib import closing

import pytest

from hidden_regime.exceptions import ParameterError, StrategyError
from hidden_regime.operation import halting
from hidden_regime.operation.errors import JournalError, TargetError
from hidden_regime.operation.halting import halt, halt_at
from hidden_regime.operation.panic import panic
from hidden_regime.operation.reconcile import by_journal
from hidden_regime.operation.targets.base import Account, OpenOrder
from hidden_regime.operation.targets.opening import open_target
from hidden_regime.operation.targets.paper import PaperTarget
from tests.operation.strategies import TURNING
from tests.operation.test_determinism_and_targets import cut_at
from tests.operation.worlds import deployed, runner


class Scripted:
    """A target that holds something and answers as a script says: each call takes the next word of its own.

    "ok"; "lost": it fails and nothing happened; "done": it fails after all has happened; "part": half is done.
    """

    def __init__(self, **scripts):
        self.positions, self.open = {"A": 10.0, "B": -4.0}, [OpenOrder(1, "A", 3.0), OpenOrder(2, "B", -1.0)]
        self._scripts = {name: iter(words) for name, words in scripts.items()}
        self.sold = []

    def _word(self, name):
        return next(self._scripts.get(name, iter(())), "ok")

    def _answer(self, word):
        if word in ("lost", "done"):
            raise TargetError("no answer")
        if word == "broken":
            raise ValueError("Expecting value: line 1 column 1")

    def state(self):
        return "running"

    start = stop = lambda self: None

    def cancel_all(self):
        word = self._word("cancel")
        if word in ("ok", "done"):
            self.open = []
        elif word == "part":
            self.open = self.open[1:]
        self._answer(word)

    def flatten(self):
        word = self._word("flatten")
        if word in ("ok", "done"):
            self.sold.append(dict(self.positions))
            self.positions = {}
        elif word == "part":
            self.positions.pop(next(iter(self.positions)), None)
        self._answer(word)

    def orders(self):
        word = self._word("orders")
        self._answer(word)
        return list(self.open)

    def portfolio(self):
        word = self._word("portfolio")
        self._answer(word)
        return Account(0.0, dict(self.positions))


class Seconds:
    """Time that only waits move."""

    def __init__(self):
        self.now = 0.0

    def __call__(self):
        return self.now

    def pause(self, seconds):
        self.now += seconds


def halted(target, deadline=30.0):
    seconds = Seconds()
    return panic(target, deadline=deadline, pause=seconds.pause, seconds=seconds)


WORDS = ("ok", "lost", "done", "part", "broken")


@pytest.mark.parametrize(("call", "first", "second"), [(c, *w) for c in ("cancel", "flatten", "orders", "portfolio")
                                                       for w in itertools.product(WORDS, repeat=2)])  # fmt: skip
def test_it_is_flat_after_any_two_faults_of_any_call(call, first, second):
    target = Scripted(**{call: (first, second)})
    outcome = halted(target)
    assert outcome.is_flat and not target.positions and not target.open
    assert outcome.rounds <= 4
    assert bool(outcome.said) or first not in ("lost", "done", "broken")


def test_what_fails_at_every_round_is_told_of_once_and_counted():
    told, seconds = [], Seconds()
    target = Scripted(flatten=itertools.repeat("lost"))
    outcome = panic(target, deadline=10.0, pause=seconds.pause, seconds=seconds, tell=told.append)
    assert outcome.said == ("flatten: no answer (21 times)",) and outcome.rounds == 21
    assert told == ["flatten: no answer", "NOT FLAT after 21 rounds"]


@pytest.mark.parametrize("call", ["cancel", "flatten", "orders", "portfolio"])
def test_what_never_answers_is_never_taken_for_flat(call):
    outcome = halted(Scripted(**{call: itertools.repeat("lost")}))
    assert not outcome.is_flat and outcome.said
    assert (outcome.left is None) == (call == "portfolio")


def test_an_order_that_comes_in_between_is_cancelled_too():
    target = Scripted()
    cancel = target.cancel_all
    rounds = iter([[OpenOrder(9, "A", 1.0)], []])

    def late():
        cancel()
        target.open = next(rounds, [])

    target.cancel_all = late
    outcome = halted(target)
    assert outcome.is_flat and outcome.rounds == 2


def test_a_halted_deployment_is_flat_at_the_latest_close_and_starts_no_more(tmp_path, monkeypatch):
    journal = deployed(tmp_path, TURNING)
    cut_at(monkeypatch, journal, 60)
    account = PaperTarget(journal.folder("one") / "account.sqlite", 0.0)
    before = account.portfolio()
    assert before.positions and account.orders() is not None
    closes = {t: journal.bars("one", t, 1440)[-1].close for t in before.positions}
    outcome = halt(journal, "one", pause=lambda seconds: None)
    assert outcome.is_flat
    worth = before.cash + sum(quantity * closes[ticker] for ticker, quantity in before.positions.items())
    assert account.portfolio().cash == pytest.approx(worth, abs=0.005) and account.portfolio().is_flat
    assert journal.deployment("one").state == "halted"
    assert journal.told("one")[-1].kind == "panic"
    assert by_journal(journal, "one", open_target(journal, journal.deployment("one"))) == []  # it is to hold nothing, and does
    with pytest.raises(StrategyError, match="kill switch"):
        runner(journal).run()


def test_a_file_is_a_kill_switch_too(tmp_path):
    journal = deployed(tmp_path, TURNING)
    (journal.folder("one") / "HALT").write_text("", encoding="utf-8")
    assert runner(journal).run() == "halted"
    assert not journal.order_events("one")


def test_what_was_not_sent_when_the_switch_was_pulled_is_never_sent(tmp_path, monkeypatch):
    journal = deployed(tmp_path, TURNING)
    cut_at(monkeypatch, journal, 60)
    journal.file.rows("DELETE FROM sent WHERE number = (SELECT MAX(number) FROM sent)")
    (journal.folder("one") / "HALT").write_text("", encoding="utf-8")
    assert runner(journal).run() == "halted" and len(journal.unsent("one")) == 1


def test_a_journal_that_somebody_else_writes_into_keeps_nothing_from_being_sold(tmp_path, monkeypatch):
    monkeypatch.setattr(halting, "PATIENCE", 0.0)
    journal = deployed(tmp_path, TURNING)
    cut_at(monkeypatch, journal, 60)
    account = PaperTarget(journal.folder("one") / "account.sqlite", 0.0)
    assert account.portfolio().positions
    with closing(sqlite3.connect(journal.path, isolation_level=None)) as other:
        other.execute("BEGIN IMMEDIATE")
        outcome = halt_at(journal.path, "one", pause=lambda seconds: None)
    assert outcome.is_flat and account.portfolio().is_flat
    assert "locked" in outcome.said[-1] and journal.deployment("one").state != "halted"
    assert runner(journal).run() == "halted"


def test_a_journal_that_is_damaged_is_never_flat_and_the_process_is_ended_all_the_same(tmp_path, monkeypatch):
    journal = deployed(tmp_path, TURNING)
    journal.close()
    for path in journal.path.parent.glob("operation.sqlite*"):
        path.write_bytes(b"no journal" * 1000)
    ended = []
    monkeypatch.setattr(halting, "supervisor_of", lambda folder: None if ended else (7, "then"))
    monkeypatch.setattr(halting.process, "end", lambda *which, hard: ended.append((*which, hard)))
    outcome = halt_at(journal.path, "one", pause=lambda seconds: None)
    assert not outcome.is_flat and outcome.left is None and "can't be used" in outcome.said[0]
    assert ended == [(7, "then", True)] and (journal.folder("one") / "HALT").is_file()


@pytest.mark.parametrize("spec", ["{", "[]", '{"color": 1}', '{"strategy": "x"}'])
def test_a_row_that_is_damaged_is_a_damaged_journal(tmp_path, spec):
    journal = deployed(tmp_path, TURNING)
    journal.file.rows("UPDATE deployments SET spec = ?", spec)
    with pytest.raises(JournalError, match="can't be used"):
        journal.deployments()
    outcome = halt_at(journal.path, "one", pause=lambda seconds: None)
    assert not outcome.is_flat and "can't be used" in outcome.said[0]


@pytest.mark.parametrize("name", ["..", "../two", "two", ""])
def test_a_name_of_none_puts_a_kill_switch_nowhere(tmp_path, name):
    journal = deployed(tmp_path, TURNING)
    with pytest.raises(ParameterError, match="name"):
        halt_at(journal.path, name, pause=lambda seconds: None)
    assert not list(tmp_path.rglob("HALT"))


def test_an_account_that_was_never_opened_stays_so(tmp_path):
    journal = deployed(tmp_path, TURNING)
    target = open_target(journal, journal.deployment("one"))
    assert target.portfolio().is_flat and not target.orders() and target.state() == "stopped"
    assert not (journal.folder("one") / "account.sqlite").exists()
    assert runner(journal).run() == "ended"
    assert open_target(journal, journal.deployment("one")).portfolio().positions
    (journal.folder("one") / "account.sqlite").unlink()
    outcome = halt(journal, "one", deadline=0.0, pause=lambda seconds: None)  # it held something, and is gone
    assert not outcome.is_flat and outcome.left is None and "is gone" in outcome.said[0]
