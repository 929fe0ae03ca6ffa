"""Pairs on the command line: written, told of, and their regimes found, whichever form they are in."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest
from typer.testing import CliRunner

from hidden_regime.cli.main import app
from hidden_regime.data import load_dataset, load_series
from hidden_regime.exceptions import UnknownDataError


def call(*arguments):
    run = CliRunner().invoke(app, [str(one) for one in arguments])
    return run.exit_code, " ".join(run.output.split())


@pytest.fixture
def tables(tmp_path):
    """A coin's hours, and a currency's days without bid and ask but with a column that nobody knows."""
    place = tmp_path / "tables"
    place.mkdir()
    load_dataset("synthetic_bitcoin", resolution="hour").iloc[: 24 * 30].to_csv(place / "BTC-USD.csv")
    days = pd.date_range("2022-01-03", periods=20, freq="B", name="date")
    pd.DataFrame({"close": 1.1 + 0.001 * np.arange(20), "swap": 1.0}, days).to_csv(place / "EURUSD.csv")
    return place


def test_tables_become_a_folder_that_is_told_of(tables, tmp_path):
    code, said = call("data", "to-lean", tables, tmp_path / "lean", "--benchmark", "BTCUSD")
    assert code == 0
    for words in ("BTCUSD: 30 daily bars, 720 hour bars", "EURUSD: 20 daily bars", "trading costs no spread", "columns ['swap']",
                  "it has no open, high, low", "set_benchmark(SecurityType.CRYPTO, 'BTCUSD')", "written and checked"):  # fmt: skip
        assert words in said, (words, said)
    code, said = call("data", "info", tmp_path / "lean")
    assert code == 0
    assert "crypto/coinbase/BTCUSD 2022-01-01 2022-01-30 daily, hour trades" in said
    assert "forex/oanda/EURUSD 2022-01-03 2022-01-28 daily quotes" in said
    assert call("data", "info", tables)[1].count("quotes") == 1
    assert "note: " in call("data", "to-lean", tables, tmp_path / "lean")[1].partition("replaced")[0]


def test_a_series_is_taken_of_tables_and_of_the_folder(tables, tmp_path):
    call("data", "to-lean", tables, tmp_path / "lean", "--benchmark", "BTCUSD")
    whole = load_dataset("synthetic_bitcoin").iloc[:30]
    for source in (tables, tmp_path / "lean"):
        title, frame = load_series(str(source), "btcusd")
        assert title == "BTCUSD"
        np.testing.assert_allclose(frame["close"], whole["close"], rtol=1e-12)
        with pytest.raises(UnknownDataError, match="holds 2 assets"):
            load_series(str(source))
    assert load_series("synthetic_bitcoin")[0] == "BTCUSD (SYNTHETIC)"


def test_wrong_tables_are_refused_with_2_and_leave_nothing(tables, tmp_path):
    (tables / "BTCUSDT.csv").write_text("date,close\n2022-01-01,1\n2022-01-02,2\n")
    code, said = call("data", "to-lean", tables, tmp_path / "lean")
    assert code == 2 and "crypto/binance/BTCUSDT" in said and not (tmp_path / "lean").exists()
    (tables / "BTCUSDT.csv").unlink()
    assert call("data", "to-lean", tables, tmp_path / "lean", "--delisted", "EURUSD")[0] == 2
    assert call("data", "check", tables)[0] == 2


def test_stocks_are_no_pairs(tmp_path):
    code, said = call("backtest", "bitcoin_regimes", "--data", "us_stocks", "--out", tmp_path / "out")
    assert code == 2
    assert "AAPL in us_stocks is no pair: expected self.add_equity('AAPL', ...) in the strategy" in said
    assert "--data synthetic_bitcoin" in said
