"""Regimes on bars of any length: the oracle is a detector run over what pandas makes of the same finer bars."""

from __future__ import annotations

from datetime import date, datetime, time, timedelta

import numpy as np
import pandas as pd
import pytest

from hidden_regime import RegimeDetector
from hidden_regime.exceptions import ParameterError
from tests.quantconnect.running import HEAD, run

TEXT = (
    HEAD
    + """
BARS, SUBSCRIBED, MODE, OPTIONS = PARTS


class Watches(HiddenRegimeAlgorithm):
    def initialize(self):
        self.set_start_date(2015, 4, 1)
        self.set_end_date(2015, 4, 10)
        self.add_equity(self.get_parameter("ticker", "SPY"), SUBSCRIBED, data_normalization_mode=MODE)
        self.initialize_regime_detection(self.get_parameter("ticker", "SPY"), bars=BARS, **OPTIONS)
        self.first = len(next(iter(self._hr.assets.values())).states)

    def on_end_of_algorithm(self):
        asset = next(iter(self.securities.keys()))
        self.pieces = self.history[TradeBar](asset, datetime(2000, 1, 1), self.time, SUBSCRIBED, fill_forward=False,
                                             data_normalization_mode=DataNormalizationMode.ADJUSTED)
"""
)
OPTIONS = {"lookback_days": 60, "retrain_frequency": "daily"}


def play(tmp_path, market, bars, subscribed, start, end, *, mode="ADJUSTED", ticker="SPY", options=OPTIONS, **more):
    parts = f"({bars}, Resolution.{subscribed}, DataNormalizationMode.{mode}, {options!r})"
    dates = {"start": date.fromisoformat(start), "end": date.fromisoformat(end)}
    return run(tmp_path, market, TEXT.replace("PARTS", parts), parameters={"ticker": ticker}, **dates, **more)


def tracked(done):
    return next(iter(done.algorithm._hr.assets.values()))


def table(pieces):
    rows = [(p.time, p.open, p.high, p.low, p.close, p.volume) for p in pieces]
    return pd.DataFrame(rows, columns=["time", "open", "high", "low", "close", "volume"]).set_index("time")


HOW = {"open": "first", "high": "max", "low": "min", "close": "last", "volume": "sum"}


