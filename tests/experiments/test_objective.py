from __future__ import annotations

import math
import operator

import pytest
from hypothesis import given
from hypothesis import strategies as st

from hidden_regime.exceptions import ParameterError
from hidden_regime.experiments.constraint import LEAN_NAMES, Constraint
from hidden_regime.experiments.objective import Objective, fractions, number_in, reached, statistic_names
from tests.experiments.lean_optimizer.problems import LAUNCHED

VALUES = {"Sharpe Ratio": 0.154, "Drawdown": 0.193, "TotalPerformance.PortfolioStatistics.SharpeRatio": 0.1541}


def test_leans_texts_become_fractions():
    found = fractions(LAUNCHED["grid"]["launched"][0]["statistics"])
    assert found == {
        "Sharpe Ratio": 0.154, "Drawdown": 0.193, "Net Profit": 0.07342, "Compounding Annual Return": 0.02395, "Total Orders": 27,
    }  # fmt: skip
    texts = {"Total Fees": "$1,234.50", "Win Rate": "12.3%", "Lowest Capacity Asset": "SPY R735QTJ8XC9X", "x": "-$5", "y": "NaN",
             "Estimated Strategy Capacity": "$0", "z": "", "w": "%"}  # fmt: skip
    assert fractions(texts) == {"Total Fees": 1234.5, "Win Rate": 0.123, "x": -5.0}


@given(st.decimals("-1000", "1000", places=3))
def test_a_percent_equals_its_fraction(value):
    assert number_in(f"{value}%") == float(value / 100)  # so that 20.000% equals a limit of 0.2


@pytest.mark.parametrize(
    "target",
    ["Drawdown", "drawdown", "Statistics.Drawdown", "statistics.drawdown", "['Statistics'].['Drawdown']", "['Drawdown']"],
)
@pytest.mark.parametrize("key", ["Drawdown", "statistics.drawdown", "Statistics.Drawdown"])
def test_the_ways_to_name_a_statistic(target, key):
    assert Objective(target).of({key: 0.193, "Alpha": 1.0}) == 0.193


def test_a_path_leads_to_another_figure():
    assert Objective("TotalPerformance.PortfolioStatistics.SharpeRatio").of(VALUES) == 0.1541
    assert Objective("totalperformance.portfoliostatistics.sharperatio").of(VALUES) == 0.1541
    assert Objective("Mine").of({**VALUES, "Mine": 3.0}) == 3.0  # a strategy may set statistics of its own


def test_a_statistic_that_this_result_lacks_is_nan_and_an_unknown_one_an_error():
    assert math.isnan(Objective("Sortino Ratio").of(VALUES))
    for target, near in [("Sharp Ratio", "Sharpe Ratio"), ("Statistics.Drawdwon", "Drawdown"), ("Total Trades", "Total")]:
        with pytest.raises(ParameterError, match=f"Did you mean.*{near}"):
            Objective(target).of(VALUES)
    with pytest.raises(ParameterError, match="a statistic of LEAN"):
        Constraint("qqqq", "<", 1).is_met(VALUES)


def test_the_names_are_those_of_the_engine_s_results():
    assert set(LAUNCHED["grid"]["launched"][0]["statistics"]) <= set(statistic_names())
    assert len(statistic_names()) == len(set(statistic_names())) == 27


@pytest.mark.parametrize("arguments", [("",), (None,), (3,), (" . ",), ("x", "up"), ("x", "max", "1"), ("x", "max", math.nan)])
def test_what_is_no_objective_is_refused(arguments):
    with pytest.raises(ParameterError):
        Objective(*arguments)


@pytest.mark.parametrize(("direction", "values"), [("max", [False, True, True]), ("min", [True, True, False])])
def test_a_value_is_reached_when_it_is_as_good_or_better(direction, values):
    objective = Objective("Alpha", direction, 1)
    assert [reached(objective, value) for value in (0.5, 1.0, 1.5)] == values
    assert not reached(objective, math.nan) and not reached(Objective("Alpha"), 1e9)


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("Drawdown <= 25%", ("Drawdown", "<=", 0.25)),
        ("Drawdown<25 %", ("Drawdown", "<", 0.25)),
        ("Statistics.Net Profit greaterOrEqual 0.05", ("Statistics.Net Profit", ">=", 0.05)),
        ("Total Orders GREATER 2", ("Total Orders", ">", 2)),
        ("End Equity > $100,000.50", ("End Equity", ">", 100000.5)),
        ("Alpha != -0.1", ("Alpha", "!=", -0.1)),
        ("Total Orders = 3", ("Total Orders", "==", 3)),
        ("Total Orders equals 3", ("Total Orders", "==", 3)),
        ("Total Orders equal 3", ("Total Orders", "==", 3)),
        ("Profit-Loss Ratio >= 1e1", ("Profit-Loss Ratio", ">=", 10)),
    ],
)
def test_constraints_are_read_as_they_are_written(text, expected):
    found = Constraint.parse(text)
    assert (found.target, found.operator, found.value) == expected
    assert Constraint.parse(str(found)) == found


@pytest.mark.parametrize(
    "text", ["", "Drawdown", "Drawdown <", "< 3", "Drawdown < a", "Drawdown ~ 3", None, "Drawdown lesser 3", "a < 1 < 2"]
)
def test_what_is_no_constraint_is_refused(text):
    with pytest.raises(ParameterError):
        Constraint.parse(text)


@given(st.sampled_from(sorted(LEAN_NAMES)), st.floats(-1e6, 1e6) | st.just(0.2), st.floats(-1e6, 1e6) | st.just(0.2))
def test_a_violation_is_positive_exactly_where_the_comparison_fails(symbol, value, limit):
    compare = {"<": operator.lt, "<=": operator.le, ">": operator.gt, ">=": operator.ge, "==": operator.eq, "!=": operator.ne}
    one = Constraint("Alpha", LEAN_NAMES[symbol], limit)
    assert one.is_met({"Alpha": value}) == compare[symbol](value, limit) == (one.violation({"Alpha": value}) <= 0)
    assert abs(one.violation({"Alpha": value})) == pytest.approx(abs(value - limit), abs=1e-300)


def test_a_result_without_the_statistic_isn_t_allowed():
    assert Constraint("Alpha", "<", 1).violation({"Beta": 1.0}) == math.inf
    with pytest.raises(ParameterError, match="LEAN's words"):
        Constraint("Alpha", "under", 1)
    with pytest.raises(ParameterError, match="a number"):
        Constraint("Alpha", "<", "1")
