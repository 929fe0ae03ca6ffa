"""The comparison: figures against single runs and by their definitions, names, failures, days, the benchmark."""

from __future__ import annotations

import math
import pickle
from datetime import date

import numpy as np
import pandas as pd
import pytest

from hidden_regime.exceptions import ParameterError, StudyError

pytest.importorskip("arch")

from hidden_regime.experiments import Result, compare_strategies, run_strategy
from hidden_regime.experiments.honesty import sharpe_difference_bootstrap
from hidden_regime.experiments.sources import result_of
from tests.experiments.small import HOLD, three_years, write_strategy

FEW = {"n_resamples": 199}
BROKEN = HOLD.replace("wanted = self.share", "wanted = self.nothing")
IDLE = HOLD.replace("wanted = self.share if self.time.month % self.every == 0 else 0", "wanted = 0")
END = date(2011, 6, 30)


def luck(seed=0, n=300, mean=0.0005, start="2015-01-01"):
    days = pd.bdate_range(start, periods=n)
    return pd.Series(np.random.default_rng(seed).normal(mean, 0.01, n), days)


@pytest.fixture(scope="module")
def strategies(tmp_path_factory):
    folder = tmp_path_factory.mktemp("strategies")
    often = HOLD.replace('"every", 2', '"every", 1')
    return [write_strategy(folder / "a", HOLD, "hold.py"), write_strategy(folder / "b", often, "often.py"),
            write_strategy(folder / "c", BROKEN, "broken.py"), write_strategy(folder / "d", IDLE, "idle.py")]  # fmt: skip


@pytest.fixture(scope="module")
def found(strategies):
    options = {"data": three_years(), "end": END, "store": None, "workers": 1}
    return compare_strategies([*strategies, strategies[0], "nowhere"], **options, **FEW)


@pytest.fixture(scope="module")
def singles(strategies):
    return [run_strategy(path, three_years(), end=END) for path in strategies[:2]]


def test_figures_are_those_of_single_runs(found, singles):
    table = found.table()
    for name, single in zip(("hold", "often"), singles, strict=True):
        own, equity = table.loc[name], single.equity["equity"]
        assert own["sharpe"] == pytest.approx(single.sharpe)
        assert own["total_return"] == pytest.approx(equity.iloc[-1] / equity.iloc[0] - 1)
        assert own["annual_return"] == pytest.approx((equity.iloc[-1] / equity.iloc[0]) ** (252 / (len(equity) - 1)) - 1)
        assert own["volatility"] == pytest.approx(single.returns.std() * math.sqrt(252))
        falls = 1 - equity / equity.cummax()
        assert own["max_drawdown"] == pytest.approx(falls.max())
        assert own["drawdown_to"] == str(falls.idxmax().date())
        assert own["drawdown_from"] == str(equity[: falls.idxmax()].idxmax().date())
        assert own["n_orders"] == single.statistics["Total Orders"] == len(single.orders)
        assert own["n_trades"] == len(single.trades)
        assert own["win_rate"] == pytest.approx((single.trades["profit_loss"] > 0).mean(), nan_ok=True) or not len(single.trades)
        assert own["fees"] == pytest.approx(single.statistics["Total Fees"])
        per_day = [abs(o.quantity) * o.price / equity[: o.time].iloc[-1] for o in single.orders.itertuples()]
        assert own["turnover"] == pytest.approx(sum(per_day) / len(equity) * 252)
        assert own["sharpe_low"] < own["sharpe"] < own["sharpe_high"]
        pd.testing.assert_frame_equal(found.result(name).equity, single.equity)
        pd.testing.assert_frame_equal(found.result(name).trades, single.trades)


def test_turnover_is_leans_where_data_begin_with_the_run():
    run = run_strategy("basic_regime_switching", end=date(2002, 12, 31))
    found = compare_strategies([run], **FEW).table().loc["basic_regime_switching", "turnover"]
    assert found == pytest.approx(365 * run.statistics["Portfolio Turnover"], rel=0.02)


