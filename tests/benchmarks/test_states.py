"""The benchmark of numbers of states: windows that move on by a month, and what later bars say."""

from __future__ import annotations

import numpy as np
import pytest

from benchmarks import states
from benchmarks.kinds import WITHOUT


def test_a_window_is_told_what_it_met(monkeypatch):
    monkeypatch.setattr(states, "WINDOWS", 2)
    asked = []
    monkeypatch.setattr(states, "answer", lambda x, numbers, criterion: asked.append((x, criterion)) or x.shape[1])
    kind, n = "two, short crises", 60
    found = states.of_windows((kind, n, "bic", 7))
    made = states.WITH[kind](7, n=states.FIRST + 2 * states.SHIFT + n + 1)
    truth = made.truth[1:]
    for i, (alone, both, met) in enumerate(found):
        begin = states.FIRST + i * states.SHIFT
        assert (alone, both) == (1, 2)
        assert met == sum((truth[begin : begin + n] == k).sum() >= states.MET for k in (0, 1))
    returns = np.diff(np.log(made.frame["close"].to_numpy()))
    np.testing.assert_allclose(asked[3][0][:, 0], returns[states.FIRST + states.SHIFT :][:n], atol=1e-12)
    assert {criterion for _, criterion in asked} == {"bic"}


def test_noise_is_asked_alone_and_with_its_ranges(monkeypatch):
    monkeypatch.setattr(states, "answer", lambda x, numbers, criterion: x.shape)
    assert states.of_noise(("iid Gaussian", 50, "evidence", 0)) == [(50, 1), (50, 2)]


def test_later_bars_know_two_regimes_from_one():
    two = states.unseen(states.WITH["two, a rising and a falling"](0, n=401), [1, 2])
    none = states.unseen(WITHOUT["iid Gaussian"](0, n=401), [1, 2])
    assert two[0] == none[0] == 0.0
    assert two[1] > 0.1 > none[1]


@pytest.mark.parametrize("criterion", ["evidence", "bic"])
def test_an_answer_is_a_number_of_states(criterion):
    x = np.random.default_rng(0).normal(size=(120, 1))
    assert states.answer(x, [1, 2], criterion) == 1
