"""What a notebook sees: results, pictures, tables, and the pipeline of the known shape."""

from __future__ import annotations

import builtins
import datetime as dt
import pickle

import numpy as np
import pandas as pd
import pytest

import hidden_regime as hr
from hidden_regime import GaussianHMM, RegimeDetector, compare, create_financial_pipeline, find_regimes, load_dataset
from hidden_regime.display import cell, table
from hidden_regime.exceptions import (
    EmptyRangeError,
    MissingColumnError,
    MissingDependencyError,
    MissingValueError,
    ParameterError,
    TrainingError,
    UnsortedDataError,
)
from hidden_regime.quantconnect import RegimeSignalAdapter
from hidden_regime.regimes.statistics import bars_per_year, regime_table


@pytest.fixture(scope="module")
def frame():
    return load_dataset("sp500").iloc[:1500]


@pytest.fixture(scope="module")
def result(frame):
    return find_regimes(frame, name="S&P")


def test_a_result_is_what_the_detector_gives(frame, result):
    states = RegimeDetector().run(frame)
    pd.testing.assert_frame_equal(result.states.assign(regime=states["regime"]), states)
    assert list(result.states["regime"].astype(object).dropna()) == list(states["regime"].dropna())
    assert result.now.regime == states["regime"].iloc[-1]
    pd.testing.assert_frame_equal(result.statistics.sort_index(), regime_table(states, frame["close"]))
    assert list(result.statistics.index) == ["Bear", "Sideways", "Bull"]
    assert result.summary["trainings"] == result.detector.n_trainings
    assert result.summary["changes_per_year"] == pytest.approx(states["changed"].sum() * 252 / states["regime"].notna().sum())
    assert "S&P" in repr(result)


def test_columns_have_types_that_say_what_they_are(result):
    kinds = result.states.dtypes
    assert list(kinds["regime"].categories) == ["Bear", "Sideways", "Bull"]
    assert kinds["regime"].ordered
    assert str(kinds["changed"]) == "bool"
    assert str(kinds["trained_at"]).startswith("datetime64")
    assert all(kinds[name] == np.float64 for name in result.states if name.startswith(("prob_", "conf", "log_")))
    assert kinds["state"] == kinds["duration"] == np.int64
    assert set(result.to_frame().columns) == set(result.prices.columns) | set(result.states.columns)


def test_the_same_prices_from_a_file_a_name_and_a_frame(tmp_path, frame):
    frame.to_csv(tmp_path / "prices.csv")
    a, b = find_regimes(tmp_path / "prices.csv", n_states=2), find_regimes(frame, n_states=2)
    assert a.name == "PRICES"
    np.testing.assert_array_equal(a.states["prob_0"], b.states["prob_0"])
    assert find_regimes("SP500", RegimeDetector(2, retrain="never")).name == "SP500"
    with pytest.raises(ParameterError, match="CSV or Parquet"):
        find_regimes("no such thing")
    with pytest.raises(ParameterError, match="beside a detector"):
        find_regimes(frame, RegimeDetector(), n_states=2)


def test_pictures_in_both_libraries(result, monkeypatch):
    plotly = result.plot()
    assert {trace.name for trace in plotly.data} >= {"Bear", "Sideways", "Bull", "S&P"}
    drawn = result.plot("matplotlib")
    assert drawn._repr_png_().startswith(b"\x89PNG")
    top, bottom = drawn.axes
    np.testing.assert_allclose(top.lines[0].get_ydata(), result.close)
    shaded = result.states["regime"].astype(object).dropna()
    spans = [span for collection in top.collections for span in collection.get_paths()]
    assert len(spans) == int((shaded != shaded.shift()).sum())
    assert len(top.collections) == shaded.nunique() and not top.patches  # one a regime: thousands of artists take seconds
    assert [t.get_text() for t in bottom.get_legend().get_texts()] == ["Bear", "Sideways", "Bull"]
    with pytest.raises(ParameterError, match="backend"):
        result.plot("excel")
    real = builtins.__import__

    def without(name, *rest):
        if name.startswith("matplotlib"):
            raise ImportError(name)
        return real(name, *rest)

    monkeypatch.setattr(builtins, "__import__", without)
    with pytest.raises(MissingDependencyError, match=r"hidden-regime\[plot\]"):
        result.plot("matplotlib")


