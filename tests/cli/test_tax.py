"""The `tax` command, and searches after tax."""

from __future__ import annotations

import json

from typer.testing import CliRunner

from hidden_regime.cli.main import app

FILLS = """time,symbol,quantity,price,fee
2024-03-01,X,100,10.00,0
2024-06-03,X,-100,7.50,0
2024-06-20,X,100,8.00,0
"""
RATES = 'dated = 2024-01-02\nsource = "a test"\n[[rates]]\nfrom = 2001\nto = 2024\nshort = 0.35\nlong = 0.15\n'


def call(*arguments):
    done = CliRunner().invoke(app, [str(one) for one in arguments])
    return done.exit_code, done.output


def test_lots_of_a_file(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    (tmp_path / "fills.csv").write_text(FILLS)
    code, said = call("tax", "lots", "fills.csv", "--price", "X=9")
    assert code == 0 and "put off by wash sales 250.00" in said and "no advice" in " ".join(said.split())
    code, said = call("tax", "lots", "fills.csv", "--json", "--price", "X=9")
    told = json.loads(said)
    assert (told["realised"], told["disallowed"], told["unrealised"]) == ("0.00", "250.00", "-150.00")
    assert (tmp_path / "results" / "fills-taxes" / "report.html").is_file()
    (tmp_path / "chosen.csv").write_text("sale,lot,quantity\nrow 2,row 1,100\n")
    assert call("tax", "lots", "fills.csv", "--method", "specific", "--chosen", "chosen.csv", "--quiet") == (0, "")
    for wrong in (
        ["nothing"],
        ["fills.csv", "--method", "lifo"],
        ["fills.csv", "--at", "x"],
        ["fills.csv", "--rates", "no.toml"],
    ):
        code, said = call("tax", "lots", *wrong)
        assert code == 2 and "expected" in said, said


def test_a_backtest_has_lots_and_a_search_goes_by_them(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    (tmp_path / "rates.toml").write_text(RATES)
    assert call("backtest", "basic_regime_switching", "--end", "2003-12-31", "--quiet", "--no-report")[0] == 0
    code, said = call("tax", "lots", "results/basic_regime_switching", "--rates", "rates.toml")
    assert code == 0 and "tax" in said
    page = (tmp_path / "results" / "basic_regime_switching-taxes" / "report.html").read_text(encoding="utf-8")
    assert "Return after tax" in page
    asked = ("optimize", "basic_regime_switching", "--end", "2003-12-31", "--vary", "retrain=quarterly,never", "--method", "grid",
             "--objective", "After-Tax.Sharpe Ratio", "--workers", 1, "--store", tmp_path / "store")  # fmt: skip
    code, said = call(*asked)
    assert code == 2 and "--rates" in said
    code, said = call(*asked, "--rates", "rates.toml", "--json")
    assert code == 0, said
    assert len(json.loads(said)["trials"]) == 2
