"""A tear sheet of a journal is LEAN's table of the backtest of the same days."""

from __future__ import annotations

import re
from datetime import datetime

import pytest

from hidden_regime.data import open_market
from hidden_regime.exceptions import ParameterError
from hidden_regime.operation.reporting.tearsheet import OF_BENCHMARK, tear_sheet
from hidden_regime.simulator import run_file
from hidden_regime.simulator.result import statistics
from tests.operation.journals import two_months
from tests.operation.strategies import TURNING
from tests.operation.worlds import END, START, strategy_at


def test_it_is_what_lean_says_of_the_backtest(tmp_path):
    journal = two_months(tmp_path)
    run = run_file(strategy_at(tmp_path / "mine", TURNING), open_market("us_stocks"), start=START, end=END, live=True)
    expected = statistics(run)
    found = tear_sheet(journal, "one").statistics
    assert set(expected) - set(found) - {"Estimated Strategy Capacity", "Lowest Capacity Asset"} == set(OF_BENCHMARK)
    # The backtest ends with its last day, the journal with the midnight after: a year is cut at another place.
    differing = {name for name, value in found.items() if value != expected[name]}
    # And in between LEAN samples more often, which the time below a peak is told by.
    assert differing <= {"Compounding Annual Return", "Drawdown Recovery"}
    years = (datetime(2012, 3, 1, 5) - datetime(2012, 1, 3, 5)).days / 365
    growth = journal.equity("one")[-1][1] / 50_000
    assert found["Compounding Annual Return"] == f"{(growth ** (1 / years) - 1) * 100:.3f}%"


def test_the_journal_of_a_night_has_none(tmp_path):
    journal = two_months(tmp_path)
    with pytest.raises(ParameterError, match="nights"):
        tear_sheet(journal, "one", until="2012-01-04T12")


def test_where_something_was_split_closings_are_left_out(tmp_path):
    journal = two_months(tmp_path)
    with journal.file.transaction() as db:
        told = '{"factors": [["2012-01-20", 1.0, 0.5, 100.0, null], ["2050-01-01", 1.0, 1.0, 0.0, null]]}'
        db.execute("UPDATE listings SET told = ? WHERE ticker = 'IBM'", (told,))
    found = tear_sheet(journal, "one")
    assert "Win Rate" not in found.statistics and "Sharpe Ratio" in found.statistics
    assert any(re.match("IBM was split", note) for note in found.notes)