def test_every_face_in_html(frame, result):
    returns = np.log(frame["close"]).diff().dropna().to_numpy()[:, None]
    fresh, fitted = GaussianHMM(2), GaussianHMM(2).fit(returns)
    assert "not fitted" in fresh._repr_html_()
    assert "to 1" in fitted._repr_html_()
    assert f"{fitted.transmat_[0, 0]:.4g}" in fitted._repr_html_()
    assert "no regime yet" in RegimeDetector()._repr_html_()
    assert repr(RegimeDetector(2, retrain="weekly")) == "RegimeDetector(n_states=2, retrain='weekly')"
    assert repr(result.detector).startswith("RegimeDetector(): ")
    text = result.detector._repr_html_()
    assert f"{result.now.confidence:.0%}" in text
    assert "to Bull" in text
    shown = result._repr_html_()
    assert "S&amp;P" in shown
    for name in ("Bear", "Sideways", "Bull"):
        assert name in shown


def test_tables_escape_what_they_show():
    assert "<script>" not in table("<script>", ("a",), [("<b>",)])
    assert [cell(v) for v in (True, None, "x", 3, 0.123456, np.float64(2.0), object)] == [
        "True",
        "None",
        "x",
        "3",
        "0.1235",
        "2",
        str(object),
    ]


def test_comparing_results(frame, result):
    two = find_regimes(frame, n_states=2)
    found = compare([result, two, result])
    assert list(found.index) == ["S&P", "prices", "S&P (2)"]
    assert list(found["agreement"])[::2] == [1.0, 1.0]
    both = result.states["regime"].astype(object).dropna()
    other = two.states["regime"].astype(object).dropna()
    common = both.index.intersection(other.index)
    assert found.loc["prices", "agreement"] == pytest.approx((both[common] == other[common]).mean())
    assert str(found["since"].dtype).startswith("datetime64")
    for wrong in ([], [1]):
        with pytest.raises(ParameterError, match="RegimeResult"):
            compare(wrong)


def test_the_pipelines_columns_are_causal_and_right(frame):
    pipeline = create_financial_pipeline(frame, n_states=3)
    found = pipeline.update()
    assert list(found.columns) == [
        "predicted_state", "confidence", "state_0_prob", "state_1_prob", "state_2_prob", "regime_label", "regime_type",
        "days_in_regime", "expected_return", "expected_volatility", "expected_duration", "win_rate",
    ]  # fmt: skip
    states = RegimeDetector(3).run(frame)
    assert list(found["regime_label"].dropna()) == list(states["regime"].dropna())
    np.testing.assert_array_equal(found["state_1_prob"], states["prob_1"])
    known = found[found["regime_label"].notna()]
    assert set(known["regime_type"]) == {"bullish", "bearish", "sideways"}
    assert (known["expected_volatility"] > 0).all()
    by = known.groupby("regime_label")["expected_volatility"].mean()
    assert by["Bear"] > by["Bull"]
    rose = np.log(frame["close"]).diff() > 0
    for time in known.index[[5, 300, -1]]:
        past = known.loc[:time]
        mine = past.index[past["regime_label"] == known.loc[time, "regime_label"]]
        assert known.loc[time, "win_rate"] == pytest.approx(rose[mine].mean())
    part = create_financial_pipeline(frame.iloc[:900], n_states=3).update()
    pd.testing.assert_frame_equal(part, found.iloc[:900])
    assert pipeline.plot().data
    assert pipeline.plot("matplotlib").axes


def test_pipelines_from_names_dates_and_new_data(frame, tmp_path):
    pipeline = create_financial_pipeline("SPY", 2, data=frame)
    assert (pipeline.ticker, len(pipeline.update())) == ("SPY", 1500)
    assert len(pipeline.update(frame.iloc[:600])) == 600
    cut = create_financial_pipeline(frame, start_date="2000-01-03", end_date="2002-12-31")
    assert str(cut.frame.index[0].date()) == "2000-01-03"
    for ticker in ("SPY", "AAPL", "SHEL.L"):
        with pytest.raises(MissingDependencyError, match="yfinance"):
            create_financial_pipeline(ticker)
    for days in ({"start_date": "2020-01-01"}, {"end_date": "2024-01-01"}):
        with pytest.raises(EmptyRangeError, match="2018-12-31"):
            create_financial_pipeline("sp500", **days)
    zoned = create_financial_pipeline(
        frame.tz_localize("America/New_York"), start_date=dt.date(2000, 1, 1), end_date=pd.Timestamp("2000-12-29")
    )
    assert (str(zoned.frame.index[0].date()), str(zoned.frame.index[-1].date())) == ("2000-01-03", "2000-12-29")
    with pytest.raises(UnsortedDataError):
        create_financial_pipeline(frame.iloc[::-1], start_date="2000-01-01")
    with pytest.raises(TrainingError, match="window"):
        create_financial_pipeline(frame.iloc[:100]).update()
    turned = create_financial_pipeline(frame, features=("log_range", "log_return")).update()
    assert 0.003 < turned["expected_volatility"].dropna().median() < 0.03
    signal = RegimeSignalAdapter().from_pipeline_result(pipeline.update(frame))
    assert signal.regime_name in ("Bear", "Bull")
    assert signal.metadata["win_rate"] > 0


