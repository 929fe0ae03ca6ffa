from __future__ import annotations

import math
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from hidden_regime.exceptions import ParameterError
from hidden_regime.experiments.space import Choice, Range
from hidden_regime.experiments.space.numbers import MOST_VALUES, decimal_of, text_of

SMALL = st.decimals("-50", "50", places=2)
STEPS = st.decimals("0.25", "30", places=2)


@given(SMALL, st.decimals("0", "90", places=1), STEPS)
def test_values_are_those_of_plain_decimal_arithmetic(low, width, step):
    one = Range("x", low, low + width, step)
    k, expected = 0, []
    while low + k * step <= low + width:
        expected.append(str(low + k * step))
        k += 1
    assert [text.replace("-0.00", "0.00") for text in one.values()] == [text.replace("-0.00", "0.00") for text in expected]
    assert one.count == len(expected)


def test_texts_keep_the_zeros_that_leans_decimals_keep():
    assert Range("share", "0.3", "0.9", "0.15").values() == ("0.30", "0.45", "0.60", "0.75", "0.90")
    assert Range("fast", 5, 10, "2.5").values() == ("5.0", "7.5", "10.0")
    assert Range("share", 0.01, 0.09, 0.01).values() == tuple(f"0.0{k}" for k in range(1, 10))
    assert Range("x", "1e1", "3E1", 10).values() == ("10", "20", "30")
    assert Range("x", 3, 3, 1).values() == ("3",)


def test_a_whole_range_has_no_points_and_refuses_fractions():
    one = Range("fast", "10.0", "50.0", "20.0").as_whole()
    assert one.values() == ("10", "30", "50") and one.as_whole() is one
    assert Range("fast", 1, 9, whole=True).count == 9
    for numbers in ((10, 50, "2.5"), ("10.5", 50, 5), (10, "50.5", 5)):
        with pytest.raises(ParameterError, match="silently answer its default"):
            Range("fast", *numbers).as_whole()
    with pytest.raises(ParameterError, match="2147483647"):
        Range("fast", 0, 2**31, whole=True)


@given(st.decimals("-20", "20", places=3), st.booleans())
def test_what_is_snapped_is_the_nearest_of_the_range(value, whole):
    one = Range("x", -5, 7, whole=whole)
    text = one.snapped(value)
    near = min(range(-5, 8), key=lambda k: abs(k - value)) if whole else min(max(value, -5), 7)
    assert abs(Decimal(text) - value) == abs(near - value)
    assert not whole or text == str(int(text))


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (("x", 5, 4), "at most high = 4"),
        (("x", 0, 1, 0), "x: step = '0': expected a number above 0"),
        (("x", 0, 1, -1), "x: step"),
        (("x", 0, 1, 1, -1), "x: min_step"),
        (("x", 0, 1, "0.1", "0.2"), "at most step = 0.1"),
        (("", 0, 1), "get_parameter asks"),
        ((3, 0, 1), "get_parameter asks"),
        (("x", "a", 1), "x: low = 'a': expected a number"),
        (("x", 0, math.nan), "x: high"),
        (("x", 0, math.inf), "x: high"),
        (("x", 0, True), "x: high"),
        (("x", 0, None), "x: high"),
        (("x", 0, [1]), "x: high"),
        (("x", 0, "1_0"), "x: high"),
        (("x", 0, 1e300), "28 digits"),
        (("x", 0, "1e999999"), "28 digits"),
        (("x", 1e-40, 1), "28 digits"),
    ],
)
def test_what_can_be_no_range_is_refused(arguments, said):
    with pytest.raises(ParameterError, match=said):
        Range(*arguments)


def test_values_need_a_step_that_isn_t_too_small():
    with pytest.raises(ParameterError, match="a step, as in 10:50:5"):
        Range("x", 0, 1).values()
    assert Range("x", 0, 1).count is None
    with pytest.raises(ParameterError, match=f"at most {MOST_VALUES:,} values.*These are 10,000,001"):
        Range("x", 0, 1, "0.0000001").values()


def test_a_choice_is_texts_as_lean_passes_them():
    assert Choice("x", (2, 2.5, 1e-7, True, "SPY", Decimal("0.30"))).values() == ("2", "2.5", "0.0000001", "1", "SPY", "0.30")
    assert Choice("x", ("a",)).count == 1
    for values in ((), "abc", None, ("a", "a"), (1, "1"), (None,), ([1],), ({},)):
        with pytest.raises(ParameterError):
            Choice("x", values)


@given(st.floats(-1e9, 1e9))
def test_a_float_is_read_and_written_by_its_shortest_text(value):
    assert float(text_of(value)) == value and "e" not in text_of(value)
    if abs(value) > 1e-10:
        assert decimal_of("x", value) == Decimal(repr(value))
