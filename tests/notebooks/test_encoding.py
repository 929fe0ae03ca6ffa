"""Reported values come back as they were, through JSON and to the last bit."""

from __future__ import annotations

import json
import math
from datetime import UTC, date, datetime, time, timedelta
from decimal import Decimal
from zoneinfo import ZoneInfo

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from hidden_regime.exceptions import ParameterError
from hidden_regime.notebooks.reports import Failure, Report
from hidden_regime.notebooks.reports.encoding import decode, encode
from hidden_regime.simulator.enums import Resolution
from hidden_regime.simulator.objects import Symbol

NEW_YORK = ZoneInfo("America/New_York")


def through(value):
    return decode(json.loads(json.dumps(encode(value), allow_nan=False)))


@pytest.mark.parametrize(
    "value",
    [None, True, 0, -(10**40), 0.1, 5e-324, -0.0, math.inf, -math.inf, "", "é\n\x00", b"\xff", 1j, Decimal("1.10"), date(2020, 2, 29),
     datetime(2020, 1, 2, 3, 4, 5, 6), datetime(2020, 1, 2, tzinfo=UTC), datetime(2020, 1, 2, tzinfo=NEW_YORK), time(1, 2, 3),
     timedelta(-3, 4, 5), [1, [2.0, None]], (1, (2,)), {}, {"a": {"b": [()]}}, {1: 2, (3, None): "x"}, {"$float": "nan"},
     pd.Timestamp("2020-01-02 03:04:05.123456789"), pd.Timestamp("2020-11-01 06:30", tz="UTC").tz_convert("America/New_York"), pd.Timedelta("1D 3ns")],
    ids=repr,
)  # fmt: skip
def test_values_come_back(value):
    found = through(value)
    assert found == value and type(found) is type(value) and repr(found) == repr(value)


def test_nan_and_its_like_come_back():
    assert math.isnan(through(math.nan)) and through(pd.NA) is pd.NA and through(pd.NaT) is pd.NaT
    assert math.isnan(through({"a": [math.nan]})["a"][0])
    assert math.copysign(1.0, through(-0.0)) == -1.0


@given(st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False) | st.text(st.characters(codec="utf-8")),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text("ab$", max_size=3), inner, max_size=4) | st.tuples(inner, inner),
    max_leaves=12,
))  # fmt: skip
@settings(max_examples=150, deadline=None)
def test_whatever_is_made_of_them_comes_back(value):
    assert repr(through(value)) == repr(value)


def test_what_equals_something_plainer_comes_back_as_that():
    found = through([np.float32(0.1), np.int64(4), np.bool_(True), np.str_("x"), Resolution.DAILY, Symbol("SPY")])
    assert found == [float(np.float32(0.1)), 4, True, "x", 4, "SPY"]
    assert [type(one) for one in found] == [float, int, bool, str, int, str]
    assert Symbol("SPY") == found[-1]


def frame():
    return pd.DataFrame(
        {
            "float": [1.5, np.nan, -np.inf], "single": np.array([0.1, 0.2, np.nan], "f4"), "int": [1, 2, 3], "small": np.array([1, 2, 3], "u1"),
            "truth": [True, False, True], "text": ["x", None, "z"], "plain": np.array(["x", 5, None], object), "when": pd.date_range("2020", periods=3, tz="Europe/Berlin"),
            "naive": pd.to_datetime(["2020-01-01", None, "2021-01-01"]), "long": pd.to_timedelta([1, 2, 3], unit="s"), "kind": pd.Categorical(["u", "v", "u"], ordered=True),
            "masked": pd.array([1, None, 2], dtype="Int64"), "string": pd.array(["a", None, "c"], dtype="string"),
        },
        index=pd.date_range("2020-01-01", periods=3, freq="B", name="day"),
    )  # fmt: skip


@pytest.mark.parametrize(
    "make",
    [frame, lambda: frame().reset_index(drop=True), lambda: frame().set_index(["int", "when"]), lambda: frame().iloc[:0], pd.DataFrame,
     lambda: frame()[["float"]].iloc[:, :0], lambda: pd.concat([frame()[["int"]]] * 2, axis=1), lambda: frame()[["int", "float"]].unstack().to_frame(5),
     lambda: frame()[["float", "int"]].T],
)  # fmt: skip
def test_frames_come_back_with_their_types_indexes_and_names(make):
    pd.testing.assert_frame_equal(through(make()), make(), check_exact=True)


@pytest.mark.parametrize("name", list(frame().columns))
def test_series_come_back(name):
    pd.testing.assert_series_equal(through(frame()[name]), frame()[name], check_exact=True)


@pytest.mark.parametrize("kind", ["f8", "f4", ">i4", "?", "c16", "M8[D]", "m8[s]", "U3", "S2"])
def test_arrays_come_back(kind):
    array = np.arange(6).astype("i8").astype(kind).reshape(2, 3)
    found = through(array)
    np.testing.assert_array_equal(found, array)
    assert found.shape == (2, 3) and found.dtype == array.dtype.newbyteorder("=") and found.flags.writeable
    np.testing.assert_array_equal(through(np.array([1, "a", None], object)), np.array([1, "a", None], object))


def test_an_index_comes_back():
    for index in (
        pd.RangeIndex(3, 9, 2, name="n"),
        pd.Index(["a", "b"]),
        pd.MultiIndex.from_tuples([(1, "a"), (2, "b")], names=["n", None]),
    ):
        pd.testing.assert_index_equal(through(index), index)


@pytest.mark.parametrize(
    "value",
    [object(), {1, 2}, print, "\ud800", pd.DataFrame({"a": pd.period_range("2020", periods=2)}), np.zeros(2, [("a", "i4")]), [object()], pd.DataFrame({"a": [object()]})],
    ids=lambda value: type(value).__name__,
)  # fmt: skip
def test_what_could_not_come_back_is_refused(value):
    with pytest.raises(ParameterError, match="expected"):
        encode(value)


def test_what_holds_itself_is_refused():
    endless: list = []
    endless.append(endless)
    with pytest.raises(ParameterError, match="hold itself"):
        encode(endless)


def test_reports_are_equal_by_what_was_reported():
    one = Report("completed", told={"a": encode(math.nan)}, seconds=1.0)
    assert one == Report("completed", told={"a": encode(math.nan)}, seconds=2.0)
    assert one != Report("completed", told={"a": encode(1.0)})
    assert Report("completed", told={"a": 1}) != Report("completed", told={"a": True})
    assert one != Report("failed", Failure("timeout", 3), told={"a": encode(math.nan)})
    with pytest.raises(ParameterError, match="there is a"):
        one["b"]
    assert math.isnan(one["a"])
