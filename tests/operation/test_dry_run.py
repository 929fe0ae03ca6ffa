"""A rehearsal from the command line is recorded, beside what an account alone can show, and makes nothing ready."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from typer.testing import CliRunner

from hidden_regime.cli.main import app
from hidden_regime.exceptions import ParameterError
from hidden_regime.operation.deploying import digest_of_strategy
from hidden_regime.operation.journal import journal_of
from hidden_regime.operation.readiness.dry_run import LIST, listed, note_seen, rehearsals
from hidden_regime.operation.readiness.signing import is_ready
from hidden_regime.research import projects
from tests.operation.strategies import TURNING
from tests.operation.worlds import WALL, strategy_at


def call(*arguments):
    done = CliRunner().invoke(app, ["live", "rehearse", *map(str, arguments)])
    return done.exit_code, done.output


def test_a_week_is_rehearsed_with_the_money_that_is_meant_and_recorded(tmp_path):
    path = strategy_at(tmp_path / "turning", TURNING, "main.py")
    code, said = call(path, "--start", "2010-03-01", "--cash", 25_000, "--workspace", tmp_path, "--json")
    told = json.loads(said)
    assert code == 0, told
    assert [one["name"] for one in told["proofs"]] == ["rehearsal", "killed and gone on", "a missing bar", "kill switch"]
    assert "2010-03-01 to 2010-03-05" in told["proofs"][0]["evidence"]
    assert [one["item"] for one in told["account"]] == list(LIST)
    journal, digest = journal_of(tmp_path), digest_of_strategy(Path(path))
    [(_, proofs)] = rehearsals(journal, digest)
    assert [one.state for one in proofs] == ["pass"] * 4
    assert not is_ready(journal, digest)  # all that was recorded has passed, and it is not all that there is


def test_what_somebody_has_seen_with_an_account_is_noted_by_name(tmp_path):
    path = strategy_at(tmp_path / "turning", TURNING, "main.py")
    code, said = call(path, "--seen", "margin", "--seen", "latency", "--by", "Ada", "--workspace", tmp_path)
    assert code == 0
    assert said.count("seen by Ada") == 2
    assert said.count("(not seen)") == len(LIST) - 2
    assert rehearsals(journal_of(tmp_path), digest_of_strategy(Path(path))) == []
    note_seen(journal_of(tmp_path), projects.name_of(Path(path)), "margin", "Bob", WALL)
    assert [one.by for one in listed(journal_of(tmp_path), projects.name_of(Path(path)))] == ["Ada", "", "Bob", "", ""]
    for item, by in (("luck", "Ada"), ("margin", " ")):
        with pytest.raises(ParameterError):
            note_seen(journal_of(tmp_path), "main", item, by, WALL)


def test_days_that_the_data_have_not_are_refused(tmp_path):
    path = strategy_at(tmp_path / "turning", TURNING, "main.py")
    code, said = call(path, "--start", "2050-01-03", "--workspace", tmp_path)
    assert code == 2
    assert "expected a day of us_stocks" in " ".join(said.split())
