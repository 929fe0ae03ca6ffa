"""Which event came untold, reckoned from two scales of two days: by hand for a split 7:1 and a dividend of 1%."""

from __future__ import annotations

from datetime import datetime, timedelta

import pytest

from hidden_regime.quantconnect._lean import DataNormalizationMode as Mode
from hidden_regime.quantconnect.scale import Scale

FRIDAY, MONDAY = datetime(2014, 6, 6, 16), datetime(2014, 6, 9, 16)
RAW = {FRIDAY: 645.0, MONDAY: 93.0}
SPLIT = {FRIDAY: 645.0 / 7, MONDAY: 93.0}


def live(told=1.0):
    return Scale(Mode.ADJUSTED, live=True, told=told)


def test_what_history_of_both_days_shows():
    assert live().untold(SPLIT, RAW, (FRIDAY, 645.0), (MONDAY, 92.5)) == pytest.approx(1 / 7)
    assert live(told=1 / 7).untold(SPLIT, RAW, (FRIDAY, 645.0 / 7), (MONDAY, 92.5)) == 1.0
    # A dividend told besides a split that was not.
    both = {FRIDAY: 645.0 / 7 * 0.99, MONDAY: 93.0}
    assert live(told=0.99).untold(both, RAW, (FRIDAY, 645.0 * 0.99), (MONDAY, 92.5)) == pytest.approx(1 / 7)


def test_an_event_that_is_still_to_come_is_not_one_of_the_bar():
    tuesday = {FRIDAY: 640.0 / 7, MONDAY: 645.0 / 7}  # ex on Tuesday, in the file already
    assert live().untold(tuesday, {FRIDAY: 640.0, MONDAY: 645.0}, (FRIDAY, 640.0), (MONDAY, 641.0)) == 1.0


@pytest.mark.parametrize(("opened", "factor"), [(92.5, 1 / 7), (646.0, 1.0)])
def test_where_live_history_lags_the_bar_decides(opened, factor):
    friday = {FRIDAY: SPLIT[FRIDAY]}
    found = live().untold(friday, {FRIDAY: 645.0}, (FRIDAY, 645.0), (MONDAY, opened))
    assert found == pytest.approx(factor)


def test_nothing_known_changes_nothing():
    assert live().untold({}, {}, (FRIDAY, 645.0), (MONDAY, 92.5)) == 1.0
    raw = Scale(Mode.RAW)
    assert raw.untold({FRIDAY: SPLIT[FRIDAY]}, {FRIDAY: 645.0}, (FRIDAY, 645.0), (MONDAY, 92.5)) == 1.0
    assert raw.untold(SPLIT, RAW, (FRIDAY, 645.0), (MONDAY, 92.5)) == pytest.approx(1 / 7)


def test_rounded_prices_are_no_event():
    rounded = {FRIDAY: 645.00001, MONDAY: 93.0}
    assert live().untold(rounded, RAW, (FRIDAY, 645.0), (MONDAY, 92.5)) == 1.0


@pytest.mark.parametrize(
    ("mode", "splits", "dividends", "adjusted"),
    [
        (Mode.ADJUSTED, False, False, True),
        (Mode.SCALED_RAW, False, False, True),
        (Mode.RAW, True, True, False),
        (Mode.SPLIT_ADJUSTED, False, True, False),
        (Mode.TOTAL_RETURN, False, False, False),
    ],
)
def test_what_each_mode_sees(mode, splits, dividends, adjusted):
    back = Scale(mode)
    assert (back.sees_splits, back.sees_dividends, back.is_adjusted) == (splits, dividends, adjusted)
    now = Scale(mode, live=True)
    assert (now.sees_splits, now.sees_dividends, now.is_adjusted) == (True, True, False)


def test_an_event_counts_once_and_only_after_the_window():
    scale = Scale()
    saturday = datetime(2014, 6, 7)
    assert not scale.is_new("split", FRIDAY - timedelta(hours=8), FRIDAY)
    assert [scale.is_new("split", saturday, FRIDAY) for _ in range(2)] == [True, False]
    assert scale.is_new("dividend", saturday, FRIDAY)