def consolidated(pieces, rule, length):
    """Bars of pandas, by their end."""
    frame = table(pieces)
    if rule == "W-MON":
        frame = frame.resample(rule, closed="left", label="left").agg(HOW).dropna()
    else:  # counted from each midnight
        day = frame.index.normalize()
        frame = frame.groupby(day + (frame.index - day) // pd.Timedelta(rule) * pd.Timedelta(rule)).agg(HOW)
    frame.index = frame.index + length
    return frame


def expected(frame, first, **options):
    """States of a detector whose window begins with the bars that history gave."""
    return RegimeDetector(3, **options).run(frame.iloc[first:])


def check(states, frame, atol=0.0):
    rows = frame.dropna(subset=["regime"])
    assert [s.time for s in states] == [t.to_pydatetime() for t in rows.index]
    assert [s.regime for s in states] == list(rows["regime"])
    assert [s.trained_at for s in states] == [pd.Timestamp(t).to_pydatetime() for t in rows["trained_at"]]
    probabilities = rows[["prob_0", "prob_1", "prob_2"]].to_numpy()
    np.testing.assert_allclose([s.probabilities for s in states], probabilities, rtol=0, atol=atol)


LENGTHS = [
    ("timedelta(minutes=15)", "MINUTE", "15min", timedelta(minutes=15), "2015-04-01", "2015-04-10"),
    ("Resolution.HOUR", "MINUTE", "60min", timedelta(hours=1), "2015-04-01", "2015-04-10"),
    ("Resolution.HOUR", "HOUR", "60min", timedelta(hours=1), "2013-06-24", "2013-07-12"),
    ("timedelta(hours=4)", "HOUR", "240min", timedelta(hours=4), "2013-06-24", "2013-07-12"),
    ("timedelta(hours=5)", "HOUR", "300min", timedelta(hours=5), "2013-11-20", "2013-12-06"),
    ("Resolution.MINUTE", "MINUTE", "1min", timedelta(minutes=1), "2015-04-02", "2015-04-06"),
    ("'weekly'", "HOUR", "W-MON", timedelta(days=7), "2014-12-31", "2015-07-15"),
    ("Calendar.WEEKLY", "DAILY", "W-MON", timedelta(days=7), "2014-01-01", "2014-12-31"),
]


@pytest.mark.parametrize(("bars", "subscribed", "rule", "length", "start", "end"), LENGTHS)
def test_states_are_those_of_a_detector_over_bars_of_pandas(
    tmp_path, reference_market, bars, subscribed, rule, length, start, end
):
    done = play(tmp_path, reference_market, bars, subscribed, start, end)
    found = tracked(done)
    frame = consolidated(done.algorithm.pieces, rule, length)
    begin = datetime.combine(date.fromisoformat(start), time())
    frame = frame[frame.index <= done.algorithm.time]
    first = int((frame.index <= begin).sum()) - 61
    assert done.algorithm.first >= 1
    check(found.states, expected(frame, first, lookback=60, retrain="daily"))
    assert len(found.states) == done.algorithm.first + int((frame.index > begin).sum())
    assert len(found.states) > done.algorithm.first


@pytest.mark.parametrize(("bars", "subscribed", "early", "late", "end"), [
    ("timedelta(minutes=15)", "MINUTE", "2015-03-20", "2015-04-06", "2015-04-08"),
    ("timedelta(hours=4)", "HOUR", "2013-06-20", "2013-07-05", "2013-07-12"),
    ("'weekly'", "DAILY", "2014-01-03", "2014-05-15", "2014-07-15"),
    ("'weekly'", "DAILY", "2014-01-04", "2014-05-17", "2014-07-15"),
])  # fmt: skip
@pytest.mark.parametrize("mode", ["ADJUSTED", "RAW"])
def test_a_later_start_has_the_window_that_an_earlier_one_lived_through(
    tmp_path, reference_market, bars, subscribed, early, late, end, mode
):
    options = OPTIONS | {"retrain_frequency": "daily", "memory": 0, "lookback_days": 20}
    one, two = (
        tracked(play(tmp_path, reference_market, bars, subscribed, start, end, mode=mode, options=options))
        for start in (early, late)
    )
    tables = [asset.detector.course.rows.table for asset in (one, two)]
    shared = min(len(t) for t in tables)
    assert shared >= 20
    np.testing.assert_allclose(tables[0][-shared:], tables[1][-shared:], atol=0 if mode == "ADJUSTED" else 2e-4)
    assert one.states[-1].time == two.states[-1].time


@pytest.mark.parametrize(("bars", "subscribed"), [("Resolution.MINUTE", "HOUR"), ("timedelta(hours=4)", "DAILY")])
def test_a_bar_shorter_than_the_subscriptions_is_refused(tmp_path, reference_market, bars, subscribed):
    with pytest.raises(Exception, match=r"bars.*subscribed in") as caught:
        play(tmp_path, reference_market, bars, subscribed, "2015-04-01", "2015-04-02")
    assert (
        "ParameterError" in repr(caught.value) or isinstance(caught.value, ParameterError) or caught.value.__cause__ is not None
    )


@pytest.mark.parametrize("bars", ["3", "'hourly'", "timedelta(days=2)", "timedelta(days=7)", "timedelta(seconds=30)", "None", "True",
                                  "Resolution.SECOND", "Calendar.MONTHLY"])  # fmt: skip
def test_what_is_no_length_is_refused(tmp_path, reference_market, bars):
    with pytest.raises(Exception, match="bars"):
        play(tmp_path, reference_market, bars, "MINUTE", "2015-04-01", "2015-04-02")
