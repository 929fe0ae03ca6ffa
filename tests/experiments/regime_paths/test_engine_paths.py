"""A strategy over paths: the same whatever the workers and the count, kept, and no path takes down the others."""

from __future__ import annotations

from datetime import date

import numpy as np
import pytest

from hidden_regime.exceptions import ParameterError, StudyError
from hidden_regime.experiments import run_strategy
from hidden_regime.experiments.regime_paths import engine_paths
from tests.experiments.small import HOLD, ran, three_years, write_strategy

SHORT = {"start": date(2012, 10, 1), "end": date(2012, 12, 28)}
TEXT = (
    HOLD
    + """
    def on_end_of_algorithm(self):
        from pathlib import Path

        with open(Path(__file__).with_name("ran.txt"), "a") as file:
            file.write(f"{self.portfolio.total_portfolio_value}\\n")
"""
)
FALLS = TEXT.replace(
    "    def on_data(self, data):\n",
    "    def on_data(self, data):\n        if self.securities['SYN_MARKET'].price < 150:\n            raise ValueError('too cheap')\n",
)


def paths(path, n_paths=3, **more):
    return engine_paths(path, three_years(), **{"workers": 1, "store": None} | SHORT | more, n_paths=n_paths)


def test_paths_and_the_original(tmp_path):
    path = write_strategy(tmp_path, TEXT, "hold.py")
    found = paths(path, 4)
    original = run_strategy(path, three_years(), **SHORT)
    assert found.original.texts == original.texts
    assert found.equity.shape == found.benchmark.shape == (4, len(original.equity))
    np.testing.assert_array_equal(found.days, original.equity.index.to_numpy().astype("datetime64[D]"))
    assert found.statuses == ("complete",) * 4
    assert np.isfinite(found.equity).all() and (found.n_orders > 0).all()
    assert len({row.tobytes() for row in found.equity}) == 4
    assert found.model["tickers"] == ["SYN_MARKET"] and found.model["n_states"] == 3
    # Path i is the same whatever their number, and the workers.
    np.testing.assert_array_equal(paths(path, 2).equity, found.equity[:2])
    np.testing.assert_array_equal(paths(path, 4, workers=2).equity, found.equity)
    assert paths(path, 4).id == found.id != paths(path, 4, seed=1).id


def test_a_path_that_was_run_is_never_run_again(tmp_path):
    path = write_strategy(tmp_path, TEXT, "hold.py")
    first = paths(path, 2, store=tmp_path / "kept")
    n = len(ran(path))
    again = paths(path, 3, store=tmp_path / "kept")
    assert len(ran(path)) == n + 2  # the original over real prices, and the third path
    np.testing.assert_array_equal(first.equity, again.equity[:2])
    assert not list((tmp_path / "kept").rglob("tapes/*/*"))[3:]  # drawn prices' regimes would serve nobody


def test_a_path_that_fails_takes_none_with_it(tmp_path):
    fine = write_strategy(tmp_path / "fine", TEXT, "hold.py")
    level = float(np.median(paths(fine, 6).benchmark.min(axis=1)))
    path = write_strategy(tmp_path, FALLS.replace("< 150", f"< {level}"), "falls.py")
    real = float(run_strategy(fine, three_years(), **SHORT).equity["benchmark"].min())
    assert real > level
    found = paths(path, 6)
    assert 0 < found.statuses.count("failed") < 6
    for status, error, row in zip(found.statuses, found.errors, found.equity, strict=True):
        assert ("too cheap" in error) == (status == "failed") == bool(np.isnan(row).all())


def test_the_last_years_alone(tmp_path):
    path = write_strategy(tmp_path, TEXT, "hold.py")
    found = engine_paths(path, three_years(), start=date(2011, 1, 3), years=0.25, n_paths=1, workers=1, store=None)
    assert 55 < len(found.days) < 70
    assert found.days[-1] == np.datetime64(three_years().load("SYN_MARKET").dates[-1])


@pytest.mark.parametrize(("change", "words"), [
    (('Resolution.DAILY', 'Resolution.MINUTE'), "MINUTE|within the day"),
    (("self.asset = self", "self.add_universe('mine', lambda time: ['SYN_MARKET'])\n        self.asset = self"), "universe"),
    (('self.set_holdings', 'undefined'), "fails over the real prices"),
])  # fmt: skip
def test_what_cant_be_drawn_is_refused_in_words(tmp_path, change, words, reference_market):
    text = TEXT.replace(*change)
    data = three_years()
    if "MINUTE" in change[1]:
        ticker = next(t for t in reference_market.tickers() if reference_market.intraday(t, 1) is not None)
        day = reference_market.intraday(ticker, 1).days[0]
        text, data = text.replace("SYN_MARKET", ticker), reference_market
        with pytest.raises(StudyError, match=words):
            engine_paths(write_strategy(tmp_path, text, "s.py"), data, start=day, end=day, n_paths=1, workers=1, store=None)
        return
    with pytest.raises(StudyError, match=words):
        paths(write_strategy(tmp_path, text, "s.py"))


@pytest.mark.parametrize("wrong", [{"n_paths": 0}, {"n_states": 0}, {"seed": -1}, {"years": 0}, {"workers": 0}, {"backend": "x"}])
def test_wrong_arguments(tmp_path, wrong):
    with pytest.raises(ParameterError, match=next(iter(wrong))):
        engine_paths(write_strategy(tmp_path, TEXT, "hold.py"), three_years(), **SHORT | wrong)
