"""What is said of regimes where the closes are by another index, and of what is no bar."""

from __future__ import annotations

import numpy as np
import pytest

from hidden_regime import Bar, RegimeDetector, load_dataset
from hidden_regime.exceptions import DataError, ParameterError
from hidden_regime.regime_statistics import regime_table

OPTIONS = {"n_states": 2, "lookback": 100, "retrain": "never"}


@pytest.fixture(scope="module")
def frame():
    return load_dataset("sp500").iloc[-200:]


@pytest.mark.parametrize(
    "shift",
    [
        lambda c: c.reset_index(drop=True),
        lambda c: c.tz_localize("UTC"),
        lambda c: c.set_axis(c.index.shift(1, "12h")),
        lambda c: c[:0],
    ],
    ids=["positions", "a zone", "other hours", "nothing"],
)
def test_closes_that_share_no_times_are_refused(frame, shift):
    states = RegimeDetector(**OPTIONS).run(frame)
    with pytest.raises(DataError, match="share no times"):
        regime_table(states, shift(frame["close"]))
    returns = np.log(frame["close"]).diff().shift(-1)[states["regime"] == "Bear"]
    assert regime_table(states, frame["close"]).loc["Bear", "annual_return"] == pytest.approx(252 * returns.mean())


@pytest.mark.parametrize("as_what", [lambda f: f.iloc[0], lambda f: dict(f.iloc[0]), lambda f: (f.index[0], 1.0), lambda f: 5.0])
def test_what_is_no_bar_is_named_and_harms_nothing(frame, as_what):
    detector = RegimeDetector(**OPTIONS)
    detector.run(frame.iloc[:150])
    with pytest.raises(ParameterError, match=r"expected a Bar\("):
        detector.update(as_what(frame.iloc[150:]))
    row = frame.iloc[150]
    state = detector.update(Bar(row.name, row.open, row.high, row.low, row.close, row.volume))  # what the message advises
    assert state.confidence == RegimeDetector(**OPTIONS).run(frame.iloc[:151])["confidence"].iloc[-1]
