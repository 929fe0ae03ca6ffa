"""What has to stand beside a study's best trial, by the formulas themselves."""

from __future__ import annotations

import math

import numpy as np
import pytest

from hidden_regime.experiments.honesty import deflated_sharpe, expected_best_sharpe, pbo, probabilistic_sharpe
from hidden_regime.experiments.studies.luck import Luck, luck_of


@pytest.fixture(scope="module")
def panel():
    return np.random.default_rng(3).normal(0.0004, 0.01, (500, 6))


def test_figures_are_those_of_the_formulas(panel):
    best = panel[:, 2]
    luck = luck_of(best, panel, 9, [0.1, 0.5, 0.9], 0.9)
    sharpes = panel.mean(axis=0) / panel.std(axis=0, ddof=1)
    variance = sharpes.var(ddof=1)
    assert luck.sharpe == pytest.approx(sharpes[2] * math.sqrt(252), rel=1e-12)
    assert luck.psr == pytest.approx(probabilistic_sharpe(returns=best), rel=1e-12)
    assert luck.luck_sharpe == pytest.approx(expected_best_sharpe(9, variance=variance) * math.sqrt(252), rel=1e-12)
    assert luck.dsr == pytest.approx(deflated_sharpe(n_trials=9.0, variance=variance, returns=best), rel=1e-12)
    assert luck.pbo == pytest.approx(pbo(panel, n_blocks=10).value, rel=1e-12)
    assert luck.pbo_low <= luck.pbo_high
    assert (luck.n_tries, luck.pbo_blocks, luck.years) == (9, 10, 500 / 252)
    assert luck.best_minus_median == pytest.approx(0.4, rel=1e-12)
    assert luck.notes == ()


def test_more_tries_make_more_of_it_luck(panel):
    found = [luck_of(panel[:, 0], panel, n, [], None) for n in (2, 10, 100)]
    assert found[0].dsr > found[1].dsr > found[2].dsr
    assert found[0].psr == found[2].psr
    assert found[0].minimum_backtest < found[2].minimum_backtest


def test_equal_trials_are_worth_one(panel):
    luck = luck_of(
        panel[:, 0], np.repeat(panel[:, :1], 5, axis=1) + np.random.default_rng(0).normal(0, 1e-9, (500, 5)), 5, [1.0], 1.0
    )
    assert luck.n_effective == pytest.approx(1.0, abs=1e-4)
    assert luck.dsr_effective == pytest.approx(luck.psr, abs=1e-3)


@pytest.mark.parametrize(
    ("best", "others", "note"),
    [
        (None, np.empty((0, 0)), "no trial may be the best"), (np.zeros(50), np.zeros((50, 2)), "never moves"),
        (np.array([0.1, 0.2]), np.array([[0.1], [0.2]]), "less than three days"),
    ],
)  # fmt: skip
def test_what_has_no_sharpe_ratio_has_no_luck(best, others, note):
    luck = luck_of(best, others, 4, [], None)
    assert luck.notes and note in luck.notes[0]
    assert [luck.sharpe, luck.psr, luck.dsr, luck.pbo, luck.best_minus_median] == [None] * 5
    assert luck.minimum_backtest > 0


def test_a_single_trial_has_nothing_to_be_deflated_by(panel):
    luck = luck_of(panel[:, 0], panel[:, :1], 1, [1.0], 1.0)
    assert (luck.dsr, luck.luck_sharpe, luck.pbo, luck.minimum_backtest) == (None, None, None, None)
    assert any("single trial" in note for note in luck.notes)
    assert any("PBO needs" in note for note in luck.notes)


def test_few_days_have_fewer_blocks_and_too_few_no_pbo(panel):
    for days, blocks in ((100, 10), (99, 8), (60, 6), (45, 4)):
        assert luck_of(panel[:days, 0], panel[:days], 6, [], None).pbo_blocks == blocks
    luck = luck_of(panel[:39, 0], panel[:39], 6, [], None)
    assert (luck.pbo, luck.pbo_blocks) == (None, 0)


def test_a_loser_needs_for_ever_and_json_says_null(panel):
    luck = luck_of(-np.abs(panel[:, 0]) - 0.001, panel, 6, [], None)
    assert luck.minimum_track_record == math.inf
    told = luck.to_dict()
    assert told["minimum_track_record"] is None
    assert any("no record is long enough" in note for note in told["notes"])
    assert set(told) == set(Luck.__dataclass_fields__)


def test_a_seed_repeats_it(panel):
    assert luck_of(panel[:, 0], panel, 6, [1.0], 1.0) == luck_of(panel[:, 0], panel, 6, [1.0], 1.0)
