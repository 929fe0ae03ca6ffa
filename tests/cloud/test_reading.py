"""Values as the server spells them, by the contradictions that are known."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from hidden_regime.cloud import reading


@pytest.mark.parametrize(
    ("said", "value"),
    [
        ("$-4.94", -4.94), ("-$24.70", -24.7), ("18.12 %", 18.12), ("18.12%", 18.12), ("ZRX6300000.00", 6_300_000.0), ("1,234.5", 1234.5),
        ("$1,000,000", 1e6), ("-0.5", -0.5), ("1e-05", 1e-5), ("+3", 3.0), (".25", 0.25), (7, 7.0), (0.1, 0.1), ("€12", 12.0),
    ],
)  # fmt: skip
def test_numbers_in_texts(said, value):
    assert reading.number(said) == value


@pytest.mark.parametrize("said", ["", "abc", "1.2.3", "$", "12 apples", None, True, [], {}, "--3", "SPY R735QTJ8XC9X"])
def test_what_is_no_number_is_none(said):
    with pytest.raises((TypeError, ValueError)):
        reading.number(said)


@pytest.mark.parametrize(("said", "value"), [("18.12 %", 0.1812), ("0.1812", 0.1812), (0.5, 0.5), ("-3%", -0.03)])
def test_per_cent_is_a_fraction(said, value):
    assert reading.fraction(said) == pytest.approx(value, abs=1e-15)


@given(st.floats(allow_nan=False, allow_infinity=False))
def test_a_number_survives_its_text(value):
    assert reading.number(repr(value)) == value


@pytest.mark.parametrize(
    "said",
    [
        "2026-08-01 13:30:00",
        "2026-08-01T13:30:00",
        "2026-08-01T13:30:00Z",
        "2026-08-01T09:30:00-04:00",
        1785591000,
        1785591000000,
    ],
)
def test_times_are_utc_in_any_form(said):
    assert reading.moment(said) == datetime(2026, 8, 1, 13, 30, tzinfo=UTC)


@pytest.mark.parametrize(
    ("said", "value"), [("00:00:26", 26.0), ("1:02:03", 3723.0), ("2.01:00:00", 176_400.0), (26, 26.0), ("26.5", 26.5)]
)
def test_durations(said, value):
    assert reading.duration(said) == value


@pytest.mark.parametrize("said", ["12:30", "a:b:c", "", None])
def test_what_is_no_duration(said):
    with pytest.raises((TypeError, ValueError)):
        reading.duration(said)


@pytest.mark.parametrize(
    ("said", "value"), [(True, True), ("true", True), ("False", False), (1, True), ("0", False), ("", False)]
)
def test_truths(said, value):
    assert reading.flag(said) is value


def test_an_empty_mapping_may_be_a_list():
    assert reading.mapping(reading.text)([]) == {}
    assert reading.mapping(reading.text)({"a": 1}) == {"a": "1"}
    with pytest.raises(TypeError):
        reading.mapping(reading.text)(["a"])


def test_whole_numbers():
    assert [reading.integer(one) for one in ("7", 7, 7.0, "7.0", 2**60)] == [7, 7, 7, 7, 2**60]
    with pytest.raises(ValueError, match="whole"):
        reading.integer("7.5")
