"""Bars of whatever holds one: against the frame that they come from."""

from __future__ import annotations

from datetime import datetime
from types import SimpleNamespace

import numpy as np
import pandas as pd
import pytest

from hidden_regime import Bar, MarketDetector, RegimeDetector, load_dataset
from hidden_regime.bars.frames import frame_to_bars
from hidden_regime.bars.objects import as_bar
from hidden_regime.exceptions import ParameterError

FRAME = load_dataset("sp500").iloc[:150]
FORMS = {
    "rows": lambda time, row: row,
    "rows in capitals": lambda time, row: row.rename(str.capitalize),
    "mappings": lambda time, row: {"time": time, **row},
    "objects": lambda time, row: SimpleNamespace(end_time=time, **row),
    "LEAN's": lambda time, row: SimpleNamespace(EndTime=time, **row.rename(str.capitalize)),
    "bars": lambda time, row: Bar(time, *row),
}


@pytest.mark.parametrize("form", FORMS)
def test_a_detector_takes_every_form_of_a_bar(form):
    frame = FRAME[["open", "high", "low", "close", "volume"]]
    given, plain = RegimeDetector(2, lookback=60), RegimeDetector(2, lookback=60)
    for (time, row), bar in zip(frame.iterrows(), frame_to_bars(frame), strict=True):
        assert as_bar(FORMS[form](time, row)) == bar
        assert given.update(FORMS[form](time, row)) == plain.update(bar)
    assert given.state is not None


def test_a_close_alone_repeats_it_and_a_volume_may_be_unknown():
    bar = as_bar({"Date": pd.Timestamp("2020-01-02"), "close": np.float32(2.5)})
    assert bar[:5] == (datetime(2020, 1, 2), 2.5, 2.5, 2.5, 2.5) and np.isnan(bar.volume)
    assert type(bar.end_time) is datetime and type(bar.close) is float


def test_a_market_takes_them_too():
    market = MarketDetector(2, lookback=60, features=("log_return",))
    for time, row in FRAME[["close"]].iterrows():
        market.update({"a": row, "b": {"time": time, "close": row["close"]}})
    assert market.state is not None


@pytest.mark.parametrize("wrong", [
    3.0, None, "2020-01-02", (datetime(2020, 1, 2), 1.0), pd.Series({"close": 1.0}), {"time": datetime(2020, 1, 2)},
    {"time": datetime(2020, 1, 2), "open": 1.0, "close": 1.0}, {"time": datetime(2020, 1, 2), "close": "dear"},
])  # fmt: skip
def test_what_is_no_bar_is_refused_by_name(wrong):
    with pytest.raises(ParameterError, match=r"bar = .*expected a Bar\(end_time, open, high, low, close, volume\), or a row"):
        RegimeDetector(2).update(wrong)
