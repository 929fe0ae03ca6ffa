"""Splits that nobody took out, and bars with a wrong number."""

from __future__ import annotations

import warnings

import numpy as np
import pandas as pd
import pytest

from hidden_regime import RegimeDetector, create_financial_pipeline, find_regimes, load_dataset
from hidden_regime.bars.jumps import RATIOS, split_of, warn_of_doubtful_prices
from hidden_regime.exceptions import SuspectPriceWarning, UnadjustedPricesWarning

PRICES = ["open", "high", "low", "close"]
AT = 200


def prices(freq="B", seed=0, level=0.01):
    rng = np.random.default_rng(seed)
    sd = np.where((np.arange(500) // 120) % 3 == 2, 3 * level, level)
    close = 100 * np.exp(np.cumsum(rng.normal(0, 1, 500) * sd))
    opens = np.r_[100, close[:-1]] * np.exp(rng.normal(0, 0.2, 500) * sd)
    top, bottom = np.maximum(opens, close), np.minimum(opens, close)
    spread = np.abs(rng.normal(0, 0.3, (2, 500))) * sd
    table = {"open": opens, "high": top * (1 + spread[0]), "low": bottom * (1 - spread[1]), "close": close, "volume": 1e3}
    return pd.DataFrame(table, index=pd.date_range("2018-01-01", periods=500, freq=freq))


def split(frame, ratio, at=AT):
    out = frame.copy()
    out.iloc[at:, :4] /= ratio
    return out


def warned(frame, kind):
    with warnings.catch_warnings(record=True) as caught:
        warnings.simplefilter("always")
        warn_of_doubtful_prices(frame)
    assert all(issubclass(one.category, kind) for one in caught)
    return [str(one.message) for one in caught]


@pytest.mark.parametrize("ratio", [1.5, 2, 3, 4, 7, 10, 20, 1 / 2, 1 / 8, 1 / 20, 1 / 30])
@pytest.mark.parametrize(
    "form", [lambda f: f, lambda f: f[["close"]], lambda f: f.tz_localize("UTC")], ids=["bars", "closes", "zone"]
)
def test_a_split_warns_with_a_remedy_that_takes_it_out(ratio, form):
    frame = prices()
    given = form(split(frame, ratio)).copy()
    (said,) = warned(given, UnadjustedPricesWarning)
    assert str(frame.index[AT].date()) in said
    exec(said.split("before it: ")[1].removesuffix("."), {"frame": given})
    kept = [name for name in PRICES if name in given]
    np.testing.assert_allclose(given[kept], frame[kept] / ratio, rtol=1e-5)
    assert warned(given, UnadjustedPricesWarning) == []


@pytest.mark.parametrize("move", [np.log(0.8), -np.log(1.3), -0.16, 0.17, -0.731, 0.25, -0.35])
def test_what_bad_days_did_to_real_companies_is_no_split(move):
    assert split_of(move) == ""


def test_every_ratio_is_told_both_ways():
    for ratio in RATIOS:
        shares = (f"{2 * ratio:.0f}", "2") if ratio % 1 else (f"{ratio:.0f}", "1")
        assert split_of(-np.log(ratio)) == ":".join(shares)
        assert split_of(np.log(ratio) + 0.02) == ":".join(reversed(shares))


@pytest.mark.parametrize("name", ["sp500", "nasdaq", "aapl", "ibm", "msft"])
def test_real_prices_are_quiet(name):
    frame = load_dataset(name)
    for part in (frame, frame[["close"]]):
        assert warned(part, UnadjustedPricesWarning) == []


def test_a_fall_that_stays_is_quiet_and_a_crash_is_too():
    frame = prices()
    assert warned(split(frame, 1.25), UserWarning) == []
    wild = np.exp(np.cumsum(np.r_[np.zeros(300), np.random.default_rng(2).normal(0, 0.1, 200)]))
    assert warned(pd.DataFrame({"close": 100 * wild * prices()["close"] / 100}), UserWarning) == []


@pytest.mark.parametrize(
    "wrong",
    [{"low": 0.8, "close": 0.8}, {"high": 10, "close": 10}, {"low": 0.1, "close": 0.1}, dict.fromkeys(PRICES, 10.0), {"high": 10.0},
     {"low": 0.1}, dict.fromkeys(PRICES, 0.01)],
    ids=str,
)  # fmt: skip
@pytest.mark.parametrize("at", [1, AT, 498])
def test_a_wrong_bar_warns_with_a_remedy_that_takes_it_out(wrong, at):
    frame = prices()
    given = frame.copy()
    for column, factor in wrong.items():
        given.iloc[at, given.columns.get_loc(column)] *= factor
    (said,) = warned(given, SuspectPriceWarning)
    assert str(frame.index[at].date()) in said
    place = {"frame": given}
    exec(said.split("leave it out: ")[1].removesuffix("."), place)
    pd.testing.assert_frame_equal(place["frame"], frame.drop(frame.index[at]))
    assert warned(place["frame"], SuspectPriceWarning) == []


@pytest.mark.parametrize("emission", ["gaussian", "student_t"])
def test_the_day_of_a_split_is_noted_and_nothing_before_it(emission):
    frame = split(prices(), 4)
    detector = RegimeDetector(2, lookback=100, retrain="never", emission=emission)
    states = detector.run(frame)
    assert [i for i, note in enumerate(states["notes"]) if "split" in note] == [AT]
    assert "split of 4:1" in states["notes"].iloc[AT]
    pd.testing.assert_frame_equal(detector.run(frame.iloc[:AT]), states.iloc[:AT])
    several = detector.clone().run({"A": frame, "B": prices(seed=1)})
    assert list(several["A"]["notes"]) == list(states["notes"])
    assert set(several["B"]["notes"]) == {""}


@pytest.mark.parametrize("find", [find_regimes, lambda f, **o: find_regimes({"A": f, "B": prices()}, **o),
                                  lambda f, **o: create_financial_pipeline(f, **o).update()])  # fmt: skip
def test_a_notebook_is_warned(find):
    with pytest.warns(UnadjustedPricesWarning, match="split of 4:1") as caught:
        find(split(prices(), 4), n_states=2, lookback=100, retrain="never")
    assert [one.filename for one in caught] == [__file__]


@pytest.mark.parametrize("seed", range(4))
@pytest.mark.parametrize("calm", [1e-9, 1e-4, 1e-3])
def test_a_calm_that_breaks_is_no_wrong_bar(seed, calm):
    sd = np.where(np.arange(700) // 150 % 2 == 0, calm, 3e-2)
    close = 50 * np.exp(np.cumsum(np.random.default_rng(seed).normal(0, 1, 700) * sd))
    assert warned(pd.DataFrame({"close": close}, index=pd.bdate_range("2015", periods=700)), UserWarning) == []


def test_the_bar_after_a_wrong_one_says_so():
    frame = prices()
    frame.iloc[AT, [2, 3]] *= 0.7
    with pytest.warns(SuspectPriceWarning):
        states = find_regimes(frame, n_states=2, lookback=100, retrain="never").states
    assert [i for i, note in enumerate(states["notes"]) if "taken back" in note] == [AT + 1]


def test_what_is_no_price_is_left_to_others():
    frame = prices()
    frame.iloc[5, 3] = -1.0
    assert warned(frame, UserWarning) == []
    assert warned(frame.iloc[:2], UserWarning) == []
    flat = pd.DataFrame({"close": np.ones(50)}, index=pd.date_range("2020", periods=50))
    assert warned(flat, UserWarning) == []