def test_a_strategy_against_itself(found):
    itself = found.pair_table().loc[("hold", "hold 2")]
    assert (itself["difference"], itself["p"], itself["memmel_p"], itself["t_p"]) == (0.0, 1.0, 1.0, 1.0)


def test_one_that_fails_stays_in_the_table_and_out_of_the_tests(found):
    told = {one.name: one.error for one in found.figures}
    assert [name for name, error in told.items() if not error] == [one.name for one in found.ranked]
    assert set(found.names) == {"hold", "often", "hold 2", "holding SYN_MARKET"}
    assert "nothing" in told["broken"] and "never moves" in told["idle"] and "nowhere" in told["nowhere"]
    assert not {"broken", "idle", "nowhere"} & {name for pair in found.pairs for name in (pair.first, pair.second)}
    text = found.to_html()
    assert text.index("broken is not compared") < text.index("Is the difference real?")


def test_the_default_benchmark_is_holding(found, singles):
    marks = singles[0].equity["benchmark"]
    assert found.benchmark == found.family.benchmark == "holding SYN_MARKET"
    np.testing.assert_allclose(found.of("holding SYN_MARKET"), marks.pct_change().dropna())
    assert set(found.family.names) == {"hold", "often", "hold 2"}


def test_workers_change_nothing(strategies):
    options = {"data": three_years(), "end": date(2010, 9, 30), "store": None}
    one, two = (compare_strategies([*strategies[:3]], workers=n, **options, **FEW) for n in (1, 2))
    assert one.to_dict() == two.to_dict() and one.id == two.id
    assert one.to_html() == two.to_html()
    assert pickle.loads(pickle.dumps(one)).to_dict() == one.to_dict()


def test_ranking_and_pairs_are_those_of_the_days():
    given = {"a": luck(1), "b": luck(2, mean=0.002), "c": luck(3)}
    found = compare_strategies(given, benchmark="c", seed=3, **FEW)
    sharpe = {name: one.mean() / one.std() * math.sqrt(252) for name, one in given.items()}
    assert [one.name for one in found.figures] == sorted(sharpe, key=sharpe.get, reverse=True)
    for pair in found.pairs:
        own = sharpe_difference_bootstrap(given[pair.first], given[pair.second], seed=3, n_resamples=199)
        assert (pair.difference, pair.p) == (pytest.approx(sharpe[pair.first] - sharpe[pair.second]), own.p)
        assert pair.luck == pytest.approx(own.luck * math.sqrt(252))
        assert pair.years == pytest.approx(300 / 252 * (own.luck / own.difference) ** 2)
        assert pair.difference >= 0.0
    assert [pair.p_holm for pair in found.pairs] != [pair.p for pair in found.pairs]
    assert {pair.first for pair in found.pairs} | {pair.second for pair in found.pairs} == set(given)
    assert (found.family.benchmark, found.family.names) == ("c", ("a", "b"))


def test_differing_days_are_shared_and_said():
    long, short = luck(1, 300), luck(2, 200, start="2015-02-02").drop(pd.Timestamp("2015-03-04"))
    found = compare_strategies({"long": long, "short": short}, **FEW)
    assert len(found.days) == 199
    assert "short has 199" not in found.notes[0] and "long has 300" in found.notes[0]
    own = pd.Series(found.of("long"), pd.DatetimeIndex(found.days.astype("datetime64[ns]")))
    both = (1 + long["2015-03-04"]) * (1 + long["2015-03-05"]) - 1  # the day that the other lacks is in the next
    assert own["2015-03-05"] == pytest.approx(both)
    np.testing.assert_allclose(own.drop(pd.Timestamp("2015-03-05")), long[own.index].drop(pd.Timestamp("2015-03-05")))
    np.testing.assert_allclose(found.of("short"), short)


