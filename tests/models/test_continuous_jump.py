"""The continuous jump model against all paths on its grid, the jump model that it holds, and its authors' numbers."""

from __future__ import annotations

import itertools

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from hidden_regime import ContinuousJumpModel, JumpModel
from hidden_regime.exceptions import ParameterError, SavedModelError
from hidden_regime.models.simplex_grid import divisions, grid_points, n_points, prices
from tests.models.jump_oracles import least_objective, stretches


def test_the_grid_has_every_point_once():
    for k, m in itertools.product((1, 2, 3, 4), (1, 2, 5)):
        points = grid_points(k, m)
        every = {counts for counts in itertools.product(range(m + 1), repeat=k) if sum(counts) == m}
        assert len(points) == n_points(k, m) == len(every) and set(map(tuple, points.tolist())) == every
        corners = points[points.max(axis=1) == m]
        np.testing.assert_array_equal(corners, m * np.eye(k))
    assert [divisions(size) for size in (1.0, 0.5, 0.3, 0.1, 0.05, 0.7)] == [1, 2, 3, 10, 20, 1]


def test_prices_by_their_formula():
    points = grid_points(3, 4)
    p = points / 4
    plain = np.array([[7.0 / 4 * np.abs(a - b).sum() ** 2 for b in p] for a in p])
    np.testing.assert_allclose(prices(points, 7.0, mode_loss=False), plain, atol=1e-12)
    mass = np.log(np.exp(-plain).sum(axis=1))
    price = prices(points, 7.0, mode_loss=True)
    np.testing.assert_allclose(price, plain + (mass - mass[0])[:, None], atol=1e-12)
    np.testing.assert_allclose(np.exp(-price).sum(axis=1), np.exp(-price[0]).sum())


@settings(max_examples=25, deadline=None)
@given(st.integers(0, 1000), st.sampled_from([(2, 0.25), (3, 0.5), (2, 1.0)]), st.floats(0, 60), st.booleans())
def test_paths_are_the_best_of_all_on_the_grid(seed, size, penalty, mode_loss):
    k, step = size
    rng = np.random.default_rng(seed)
    x = rng.normal(size=(60, 2)) * rng.choice([0.5, 2.0], (60, 1))
    x[2, 0] = np.nan
    model = ContinuousJumpModel(k, penalty=penalty, grid_size=step, mode_loss=mode_loss, n_init=2).fit(x)
    z = (x[:5] - model._center) / model._scale
    losses = 0.5 * np.nansum((z[:, None] - model._standard_centers) ** 2, axis=2)
    m = round(1 / step)
    points = [np.array(c) / m for c in itertools.product(range(m + 1), repeat=k) if sum(c) == m]
    charge = {(i, j): penalty / 4 * np.abs(p - q).sum() ** 2 for (i, p), (j, q) in itertools.product(enumerate(points), repeat=2)}
    mass = [np.log(sum(np.exp(-charge[i, j]) for j in range(len(points)))) for i in range(len(points))]
    corner = mass[next(i for i, p in enumerate(points) if p.max() == 1)]

    def cost(path):
        total = sum(losses[t] @ points[i] for t, i in enumerate(path))
        return total + sum(charge[pair] + (mass[pair[0]] - corner) * mode_loss for pair in itertools.pairwise(path))

    def place(p):
        return int(np.argmin([np.abs(p - q).sum() for q in points]))

    assert cost([place(p) for p in model.predict_proba(x[:5])]) == pytest.approx(
        min(map(cost, itertools.product(range(len(points)), repeat=5)))
    )
    for n in range(1, 5):
        ends = [min(cost((*rest, i)) for rest in itertools.product(range(len(points)), repeat=n - 1)) for i in range(len(points))]
        found = model.filter_proba(x[:5])[n - 1]
        best = [points[i] for i in np.flatnonzero(np.array(ends) <= min(ends) + 1e-9)]
        assert any(np.allclose(found, p) for p in [*best, np.mean(best, axis=0)])
    np.testing.assert_array_equal(model.predict(x), model.predict_proba(x).argmax(axis=1))
    np.testing.assert_array_equal(model.predict_online(x), model.filter_proba(x).argmax(axis=1))


@pytest.mark.parametrize("k", [2, 3])
def test_with_corners_alone_it_is_a_jump_model(k):
    x, _ = stretches()
    x[7] = np.nan
    plain = JumpModel(k, penalty=8).fit(x)
    for step in (1.0, 0.7):
        model = ContinuousJumpModel(k, penalty=8, grid_size=step).fit(x)
        assert model.objective_ == pytest.approx(plain.objective_, rel=1e-12)
        to = [int(np.abs(plain.centers_ - center).sum(axis=1).argmin()) for center in model.centers_]
        assert sorted(to) == list(range(k))
        for name in ("predict", "predict_online"):
            np.testing.assert_array_equal(np.array(to)[getattr(model, name)(x)], getattr(plain, name)(x))
        assert model.score(x) == pytest.approx(plain.score(x), rel=1e-9)
        assert set(np.unique(model.proba_)) == {0.0, 1.0}


def test_tiny_series_are_no_worse_than_jumps():
    """The grid holds the corners, so no path of states alone may be better."""
    for seed in range(10):
        x = np.random.default_rng(seed).normal(size=(10, 2))
        model = ContinuousJumpModel(2, penalty=2, mode_loss=False).fit(x)
        assert model.objective_ <= least_objective((x - x.mean(axis=0)) / x.std(axis=0), 2, 2.0) + 1e-9


