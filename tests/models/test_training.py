"""Training in batches: equal to training alone, and one failure stays one failure."""

from __future__ import annotations

import numpy as np
import pytest

from hidden_regime.exceptions import ConstantDataError, TrainingError, WindowTooShortError
from hidden_regime.models.initialisation import (
    from_groups,
    from_kmeans,
    from_ordered,
    from_random,
    from_ranking,
    volatility_ranking,
)
from hidden_regime.models.parameters import Evidence, Parameters
from hidden_regime.models.training import Task, Trained, train


def task(seed: int, n: int = 120, **options: object) -> Task:
    rng = np.random.default_rng(seed)
    x = rng.normal(0, 1, (n, 2)) * rng.choice([0.5, 2.0], (n, 1))
    return Task(x, 3, starts=("volatility", "kmeans", "random"), **options)  # type: ignore[arg-type]


def same(a: Trained, b: Trained) -> bool:
    return all(np.array_equal(x, y) for x, y in zip(a.parameters, b.parameters, strict=True)) and a.restarts == b.restarts


@pytest.mark.parametrize("threads", [1, 2, 7])
def test_batches_threads_and_order_change_nothing(threads):
    tasks = [task(s, n) for s, n in enumerate((100, 150, 120, 100))]
    alone = [train([t])[0] for t in tasks]
    together = train(tasks, threads=threads)
    backwards = train(tasks[::-1], threads=threads)[::-1]
    for a, b, c in zip(alone, together, backwards, strict=True):
        assert same(a, b)
        assert same(a, c)


def test_one_failure_stays_one():
    good = task(0)
    out = train([good, Task(np.ones((50, 2)), 3), good])
    assert isinstance(out[1], ConstantDataError)
    assert same(out[0], out[2])
    assert isinstance(train([Task(np.full((9, 1), np.nan), 2)])[0], TrainingError)


@pytest.mark.parametrize(
    "kind", [{}, {"weights": np.ones(160)}, {"emission": "student_t"}], ids=["plain", "weighted", "student_t"]
)
def test_a_challenger_must_win_by_the_margin(kind):
    """Two M-steps from a poor model: it is then the worst of three, and by how much is in the table of starts."""
    rng = np.random.default_rng(3)
    x = np.concatenate([rng.normal(0, 1, 80), rng.normal(0, 4, 80)])[:, None]
    degrees = np.array([8.0, 8.0]) if "emission" in kind else None
    poor = Parameters(np.full(2, 0.5), np.full((2, 2), 0.5), np.array([[-3.0], [3.0]]), np.full((2, 1, 1), 6.0), degrees)

    def trained(margin: float) -> Trained:
        task = Task(x, 2, warm=poor, starts=("random", "volatility"), n_iter=2, margin=margin, **kind)
        return train([task])[0]

    def chosen(margin: float) -> list[str]:
        return [r.start for r in trained(margin).restarts if r.chosen]

    warm, near, far = (r.objective for r in trained(0.0).restarts)
    assert far - near < near - warm
    assert chosen(0.0) == ["volatility"]
    assert chosen(far - warm - 0.01) == ["volatility"]
    assert chosen(far - warm + 0.01) == ["warm"]
    assert trained(far - warm + 0.01).objective == warm
    # Only the model that goes on has the margin: one challenger beats another by being better.
    assert far - near < 0.5 * (near - warm + far - near)
    assert chosen(0.5 * (near - warm + far - near)) == ["volatility"]


def test_memory_holds_a_state_that_the_window_did_not_visit():
    rng = np.random.default_rng(0)
    calm = rng.normal(0, 1.0, (250, 1))
    wild = Evidence(np.array([0.0, 400.0]), np.array([[0.0], [0.0]]), np.array([[[1.0]], [[36.0]]]))
    warm = Parameters(
        np.array([0.5, 0.5]), np.array([[0.98, 0.02], [0.02, 0.98]]), np.zeros((2, 1)), np.array([[[1.0]], [[36.0]]])
    )
    held = train([Task(calm, 2, starts=(), warm=warm, memory=wild)])[0]
    lost = train([Task(calm, 2, starts=(), warm=warm)])[0]
    assert held.parameters.covars[1, 0, 0] == pytest.approx(36.0, rel=0.1)
    assert lost.parameters.covars[1, 0, 0] < 10.0


