"""One run as a value equals the run itself, wherever and however often it is made."""

from __future__ import annotations

import multiprocessing
import pickle
import threading
from concurrent.futures import ProcessPoolExecutor
from datetime import date
from functools import partial

import pandas as pd
import pytest

from hidden_regime.cli.options import parse_parameters
from hidden_regime.data import make_market
from hidden_regime.exceptions import ParameterError, RegimeWarning, StrategyError
from hidden_regime.experiments import run_strategy
from hidden_regime.experiments.objective import fractions
from hidden_regime.research import backtest
from hidden_regime.simulator import result as lean_result
from hidden_regime.simulator.run import run_file
from hidden_regime.simulator.turn import alone
from tests.experiments.small import END, HOLD, PLANTED, START, market, ran, three_years, write_prices, write_strategy


def equal(one, other):
    assert (one.texts, one.parameters, one.reads, one.key, one.error) == (
        other.texts,
        other.parameters,
        other.reads,
        other.key,
        other.error,
    )
    for name in ("equity", "orders", "trades"):
        pd.testing.assert_frame_equal(getattr(one, name), getattr(other, name), check_exact=True)


def test_it_is_what_the_engine_says(tmp_path):
    path = write_strategy(tmp_path)
    found = run_strategy(path, market(), parameters={"share": 0.3})
    run = run_file(path, market(), parameters={"share": "0.3"})
    assert found.texts == lean_result.statistics(run)
    pd.testing.assert_frame_equal(found.orders, backtest.orders_of(run))
    pd.testing.assert_frame_equal(found.equity, backtest.equity_of(run))
    assert found.statistics == fractions(found.texts)
    assert (found.name, found.error, found.parameters["share"]) == ("planted", "", "0.3")
    assert found.data == {"name": "small", "origin": "invented", "benchmark": "UP"}
    assert set(found.reads) == {"fast", "share", "word"}


def test_dates_and_cash_are_those_asked_for(tmp_path):
    found = run_strategy(write_strategy(tmp_path), market(), start=END.replace(day=7), end=END.replace(day=18), cash=5000.0)
    assert [str(day.date()) for day in found.equity.index[[0, -1]]] == ["2010-06-07", "2010-06-18"]
    assert found.equity["equity"].iloc[0] == 5000


def test_without_details_the_figures_are_the_same(tmp_path):
    path = write_strategy(tmp_path, HOLD)
    whole = run_strategy(path, three_years(), start=START)
    short = run_strategy(path, three_years(), start=START, details=False)
    assert short.texts == whole.texts
    assert short.key == whole.key
    pd.testing.assert_frame_equal(short.equity, whole.equity, check_exact=True)
    assert len(whole.orders) > 4
    assert len(whole.trades) > 2
    assert (len(short.orders), len(short.trades), short.regimes) == (0, 0, {})
    assert list(short.orders.columns) == list(whole.orders.columns)
    assert list(short.trades.columns) == list(whole.trades.columns)


def test_regimes_are_there_and_an_earlier_run_has_found_them(tmp_path):
    said = {"data": three_years(), "start": date(2012, 1, 3), "end": date(2012, 3, 30), "store": tmp_path}
    first, again = (run_strategy("basic_regime_switching", **said) for _ in range(2))
    equal(first, again)
    assert first.regimes
    assert (first.replayed, again.replayed) == (0, len(first.regimes))
    assert (first.trainings > 0, again.trainings) == (True, 0)
    for ticker, table in first.regimes.items():
        pd.testing.assert_frame_equal(table, again.regimes[ticker], check_exact=True)
        assert str(table.index[0].date()) >= "2012-01-03"


def test_in_processes_it_is_the_same_as_in_sequence(tmp_path):
    path, data = write_strategy(tmp_path), write_prices(tmp_path)
    sets = [{"share": 0.1}, {"share": 0.9}, {"word": "crash"}]
    with ProcessPoolExecutor(2, mp_context=multiprocessing.get_context("spawn")) as pool:
        waiting = [pool.submit(partial(run_strategy, path, str(data), parameters=one)) for one in sets]
        found = [one.result() for one in waiting]
    for one, parameters in zip(found, sets, strict=True):
        equal(one, run_strategy(path, str(data), parameters=parameters))
    assert "told to crash" in found[2].error


def test_another_thread_is_refused_and_told_what_to_do(tmp_path):
    path, begun, done = write_strategy(tmp_path), threading.Event(), threading.Event()

    def hold():
        with alone():
            begun.set()
            done.wait(60)

    thread = threading.Thread(target=hold)
    thread.start()
    try:
        assert begun.wait(60)
        with pytest.raises(
            StrategyError, match=r"another thread runs a strategy in this process: expected one at a time.*processes"
        ):
            run_strategy(path, market())
    finally:
        done.set()
        thread.join()
    assert ran(path) == []


def test_what_the_strategy_raises_is_in_the_result(tmp_path):
    text = PLANTED.replace(
        "if not self.portfolio.invested",
        "if self.time.day == 15:\n            raise KeyError('half [way]')\n        if not self.portfolio.invested",
    )
    found = run_strategy(write_strategy(tmp_path, text), market(), parameters={"share": 0.5})
    assert "half [way]" in found.error
    assert "(in planted.py: line" in found.error
    assert str(found.equity.index[-1].date()) < "2010-06-16"
    assert len(found.orders) == 1
    pickle.dumps(found)


@pytest.mark.parametrize(
    ("given", "told"),
    [
        ({"fsat": 1}, "fsat = '1': expected a parameter that the strategy reads.*Did you mean fast?"),
        ({"fast": "5.0"}, "fast = '5.0': expected a whole number without a point"), ({"fast": 5.0}, "fast = '5.0'"),
        ({"share": "half"}, "share = 'half': expected a number"), ({"fast": None}, "a text or a number"),
        ("fast=1", "parameters = 'fast=1': expected a mapping"), ([("fast", 1)], "expected a mapping"),
    ],
)  # fmt: skip
def test_parameters_that_change_nothing_are_errors(tmp_path, given, told):
    with pytest.raises(ParameterError, match=told):
        run_strategy(write_strategy(tmp_path), market(), parameters=given)


def test_an_unread_name_of_one_that_fails_at_once_does_not_hide_why(tmp_path):
    text = PLANTED.replace("self.set_start_date(2010, 6, 1)", "raise ValueError('first')")
    assert "first" in run_strategy(write_strategy(tmp_path, text), market(), parameters={"fsat": 1}).error


def test_the_key_is_that_of_what_it_depends_on(tmp_path):
    path = write_strategy(tmp_path)
    keys = [run_strategy(path, market(), parameters=one).key for one in ({}, {"fast": 10}, {"fast": "10"})]
    assert keys[1] == keys[2] != keys[0]
    assert all(len(key) == 64 for key in keys)


def test_texts_of_the_command_are_those_of_the_call(tmp_path):
    path = write_strategy(tmp_path)
    equal(
        run_strategy(path, market(), parameters=parse_parameters(["share=0.25"])),
        run_strategy(path, market(), parameters={"share": 0.25}),
    )


def test_a_regime_that_never_became_known_is_told():
    with pytest.warns(RegimeWarning, match=r"no regime of SYN_MARKET is known: its window of 9999 observations never filled"):
        run_strategy("basic_regime_switching", make_market(n_days=420).market, parameters={"lookback": 9999})
