"""Forms of prices that vendors write: read where they have one meaning, and else named with a remedy that works."""

from __future__ import annotations

import pandas as pd
import pytest

from hidden_regime import MarketDetector, RegimeDetector, compare, find_regimes, load_dataset
from hidden_regime.exceptions import DataError, InvalidPriceError, NonNumericError, TrainingError
from hidden_regime.many.run import run_many
from hidden_regime.models.gaussian import GaussianHMM
from hidden_regime.research import figures, pictures

OPTIONS = {"n_states": 2, "lookback": 100, "retrain": "never"}


@pytest.fixture(scope="module")
def frame():
    return load_dataset("sp500").iloc[:200].rename_axis("date")


@pytest.mark.parametrize(
    "form", [lambda f: f, lambda f: f.reset_index(), lambda f: f.reset_index().rename(columns={"date": "Time"})]
)
def test_a_long_table_gives_each_asset_its_rows(frame, form):
    long = pd.concat([frame.assign(ticker="A"), frame.iloc[20:].assign(ticker="B")])
    found = find_regimes(form(long), **OPTIONS)
    assert list(found) == ["A", "B"]
    for name, alone in (("A", frame), ("B", frame.iloc[20:])):
        pd.testing.assert_frame_equal(found[name].states, find_regimes(alone, **OPTIONS).states, check_names=False)


@pytest.mark.parametrize("mark", ["{:,.2f}", "${:.2f}", "$ {:,.2f}", "€{:,.0f}"])
def test_marks_in_numbers_are_named_and_can_be_taken_out(frame, mark):
    given = frame[["close"]].assign(close=[mark.format(value) for value in frame["close"]])
    with pytest.raises(NonNumericError, match=r"column 'close' holds '.*' at 1998-|column 'close' holds '.*' at 1999-") as error:
        RegimeDetector(**OPTIONS).run(given)
    exec(str(error.value).split("separators out: ")[1].removesuffix("."), {"frame": given})
    assert (given["close"] - frame["close"]).abs().max() < 1.0
    RegimeDetector(**OPTIONS).run(given)


def test_other_texts_are_named_without_a_guess(frame):
    with pytest.raises(NonNumericError, match=r"holds 'n/a' at .*drop these rows"):
        RegimeDetector(**OPTIONS).run(frame[["close"]].astype(object).replace({frame["close"].iloc[5]: "n/a"}))


def test_an_open_of_nothing_can_be_left_out(frame):
    given = frame.assign(open=0.0)
    with pytest.raises(InvalidPriceError, match=r"frame\.drop\(columns='open'\)"):
        RegimeDetector(**OPTIONS).run(given)
    assert len(RegimeDetector(**OPTIONS).run(given.drop(columns="open"))) == len(frame)


def test_a_window_of_weeks_says_how_many_years_it_is(frame):
    weeks = frame.iloc[:150].set_axis(pd.date_range("2000", periods=150, freq="W"))
    with pytest.raises(TrainingError, match=r"252 are 4\.8 years"):
        RegimeDetector().run(weeks)
    with pytest.raises(TrainingError) as error:
        RegimeDetector().run(frame)
    assert "years" not in str(error.value)


def test_results_and_pictures_need_common_times(frame):
    plain, aware = find_regimes(frame, **OPTIONS), find_regimes(frame.tz_localize("UTC"), **OPTIONS)
    with pytest.raises(DataError, match="without a zone"):
        compare({"a": plain, "b": aware})
    for draw in (figures, pictures):
        with pytest.raises(DataError, match="share no times"):
            draw.price_and_probabilities("x", frame["close"].reset_index(drop=True), plain.states)
    with pytest.raises(DataError, match="without a zone"):
        MarketDetector(**OPTIONS).run({"a": frame, "b": frame.tz_localize("UTC")})


def test_large_answers_show_themselves_in_a_few_lines(frame):
    returns = frame["close"].pct_change().dropna().to_numpy()[:, None]
    model = GaussianHMM(2).fit(returns)
    forecast = model.forecast(returns, 500)
    assert "500 steps from 2 states" in repr(forecast) and len(repr(forecast)) < 200
    errors = repr(model.standard_errors(returns))
    assert "standard_error" in errors and len(errors) < 500
    many = run_many({f"A{i}": frame for i in range(9)}, RegimeDetector(**OPTIONS))
    assert "9 assets" in repr(many) and len(repr(many)) < 200