def test_names_are_made_unique():
    found = compare_strategies(
        [luck(1).rename("x"), luck(2).rename("x"), luck(3).rename("date")], benchmark=luck(4).rename("x"), **FEW
    )
    assert [one.name for one in found.results] == ["x", "x 2", "date 2", "x 3"]
    assert found.benchmark == "x 3"
    named = compare_strategies([luck(1), luck(2)], names=["one", "two"], **FEW)
    assert (named.names, named.benchmark) == (("one", "two"), "one")
    assert compare_strategies([luck(1)], benchmark=luck(2), **FEW).names == ("returns", "benchmark")


def test_verdicts():
    far = compare_strategies({"good": luck(1, mean=0.004), "bad": luck(2, mean=-0.004)}, **FEW)
    assert far.verdict.answer == "yes" and far.verdict.headline.startswith("Yes") and "real" in far.verdict.reasons[0]
    near = compare_strategies({"one": luck(1), "two": luck(2)}, **FEW)
    assert near.verdict.answer == "no" and "chance" in near.verdict.reasons[0] and "years" in near.verdict.reasons[0]
    some = compare_strategies({"good": luck(1, mean=0.004), "bad": luck(2, mean=-0.004), "worse": luck(3, mean=-0.004)}, **FEW)
    assert some.verdict.answer == "in part" and "2 of 3" in some.verdict.headline
    same = compare_strategies({"two": luck(2), "again": luck(2), "one": luck(1)}, **FEW)
    assert "same, at most with another leverage" in same.verdict.reasons[0]
    assert all("0.05" in one.verdict.rule for one in (far, near, some, same))


def test_noise_is_called_real_in_few_of_many():
    """40 comparisons of three equally good strategies: more than 6 wrong ones happen in 1 of 250 at 5 in 100."""
    wrong = 0
    for seed in range(40):
        common = luck(1000 + seed, 150).to_numpy()
        family = {str(i): luck(3 * seed + i, 150) + common for i in range(3)}
        wrong += compare_strategies(family, n_resamples=99, block=2.0).verdict.answer != "no"
    assert wrong <= 6


def test_what_falls_to_nothing_is_out():
    run = result_of(luck(1), name="ruined")
    equity = run.equity.copy()
    equity.iloc[100:, 0] = 0.0
    ruined = Result(
        **{name: getattr(run, name) for name in ("name", "parameters", "reads", "texts", "orders", "trades")}, equity=equity
    )
    found = compare_strategies([ruined, luck(2), luck(3)], **FEW)
    assert "falls to nothing" in {one.name: one.error for one in found.figures}["ruined"]
    assert found.benchmark == "returns"


def test_progress_is_told_in_order():
    seen = []
    compare_strategies([luck(1), luck(2)], progress=lambda done, total, run: seen.append((done, total, run.name)), **FEW)
    assert [one[:2] for one in seen] == [(1, 2), (2, 2)]


@pytest.mark.parametrize(
    ("given", "options", "error", "match"),
    [([luck(1)], {}, StudyError, "at least two"), ([], {}, ParameterError, "at least one"), ("hold", {}, ParameterError, "a list"),
     ([luck(1), 5], {}, ParameterError, "source"), ([luck(1), luck(2)], {"names": ["a"]}, ParameterError, "each of the 2"),
     ({"a": luck(1)}, {"names": ["a"]}, ParameterError, "mapping"), ([luck(1), luck(2)], {"benchmark": "SPY"}, ParameterError, "name of"),
     ([luck(1), luck(2)], {"benchmark": 3}, ParameterError, "benchmark"), ([luck(1), luck(2)], {"block": 0}, ParameterError, "block"),
     ([luck(1), luck(2)], {"n_resamples": 9}, ParameterError, "n_resamples"), ([luck(1), luck(2)], {"seed": -1}, ParameterError, "seed"),
     ([luck(1), luck(2, start="2019-01-01")], {}, StudyError, "0 trading days in common"),
     ([luck(1), luck(2, 12)], {}, StudyError, "12 trading days in common"), ([luck(1), "nowhere"], {}, StudyError, "neither a shipped")],
)  # fmt: skip
def test_what_can_not_be_compared_is_named(given, options, error, match):
    with pytest.raises(error, match=match):
        compare_strategies(given, **{**FEW, **options})
