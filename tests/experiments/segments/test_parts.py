"""Parts' figures against figures worked out one by one."""

from __future__ import annotations

import math
from itertools import groupby

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from hidden_regime.exceptions import ParameterError
from hidden_regime.experiments.segments import segment
from hidden_regime.experiments.segments.parts import parts_of, whole_of
from hidden_regime.experiments.segments.spells import spell_sums, spells_of
from tests.experiments.segments.made import calls, planted, run


@given(st.lists(st.tuples(st.sampled_from("abc"), st.floats(-0.5, 0.5)), min_size=1, max_size=60))
@settings(max_examples=80, deadline=None)
def test_parts_multiply_to_the_whole(days):
    labels, returns = [name for name, _ in days], np.array([value for _, value in days])
    parts = parts_of(labels, sorted(set(labels)), returns, returns[::-1].copy(), n_resamples=100)
    assert math.prod(1 + part.own.total_return for part in parts) == pytest.approx(np.prod(1 + returns), rel=1e-12)
    assert math.prod(1 + part.benchmark.total_return for part in parts) == pytest.approx(np.prod(1 + returns), rel=1e-12)
    assert sum(part.days for part in parts) == len(days)
    assert sum(part.share for part in parts) == pytest.approx(1.0)
    runs = [name for name, _ in groupby(labels)]
    assert {part.name: part.spells for part in parts} == {name: runs.count(name) for name in set(labels)}


def test_parts_of_a_run_multiply_to_its_equity():
    made = planted()
    for asked in ({}, {"by": "year"}, {"by": "era", "eras": {"x": ("2020-03-01", "2020-09-30")}}):
        found = segment(made, n_resamples=100, **asked)
        values = made.equity["equity"].to_numpy()
        product = math.prod(1 + part.own.total_return for part in found.parts)
        assert product == pytest.approx(values[-1] / values[0], rel=1e-12)
        assert 1 + found.whole.total_return == pytest.approx(product, rel=1e-12)


def test_spells_by_hand():
    found = spells_of(np.array([1, 1, 0, 2, 2, 2, 1]))
    assert found.codes.tolist() == [1, 0, 2, 1]
    assert found.starts.tolist() == [0, 2, 3, 6]
    assert found.lengths.tolist() == [2, 1, 3, 1]
    sums = spell_sums(np.array([1.0, 2, 3, 4, 5, 6, 7]), found)
    assert sums.tolist() == [[2, 3, 5], [1, 3, 9], [3, 15, 77], [1, 7, 49]]
    assert len(spells_of(np.array([], int)).codes) == 0
    assert spell_sums(np.array([]), spells_of(np.array([], int))).shape == (0, 3)


def fall(returns):
    """Largest fall from a high, one pair of days at a time."""
    curve = [1.0, *np.cumprod(1 + np.array(returns))]
    return max(1 - later / earlier for i, earlier in enumerate(curve) for later in curve[i:])


def test_figures_one_by_one():
    made = planted(12, seed=3)
    found = segment(made, n_resamples=100)
    days = found.days
    for part in found.parts:
        mine = days[days["part"] == part.name]
        for own, column in ((part.own, "return"), (part.benchmark, "benchmark")):
            r = mine[column]
            assert own.mean == pytest.approx(r.mean() * 252)
            assert own.volatility == pytest.approx(r.std() * 252**0.5)
            assert own.sharpe == pytest.approx(r.mean() / r.std() * 252**0.5)
            assert own.gains == (r > 0).mean()
            spells = [[value for _, value in group] for name, group in
                      groupby(zip(days["part"], days[column], strict=True), key=lambda pair: pair[0]) if name == part.name]  # fmt: skip
            assert len(spells) == part.spells
            assert own.drawdown == pytest.approx(max(map(fall, spells)))
    table = found.table()
    assert table.index.tolist() == ["Bear", "Bull", "all days"]
    bull = found["Bull"]
    assert table.loc["Bull", "over_benchmark_mean"] == pytest.approx(bull.own.mean - bull.benchmark.mean)
    assert table.loc["all days", "total_return"] == pytest.approx(made.equity["equity"].iloc[-1] / 100 - 1)


def test_flat_days_have_no_sharpe_ratio_and_no_interval_but_a_difference():
    rng = np.random.default_rng(0)
    labels = np.tile(np.repeat(["Bear", "Bull"], 10), 20)
    returns = np.where(labels == "Bull", rng.normal(0.003, 0.01, len(labels)), 0.0)
    found = segment(run(returns), regimes=calls(labels))
    bear = found["Bear"]
    assert (bear.own.mean, bear.own.volatility, bear.own.sharpe, bear.own.drawdown) == (0.0, 0.0, None, 0.0)
    assert bear.mean_interval is None and bear.sharpe_interval is None and bear.sharpe_difference is None
    assert bear.mean_difference.value == pytest.approx(-found["Bull"].own.mean)
    assert found.told == ("Bear", "Bull")
    nothing = segment(run(np.zeros(len(labels))), regimes=calls(labels))
    assert nothing.told == () and all(part.mean_difference is None for part in nothing.parts)
    assert repr(nothing).count("Its equity never moved") == 1


def test_too_few_spells_have_figures_alone():
    labels = ["Bear"] * 5 + ["Bull"] * 10 + ["Crisis"] * 3
    found = segment(run(np.random.default_rng(0).normal(0, 0.01, 180)), regimes=calls((labels * 10)[:175] + ["Sideways"] * 5))
    few = found["Sideways"]
    assert few.too_few and few.spells == 1 and few.own.sharpe is not None
    assert few.mean_interval is few.sharpe_interval is few.mean_difference is few.sharpe_difference is None
    assert not found["Bull"].too_few and found["Bull"].mean_difference is not None
    assert [part.name for part in found.parts] == ["Crisis", "Bear", "Sideways", "Bull"]
    assert all(
        part.mean_interval is None
        for part in segment(run([0.01, -0.01] * 20), regimes=calls(["a", "b"] * 20), min_spells=50).parts
    )


@pytest.mark.parametrize("values", [[100.0], [100.0, -5.0, 3.0], [100.0, 0.0, 1.0]])
def test_runs_without_returns_are_refused(values):
    made = run([0.0])
    equity = pd.DataFrame({"equity": values, "benchmark": np.nan}, index=pd.bdate_range("2020-01-01", periods=len(values)))
    with pytest.raises(ParameterError, match="source"):
        segment(type(made)("x", {}, {}, {}, equity, pd.DataFrame(), pd.DataFrame()), by="year")


def test_a_run_that_ended_early_says_so():
    assert segment(run([0.1, 0.1], error="why"), by="year").notes == ("The run ended early: why",)


def test_all_days_together():
    assert whole_of(np.array([0.1, -0.5])).drawdown == pytest.approx(0.5)
    assert whole_of(np.array([0.1])).volatility is None
