"""Rows of files by hand: which are hidden, and that the others stay byte for byte."""

from __future__ import annotations

import json
from datetime import datetime

import numpy as np
import pandas as pd
import pytest

from hidden_regime.experiments.lookahead.dated import moment_of
from hidden_regime.experiments.lookahead.frames import hidden_frame
from hidden_regime.experiments.lookahead.future import Future
from hidden_regime.experiments.lookahead.texts import hidden_text

NOON, EVENING = datetime(2020, 1, 3, 12), datetime(2020, 1, 3, 20)
BARS = "date,open,high,low,close,volume\n2020-01-02,10,12,9,11,100\n2020-01-03,11,13,10,12,200\n2020-01-06,12,14,11,13,300\n"
LEAN = "20200102 00:00,100000,120000,90000,110000,100\n20200103 00:00,110000,130000,100000,120000,200\n20200106 00:00,120000,140000,110000,130000,300\n"
SIGNALS = "day;score;word\n2020-01-02;1;up\n2020-01-03;-1;down\n2020-01-06;1;flat\n2020-01-07;0;wild\n"
MINUTES = "time,open,high,low,close,volume\n" + "".join(
    f"2020-01-03 {11 + i // 60}:{i % 60:02},10,11,9,10.5,5\n" for i in range(30, 90)
)


def close_of(day):
    return datetime.combine(day, datetime.min.time()).replace(hour=16)


def hidden(text, moment, how="cut", **more):
    found = hidden_text(text.encode(), "file", Future(moment, how, **more), close_of)
    return None if found is None else found.decode()


@pytest.mark.parametrize(("text", "when"), [
    ("2013-01-02", datetime(2013, 1, 2)), ("2013-01-02 09:30:00", datetime(2013, 1, 2, 9, 30)), ("20130102", datetime(2013, 1, 2)),
    ("20130102 10:00", datetime(2013, 1, 2, 10)), ("2013/01/02", datetime(2013, 1, 2)), ("01/02/2013", datetime(2013, 1, 2)),
    ("2013-01-02T09:30:00Z", datetime(2013, 1, 2, 9, 30)), ("12345678", None), ("17.5", None), ("", None), ("SPY", None),
    ("2013-13-02", None),
])  # fmt: skip
def test_dates(text, when):
    assert moment_of(text) == when


def test_a_days_bar_is_known_at_its_close():
    assert hidden(BARS, EVENING) == "".join(BARS.splitlines(keepends=True)[:3])
    assert hidden(BARS, NOON) == "".join(BARS.splitlines(keepends=True)[:2])
    assert hidden(LEAN, NOON) == LEAN.splitlines(keepends=True)[0]
    assert hidden(BARS, datetime(2020, 2, 1)) is None


def test_other_rows_are_known_at_the_moment_they_bear():
    assert hidden(SIGNALS, NOON) == "".join(SIGNALS.splitlines(keepends=True)[:3])
    assert hidden(MINUTES, NOON).splitlines()[-1].startswith("2020-01-03 11:59")  # the minute that begins at 11:59 ends at noon


@pytest.mark.parametrize("text", [BARS, LEAN])
def test_changed_bars_are_bars_on_the_other_side(text):
    rows = hidden(text, NOON, "changed").splitlines()
    head = 1 if text is BARS else 0
    assert rows[: head + 1] == text.splitlines()[: head + 1]
    for old, new in zip(text.splitlines()[head + 1 :], rows[head + 1 :], strict=True):
        (day, *before), (same, *after) = old.split(","), new.split(",")
        opened, high, low, close = map(float, after[:4])
        assert day == same
        assert low <= min(opened, close) <= max(opened, close) <= high
        anchor = float(text.splitlines()[head].split(",")[4])
        assert (close - anchor) * (float(before[3]) - anchor) < 0
        assert ("." in new) == ("." in old)  # LEAN's prices are whole numbers


def test_changed_signals_are_others():
    rows = [row.split(";") for row in hidden(SIGNALS, NOON, "changed").splitlines()]
    assert rows[:3] == [row.split(";") for row in SIGNALS.splitlines()[:3]]
    assert [row[2] for row in rows[3:]] == ["wild", "flat"]
    assert all(float(row[1]) != float(old) for row, old in zip(rows[3:], ("1", "0"), strict=True))


def test_a_part_of_the_future_alone():
    until = datetime(2020, 1, 6, 12)
    assert hidden(SIGNALS, NOON, until=until) == SIGNALS.replace("2020-01-06;1;flat\n", "")


@pytest.mark.parametrize(
    "text", ["", "a,b\n1,2\n", "no table at all", "\x00\x01", '{"a": 1}', "[1, 2]", "2020-01-09 one line\n", "{broken"]
)
def test_what_has_no_dates_stays(text):
    assert hidden(text, NOON) is None
    assert hidden_text(b"\xff\xfe\x00", "file", Future(NOON), close_of) is None


def test_json():
    keyed = json.dumps({"2020-01-03": {"close": 12}, "2020-01-06": {"close": 13}})
    assert json.loads(hidden(keyed, EVENING)) == {"2020-01-03": {"close": 12}}
    assert json.loads(hidden(keyed, NOON)) == {}
    nested = json.dumps({"rows": [{"date": "2020-01-02", "score": 1.5}, {"date": "2020-01-06", "score": 2.5}], "name": "x"})
    assert json.loads(hidden(nested, NOON)) == {"rows": [{"date": "2020-01-02", "score": 1.5}], "name": "x"}
    changed = json.loads(hidden(nested, NOON, "changed"))
    assert changed["rows"][0] == {"date": "2020-01-02", "score": 1.5}
    assert changed["rows"][1]["date"] == "2020-01-06"
    assert changed["rows"][1]["score"] != 2.5


def test_frames():
    days = pd.date_range("2020-01-01", periods=8)
    frame = pd.DataFrame({"close": np.arange(1.0, 9.0), "shares": np.arange(100, 900, 100), "word": list("abcdefgh")}, index=days)
    cut = hidden_frame(frame, "file", Future(EVENING, "cut"), close_of)
    pd.testing.assert_frame_equal(cut, frame[:3])
    for table in (frame, frame.rename_axis("date").reset_index()):
        changed = hidden_frame(table, "file", Future(EVENING, "changed"), close_of)
        pd.testing.assert_frame_equal(changed[:3], table[:3], check_freq=False)
        assert (changed["close"][3:] != table["close"][3:]).all()
        assert (changed["shares"][3:] != table["shares"][3:]).all()
    plain = pd.DataFrame({"a": [1.0, 2.0]})
    assert hidden_frame(plain, "file", Future(NOON), close_of) is plain
