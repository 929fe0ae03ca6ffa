"""One guard over several strategies."""

from __future__ import annotations

import shutil

import pytest
from typer.testing import CliRunner

from hidden_regime.cli.main import app
from hidden_regime.exceptions import ParameterError
from hidden_regime.operation.deploying import deploy
from hidden_regime.operation.errors import JournalError, TargetError
from hidden_regime.operation.journal import journal_of
from hidden_regime.operation.running.runner import Runner
from hidden_regime.operation.targets.opening import ACCOUNT
from hidden_regime.operation.targets.paper import PaperTarget
from hidden_regime.operation.together import Together
from hidden_regime.quantconnect.guards import Rules
from tests.operation.strategies import TURNING
from tests.operation.worlds import END, NOW, START, WALL, strategy_at


@pytest.fixture(scope="module")
def made(tmp_path_factory):
    folder = tmp_path_factory.mktemp("two")
    journal = journal_of(folder)
    for name in ("a", "b"):
        path = strategy_at(folder / name, TURNING)
        deploy(journal, name, path, data="us_stocks", now=NOW, at=WALL, start=START, end=END, speed=1e12)
        assert Runner(journal, name).run() == "ended"
    journal.close()
    return folder


@pytest.fixture
def two(made, tmp_path):
    shutil.copytree(made, tmp_path, dirs_exist_ok=True)
    return journal_of(tmp_path)


def account(journal, name):
    return PaperTarget(journal.folder(name) / ACCOUNT, 0.0)


def worth(journal, name):
    held = account(journal, name).portfolio()
    return held.cash + sum(q * journal.bars(name, t, 1440)[-1].close for t, q in held.positions.items())


def test_the_sum_is_that_of_the_accounts_at_the_latest_closes(two):
    found = Together(two, ["a", "b"], Rules({})).sum()
    assert found.value == pytest.approx(worth(two, "a") + worth(two, "b"), abs=0.01)
    assert worth(two, "a") == pytest.approx(two.equity("a")[-1][1], abs=0.01)


def test_what_they_lose_together_ends_all_of_them_and_each_is_flat(two):
    guard = Together(two, ["a", "b"], Rules({"drawdown": {"limit": 0.1, "action": "stop"}}))
    assert guard.look("2026-01-01T17:00:00.000Z", pause=lambda _: None) == []
    value = worth(two, "a") + worth(two, "b")
    account(two, "a").adjust("a loss", -0.11 * value, {})
    (breach,) = guard.look("2026-01-01T17:00:30.000Z", pause=lambda _: None)
    assert "11.00% lost together" in breach.said and all(outcome.is_flat for outcome in breach.ended.values())
    assert account(two, "a").portfolio().is_flat and account(two, "b").portfolio().is_flat
    assert [two.deployment(name).state for name in ("a", "b")] == ["halted", "halted"]
    assert guard.look("2026-01-01T17:01:00.000Z", pause=lambda _: None) == []  # it is told once a day


def test_reduce_ends_processes_and_leaves_positions(two):
    guard = Together(two, ["a", "b"], Rules({"exposure": {"limit": 0.01, "action": "reduce"}}))
    before = account(two, "a").portfolio()
    (breach,) = guard.look("2026-01-01T17:00:00.000Z", pause=lambda _: None)
    assert breach.ended == {"a": None, "b": None} and (two.folder("a") / "STOP").exists()
    assert account(two, "a").portfolio() == before


def test_rules_that_only_a_strategy_can_see_are_refused(two):
    with pytest.raises(ParameterError, match="order_rate"):
        Together(two, [], Rules({"order_rate": {"limit": 3, "action": "stop"}}))


def test_the_command_looks_once(two, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    (tmp_path / "all.toml").write_text('[guards]\nposition = { limit = 0.0001, action = "warn" }\n', encoding="utf-8")
    done = CliRunner().invoke(app, ["live", "together", "a", "b", "--rules", "all.toml", "--every", "0"])
    assert done.exit_code == 0 and "of the value together" in done.output
    assert [line.kind for line in two.told("b")][-1] == "guard"


def test_a_journal_that_takes_no_line_keeps_nothing_from_being_ended(two, monkeypatch):
    def broken(*_):
        raise JournalError("the disk is full")

    monkeypatch.setattr(two, "tell", broken)
    guard = Together(two, ["a", "b"], Rules({"exposure": {"limit": 0.01, "action": "stop"}}))
    (breach,) = guard.look("2026-01-01T17:00:00.000Z", pause=lambda _: None)
    assert all(outcome.is_flat for outcome in breach.ended.values()) and account(two, "b").portfolio().is_flat


def test_the_command_goes_on_where_a_target_does_not_answer_and_refuses_names_that_are_none(two, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    (tmp_path / "all.toml").write_text('[guards]\nposition = { limit = 0.0001, action = "warn" }\n', encoding="utf-8")
    words = ["live", "together", "a", "--rules", "all.toml"]
    looks, paused, look = iter([TargetError("no answer"), OSError(7, "enough")]), [], Together.look

    def looked(self, at, *, pause):
        raise next(looks)

    monkeypatch.setattr(Together, "look", looked)
    monkeypatch.setattr("time.sleep", paused.append)
    done = CliRunner().invoke(app, [*words, "--every", "7"])
    assert "no answer Looked at again in 7 s." in done.output and "enough" in done.output and paused == [7.0]
    monkeypatch.setattr(Together, "look", look)
    for more in (["nobody"], ["--every", "-1"], ["--every", "nan"]):
        assert CliRunner().invoke(app, [*words, *more]).exit_code == 2
