"""Orders of two runs: equal, or the first that differs."""

from __future__ import annotations

from dataclasses import replace

import pandas as pd
import pytest

from hidden_regime.exceptions import ParameterError
from hidden_regime.experiments.comparison.agreement import COMPARED, agreement
from hidden_regime.experiments.result import Result
from hidden_regime.research.tables import ORDER_COLUMNS

ORDERS = pd.DataFrame(
    [
        [1, pd.Timestamp("2004-01-02 21:00"), "MSFT", "MARKET_ON_OPEN", 100.0, "FILLED", 18.5, 1.0, ""],
        [2, pd.Timestamp("2004-01-05 21:00"), "MSFT", "MARKET_ON_OPEN", -100.0, "FILLED", 18.25, 1.0, "Liquidated"],
    ],
    columns=ORDER_COLUMNS,
)
OTHER = {"time": pd.Timestamp("2004-01-05 14:30"), "symbol": "IBM", "type": "MARKET", "quantity": -99.0, "status": "INVALID",
         "price": 18.26, "fee": 2.0, "tag": ""}  # fmt: skip


def run(orders, name="here"):
    return Result(name, {}, {}, {}, pd.DataFrame(), orders, pd.DataFrame())


def test_equal_orders_are_equal():
    found = agreement(run(ORDERS), run(ORDERS.copy(), "there"))
    assert found.is_equal and str(found) == "here and there: 2 orders, all equal"


@pytest.mark.parametrize("name", COMPARED)
def test_any_column_may_differ(name):
    other = ORDERS.copy()
    other[name] = [ORDERS[name].iloc[0], OTHER[name]]
    found = agreement(run(ORDERS), run(other, "there"))
    assert found.place == 1 and [column for column, _, _ in found.differs] == [name]
    assert "order 2 is the first that differs" in str(found) and str(OTHER[name]) in str(found)


@pytest.mark.parametrize(("left", "right"), [(1, 2), (2, 1), (0, 2)])
def test_an_order_too_many_is_the_first_that_differs(left, right):
    found = agreement(run(ORDERS.iloc[:left]), run(ORDERS.iloc[:right], "there"))
    assert found.place == min(left, right) and "no order" in str(found)


def test_the_last_digit_of_a_file_is_no_difference_and_its_width_is_an_argument():
    other = ORDERS.assign(price=ORDERS["price"] * (1 + 1e-12))
    assert agreement(run(ORDERS), run(other)).is_equal
    assert not agreement(run(ORDERS), run(other), rtol=0.0).is_equal


def test_none_is_equal_to_none():
    empty = replace(run(ORDERS.iloc[:0]))
    assert agreement(empty, empty).is_equal


def test_a_run_that_is_known_by_its_figures_alone_is_refused():
    bare = replace(run(ORDERS.iloc[:0], "study"), texts={"Total Orders": "8"})
    with pytest.raises(ParameterError, match=r"study.*a run with its orders"):
        agreement(run(ORDERS), bare)
