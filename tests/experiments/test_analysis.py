"""What trials say of parameters, against brute force over the trials."""

from __future__ import annotations

from decimal import Decimal
from itertools import product
from statistics import fmean

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from hidden_regime.experiments.analysis import analyse, edge_of
from hidden_regime.experiments.space import Choice, Range
from tests.experiments.pages.planted import GRID, grid, rough, scattered, study, trial


def values_of(found):
    return [(t, t.values[0]) for t in found.trials if t.values is not None]


@pytest.mark.parametrize("direction", ["max", "min"])
def test_levels_are_those_of_brute_force(direction):
    found = grid(rough, objectives=(("Sharpe Ratio", direction),))
    better, worse = (max, min) if direction == "max" else (min, max)
    for report in analyse(found).parameters:
        for level in report.levels:
            own = [value for t, value in values_of(found) if t.parameters[report.name] == level.value]
            assert level.n == len(own)
            assert level.mean == pytest.approx(fmean(own))
            assert (level.best, level.worst) == (better(own), worse(own))
    assert [level.value for level in analyse(found).parameters[0].levels] == ["10", "20", "30", "40"]


def test_ranges_and_steps_of_slices():
    found = grid(rough)
    report = analyse(found).parameters[0]
    ranges, steps = [], []
    for share, kind in product(("0.1", "0.3", "0.5"), "ab"):
        line = [rough(fast, share, kind) for fast in ("10", "20", "30", "40")]
        ranges.append(max(line) - min(line))
        steps += [abs(b - a) for a, b in zip(line, line[1:], strict=False)]
    assert report.n_slices == 6
    assert report.mean_range == pytest.approx(fmean(ranges))
    assert report.max_range == pytest.approx(max(ranges))
    assert report.max_step == pytest.approx(max(steps))
    kinds = analyse(found).parameters[2]
    assert not kinds.numeric and kinds.max_step is None and kinds.n_slices == 12


@pytest.mark.parametrize("direction", ["max", "min"])
def test_local_optima_beat_all_their_neighbours(direction):
    found = grid(rough, objectives=(("Sharpe Ratio", direction),))
    sign = 1 if direction == "max" else -1
    axes = [("10", "20", "30", "40"), ("0.1", "0.3", "0.5"), ("a", "b")]
    expected = {}
    for t, value in values_of(found):
        own = [axis.index(t.parameters[one["name"]]) for axis, one in zip(axes, GRID, strict=True)]
        near = []
        for other, far in values_of(found):
            away = [axis.index(other.parameters[one["name"]]) - o for axis, one, o in zip(axes, GRID, own, strict=True)]
            if sum(map(abs, away)) == 1:
                near.append(far)
        if all(sign * value > sign * one for one in near):
            expected[t.number] = (value, len(near))
    modes = analyse(found).modes
    assert {one.trial: (one.value, one.neighbours) for one in modes} == expected
    assert modes[0].trial == found.best.number


def test_equal_sets_count_once_and_infeasible_ones_count():
    trials = [trial(0, {"n": "1"}, (1.0,)), trial(1, {"n": "1"}, (1.0,)), trial(2, {"n": "2"}, (3.0,), violations=(0.1,))]
    found = analyse(study(trials, [{"name": "n", "low": "1", "high": "2", "step": "1"}], constraints=["Drawdown <= 0.25"]))
    assert found.n_sets == 2
    assert [(level.n, level.mean) for level in found.parameters[0].levels] == [(1, 1.0), (1, 3.0)]
    assert found.parameters[0].best_value == "1"


def test_failures_are_grouped_by_their_reason():
    n = [{"name": "n", "low": "1", "high": "9", "step": "1"}]
    trials = [
        trial(0, {"n": "1"}, None, status="failed", error="x"), trial(1, {"n": "2"}, None, status="no orders"),
        trial(2, {"n": "3"}, None, status="failed", error="x"), trial(3, {"n": "4"}, None), trial(4, {"n": "5"}, (1.0,)),
        trial(5, {"n": "6"}, None, status="failed"),
    ]  # fmt: skip
    found = analyse(study(trials, n)).failures
    assert found[0] == ("x", 2, {"n": "1"})
    assert [(one.reason, one.parameters["n"]) for one in found[1:]] == [
        ("sent no order", "2"), ("has no value of the objective", "4"), ("failed without a text", "6")]  # fmt: skip


@pytest.mark.parametrize(
    ("parameter", "value", "edge"),
    [
        (Range("n", 10, 50, 5), "10", "lowest"),
        (Range("n", 10, 50, 5), "50", "highest"),
        (Range("n", 10, 50, 5), "15", ""),
        (Range("n", 10, 29, 10), "20", ""),  # two values
        (Range("n", 10, 39, 10), "30", "highest"),  # 39 can't be reached
        (Range("x", "0", "1"), "0.02", "lowest"),
        (Range("x", "0", "1"), "0.0201", ""),
        (Range("x", "0", "1"), "0.99", "highest"),
        (Range("n", 1, 9, whole=True), "9", "highest"),
        (Range("n", 1, 9, whole=True), "8", ""),
        (Range("n", 5, 5), "5", ""),
        (Choice("n", ("1", "2")), "2", ""),
        (Choice("n", ("3", "1", "2")), "3", "highest"),
        (Choice("n", ("3", "1", "2")), "2", ""),
    ],
)
def test_edges(parameter, value, edge):
    assert edge_of(parameter, value) == edge


@given(
    low=st.integers(-50, 50), n=st.integers(3, 30), step=st.sampled_from(["0.1", "1", "2.5"]), place=st.integers(0, 29),
    rest=st.sampled_from(["0", "0.05"]),
)  # fmt: skip
def test_only_the_ends_of_a_stepped_range_are_edges(low, n, step, place, rest):
    high = Decimal(low) + (n - 1) * Decimal(step) + Decimal(rest)
    one = Range("x", low, high, step)
    values = one.values()
    place %= len(values)
    assert edge_of(one, values[place]) == ("lowest" if place == 0 else "highest" if place == n - 1 else "")


def test_a_study_without_a_value_says_nothing():
    found = analyse(study([trial(0, {"fast": "10", "share": "0.1", "kind": "a"}, None, status="failed", error="x")]))
    assert found.n_sets == 0 and not found.is_grid and found.modes == ()
    assert all(one.importance is None and one.levels == () and not one.varies for one in found.parameters)


def test_importance_of_a_search_finds_what_was_planted():
    found = analyse(scattered(100))
    x, y, kind = found.parameters
    assert found.by_importance[0] is x
    assert x.importance > 0.7 and y.importance < 0.2 and kind.importance < 0.1
    assert not found.is_grid and found.n_sets == 85


@settings(max_examples=25, deadline=None)
@given(st.lists(st.floats(-5, 5), min_size=24, max_size=24))
def test_bounds_of_everything(values):
    by_set = iter(values)
    found = analyse(grid(lambda *_: next(by_set), curves=False))
    for one in found.parameters:
        assert one.importance is None or 0.0 <= one.importance <= 1.0
        assert one.mean_range <= one.max_range and all(level.worst <= level.mean + 1e-9 for level in one.levels)
    assert sum(one.importance or 0.0 for one in found.parameters) <= 1.0 + 1e-9
