"""Decimals as .NET has them: known answers of C#, and fractions."""

from __future__ import annotations

import operator
from fractions import Fraction

import pytest
from hypothesis import given
from hypothesis import strategies as st

from hidden_regime.data.decimals import DECIMALS, LARGEST, SystemDecimal

MAXIMUM = "79228162514264337593543950335"
read = SystemDecimal.parse


@pytest.mark.parametrize(
    ("found", "printed"),
    [
        (read("1") / read("3"), "0.3333333333333333333333333333"),
        (read("2") / read("3"), "0.6666666666666666666666666667"),
        (read("10") / read("3"), "3.3333333333333333333333333333"),
        (read("1.00") / read("2"), "0.50"),
        (read("1") / read("8"), "0.125"),
        (read("1") / read("1.0000000"), "1"),
        (read("1.0000000") / read("1"), "1.0000000"),
        (read("3") / read("0.5"), "6"),
        (read("30") / read("0.0005"), "60000"),
        (read("1") / read("0.00000003"), "33333333.333333333333333333333"),
        (read("1.10") * read("2.0"), "2.200"),
        (read(MAXIMUM) * read("0.1"), "7922816251426433759354395033.5"),
        (read("0.0000000000000001") * read("0.0000000000015"), "0.0000000000000000000000000002"),
        (read("0.0000000000000001") * read("0.0000000000025"), "0.0000000000000000000000000002"),
        (read("1.5") + read("0.25"), "1.75"),
        (read("0.00") + read("1.5"), "1.50"),
        (read("1.0") - read("1.25"), "-0.25"),
        (read(MAXIMUM) + read("0.4"), MAXIMUM),
        (read("0.015").round(2), "0.02"),
        (read("-0.025").round(2), "-0.02"),
        (read("0.5").round(2), "0.5"),
        (read("00.0500"), "0.0500"),
        (read("-2.50"), "-2.50"),
        (read("1e3"), "1000"),
        (read("0.12345678901234567890123456785"), "0.1234567890123456789012345678"),
    ],
)
def test_arithmetic_is_that_of_csharp(found, printed):
    assert str(found) == printed


def test_what_is_too_large_is_refused():
    for impossible in (
        lambda: read(MAXIMUM[:-1] + "6"),
        lambda: read(MAXIMUM) * read("2"),
        lambda: read(MAXIMUM) / read("0.3"),
    ):
        with pytest.raises(OverflowError, match="too large"):
            impossible()
    for odd in ("nan", "inf", "x"):
        with pytest.raises((ValueError, ArithmeticError)):
            read(odd)


def test_digits_that_round_up_to_the_limit_lose_one_more():
    assert SystemDecimal._fitting((LARGEST + 1) * 10 - 5, 1 + 3) == SystemDecimal(7922816251426433759354395034, 2)


def test_a_double_is_made_of_two_halves():
    """Where the digits pass 2**64, the result may be beside the nearest double; 107.44... is one of LEAN's answers."""
    assert float(SystemDecimal(1074438684730000, 13)) == 107.443868473
    assert float(read("-2.50")) == -2.5
    assert float(read(MAXIMUM)) == 2.0**96
    beside = [n for n in range(10**21, 2 * 10**21, 10**18 + 12347) if float(SystemDecimal(n, 17)) != float(Fraction(n, 10**17))]
    assert beside


digits = st.integers(1, LARGEST)
scales = st.integers(0, DECIMALS)


@given(digits, scales, digits, scales)
def test_products_and_quotients_are_the_nearest_that_fit(a, p, b, q):
    x, y = SystemDecimal(a, p), SystemDecimal(b, q)
    for made, exact in (
        (operator.mul, Fraction(a * b, 10 ** (p + q))),
        (operator.truediv, Fraction(a * 10**q, b * 10**p)),
        (operator.add, Fraction(a, 10**p) + Fraction(b, 10**q)),
    ):
        if exact >= LARGEST:
            continue
        found = made(x, y)
        most = max(s for s in range(DECIMALS + 1) if round(exact * 10**s) <= LARGEST)
        assert abs(Fraction(found.n, 10**found.scale) - exact) <= Fraction(1, 2 * 10**most)
        assert found.scale <= DECIMALS
        assert found.n <= LARGEST
