"""Windows of a walk-forward: known ones, and what holds for all."""

from __future__ import annotations

from datetime import date, datetime, timedelta

import pandas as pd
import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st

from hidden_regime.exceptions import ParameterError
from hidden_regime.experiments.windows import add_months, anchored_windows, random_windows, rolling_windows

DAY = timedelta(days=1)
FIRST, LAST = date(2001, 3, 13), date(2013, 3, 1)
DATES = st.dates(date(1990, 1, 1), date(2010, 12, 31))


def test_twelve_years_of_twelve_and_six_months_are_21_windows():
    windows = rolling_windows(FIRST, LAST, 12, 6)
    assert len(windows) == 21
    assert [w.number for w in windows] == list(range(1, 22))
    assert (windows[0].is_start, windows[0].is_end) == (FIRST, date(2002, 3, 12))
    assert (windows[0].oos_start, windows[0].oos_end) == (date(2002, 3, 13), date(2002, 9, 12))
    assert (windows[-1].is_start, windows[-1].oos_end) == (date(2011, 3, 13), date(2012, 9, 12))


def test_the_last_window_may_end_with_the_data_and_not_a_day_later():
    assert rolling_windows(FIRST, date(2013, 3, 12), 12, 6)[-1].oos_end == date(2013, 3, 12)
    assert len(rolling_windows(FIRST, date(2013, 3, 12), 12, 6)) == 22
    assert len(rolling_windows(FIRST, date(2013, 3, 11), 12, 6)) == 21


def test_ends_of_months_do_not_drift():
    windows = rolling_windows("2019-01-31", "2021-12-31", 1, 1)
    starts = [w.is_start for w in windows[:4]]
    assert starts == [date(2019, 1, 31), date(2019, 2, 28), date(2019, 3, 31), date(2019, 4, 30)]
    assert windows[12].is_start == date(2020, 1, 31)
    assert windows[13].is_start == date(2020, 2, 29)


@settings(deadline=None)
@given(day=DATES, months=st.integers(0, 400))
def test_months_are_the_calendars(day, months):
    assert add_months(day, months) == (pd.Timestamp(day) + pd.DateOffset(months=months)).date()


@settings(deadline=None)
@given(
    first=DATES, days=st.integers(1, 4000), is_months=st.integers(1, 24), oos_months=st.integers(1, 12), anchored=st.booleans()
)
def test_days_out_of_sample_follow_each_other_inside_the_data(first, days, is_months, oos_months, anchored):
    last = first + days * DAY
    make = anchored_windows if anchored else rolling_windows
    fits = add_months(first, is_months + oos_months) - DAY <= last
    if not fits:
        with pytest.raises(ParameterError, match=f"{days + 1} days from {first} to {last}"):
            make(first, last, is_months, oos_months)
        return
    windows = make(first, last, is_months, oos_months)
    for w in windows:
        assert first <= w.is_start <= w.is_end < w.oos_start <= w.oos_end <= last
        assert w.oos_start == w.is_end + DAY
        assert w.assets is None
    for before, after in zip(windows[:-1], windows[1:], strict=True):
        assert after.oos_start == before.oos_end + DAY
        assert after.number == before.number + 1
    assert add_months(first, is_months + oos_months + len(windows) * oos_months) - DAY > last  # not one more fits


@settings(deadline=None)
@given(first=DATES, is_months=st.integers(1, 24), oos_months=st.integers(1, 12))
def test_anchored_windows_differ_in_their_start_alone(first, is_months, oos_months):
    last = add_months(first, 60)
    rolling = rolling_windows(first, last, is_months, oos_months)
    anchored = anchored_windows(first, last, is_months, oos_months)
    assert {w.is_start for w in anchored} == {first}
    assert [(w.is_end, w.oos_start, w.oos_end) for w in anchored] == [(w.is_end, w.oos_start, w.oos_end) for w in rolling]
    assert [w.is_start for w in rolling] == [add_months(first, i * oos_months) for i in range(len(rolling))]


@settings(deadline=None)
@given(first=DATES, days=st.integers(1, 4000), runs=st.integers(1, 15), train=st.floats(0.05, 0.95), seed=st.integers(0, 10**6))
def test_random_windows_are_inside_the_data_and_split_as_asked(first, days, runs, train, seed):
    last = first + days * DAY
    windows = random_windows(first, last, runs, train, seed)
    assert windows == random_windows(first, last, runs, train, seed)
    assert windows[:1] == random_windows(first, last, 1, train, seed)
    assert [w.number for w in windows] == list(range(1, runs + 1))
    for w in windows:
        assert first <= w.is_start <= w.is_end < w.oos_start <= w.oos_end <= last
        assert w.oos_start == w.is_end + DAY
        length, inside = (w.oos_end - w.is_start).days + 1, (w.is_end - w.is_start).days + 1
        assert 2 * length >= days + 1
        assert abs(inside - train * length) <= 1.0


