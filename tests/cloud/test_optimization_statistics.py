"""Both forms of an optimisation's statistics give the same named fractions."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from hidden_regime.cloud import statistics
from hidden_regime.cloud.optimization_statistics import NAMES, PERCENT

# By place, as the API's document lists them, with what LEAN's own table says of the same run.
PLACES = [
    ("Alpha", -0.012, -0.012), ("Annual Standard Deviation", 0.114, 0.114), ("Annual Variance", 0.013, 0.013),
    ("Average Loss", -0.71, -0.0071), ("Average Win", 0.88, 0.0088), ("Beta", 0.62, 0.62),
    ("Compounding Annual Return", 18.12, 0.1812), ("Drawdown", 17.8, 0.178), ("Estimated Strategy Capacity", 6_300_000.0, 6_300_000.0),
    ("Expectancy", 0.21, 0.21), ("Information Ratio", -0.4, -0.4), ("Loss Rate", 46, 0.46), ("Net Profit", 65.3, 0.653),
    ("Probabilistic Sharpe Ratio", 41.2, 0.412), ("Profit-Loss Ratio", 1.24, 1.24), ("Sharpe Ratio", 0.83, 0.83),
    ("Total Fees", 312.5, 312.5), ("Total Orders", 97, 97.0), ("Tracking Error", 0.09, 0.09), ("Treynor Ratio", 0.15, 0.15),
    ("Win Rate", 54, 0.54),
]  # fmt: skip
LIST = [came for _, came, _ in PLACES]
MEANT = {name: value for name, _, value in PLACES}


def test_there_are_21():
    assert len(LIST) == 21 and NAMES[:21] == tuple(name for name, _, _ in PLACES)


@pytest.mark.parametrize(
    "form",
    [
        LIST,
        [str(value) for value in LIST],
        {str(place): value for place, value in enumerate(LIST)},
        {str(place): str(value) for place, value in enumerate(LIST)},
        {name: value for name, value, _ in PLACES},
        {name.replace(" ", "").replace("-", ""): value for name, value, _ in PLACES},
        {name: (f"{value} %" if name in PERCENT else value) for name, value, _ in PLACES},
    ],
    ids=["list", "list of texts", "by place", "by place, texts", "by name", "by name in one word", "with signs"],
)
def test_every_form_gives_the_same_fractions(form):
    assert statistics(form) == MEANT


def test_a_drawdown_of_17_8_is_below_a_limit_of_a_quarter():
    assert statistics([None] * 7 + [17.8])["Drawdown"] == 0.178 < 0.25


@pytest.mark.parametrize("place", range(21))
@pytest.mark.parametrize("hole", [None, "", "n/a", [], {}])
def test_what_is_missing_is_left_out_and_moves_nothing(place, hole):
    form = [hole if at == place else value for at, value in enumerate(LIST)]
    assert statistics(form) == {name: value for name, value in MEANT.items() if name != PLACES[place][0]}


@pytest.mark.parametrize("nothing", [None, [], {}, "", 3])
def test_nothing_is_no_statistics(nothing):
    assert statistics(nothing) == {}


def test_the_object_has_more_and_own_names():
    found = statistics({"21": "1.4", "22": 100_000, "23": "153211.7", "24": 32, "My Statistic": "3", "Total Trades": 12})
    assert found == {"Sortino Ratio": 1.4, "Start Equity": 100_000.0, "End Equity": 153_211.7, "Drawdown Recovery": 32.0,
                     "My Statistic": 3.0, "Total Orders": 12.0}  # fmt: skip


@given(st.lists(st.none() | st.floats(allow_nan=True) | st.text(max_size=5) | st.booleans(), max_size=40))
def test_no_list_is_refused(values):
    assert all(isinstance(value, float) and value == value for value in statistics(values).values())


@given(st.dictionaries(st.text(max_size=4), st.none() | st.floats() | st.text(max_size=5) | st.lists(st.integers()), max_size=8))
def test_no_object_is_refused(values):
    assert all(isinstance(name, str) for name in statistics(values))
