"""When a detector asks whether there are regimes at all, and what it then says."""

from __future__ import annotations

import json
import math
import warnings

import numpy as np
import pandas as pd
import pytest

from hidden_regime import RegimeDetector, load_dataset, make_market
from hidden_regime.detection.doubt import FIRST, MOST
from hidden_regime.exceptions import NoRegimesWarning
from hidden_regime.models.presence import THRESHOLD, presence


def noise(n, seed=0):
    """Closes of independent returns."""
    rng = np.random.default_rng(seed)
    return pd.DataFrame(
        {"close": 100 * np.exp(np.cumsum(0.01 * rng.standard_normal(n)))}, pd.bdate_range("2000-01-03", periods=n)
    )


@pytest.fixture(scope="module")
def market():
    return make_market(n_days=1300, seed=3).market.load("SYN_MARKET").frame()


def test_noise_has_no_regimes_and_that_is_said_once_enough_was_seen():
    detector = RegimeDetector(2)
    with pytest.warns(NoRegimesWarning, match="one volatility that moves explains these bars as well") as told:
        states = detector.run(noise(1300))
    assert [str(w.filename) for w in told] == [__file__]  # the line that the user wrote
    said = states["notes"].str.contains("no regimes in 1008 bars")
    assert not said.iloc[: 2 * FIRST].any() and said.iloc[2 * FIRST :].all()  # the first bar is no observation
    assert detector.course.doubt.has_none and detector.evidence_of_regimes < THRESHOLD
    assert detector.course.doubt.answer.startswith("no: ")


def test_regimes_are_not_doubted(market):
    detector = RegimeDetector()
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        states = detector.run(market)
    assert not states["notes"].fillna("").str.contains("no regimes").any()
    assert detector.evidence_of_regimes > THRESHOLD
    assert not detector.course.doubt.values  # nothing is kept that nobody asks for
    assert detector.course.doubt.answer.startswith("yes: ")


def test_the_answer_is_that_of_the_bars_until_then(market):
    detector = RegimeDetector()
    detector.run(market.iloc[: FIRST + 1])
    columns = detector.course.options.names
    rows = RegimeDetector(retrain="never", lookback=FIRST, min_bars=FIRST)
    rows.run(market.iloc[: FIRST + 1])
    table = rows.course.rows.latest(FIRST)
    expected = presence(
        table[:, columns.index("log_range")], 3, is_volatility=True, returns=table[:, columns.index("log_return")]
    )
    assert detector.evidence_of_regimes == expected


def test_real_prices_have_a_volatility_that_moves():
    detector = RegimeDetector()
    with pytest.warns(NoRegimesWarning):
        detector.run(load_dataset("sp500").iloc[:1200])
    assert detector.state.notes.startswith("no regimes in 1008 bars")


@pytest.mark.parametrize("cut", [300, 700, 1100])
def test_it_goes_on_where_it_was_saved(cut):
    frame = noise(1300, seed=1)
    whole, first = RegimeDetector(2), RegimeDetector(2)
    states = whole.run(frame)
    first.run(frame.iloc[:cut])
    second = RegimeDetector.from_dict(json.loads(json.dumps(first.to_dict())))
    rest = second.extend(frame.iloc[cut:])
    pd.testing.assert_series_equal(rest["notes"], states["notes"].iloc[cut:])
    assert second.course.doubt.to_dict() == whole.course.doubt.to_dict()


def test_what_is_kept_has_a_bound():
    detector = RegimeDetector(2, retrain="never")
    detector.run(noise(MOST + 3))
    doubt = detector.course.doubt
    assert doubt.n_rows == MOST + 2 and doubt.asks_at == 2 * MOST
    assert len(doubt.values) <= (MOST + 2) * len(detector.course.options.features)


def test_before_the_first_answer_nothing_is_known():
    detector = RegimeDetector(2)
    detector.run(noise(400))
    assert math.isnan(detector.evidence_of_regimes) and detector.course.doubt.answer == "not known yet"
