"""Regimes that last: the lead that another one must have, and the bars that one lasts at least."""

from __future__ import annotations

import math

import numpy as np
import pytest

from hidden_regime import RegimeDetector
from hidden_regime.exceptions import ParameterError
from hidden_regime.regimes.persistence import Persistence


@pytest.mark.parametrize(
    ("hysteresis", "regime"),
    [(math.nextafter(0.25, 0), "Bull"), (0.25, "Bear"), (math.nextafter(0.25, 1), "Bear"), (0.0, "Bull")],
)
def test_a_lead_exactly_at_the_limit_is_none(hysteresis, regime):
    """The present regime stays unless another leads by more. These numbers are eighths, so their difference is exact."""
    assert Persistence(hysteresis).choose({"Bear": 0.375, "Bull": 0.625}, "Bear", 10) == regime


@pytest.mark.parametrize(("duration", "regime"), [(1, "Bear"), (4, "Bear"), (5, "Bull"), (6, "Bull")])
def test_a_regime_may_end_exactly_after_its_least_duration(duration, regime):
    assert Persistence(min_duration=5).choose({"Bear": 0.25, "Bull": 0.75}, "Bear", duration) == regime


def test_the_lead_is_over_the_present_regime_and_not_over_the_second():
    p = {"Bear": 0.125, "Sideways": 0.375, "Bull": 0.5}
    assert Persistence(0.25).choose(p, "Bear", 1) == "Bull"
    assert Persistence(0.25).choose(p, "Sideways", 1) == "Sideways"
    assert Persistence(0.25).choose(p, "Bull", 1) == "Bull"


def test_the_first_regime_and_one_whose_name_is_gone_hold_nobody_back():
    strict = Persistence(0.5, 100)
    assert strict.choose({"Bear": 0.5, "Bull": 0.5}, None, 0) == "Bear"
    assert strict.choose({"Bear": 0.4375, "Bull": 0.5625}, None, 0) == "Bull"
    assert strict.choose({"Bear": 0.4375, "Bull": 0.5625}, "Crisis", 1) == "Bull"


def test_it_is_idle_without_limits_only():
    assert Persistence().is_idle
    assert not Persistence(0.1).is_idle
    assert not Persistence(min_duration=2).is_idle
    assert Persistence(np.float64(0.0), np.int64(1)).is_idle


@pytest.mark.parametrize(("options", "name"), [
    ({"hysteresis": 1.0}, "hysteresis"), ({"hysteresis": -0.1}, "hysteresis"), ({"hysteresis": True}, "hysteresis"),
    ({"hysteresis": math.nan}, "hysteresis"), ({"min_duration": 0}, "min_duration"), ({"min_duration": 2.0}, "min_duration"),
    ({"min_duration": True}, "min_duration")])  # fmt: skip
def test_wrong_limits_are_named(options, name):
    with pytest.raises(ParameterError, match=f"hidden_regime: {name} = "):
        Persistence(**options)


def test_a_detectors_changes_are_those_of_the_rule(prices):
    """From its probabilities by name alone, bar by bar."""
    frame = prices.iloc[:500]
    options = {"lookback": 100, "hysteresis": 0.3, "min_duration": 4}
    states = RegimeDetector(**options).run(frame)
    known = states[states["regime"].notna()]
    present, lasted = None, 0
    for _, row in known.iterrows():
        p = {name: row[f"prob_{name}"] for name in ("Bear", "Sideways", "Bull")}
        best = max(p, key=p.get)
        if present is None or (lasted >= 4 and p[best] - p[present] > 0.3):
            lasted = lasted + 1 if best == present else 1
            present = best
        else:
            lasted += 1
        assert (row["regime"], row["duration"], row["confidence"]) == (present, lasted, min(p[present], 1.0))
    assert known["changed"].sum() > 5
