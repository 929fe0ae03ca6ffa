"""States in a chosen order, and put in another: the same model, with other places."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

from hidden_regime import (
    AutoregressiveHMM,
    ContinuousJumpModel,
    CovariateHMM,
    GaussianHMM,
    JumpModel,
    SparseJumpModel,
    StudentTHMM,
)
from hidden_regime.exceptions import NotFittedError, ParameterError
from hidden_regime.regimes import StateMoments, name_states

MAKERS = {
    "gaussian": lambda **options: GaussianHMM(3, **options),
    "student": lambda **options: StudentTHMM(3, covariance_type="full", **options),
    "jump": lambda **options: JumpModel(3, penalty=3.0, **options),
    "covariate": lambda **options: CovariateHMM(3, **options),
    "autoregressive": lambda **options: AutoregressiveHMM(3, **options),
    "sparse": lambda **options: SparseJumpModel(3, penalty=3.0, **options),
    "continuous": lambda **options: ContinuousJumpModel(3, penalty=6.0, grid_size=0.33, **options),
}


@pytest.fixture(params=MAKERS.values(), ids=MAKERS)
def make(request):
    return request.param


@pytest.fixture(scope="module")
def table():
    rng = np.random.default_rng(5)
    kind = np.repeat([0, 1, 2, 1, 0, 2], 80)
    x = rng.normal(0, 1, (480, 2)) * np.array([0.5, 2.0, 4.0])[kind, None] + np.array([[1.0, 0.0], [0.0, 9.0], [-2.0, 4.0]])[kind]
    return pd.DataFrame(x, columns=["move", "size"])


def test_a_feature_or_a_key_of_ones_own_gives_the_order(make, table):
    by_name = make(order_by="size").fit(table)
    assert (np.diff(by_name.means_[:, 1]) > 0).all()
    own = make(order_by=lambda p: -p.means[:, 1]).fit(table)
    np.testing.assert_array_equal(own.means_, by_name.means_[::-1])


@pytest.mark.parametrize("order", [[2, 0, 1], (1, 2, 0), np.array([0, 2, 1])])
def test_what_a_model_says_follows_its_states(make, table, order):
    x, order = table.to_numpy(), order
    model, plain = make(order_by="mean").fit(x), make(order_by="mean").fit(x)
    assert model.relabel(order) is model
    places = list(order)
    np.testing.assert_array_equal(model.means_, plain.means_[places])
    np.testing.assert_array_equal(model.transmat_, plain.transmat_[np.ix_(places, places)])
    np.testing.assert_allclose(model.filter_proba(x), plain.filter_proba(x)[:, places], atol=1e-12)
    np.testing.assert_allclose(model.predict_proba(x), plain.predict_proba(x)[:, places], atol=1e-12)
    np.testing.assert_array_equal(np.array(places)[model.predict(x)], plain.predict(x))
    assert model.score(x) == pytest.approx(plain.score(x), rel=1e-12)
    again = type(model).from_dict(model.to_dict())
    np.testing.assert_array_equal(again.predict(x), model.predict(x))
    back = np.argsort(places)
    np.testing.assert_array_equal(model.relabel(back).filter_proba(x), plain.filter_proba(x))
    if isinstance(model, JumpModel):
        np.testing.assert_array_equal(model.path_, plain.path_)


def test_names_by_the_fitted_moments_or_a_rule(make, table):
    model = make(order_by="volatility").fit(table)
    moments = StateMoments.of(model, table, feature="move")
    assert moments.weight.sum() == pytest.approx(480)
    assert name_states(moments) == ["Bull", "Sideways", "Bear"]
    np.testing.assert_array_equal(StateMoments.of(model, table).mean, moments.mean)
    np.testing.assert_allclose(moments.sd, model.parameters_.deviations[:, 0])


def test_wrong_orders_are_named(make, table):
    with pytest.raises(NotFittedError):
        make().relabel([0, 1, 2])
    with pytest.raises(ParameterError, match="each of the states 0 to 2 once"):
        make().fit(table).relabel([0, 1, 1])
    for order_by in ("range", 3, ["mean"]):
        with pytest.raises(ParameterError, match=r"order_by = .*'move', 'size'"):
            make(order_by=order_by).fit(table)
    with pytest.raises(ParameterError, match="a number for each of 3 states"):
        make(order_by=lambda p: "abc").fit(table)
    with pytest.raises(ParameterError, match=r"set_params\(order_by=None\)"):
        make(order_by=lambda p: p.means[:, 0]).fit(table).to_dict()
