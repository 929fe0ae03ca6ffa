"""A result is a value: frozen, picklable, and told as it is."""

from __future__ import annotations

import math
import pickle
from dataclasses import FrozenInstanceError, fields

import numpy as np
import pandas as pd
import pytest

from hidden_regime.experiments.result import Result


def made(equity=(100.0, 110.0, 99.0, 99.0), name="mine", **said):
    table = pd.DataFrame(
        {"equity": equity, "benchmark": equity}, index=pd.bdate_range("2010-01-04", periods=len(equity)), dtype=float
    )
    texts = {"Net Profit": "-1.000%", "Sharpe Ratio": "-0.1", "Total Orders": "3", "Lowest Capacity Asset": "SPY 2T"}
    return Result(name, {}, {}, texts, table, pd.DataFrame(), pd.DataFrame(), **said)


def test_figures_are_fractions_and_returns_those_of_days():
    result = made()
    assert result.statistics == {"Net Profit": -0.01, "Sharpe Ratio": -0.1, "Total Orders": 3.0}
    np.testing.assert_allclose(result.returns, [0.1, -0.1, 0.0], atol=1e-15)
    expected = np.mean([0.1, -0.1, 0]) / np.std([0.1, -0.1, 0], ddof=1) * math.sqrt(252)
    assert result.sharpe == pytest.approx(expected, abs=1e-12)
    assert result.table()["value"].to_dict() == result.texts


@pytest.mark.parametrize("equity", [(), (100.0,), (100.0, 101.0), (100.0,) * 5])
def test_without_days_that_differ_there_is_no_sharpe_ratio(equity):
    assert math.isnan(made(equity).sharpe)


def test_it_is_frozen_and_comes_back_from_a_pickle():
    result = made(error="why", key="k")
    assert result.statistics["Net Profit"] == -0.01
    again = pickle.loads(pickle.dumps(result))
    for field in fields(Result):
        one, other = getattr(result, field.name), getattr(again, field.name)
        assert one.equals(other) if isinstance(one, pd.DataFrame) else one == other
        with pytest.raises(FrozenInstanceError):
            setattr(result, field.name, None)


def test_a_page_opens_alone_and_texts_from_outside_are_texts():
    page = made(name="<script>alert(1)</script>", error="<b>bad</b>").to_html()
    assert "<script src=" not in page
    assert "<script>alert(1)" not in page
    assert "<b>bad" not in page
    assert "&lt;b&gt;bad" in page


def test_it_says_what_it_is():
    assert "Sharpe Ratio -0.1" in repr(made())
    assert "why" in repr(made(error="why"))
    assert len(made().plot().data) > 0
