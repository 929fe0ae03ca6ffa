"""Training in batches: equal to training alone, and one failure stays one failure."""

from __future__ import annotations

import numpy as np
import pytest

from hidden_regime.exceptions import ConstantDataError, TrainingError, WindowTooShortError
from hidden_regime.models.initialisation import from_kmeans, from_random, from_ranking, volatility_ranking
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


def test_a_challenger_must_win_by_the_margin():
    first = train([task(1)])[0]
    assert isinstance(first, Trained)
    held = train([task(1, warm=first.parameters, margin=1e9)])[0]
    assert [r.start for r in held.restarts if r.chosen] == ["warm"]
    free = train([task(1, warm=first.parameters, margin=0.0)])[0]
    assert free.objective >= held.objective


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
    np.testing.assert_allclose(at_once.decayed(0.5).weight, 0.5 * at_once.weight)


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