def test_the_package_offers_them():
    assert {"find_regimes", "RegimeResult", "compare", "create_financial_pipeline"} <= set(hr.__all__) & set(dir(hr))


def test_a_result_stays_as_it_was_found(frame):
    result = find_regimes(frame.iloc[:800])
    before = (repr(result), result._repr_html_(), result.summary, float(result.close.iloc[-1]))
    for time, row in frame.iloc[800:900].iterrows():
        result.detector.update(hr.Bar(time.to_pydatetime(), row.open, row.high, row.low, row.close))
    given = frame.iloc[:800].copy()
    other = find_regimes(given)
    given["close"] = 1.0
    assert (repr(result), result._repr_html_(), result.summary, float(other.close.iloc[-1])) == before
    pipeline = create_financial_pipeline(frame.iloc[:800])
    pipeline.update()
    first, text = pipeline.result, repr(pipeline.result)
    pipeline.update(load_dataset("aapl"))
    assert repr(first) == text
    assert "FinancialPipeline" in repr(pipeline)


@pytest.mark.parametrize(("rule", "bars"), [("W-FRI", 52), ("ME", 12), (None, 252)])
def test_what_is_said_of_a_year_is_by_the_bars(rule, bars):
    daily = load_dataset("sp500")
    how = {"open": "first", "high": "max", "low": "min", "close": "last"}
    frame = daily if rule is None else daily.resample(rule).agg(how)
    found = find_regimes(frame, lookback=60, n_states=2)
    known = found.states["regime"].notna()
    returns = np.log(found.close).diff()[known]
    volatility = float((found.statistics["annual_volatility"] * found.statistics["share"]).sum())
    assert volatility == pytest.approx(returns.std() * bars**0.5, rel=0.35)


def test_hours_of_a_year():
    index = pd.DatetimeIndex(
        [day + pd.Timedelta(hours=h) for day in pd.bdate_range("2020-01-06", periods=40) for h in range(10, 17)]
    )
    assert bars_per_year(index) == 252 * 7


def test_own_names_have_no_order_and_no_type(frame):
    def by_mean(moments):
        return [("Low", "Mid", "High")[k] for k in moments.mean.argsort().argsort()]

    assert not find_regimes(frame, naming=by_mean).states["regime"].cat.ordered
    assert create_financial_pipeline(frame, naming=by_mean).update()["regime_type"].isna().all()


def test_odd_frames_and_arguments_are_named(frame, result, tmp_path):
    assert find_regimes(frame["close"]).name == "close"
    long = pd.concat([frame.assign(ticker="A"), frame.assign(ticker="B")])
    long.to_csv(tmp_path / "long.csv")
    frame.assign(ticker="A").to_csv(tmp_path / "one.csv")
    assert find_regimes(tmp_path / "one.csv").name == "A"
    levels = frame.copy()
    levels.columns = pd.MultiIndex.from_product([frame.columns.str.replace("close", "shut"), ["SPY"]])
    holed = frame.copy()
    holed.index = [*frame.index[:-1], pd.NaT]
    for act, error, words in (
        (lambda: find_regimes(tmp_path / "long.csv"), ParameterError, "run_many"),
        (lambda: find_regimes("gone.csv"), ParameterError, "doesn't exist"),
        (lambda: find_regimes(frame["close"].to_numpy()), ParameterError, r"a ndarray of shape \(1500,\)"),
        (lambda: find_regimes(levels), MissingColumnError, "2 levels"),
        (lambda: find_regimes(holed), MissingValueError, "row 1499 has no time"),
        (lambda: find_regimes(pd.concat([frame, frame[["close"]]], axis=1)), MissingColumnError, "more than once"),
        (lambda: find_regimes(frame, 3), ParameterError, "a RegimeDetector"),
        (lambda: find_regimes(frame, hr.MarketDetector(3)), ParameterError, "mapping of frames"),
        (lambda: find_regimes(frame, naming=["x", "y", "z"]), ParameterError, "naming"),
        (lambda: RegimeSignalAdapter().from_pipeline_result(pd.DataFrame({"a": [1]})), MissingColumnError, "pipeline.update"),
    ):
        with pytest.raises(error, match=words):
            act()
    assert len(compare(result)) == 1
    assert len(compare(r for r in (result, result))) == 2
    assert "regime_found" in find_regimes(frame.assign(regime="x")).to_frame()


def test_pictures_take_any_name_and_can_be_kept(frame):
    result = find_regimes(frame, name=r"$\foo$ & x_1", naming=lambda m: ["$x$_1", "b", "c"])
    figure = result.plot("matplotlib")
    assert figure._repr_png_().startswith(b"\x89PNG")
    assert pickle.loads(pickle.dumps(figure)).axes
