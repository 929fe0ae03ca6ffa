"""Decimals as .NET has them: known answers of C#, and fractions."""

from __future__ import annotations

from fractions import Fraction

import pytest
from hypothesis import given
from hypothesis import strategies as st

from hidden_regime.data.decimals import LIMIT, MOST, NetDecimal, fit, minus, over, plus, read, rounded, times, to_double

LARGEST = "79228162514264337593543950335"


def text(number):
    """As C# prints it: all digits of the scale."""
    digits = str(abs(number.digits)).rjust(number.scale + 1, "0")
    whole, part = digits[: len(digits) - number.scale], digits[len(digits) - number.scale :]
    return ("-" if number.digits < 0 else "") + whole + ("." + part if part else "")


@pytest.mark.parametrize(
    ("found", "printed"),
    [
        (over(read("1"), read("3")), "0.3333333333333333333333333333"),
        (over(read("2"), read("3")), "0.6666666666666666666666666667"),
        (over(read("10"), read("3")), "3.3333333333333333333333333333"),
        (over(read("1.00"), read("2")), "0.50"),
        (over(read("1"), read("8")), "0.125"),
        (over(read("1"), read("1.0000000")), "1"),
        (over(read("1.0000000"), read("1")), "1.0000000"),
        (over(read("3"), read("0.5")), "6"),
        (over(read("30"), read("0.0005")), "60000"),
        (over(read("1"), read("0.00000003")), "33333333.333333333333333333333"),
        (times(read("1.10"), read("2.0")), "2.200"),
        (times(read(LARGEST), read("0.1")), "7922816251426433759354395033.5"),
        (times(read("0.0000000000000001"), read("0.0000000000015")), "0.0000000000000000000000000002"),
        (times(read("0.0000000000000001"), read("0.0000000000025")), "0.0000000000000000000000000002"),
        (plus(read("1.5"), read("0.25")), "1.75"),
        (plus(read("0.00"), read("1.5")), "1.5"),
        (minus(read("1.0"), read("1.25")), "-0.25"),
        (plus(read(LARGEST), read("0.4")), LARGEST),
        (rounded(read("0.015"), 2), "0.02"),
        (rounded(read("-0.025"), 2), "-0.02"),
        (rounded(read("0.5"), 2), "0.5"),
        (read("00.0500"), "0.0500"),
        (read("-2.50"), "-2.50"),
        (read("1e3"), "1000"),
        (read("0.12345678901234567890123456785"), "0.1234567890123456789012345678"),
    ],
)
def test_arithmetic_is_that_of_csharp(found, printed):
    assert text(found) == printed


def test_what_is_too_large_is_refused():
    for impossible in (
        lambda: read(LARGEST[:-1] + "6"),
        lambda: times(read(LARGEST), read("2")),
        lambda: over(read(LARGEST), read("0.3")),
    ):
        with pytest.raises(OverflowError, match="too large"):
            impossible()
    for odd in ("nan", "inf", "x"):
        with pytest.raises((ValueError, ArithmeticError)):
            read(odd)


def test_digits_that_round_up_to_the_limit_lose_one_more():
    assert fit(LIMIT * 10 - 5, 1 + 3) == NetDecimal(7922816251426433759354395034, 2)


def test_a_double_is_made_of_two_halves():
    """Where the digits pass 2**64, the result may be beside the nearest double; 107.44... is one of LEAN's answers."""
    assert to_double(NetDecimal(1074438684730000, 13)) == 107.443868473
    assert to_double(read("-2.50")) == -2.5
    assert to_double(read(LARGEST)) == 2.0**96
    beside = [n for n in range(10**21, 2 * 10**21, 10**18 + 12347) if to_double(NetDecimal(n, 17)) != float(Fraction(n, 10**17))]
    assert beside


digits = st.integers(1, LIMIT - 1)
scales = st.integers(0, MOST)


@given(digits, scales, digits, scales)
def test_products_and_quotients_are_the_nearest_that_fit(a, p, b, q):
    x, y = NetDecimal(a, p), NetDecimal(b, q)
    for made, exact in (
        (times, Fraction(a * b, 10 ** (p + q))),
        (over, Fraction(a * 10**q, b * 10**p)),
        (plus, Fraction(a, 10**p) + Fraction(b, 10**q)),
    ):
        if exact >= LIMIT - 1:
            continue
        found = made(x, y)
        most = max(s for s in range(MOST + 1) if round(exact * 10**s) < LIMIT)
        assert abs(Fraction(found.digits, 10**found.scale) - exact) <= Fraction(1, 2 * 10**most)
        assert found.scale <= MOST
        assert found.digits < LIMIT
