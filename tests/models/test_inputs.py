"""What models take for observations, sequences and names of features, against the same data without the container."""

from __future__ import annotations

import warnings

import numpy as np
import pandas as pd
import pytest

from hidden_regime import ContinuousJumpModel, GaussianHMM, JumpModel, SparseJumpModel, StudentTHMM
from hidden_regime.exceptions import DataError, ParameterError

MODELS = {"gaussian": GaussianHMM(2), "student": StudentTHMM(2), "jump": JumpModel(2, penalty=5.0), "sparse": SparseJumpModel(2, penalty=5.0),
          "continuous": ContinuousJumpModel(2, penalty=5.0, grid_size=0.25)}  # fmt: skip
ASKED = ("filter_proba", "predict_online", "predict_proba", "predict", "score_samples", "score", "aic", "bic", "icl", "forecast")


@pytest.fixture(scope="module", params=MODELS.values(), ids=MODELS.keys())
def model(request, X):
    return type(request.param)(**request.param.get_params()).fit(X)


@pytest.fixture(scope="module")
def X():
    rng = np.random.default_rng(1)
    return np.concatenate([rng.normal(0, 1, 120), rng.normal(3, 2, 80)])[:, None]


def test_lengths_in_the_second_place_are_lengths(model, X):
    fresh = type(model)(**model.get_params())
    by_place, by_name = fresh.fit(X, [120, 80]).score(X, [120, 80]), model.score(X, lengths=[120, 80])
    assert fresh.log_likelihood_ == type(model)(**model.get_params()).fit(X, lengths=[120, 80]).log_likelihood_
    assert by_place == fresh.score(X, lengths=(120, 80))
    assert model.score(X, np.array([120, 80])) == by_name != model.score(X)
    np.testing.assert_array_equal(fresh.fit_predict(X, [120, 80]), fresh.predict(X, lengths=[120, 80]))


@pytest.mark.parametrize("y", [[120, 70], [120.0, 80.0], [], 5, np.float64(200.0), ["a"], [True] * 3])
def test_a_second_argument_that_is_neither_y_nor_lengths_is_refused(model, X, y):
    for call in (model.score, type(model)(2).fit, type(model)(2).fit_predict):
        with pytest.raises(ParameterError, match="lengths"):
            call(X, y)
    with pytest.raises(ParameterError, match="lengths"):
        model.score(X, [120, 80], lengths=[100, 100])


def test_a_y_of_a_value_for_each_row_says_nothing(model, X):
    for y in (np.zeros(200), ["a"] * 200, pd.DataFrame({"y": range(200)}), np.ones(200, int)):
        assert model.score(X, y) == model.score(X)


@pytest.mark.parametrize("lengths", [[120.5, 79.5], ["a"], 200, [100, 99], [200, 0], []])
def test_lengths_are_whole_and_add_up(model, X, lengths):
    with pytest.raises(ParameterError, match="lengths"):
        model.filter_proba(X, lengths)


def gaps(kind, values):
    """The values, of which the second is missing, as this container says that."""
    hidden = np.ma.array(values, mask=[[False], [True], *[[False]] * (len(values) - 2)])
    lost = [None if i == 1 else v for i, v in enumerate(values[:, 0].tolist())]
    return {
        "masked": hidden,
        "list of masked rows": list(hidden),
        "masked objects": hidden.astype(object),
        "masked integers": np.ma.array(np.round(values).astype(int), mask=hidden.mask),
        "None": [[v] for v in lost],
        "pandas NA": np.array([[pd.NA if v is None else v] for v in lost], dtype=object),
        "pandas nullable": pd.DataFrame({"x": pd.array(lost, dtype="Float64")}),
        "pandas object": pd.DataFrame({"x": pd.Series(lost, dtype=object)}),
    }[kind]


@pytest.mark.parametrize(
    "kind",
    [
        "masked",
        "list of masked rows",
        "masked objects",
        "masked integers",
        "None",
        "pandas NA",
        "pandas nullable",
        "pandas object",
    ],
)
def test_what_a_container_calls_missing_is_missing(model, X, kind):
    wild = X[:6].copy()
    wild[1] = 1e6  # what lies under the mask
    plain = np.round(wild) if kind == "masked integers" else wild.copy()
    plain[1] = np.nan
    given = gaps(kind, wild)
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        for name in ASKED[:-1]:
            np.testing.assert_array_equal(getattr(model, name)(given), getattr(model, name)(plain), err_msg=name)