def test_random_windows_are_everywhere():
    windows = random_windows(FIRST, LAST, 2000, 0.6, 0)
    days = (LAST - FIRST).days + 1
    lengths = sorted((w.oos_end - w.is_start).days + 1 for w in windows)
    assert lengths[0] < 0.51 * days
    assert lengths[-1] > 0.99 * days
    assert lengths[1000] == pytest.approx(0.75 * days, rel=0.02)
    before = sum((w.is_start - FIRST).days for w in windows)
    after = sum((LAST - w.oos_end).days for w in windows)
    assert before == pytest.approx(after, rel=0.05)
    assert random_windows(FIRST, LAST, 5, 0.6, 0) != random_windows(FIRST, LAST, 5, 0.6, 1)


@settings(deadline=None)
@given(n=st.integers(1, 8), seed=st.integers(0, 1000), data=st.data())
def test_subsets_of_assets_keep_their_order(n, seed, data):
    assets = [f"A{i}" for i in range(n)]
    size = data.draw(st.none() | st.integers(1, n))
    for w in random_windows(FIRST, LAST, 4, 0.6, seed, assets=assets, n_assets=size):
        assert len(w.assets) == ((n + 1) // 2 if size is None else size)
        assert list(w.assets) == [a for a in assets if a in w.assets]


def test_every_asset_is_as_likely_as_others_and_draws_no_other_days():
    windows = random_windows(FIRST, LAST, 1000, 0.6, 0, assets=["A", "B", "C", "D"])
    for asset in "ABCD":
        assert sum(asset in w.assets for w in windows) == pytest.approx(500, abs=60)
    plain = random_windows(FIRST, LAST, 1000, 0.6, 0)
    assert [(w.is_start, w.oos_end) for w in windows] == [(w.is_start, w.oos_end) for w in plain]


def test_a_day_may_be_written_in_several_ways():
    expected = rolling_windows(FIRST, LAST)
    assert rolling_windows("2001-03-13", pd.Timestamp(LAST)) == rolling_windows(datetime(2001, 3, 13, 9), LAST) == expected


def test_data_of_one_day_can_not_be_split():
    with pytest.raises(ParameterError, match="two days"):
        random_windows(FIRST, FIRST)


def test_an_error_says_how_long_the_data_are():
    with pytest.raises(ParameterError, match=r"12 \+ 6': expected at most the 14 whole months .* 425 days .* Take fewer months"):
        rolling_windows("2020-01-01", "2021-02-28", 12, 6)
    with pytest.raises(ParameterError, match="whole months"):
        anchored_windows("2020-01-01", "2021-02-28", 10**9, 6)


@pytest.mark.parametrize(
    ("make", "options", "match"),
    [(rolling_windows, {"is_months": 0}, "is_months"), (anchored_windows, {"oos_months": 1.5}, "oos_months"),
     (rolling_windows, {"first": "13.3.2001"}, "first"), (rolling_windows, {"last": None}, "last"),
     (rolling_windows, {"first": LAST, "last": FIRST}, "up to the last"), (random_windows, {"runs": 0}, "runs"),
     (random_windows, {"train": 1.0}, "train"), (random_windows, {"train": 0}, "train"), (random_windows, {"seed": -1}, "seed"),
     (random_windows, {"shortest": 0.0}, "shortest"), (random_windows, {"shortest": 1.1}, "shortest"),
     (random_windows, {"n_assets": 2}, "without assets"), (random_windows, {"assets": ["A"], "n_assets": 2}, "n_assets"),
     (random_windows, {"assets": []}, "assets"), (random_windows, {"assets": ["A", "A"]}, "each once"),
     (random_windows, {"assets": "SPY"}, "names of assets")],
)  # fmt: skip
def test_what_no_window_can_be_is_named(make, options, match):
    with pytest.raises(ParameterError, match=match):
        make(**({"first": FIRST, "last": LAST} | options))


@settings(deadline=None)
@given(first=DATES, months=st.integers(2, 40))
def test_a_window_that_fits_by_a_day(first, months):
    end = add_months(first, months) - DAY
    assert len(rolling_windows(first, end, months - 1, 1)) == 1
    assume(end > first)
    with pytest.raises(ParameterError):
        rolling_windows(first, end - DAY, months - 1, 1)