def test_evidence_adds_up_like_one_sample():
    rng = np.random.default_rng(0)
    x, g = rng.normal(0, 2, (60, 2)), rng.dirichlet([1, 1, 1], 60)
    x[7] = np.nan
    at_once = Evidence.nothing(3, 2).plus(x, g)
    in_parts = Evidence.nothing(3, 2).plus(x[:20], g[:20]).plus(x[20:], g[20:])
    for a, b in zip(at_once, in_parts, strict=True):
        np.testing.assert_allclose(a, b, rtol=1e-10)
    seen = ~np.isnan(x).any(axis=1)
    np.testing.assert_allclose(at_once.means, (g[seen].T @ x[seen]) / g[seen].sum(axis=0)[:, None], rtol=1e-12)


def test_starts_are_proper_models():
    x = np.random.default_rng(0).normal(size=(90, 2))
    x[3] = np.nan
    rng = np.random.default_rng(1)
    for start in (from_ranking(x, volatility_ranking(x), 3), from_kmeans(x, 3, rng), from_random(x, 3, rng)):
        np.testing.assert_allclose(start.transmat.sum(axis=1), 1.0)
        np.testing.assert_allclose(start.startprob.sum(), 1.0)
        assert (np.linalg.eigvalsh(start.covars) > 0).all()


def test_the_ranking_puts_the_wild_stretch_last():
    x = np.concatenate([np.random.default_rng(0).normal(0, s, (50, 1)) for s in (1.0, 5.0)])
    ranking = volatility_ranking(x)
    assert ranking[60:].min() > ranking[:40].max()
    start = from_ranking(x, ranking, 2)
    assert start.covars[0, 0, 0] < start.covars[1, 0, 0]


def test_a_starts_states_have_their_groups_moments_and_a_hundredth_of_the_whole():
    """Without the hundredth a group of equal rows is a state of no width, which no density has."""
    rng = np.random.default_rng(5)
    x = np.concatenate([rng.normal(0, 2, (40, 2)), np.tile([[1.0, 3.0]], (40, 1))])
    groups = np.repeat([0, 1, 2], [40, 38, 2])
    for columns in (2, 1):
        start = from_groups(x[:, :columns], groups, 3)
        ridge = 0.01 * np.diag(x[:, :columns].var(axis=0))
        own = np.cov(x[:40, :columns].T, bias=True).reshape(columns, columns)
        np.testing.assert_allclose(start.means[0], x[:40, :columns].mean(axis=0))
        np.testing.assert_allclose(start.covars[0], own + ridge, atol=1e-12)
        np.testing.assert_allclose(start.covars[1], ridge, atol=1e-12)
        few = 100 * ridge if columns == 2 else ridge  # two rows say nothing of two features: the whole's variances
        np.testing.assert_allclose(start.covars[2], few, atol=1e-12)


def test_complete_windows_start_where_any_other_does():
    """Two ways of one formula: ranked windows in an array, and groups of one window."""
    x = np.random.default_rng(2).normal(size=(91, 2)) * np.linspace(0.5, 2.0, 91)[:, None]
    ranking = volatility_ranking(x)
    alone = from_ranking(x, ranking, 3)
    for a, b in zip(alone[:4], from_ordered(x[np.argsort(ranking, kind="stable")][None], 3), strict=True):
        np.testing.assert_allclose(a, b[0], rtol=1e-12)


def test_reordering_moves_everything_together():
    p = Parameters(np.array([0.2, 0.8]), np.array([[0.9, 0.1], [0.3, 0.7]]), np.array([[1.0], [2.0]]), np.ones((2, 1, 1)))
    q = p.reordered([1, 0])
    assert q.startprob.tolist() == [0.8, 0.2]
    assert q.transmat.tolist() == [[0.7, 0.3], [0.1, 0.9]]
    assert q.means.ravel().tolist() == [2.0, 1.0]
    assert p.blended(0.1).transmat[0, 1] == pytest.approx(0.14)


def test_windows_that_say_too_little_are_refused():
    few = train([Task(np.random.default_rng(0).normal(size=(9, 2)), 3, covariance_type="full")])[0]
    assert isinstance(few, WindowTooShortError)
    assert "can't determine" in str(few)
    same = train([Task(np.tile([[1.0], [2.0]], (50, 1)), 3)])[0]
    assert isinstance(same, TrainingError)
    assert "fewer distinct values" in str(same)
