"""The commands that judge runs: what they write, print and return."""

from __future__ import annotations

import json

import pytest
from typer.testing import CliRunner

from hidden_regime.cli.main import app
from tests.experiments.lookahead.planted import HONEST, TOMORROW, bars, write_planted
from tests.experiments.small import HOLD, write_strategy


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
    for words in ("guilty: It looks ahead", "guilty.py line", "1 session later", "Check in results/guilty-lookahead-"):
        assert words in guilty.output
    (folder,) = (home / "results").glob("guilty-lookahead-*")
    assert {path.name for path in folder.iterdir()} == {"lookahead.json", "report.html"}
    other = call("check-lookahead", home / "guilty.py", "--data", "prices.csv", "--cuts", "1", "--workers", "1")
    assert (
        other.exit_code == 1 and len(list((home / "results").glob("guilty-lookahead-*"))) == 2
    )  # another question, another folder
    honest = call("check-lookahead", write_planted(home, HONEST, name="honest.py"), *usual, "--out", "out", "--json")
    assert honest.exit_code == 0, honest.output
    told = json.loads(honest.output)
    assert (told["verdict"], told["folder"]) == ("clean", "out")
    again = call("report", "out", "--out", "again.html")
    assert again.exit_code == 0, again.output
    assert (home / "again.html").read_bytes() == (home / "out/report.html").read_bytes()


def test_compare_says_whether_the_difference_is_real(home):
    write_strategy(home, HOLD.replace("SYN_MARKET", "UP"), "hold.py")
    assert call("backtest", "hold.py", "--data", "prices.csv", "--out", "half", "-p", "share=0.25").exit_code == 0
    out = call("compare", "hold.py", "half", "--data", "prices.csv", "--workers", "1", "--resamples", "99", "--out", "out")
    assert out.exit_code == 0, out.output
    for words in ("common days", "hold 2", "holding UP", "can be told from luck", "Comparison in out"):
        assert words in out.output
    assert (home / "out/comparison.json").is_file()
    named = call("compare", "hold.py", "half", "--data", "prices.csv", "--resamples", "99", "--benchmark", "hold 2", "--json",
                 "--workers", "1")  # fmt: skip
    assert named.exit_code == 0, named.output
    told = json.loads(named.output)
    assert (told["benchmark"], told["folder"]) == ("hold 2", f"results/hold-and-half-comparison-{told['comparison_id'][:8]}")


def test_one_that_fails_leaves_the_others_compared(home):
    write_strategy(home, HOLD.replace("SYN_MARKET", "UP"), "hold.py")
    write_strategy(home, HOLD.replace("SYN_MARKET", "UP").replace("self.portfolio.invested", "undefined"), "broken.py")
    out = call("compare", "hold.py", "broken.py", "--data", "prices.csv", "--workers", "1", "--resamples", "99", "--out", "out")
    assert out.exit_code == 1, out.output
    assert "broken isn't compared: " in out.output and "Comparison in out" in out.output


def test_segments_by_regime_and_by_era(home):
    usual = ["--data", "us_stocks", "--start", "2001-03-13", "--end", "2003-12-31", "--resamples", "100"]
    out = call("segments", "basic_regime_switching", *usual, "--out", "out")
    assert out.exit_code == 0, out.output
    for words in ("It ", "Bull", "spells", "Segments in out"):
        assert words in out.output
    (home / "eras.toml").write_text('[[era]]\nname = "fall"\nstart = 2001-03-13\nend = 2002-10-09\nwhy = "before"\n')
    eras = call("segments", "basic_regime_switching", *usual, "--eras", "eras.toml", "--json", "--out", "eras")
    assert eras.exit_code == 0, eras.output
    assert [part["name"] for part in json.loads(eras.output)["parts"]] == ["fall", "outside the eras"]
    taken = call("segments", "basic_regime_switching", *usual, "--by", "year", "--out", "out")
    assert taken.exit_code == 2 and "holds another segments" in taken.output
    for folder in ("out", "eras"):
        assert call("report", folder, "--out", f"{folder}.html").exit_code == 0
        assert (home / f"{folder}.html").read_bytes() == (home / folder / "report.html").read_bytes()


def test_monte_carlo_says_what_might_have_come(home):
    write_strategy(home, HOLD.replace("SYN_MARKET", "UP"), "hold.py")
    usual = ["--data", "prices.csv", "--workers", "1"]
    out = call("monte-carlo", "hold.py", *usual, "--paths", "200", "--out", "out")
    assert out.exit_code == 0, out.output
    for words in (
        "In 9 of 10 paths the return a year lay between",
        "A drawdown of 10% or more: ",
        "give or take",
        "Simulation in out",
    ):
        assert words in out.output
    moved = call("monte-carlo", "hold.py", *usual, "--kind", "parameters", "--paths", "5", "--json")
    assert moved.exit_code == 0, moved.output
    told = json.loads(moved.output)
    assert (told["question"]["kind"], told["folder"]) == ("parameters", f"results/hold-parameters-{told['simulation_id'][:8]}")
    again = call("report", "out", "--out", "again.html")
    assert again.exit_code == 0, again.output
    assert (home / "again.html").read_bytes() == (home / "out/report.html").read_bytes()
    refused = call("monte-carlo", "hold.py", *usual, "--paths", "100", "--out", "out")
    assert refused.exit_code == 2 and "another" in refused.output


@pytest.mark.parametrize(("arguments", "words"), [
    (["monte-carlo", "nowhere"], "neither a shipped template"),
    (["monte-carlo", "basic_regime_switching", "--kind", "dice"], "kind"),
    (["monte-carlo", "basic_regime_switching", "--ruin", "2"], "ruin"),
    (["compare", "basic_regime_switching", "nowhere"], "neither a shipped template"),
    (["compare", "basic_regime_switching", "multi_asset_rotation", "--resamples", "1"], "n_resamples"),
    (["segments", "nowhere"], "neither a shipped template"),
    (["segments", "basic_regime_switching", "--by", "mood"], "by"),
    (["segments", "basic_regime_switching", "--eras", "none.toml"], "none.toml"),
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
