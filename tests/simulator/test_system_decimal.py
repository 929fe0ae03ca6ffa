"""Decimals of .NET: against exact fractions, and against numbers that .NET and LEAN wrote."""

from __future__ import annotations

from fractions import Fraction

import pytest
from hypothesis import given
from hypothesis import strategies as st

from hidden_regime.data.decimals import DECIMALS, LARGEST, SystemDecimal

parse = SystemDecimal.parse
numbers = st.builds(SystemDecimal, st.integers(-(10**20), 10**20), st.integers(0, 12))
wide = st.builds(SystemDecimal, st.integers(-LARGEST, LARGEST), st.integers(20, DECIMALS))


def exact(number):
    return Fraction(number.n, 10**number.scale)


def fitting(value, scale):
    """The text of an exact value in as many decimals of `scale` as have room."""
    for decimals in range(min(scale, DECIMALS), -1, -1):
        rounded = round(value * 10**decimals)  # fractions round half to even
        if abs(rounded) <= LARGEST:
            return str(SystemDecimal(rounded, decimals))
    raise OverflowError


@given(numbers | wide, numbers | wide)
def test_sums_and_products_keep_their_scale_and_round_half_to_even(a, b):
    assert str(a + b) == fitting(exact(a) + exact(b), max(a.scale, b.scale))
    assert str(a - b) == fitting(exact(a) - exact(b), max(a.scale, b.scale))
    small = SystemDecimal(b.n % 10**8, b.scale)
    assert str(a * small) == fitting(exact(a) * exact(small), a.scale + small.scale)


@given(numbers, numbers.filter(lambda b: b.n != 0))
def test_quotients_are_as_short_as_they_are_exact(a, b):
    found, value = a / b, exact(a) / exact(b)
    natural = max(a.scale - b.scale, 0)
    if (value * 10**natural).denominator == 1:
        assert str(found) == fitting(value, natural)
    else:
        text = fitting(value, DECIMALS)
        assert str(found) == (text.rstrip("0").rstrip(".") if "." in text else text)


@given(numbers, st.integers(0, 12))
def test_rounding_shortens_and_never_lengthens(a, digits):
    assert str(a.round(digits)) == str(SystemDecimal(round(exact(a) * 10 ** min(digits, a.scale)), min(digits, a.scale)))


@given(numbers, numbers)
def test_order_is_that_of_the_numbers(a, b):
    x, y = exact(a), exact(b)
    assert (a < b, a <= b, a == b, a >= b, a > b) == (x < y, x <= y, x == y, x >= y, x > y)
    assert a != b or hash(a) == hash(b)
    assert bool(a) == bool(x) and int(a) == int(x) and abs(exact(-a)) == exact(abs(a))


@given(st.integers(-(10**15) + 1, 10**15 - 1), st.integers(0, 20))
def test_fifteen_digits_survive_a_double(n, scale):
    number = SystemDecimal(n, scale)
    assert SystemDecimal.of(float(number)) == number
    assert SystemDecimal.of(n / 10**scale) == number


@pytest.mark.parametrize(
    ("text", "expected"),
    [("1/3", "0.3333333333333333333333333333"), ("2/3", "0.6666666666666666666666666667"),
     ("10/3", "3.3333333333333333333333333333"), ("100/8", "12.5"), ("10.00/4", "2.50"), ("0.00/5", "0.00"),
     ("5/0.50", "10"), ("1.00/0.5", "2.0"), ("1/300", "0.0033333333333333333333333333")],
)  # fmt: skip
def test_quotients_as_in_net(text, expected):
    a, b = text.split("/")
    assert str(parse(a) / parse(b)) == expected


def test_doubles_as_lean_prints_them():
    # LEAN's words on a target of -2.220446049250313e-16: cast as a double, and parsed from its text.
    assert str(SystemDecimal.of(-2.220446049250313e-16)) == "-0.000000000000000222044604925"
    assert str(SystemDecimal.written(-2.220446049250313e-16)) == "-0.0000000000000002220446049250"
    assert [str(SystemDecimal.of(x)) for x in (0.1 + 0.2, 1e-30, 100.0, 24.9, 4.9e22, -0.0)] == [
        "0.3", "0", "100", "24.9", "49000000000000000000000", "0",
    ]  # fmt: skip
    assert [str(SystemDecimal.written(x)) for x in (100.0, 1e22, 0.1 + 0.2)] == ["100.0", "1" + "0" * 22, "0.30000000000000004"]
    # LEAN logs float(average): 24.576666666666668, and the profit of 150 shares at 24.49: -12.999999999999998.
    average = (parse("24.51") * parse("100") + parse("24.61") * parse("200")) / parse("300")
    assert float(average) == 24.576666666666668
    assert float(parse("24.49") * parse("150") - average * parse("150")) == -12.999999999999998


def test_what_has_no_room_raises_or_becomes_the_largest():
    for value in (1e29, -1e300, float("inf"), float("nan")):
        with pytest.raises(OverflowError):
            SystemDecimal.of(value)
    with pytest.raises(OverflowError):
        SystemDecimal(LARGEST) + SystemDecimal(1)
    with pytest.raises(ZeroDivisionError):
        SystemDecimal(1) / SystemDecimal(0)
    assert (SystemDecimal.nearest(1e300).n, SystemDecimal.nearest(-1e29).n) == (LARGEST, -LARGEST)
    with pytest.raises(OverflowError):
        SystemDecimal.nearest(float("nan"))


def test_texts():
    assert [parse("7344.265").fixed(2), parse("-2.905").fixed(2, thousands=True), parse("1234567").fixed(2, thousands=True)] == [
        "7344.27", "-2.91", "1,234,567.00",
    ]  # fmt: skip
    assert [str(parse("-0.0001").round(3)), parse("-0.001").fixed(2), str(parse("5.00").normalize())] == ["0.000", "0.00", "5"]
    assert (repr(parse("1e-2")), str(parse("12.5").at_scale(4)), parse("2.5").fixed(0)) == ("SystemDecimal(0.01)", "12.5000", "3")
