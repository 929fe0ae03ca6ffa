"""The commands that judge runs: what they write, print and return."""

from __future__ import annotations

import json

import pytest
from typer.testing import CliRunner

from hidden_regime.cli.main import app
from tests.experiments.lookahead.planted import HONEST, TOMORROW, bars, write_planted


@pytest.fixture
def home(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("HIDDEN_REGIME_CACHE", str(tmp_path / "cache"))
    monkeypatch.setenv("COLUMNS", "400")
    bars().assign(ticker="UP").to_csv(tmp_path / "prices.csv")
    return tmp_path


def call(command, *arguments):
    return CliRunner().invoke(app, [command, *map(str, arguments)])


def test_check_lookahead_convicts_with_status_one_and_acquits_with_zero(home):
    usual = ["--data", "prices.csv", "--cuts", "2", "--workers", "1"]
    guilty = call("check-lookahead", write_planted(home, TOMORROW, name="guilty.py"), *usual)
    assert guilty.exit_code == 1, guilty.output
    for words in ("guilty: It looks ahead", "guilty.py line", "1 session later", "Check in results/guilty-lookahead"):
        assert words in guilty.output
    assert {path.name for path in (home / "results/guilty-lookahead").iterdir()} == {"lookahead.json", "report.html"}
    honest = call("check-lookahead", write_planted(home, HONEST, name="honest.py"), *usual, "--out", "out", "--json")
    assert honest.exit_code == 0, honest.output
    told = json.loads(honest.output)
    assert (told["verdict"], told["folder"]) == ("clean", "out")
    again = call("report", "out", "--out", "again.html")
    assert again.exit_code == 0, again.output
    assert (home / "again.html").read_bytes() == (home / "out/report.html").read_bytes()


@pytest.mark.parametrize(("arguments", "words"), [
    (["check-lookahead", "nowhere.py"], "neither a shipped template"),
    (["check-lookahead", "basic_regime_switching", "--cuts", "0"], "cuts"),
    (["check-lookahead", "basic_regime_switching", "--start", "x"], "--start"),
    (["check-lookahead", "basic_regime_switching", "-p", "x"], "-p"),
    (["report", "."], "expected the folder of a finished study"),
])  # fmt: skip
def test_wrong_input_is_one_line_and_status_two(home, arguments, words):
    out = call(*arguments)
    assert out.exit_code == 2, out.output
    assert words in out.output
    assert len(out.output.strip().splitlines()) == 1