NO_NUMBERS = {
    "dates": pd.date_range("2000", periods=5),
    "dates with a zone": pd.date_range("2000", periods=5, tz="UTC"),
    "dates of numpy": np.array(["2000-01-01", "2000-01-02"], "datetime64[D]"),
    "a list of dates": [pd.Timestamp("2000"), pd.Timestamp("2001")],
    "periods": pd.period_range("2000", periods=5, freq="D"),
    "durations": pd.DataFrame({"x": pd.to_timedelta([1, 2], unit="D")}),
    "text": ["19990104", "19990105"],
    "bytes": np.array([[b"1"], [b"2"]]),
    "text in a frame": pd.DataFrame({"x": ["1", "2"]}),
    "text beside numbers": pd.DataFrame({"x": [1.0, 2.0], "day": ["1", "2"]}),
    "categories of text": pd.Series(["1", "2"], dtype="category"),
    "string dtype": pd.DataFrame({"x": pd.Series(["1", "2"], dtype="string")}),
    "records": np.zeros(3, dtype=[("a", float)]),
}


@pytest.mark.parametrize("given", NO_NUMBERS.values(), ids=NO_NUMBERS.keys())
def test_what_is_no_number_is_refused(model, given):
    for call in (model.filter_proba, model.score, type(model)(2).fit):
        with pytest.raises(DataError, match="number"):
            call(given)


def test_booleans_are_zero_and_one(model):
    flags = np.array([True, False, True])[:, None]
    assert model.score(flags) == model.score(flags.astype(float))


def test_columns_in_another_order_are_refused_everywhere(X):
    rng = np.random.default_rng(0)
    frame = pd.DataFrame({"ret": X[:, 0], "vol": 10 * np.abs(X[:, 0]) + rng.normal(0, 1, len(X))})
    for kind in MODELS.values():
        model = type(kind)(**kind.get_params()).fit(frame)
        assert list(model.feature_names_in_) == ["ret", "vol"]
        for loaded in (model, type(model).from_dict(model.to_dict())):
            for name in (*ASKED, "standard_errors") if loaded is model else ASKED:
                with pytest.raises(DataError, match=r"columns \['vol', 'ret'\], expected \['ret', 'vol'\]"):
                    getattr(loaded, name)(frame[["vol", "ret"]])
        assert model.score(frame.to_numpy()) == model.score(frame)
        with pytest.raises(DataError, match="feature names"):
            model.score(frame.rename(columns={"vol": "range"}))
        assert not hasattr(model.fit(frame.to_numpy()), "feature_names_in_")


@pytest.mark.parametrize("value", [1e200, -1e101, np.float64(1.7e308)])
def test_absurd_values_are_refused(model, X, value):
    for call in (model.filter_proba, model.predict, model.score, type(model)(2).fit):
        with pytest.raises(DataError, match="in row 1"):
            call([[0.0], [value], [0.0]])


def test_a_row_beyond_every_state_leaves_the_rows_after_it_alone(X):
    """The densities of a row overflow where a state is as narrow as this; the filter forgets such a row as any other."""
    for kind in MODELS.values():
        model = type(kind)(**kind.get_params()).fit(X * 1e-90)
        far = np.concatenate([X[:3] * 1e-90, [[1e90]], X[3:40] * 1e-90])
        with warnings.catch_warnings():
            warnings.simplefilter("error")
            found = model.filter_proba(far)
            assert np.isfinite(found).all() and np.isfinite(model.predict_proba(far)).all()
            np.testing.assert_allclose(found.sum(axis=1), 1.0)
            np.testing.assert_allclose(found[-1], model.filter_proba(far[4:])[-1], atol=1e-6)
            assert model.predict(far)[-1] == model.predict(far[4:])[-1]
            assert model.score(np.delete(far, 3, axis=0)) > model.score(far) > -np.inf
