"""Splits: by brute force no training label knows anything of a test; and as another library has them."""

from __future__ import annotations

from itertools import combinations

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from hidden_regime.exceptions import DataError, ParameterError
from hidden_regime.learning import CalendarWalkForward, CombinatorialPurgedCV, Labels, PurgedKFold
from hidden_regime.learning.splits.base import blocks


def labels_of(t0, t1, n_bars):
    index = pd.bdate_range("2010-01-01", periods=n_bars)[np.asarray(t0)]
    zeros = np.zeros(len(t0))
    return Labels(pd.DataFrame({"value": zeros, "t0": t0, "t1": t1, "weight": zeros + 1, "ret": zeros}, index), "sign", n_bars)


@st.composite
def lives(draw):
    n = draw(st.integers(60, 160))
    kept = sorted(draw(st.sets(st.integers(0, n - 12), min_size=40, max_size=n - 12)))
    t1 = [t + draw(st.integers(1, 8)) for t in kept]
    return labels_of(np.array(kept), np.array(t1), n)


def forbidden(labels, tested, bars):
    """Rows that may not train, row by row: of each contiguous tested stretch, by the definition."""
    out = set()
    for stretch in tested:
        begin, end = min(labels.t0[i] for i in stretch), max(labels.t1[i] for i in stretch)
        for i in range(len(labels)):
            if (labels.t0[i] <= end and labels.t1[i] >= begin) or end < labels.t0[i] <= end + bars:
                out.add(i)
    return out


@settings(max_examples=15, deadline=None)
@given(lives(), st.integers(2, 6), st.floats(0, 0.05))
def test_purged_folds_by_brute_force(labels, k, embargo):
    cv = PurgedKFold(k, embargo=embargo)
    try:
        found = list(cv.splits(labels))
    except DataError:
        return
    bars = int(np.ceil(embargo * labels.n_bars))
    assert sorted(i for split in found for i in split.test.tolist()) == list(range(len(labels)))
    for split in found:
        assert set(split.train.tolist()) == set(range(len(labels))) - forbidden(labels, [split.test], bars) - set(
            split.test.tolist()
        )
        assert split.purged == len(labels) - len(split.train) - len(split.test)
        for i in split.train[:: max(1, len(split.train) // 7)]:
            for j in split.test:
                assert labels.t1[i] < labels.t0[j] or labels.t0[i] > labels.t1[j]


@settings(max_examples=15, deadline=None)
@given(lives(), st.integers(3, 6), st.integers(1, 2))
def test_combinatorial_splits_by_brute_force(labels, folds, tested):
    cv = CombinatorialPurgedCV(folds, tested, embargo=0.02)
    try:
        found = list(cv.splits(labels))
    except DataError:
        return
    parts = blocks(len(labels), folds)
    chosen = list(combinations(range(folds), tested))
    assert len(found) == len(chosen) == cv.n_splits
    bars = int(np.ceil(0.02 * labels.n_bars))
    for split, which in zip(found, chosen, strict=True):
        test = [parts[fold].tolist() for fold in which]
        assert split.test.tolist() == [i for part in test for i in part]
        assert set(split.train.tolist()) == set(range(len(labels))) - forbidden(labels, test, bars) - set(split.test.tolist())


def test_combinatorial_paths_hold_each_row_once():
    labels = labels_of(np.arange(300), np.arange(300) + 3, 310)
    cv = CombinatorialPurgedCV(6, 2)
    assert (cv.n_splits, cv.n_paths) == (15, 5)
    splits, paths = list(cv.splits(labels)), cv.paths(labels)
    assert len(paths) == 5
    for path in paths:
        assert sorted(i for _, rows in path for i in rows.tolist()) == list(range(300))
        for number, rows in path:
            assert set(rows.tolist()) <= set(splits[number].test.tolist())
    used = [(number, int(rows[0])) for path in paths for number, rows in path]
    assert len(set(used)) == len(used) == 15 * 2


def test_purged_folds_are_those_of_purgedcv():
    purgedcv = pytest.importorskip("purgedcv")
    n = 203
    t1 = np.arange(n) + np.random.default_rng(0).integers(1, 9, n)
    labels = labels_of(np.arange(n), t1, n + 9)
    times = pd.bdate_range("2010-01-01", periods=n + 9)
    lives = {  # theirs end before their end, ours with it
        "prediction_times": pd.Series(times[:n]), "evaluation_times": pd.Series(times[t1] + pd.Timedelta(hours=1)),
    }  # fmt: skip
    pairs = [
        (purgedcv.PurgedKFold(5, **lives), PurgedKFold(5, embargo=0.0)),
        (purgedcv.CombinatorialPurgedCV(6, 2, **lives), CombinatorialPurgedCV(6, 2, embargo=0.0)),
    ]
    for theirs, ours in pairs:
        found = [(train.tolist(), test.tolist()) for train, test in theirs.split(np.zeros((n, 1)))]
        assert found == [(split.train.tolist(), split.test.tolist()) for split in ours.splits(labels)]


def test_walk_forward_trains_on_what_has_ended():
    labels = labels_of(np.arange(700), np.arange(700) + 9, 710)
    found = list(CalendarWalkForward(12, 3).splits(labels))
    assert len(found) == 6
    for split in found:
        first = labels.t0[split.test].min()
        assert (labels.t1[split.train] < first).all()
        assert labels.times[split.train[0]] > labels.times[split.test[0]] - pd.DateOffset(months=12, days=4)
        days = labels.times[split.test]
        assert days[-1] < days[0] + pd.DateOffset(months=3, days=4)
        assert 8 <= split.purged <= 9
    tested = np.concatenate([split.test for split in found])
    assert (np.diff(tested) == 1).all()
    anchored = list(CalendarWalkForward(12, 3, anchored=True).splits(labels))
    assert [s.test.tolist() for s in anchored] == [s.test.tolist() for s in found]
    assert all(split.train[0] == 0 for split in anchored)


@pytest.mark.parametrize(
    "make", [lambda: PurgedKFold(1), lambda: PurgedKFold(5, embargo=1.0), lambda: CombinatorialPurgedCV(4, 4),
             lambda: CalendarWalkForward(0, 1), lambda: PurgedKFold(2.5)])  # fmt: skip
def test_splits_that_can_t_be_are_named(make):
    with pytest.raises(ParameterError):
        make()


def test_too_little_to_split_is_said():
    with pytest.raises(DataError, match="at least as many"):
        list(PurgedKFold(5).splits(labels_of(np.arange(3), np.arange(3) + 1, 9)))
    with pytest.raises(DataError, match="to train on"):
        list(PurgedKFold(2).splits(labels_of(np.arange(10), np.full(10, 30), 40)))
