"""Measures of labels, on labels made by hand."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from benchmarks.truths.measures import YEAR, accuracy, best_renaming, calibration_error, delay, false_alarms, flips, score

#                 0  1  2  3  4  5  6  7  8  9
TRUTH = np.array([0, 0, 0, 2, 2, 2, 2, 1, 1, 2])
CALLED = np.array([0, 0, 1, 0, 2, 1, 2, 0, 0, 2])
"""Leaves a regime that goes on at 2 and at 5; finds that of 3 a bar late, that of 7 never, that of 9 at once."""


def rows(k):
    return st.integers(1, 40).flatmap(
        lambda n: st.tuples(*[st.lists(st.integers(0, k - 1), min_size=n, max_size=n).map(np.array)] * 2)
    )


def test_what_hand_made_labels_come_to():
    assert accuracy(CALLED, TRUTH) == 5 / 10
    assert flips(CALLED) == pytest.approx(7 * YEAR / 10)
    assert delay(CALLED, TRUTH) == pytest.approx((1 + 2 + 0) / 3)
    assert false_alarms(CALLED, TRUTH) == pytest.approx(2 * YEAR / 10)


def test_a_regime_of_before_has_no_delay_and_none_is_none():
    assert delay(np.array([1, 1, 0, 0]), np.array([0, 0, 0, 1])) == 1.0  # never found: its whole length
    assert np.isnan(delay(np.array([0, 1]), np.array([0, 0])))


def test_leaving_with_the_truth_or_from_a_wrong_label_is_no_false_alarm():
    assert false_alarms(np.array([0, 0, 1, 2]), np.array([0, 0, 1, 1])) == pytest.approx(YEAR / 4)
    assert false_alarms(np.array([1, 2, 1, 2]), np.array([0, 0, 0, 0])) == 0.0


@pytest.mark.parametrize("order", [(0, 1, 2), (1, 2, 0), (2, 1, 0)])
def test_names_swapped_for_good_cost_nothing_once_renamed(order):
    swapped = np.array(order)[TRUTH]
    assert best_renaming(swapped, TRUTH, 3) == 1.0
    assert accuracy(swapped, TRUTH) == (1.0 if order == (0, 1, 2) else pytest.approx(np.mean(swapped == TRUTH)))


def test_two_regimes_of_one_name_cant_both_be_renamed():
    assert best_renaming(np.zeros(10, int), TRUTH, 3) == 5 / 10  # the commonest truth


@given(rows(3))
def test_a_renaming_is_never_worse_and_does_not_look_at_names(pair):
    labels, truth = pair
    best = best_renaming(labels, truth, 3)
    assert accuracy(labels, truth) <= best + 1e-12
    assert best == pytest.approx(best_renaming(np.array([2, 0, 1])[labels], truth, 3))


def test_no_label_is_never_right():
    none = np.full(10, -1)
    assert accuracy(none, TRUTH) == best_renaming(none, TRUTH, 3) == 0.0


def test_calibration_error_of_hand_made_bins():
    confidence = np.array([0.95, 0.95, 0.95, 0.95, 0.55, 0.55, np.nan])
    right = np.array([1, 1, 1, 0, 1, 0, 1], bool)
    assert calibration_error(confidence, right) == pytest.approx((4 * abs(0.75 - 0.95) + 2 * abs(0.5 - 0.55)) / 6)


def test_certain_and_right_is_calibrated_certain_and_wrong_is_not():
    assert calibration_error(np.ones(4), np.ones(4, bool)) == 0.0
    assert calibration_error(np.ones(4), np.zeros(4, bool)) == 1.0
    assert np.isnan(calibration_error(np.full(3, np.nan), np.ones(3, bool)))


def test_what_comes_true_as_often_as_said_is_calibrated():
    rng = np.random.default_rng(0)
    confidence = rng.uniform(0.3, 1.0, 200_000)
    assert calibration_error(confidence, rng.random(200_000) < confidence) < 0.01


def test_a_score_has_all_of_them():
    found = score(CALLED, np.full(10, 0.5), TRUTH, 3, seconds=1.5)
    assert (found.right, found.calibration, found.seconds) == (0.5, 0.0, 1.5)
    assert found.bear == np.mean((CALLED == 0) == (TRUTH == 0))
    assert np.isnan(found.moved)
