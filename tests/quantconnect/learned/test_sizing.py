"""Sizing: more where more is known, never beyond its limits."""

from __future__ import annotations

import math

import pytest
from hypothesis import given
from hypothesis import strategies as st

from hidden_regime.exceptions import ParameterError
from hidden_regime.quantconnect.learned.sizing import DrawdownStop, Sizing

P = st.floats(0.0, 1.0)


@given(P, P, st.floats(0.0, 0.9), st.floats(0.0, 2.0), st.sampled_from(["confidence", "threshold"]))
def test_a_share_rises_with_the_probability_within_its_limits(a, b, threshold, most, rule):
    sizing = Sizing(rule, threshold=threshold, max_share=most)
    low, high = (sizing.share(p) for p in sorted((a, b)))
    assert 0.0 <= low <= high <= most + 1e-12
    assert (low == 0.0) or min(a, b) > threshold


@given(st.floats(-0.1, 0.1), st.floats(-0.1, 0.1), st.floats(0.001, 0.2))
def test_kellys_share_rises_with_the_mean_and_falls_with_the_variance(a, b, sd):
    sizing = Sizing("kelly", threshold=0.0, fraction=0.5, max_share=1.5)
    low, high = (sizing.share(0.6, mean, sd) for mean in sorted((a, b)))
    assert 0.0 <= low <= high <= 1.5
    assert high == pytest.approx(min(max(0.5 * max(a, b) / sd**2, 0.0), 1.5))
    assert sizing.share(0.6, max(a, b), 2 * sd) <= high + 1e-12


def test_what_isn_t_known_holds_nothing():
    assert Sizing("kelly").share(0.9) == 0.0
    assert Sizing().share(math.nan) == 0.0
    assert Sizing(trend=50).share(0.9) == 0.0
    assert Sizing(trend=50).share(0.9, gap=-0.01) == 0.0
    assert Sizing(trend=50).share(0.9, gap=0.01) > 0.0
    assert Sizing(target_volatility=0.1).share(0.9) == 0.0
    quiet, wild = (Sizing(rule="threshold", target_volatility=0.1).share(0.9, volatility=v) for v in (0.002, 0.02))
    assert quiet == 0.98
    assert wild == pytest.approx(0.1 / (0.02 * math.sqrt(252)))


def test_a_drawdown_stops_for_a_while_and_begins_anew():
    stop = DrawdownStop(0.1, 3)
    values = [100, 110, 100, 98, 97, 96, 95, 94, 93, 85.4]
    assert [stop.take(v) for v in values] == [False, False, False, True, True, True, False, False, False, True]
    assert stop.stops == 2
    never = DrawdownStop(0.0, 3)
    assert not any(never.take(v) for v in (100, 1, 0.1))


@pytest.mark.parametrize(
    "wrong", [{"rule": "x"}, {"threshold": 1.0}, {"max_share": -1}, {"trend": 1.5}, {"pause": 0}, {"fraction": True}]
)
def test_sizings_that_can_t_be_are_named(wrong):
    with pytest.raises(ParameterError, match=next(iter(wrong))):
        Sizing(**wrong)
    with pytest.raises(ParameterError, match="one of rule"):
        Sizing.of({"shares": 3})