def test_the_objective_and_the_moments_are_of_the_path():
    x, _ = stretches()
    model = ContinuousJumpModel(2, penalty=100, grid_size=0.1, mode_loss=False).fit(x)
    z, p = (x - x.mean(axis=0)) / x.std(axis=0), model.proba_
    centers = (p.T @ z) / p.sum(axis=0)[:, None]
    losses = 0.5 * ((z[:, None] - centers) ** 2).sum(axis=2)
    moves = np.abs(np.diff(p, axis=0)).sum(axis=1)
    assert model.objective_ == pytest.approx((p * losses).sum() + 100 / 4 * (moves**2).sum())
    np.testing.assert_allclose(model.means_, (p.T @ x) / p.sum(axis=0)[:, None])
    for s in (0, 1):
        away = x - model.means_[s]
        spread = ((p[:, s, None] * away).T @ away + np.diag(x.var(axis=0))) / (p[:, s].sum() + 1)
        np.testing.assert_allclose(model.covars_[s], spread)
    np.testing.assert_array_equal(model.path_, p.argmax(axis=1))
    np.testing.assert_array_equal(model.predict_proba(x), p)
    assert 0 < ((p > 0) & (p < 1)).mean() < 1


THEIRS = {
    (30.0, 0.05, True): (726.571049454809, {130: 0.0, 225: 0.0}, {90: 1.0, 225: 1.0, 245: 1.0}),
    (100.0, 0.1, False): (740.5239865075982, {90: 0.9, 225: 0.0, 130: 1.0}, {225: 1.0, 245: 0.9}),
}
"""By penalty, grid and mode loss: objective of jumpmodels 0.1.1 from a hundred starts, and what it says online and in hindsight
of the state with the higher second feature, by rows."""


@pytest.mark.parametrize(("penalty", "grid_size", "mode_loss"), THEIRS)
def test_the_authors_package_says_the_same(penalty, grid_size, mode_loss):
    x, _ = stretches()
    model = ContinuousJumpModel(2, penalty=penalty, grid_size=grid_size, mode_loss=mode_loss).fit(x)
    objective, online, hindsight = THEIRS[penalty, grid_size, mode_loss]
    assert model.objective_ == pytest.approx(objective, rel=1e-12)
    high = int(model.centers_[:, 1].argmax())
    for found, theirs in ((model.filter_proba(x), online), (model.predict_proba(x), hindsight)):
        np.testing.assert_allclose(found[list(theirs), high], list(theirs.values()), atol=1e-12)


def test_before_anything_is_known_nothing_is_said():
    x, _ = stretches()
    model = ContinuousJumpModel(2, penalty=30).fit(x)
    np.testing.assert_allclose(model.filter_proba(np.full((3, 5), np.nan)), 0.5)
    later = np.vstack([np.full((3, 5), np.nan), x])
    np.testing.assert_allclose(model.filter_proba(later)[:3], 0.5)


def test_states_in_another_order_say_the_same():
    x, _ = stretches()
    model = ContinuousJumpModel(2, penalty=100, order_by=lambda p: p.means[:, 1]).fit(x)
    assert model.centers_[0, 1] < model.centers_[1, 1]
    before, proba, path = model.filter_proba(x), model.proba_.copy(), model.path_.copy()
    model.relabel([1, 0])
    np.testing.assert_array_equal(model.filter_proba(x), before[:, ::-1])
    np.testing.assert_array_equal(model.proba_, proba[:, ::-1])
    np.testing.assert_array_equal(model.path_, 1 - path)


def test_what_is_too_large_or_wrong_is_named():
    x, _ = stretches()
    with pytest.raises(ParameterError, match=r"grid_size = 0.05: .*600 points.*n_states = 4 it has 1771.*at least 1 / 13"):
        ContinuousJumpModel(4).fit(x)
    with pytest.raises(ParameterError, match="n_states"):
        ContinuousJumpModel(700).fit(np.random.default_rng(0).normal(size=(800, 1)))
    for options, name in (
        ({"grid_size": 0.0}, "grid_size"),
        ({"grid_size": 1.5}, "grid_size"),
        ({"mode_loss": 1}, "mode_loss"),
        ({"penalty": -1.0}, "penalty"),
        ({"init": "kmeans"}, "init"),
    ):
        with pytest.raises(ParameterError, match=f"{name} = "):
            ContinuousJumpModel(2, **options).fit(x)
    assert ContinuousJumpModel(2, penalty=5000.0).fit(x).converged_


def test_options_that_the_probabilities_belong_to_cant_change():
    x, _ = stretches()
    model = ContinuousJumpModel(2, penalty=30).fit(x)
    for name, other in (("grid_size", 0.1), ("mode_loss", False)):
        before = getattr(model, name)
        with pytest.raises(ParameterError, match=f"{name} = .*fit"):
            model.set_params(**{name: other}).filter_proba(x)
        model.set_params(**{name: before}).filter_proba(x)
    with pytest.raises(ParameterError, match="proba_"):
        model.proba_ = np.ones((300, 2))
    content = model.to_dict()
    for wrong in ([[0.5, 0.5]], [[0.7, 0.7]] * 300, [[1.5, -0.5]] * 300):
        content["fitted"]["extra"]["proba"] = {"array": wrong, "dtype": "float64"}
        with pytest.raises(SavedModelError, match="proba"):
            ContinuousJumpModel.from_dict(content)
