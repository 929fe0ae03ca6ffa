"""The table of regimes as text."""

from __future__ import annotations

import math

from hidden_regime.research.regime_rows import cells


def test_shares_are_percents_and_lengths_have_their_unit():
    row = {
        "share": 0.25, "annual_return": math.log(1.5), "annual_volatility": math.nan, "runs": 4.0, "mean_run": 12.25,
        "longest": 30.0, "duration": 14.6,
    }  # fmt: skip
    assert cells(row) == ["25.0%", "50.0%", "-", "4", "12.2", "30", "15"]
    assert cells(row, " d") == ["25.0%", "50.0%", "-", "4", "12.2 d", "30 d", "15 d"]
