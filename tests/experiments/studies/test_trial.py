"""A trial as a study tells of it: comes back from JSON, and counts only with all its values."""

from __future__ import annotations

import json
import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from hidden_regime.experiments import Constraint, Objective
from hidden_regime.experiments.studies.trial import Trial, trial_of
from hidden_regime.experiments.trials.outcome import COMPLETE, FAILED, IDLE, Outcome

TEXTS = {"Sharpe Ratio": "0", "Drawdown": "20.000%", "Net Profit": "-3.5%", "Total Orders": "4"}
GOALS = (Objective("Sharpe Ratio"), Objective("Drawdown", "min"))
LIMITS = (Constraint.parse("Drawdown <= 20%"), Constraint.parse("Total Orders > 4"), Constraint.parse("Sortino Ratio > 0"))


def outcome(status=COMPLETE, texts=TEXTS, **said):
    return Outcome(status, texts, np.empty(0, "datetime64[D]"), np.empty(0), **said)


def test_values_are_fractions_and_a_sharpe_of_0_stays_0():
    trial = trial_of(3, {"n": "1"}, outcome(), GOALS, LIMITS)
    assert (trial.number, trial.values) == (3, (0.0, 0.2))
    assert trial.violations[0] == 0
    assert trial.violations[1] > 0
    assert trial.violations[2] == math.inf
    assert not trial.is_feasible
    assert trial_of(0, {}, outcome(), GOALS, LIMITS[:1]).is_feasible


@pytest.mark.parametrize("status", [IDLE, FAILED])
def test_what_sent_no_order_or_failed_has_no_values(status):
    trial = trial_of(0, {}, outcome(status, error="why"), GOALS, LIMITS)
    assert (trial.values, trial.violations, trial.is_feasible) == (None, (math.inf,) * 3, False)
    assert (trial.statistics, trial.error) == (TEXTS, "why")


def test_a_statistic_that_is_missing_or_no_number_is_no_value():
    for texts in ({}, {"Sharpe Ratio": "NaN"}, {"Sharpe Ratio": "1e400"}, {"Sharpe Ratio": "n/a"}, {"Sharpe Ratio": "-Infinity"}):
        trial = trial_of(0, {}, outcome(texts=texts), GOALS[:1], ())
        assert (trial.values, trial.is_feasible) == (None, False)
        json.dumps(trial.to_dict(), allow_nan=False)


def test_what_is_asked_for_beyond_the_statistics_is_found():
    goals = (Objective("TotalPerformance.PortfolioStatistics.SharpeRatio"),)
    asked = {"totalperformance.portfoliostatistics.sharperatio": "0.25"}
    assert trial_of(0, {}, outcome(further=asked), goals, ()).values == (0.25,)


@given(
    number=st.integers(0, 10**6), parameters=st.dictionaries(st.text(), st.text(), max_size=3),
    status=st.sampled_from([COMPLETE, IDLE, FAILED]), error=st.text(), statistics=st.dictionaries(st.text(), st.text(), max_size=3),
    values=st.none() | st.lists(st.floats(allow_nan=False, allow_infinity=False), min_size=1, max_size=3).map(tuple),
    violations=st.lists(st.floats(allow_nan=False, allow_infinity=False) | st.just(math.inf), max_size=3).map(tuple),
)  # fmt: skip
def test_it_comes_back_from_json(number, parameters, status, error, statistics, values, violations):
    trial = Trial(number, parameters, status, values, violations, statistics, error)
    told = json.loads(json.dumps(trial.to_dict(), allow_nan=False))
    assert Trial.from_dict(told) == trial
    assert told["feasible"] == (values is not None and all(v <= 0 for v in violations))


@pytest.mark.parametrize("missing", ["number", "parameters", "status", "values", "violations", "statistics", "error"])
def test_a_trial_without_a_part_is_none(missing):
    told = trial_of(0, {"n": "1"}, outcome(), GOALS, LIMITS).to_dict()
    del told[missing]
    with pytest.raises(KeyError, match=missing):
        Trial.from_dict(told)
