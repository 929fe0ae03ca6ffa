"""A finished study: its best, its order, its front, its table."""

from __future__ import annotations

import pickle
from dataclasses import FrozenInstanceError

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from hidden_regime.experiments.studies.study import make_study, pareto
from hidden_regime.experiments.studies.trial import Trial
from hidden_regime.experiments.trials.outcome import COMPLETE, FAILED, IDLE, Outcome

numbers = st.sampled_from([-1.0, 0.0, 0.5, 1.0])


def trial(number, *values, n=None, status=COMPLETE, violations=()):
    given = {"n": str(number if n is None else n)}
    return Trial(number, given, status, values if status == COMPLETE else None, violations, {}, "why" if status == FAILED else "")


def spec(*directions):
    goals = [{"target": f"T{i}", "direction": d, "value": None} for i, d in enumerate(directions)]
    return {"strategy": "mine", "method": "grid", "objectives": goals, "space": [], "parameters": {}}


def curve(*equity, first="2010-01-04"):
    days = np.arange(first, np.datetime64(first) + len(equity), dtype="datetime64[D]")
    return Outcome(COMPLETE, {}, days, np.array(equity))


@given(
    values=st.lists(st.tuples(numbers, st.booleans(), st.integers(0, 3)), max_size=8), direction=st.sampled_from(["max", "min"])
)
def test_best_and_order_are_those_of_a_sort(values, direction):
    trials = [trial(i, v, n=n, violations=(0.0 if ok else 1.0,)) for i, (v, ok, n) in enumerate(values)]
    # Of equal sets the first stands for all.
    study = make_study(spec(direction), "id", trials, {}, "all")
    feasible = [t for t in trials if t.violations == (0.0,)]
    firsts = [t for i, t in enumerate(feasible) if t.parameters not in [o.parameters for o in feasible[:i]]]
    assert study.ranked == sorted(firsts, key=lambda t: (-t.values[0] if direction == "max" else t.values[0], t.number))
    if feasible:
        top = (max if direction == "max" else min)(t.values[0] for t in feasible)
        assert study.best == next(t for t in feasible if t.values[0] == top)
        assert study.best_parameters == study.best.parameters
    else:
        assert (study.best, study.best_parameters, study.ranked) == (None, None, [])


@given(points=st.lists(st.tuples(numbers, numbers), max_size=8), directions=st.tuples(*[st.sampled_from(["max", "min"])] * 2))
def test_the_front_is_what_no_other_beats(points, directions):
    trials = [trial(i, *point) for i, point in enumerate(points)]
    signs = [1 if d == "max" else -1 for d in directions]

    def beats(a, b):
        pairs = [(s * x, s * y) for s, x, y in zip(signs, a, b, strict=True)]
        return all(x >= y for x, y in pairs) and any(x > y for x, y in pairs)

    expected = [t for i, t in enumerate(trials) if t.values not in points[:i] and not any(beats(p, t.values) for p in points)]
    assert list(pareto(trials, directions)) == expected


def test_curves_are_of_the_days_that_all_have_and_each_set_once():
    trials = [trial(0, 1.0), trial(1, 2.0), trial(2, 1.0, n=0), trial(3, status=IDLE), trial(4, status=FAILED)]
    curves = {0: curve(100, 110, 99, 99), 1: curve(50, 55, 11, 22, first="2010-01-05"), 2: curve(100, 110, 99, 99)}
    study = make_study(spec("max"), "id", trials, curves, "all")
    assert study.columns == (0, 1)
    assert study.days.astype(str).tolist() == ["2010-01-06", "2010-01-07"]
    np.testing.assert_allclose(study.returns, [[-0.1, 0.1], [0.0, -0.8]], atol=1e-12)
    assert study.notes == ("1 of 5 trials failed", "1 of 5 trials sent no order and count as infeasible")
    assert [study.count(status) for status in (COMPLETE, IDLE, FAILED)] == [3, 1, 1]
    assert study.luck.n_tries == 4


def test_curves_without_a_common_day_are_no_error():
    study = make_study(
        spec("max"), "id", [trial(0, 1.0), trial(1, 2.0)], {0: curve(1, 2), 1: curve(1, 2, first="2011-01-03")}, "all"
    )
    assert study.returns.shape == (0, 2)
    assert study.luck.psr is None


def test_all_failing_is_a_study_without_a_best():
    study = make_study(spec("max"), "id", [trial(i, status=FAILED) for i in range(3)], {}, "all")
    assert (study.best, study.front, study.ranked, study.days.shape, study.returns.shape) == (None, (), [], (0,), (0, 0))
    assert "none feasible" in repr(study)
    assert len(study.table()) == 3


def test_the_table_has_a_row_a_trial():
    trials = [Trial(0, {"n": "1"}, COMPLETE, (1.5,), (), {"Drawdown": "20%", "x": "n/a"}), trial(1, status=FAILED)]
    table = make_study(spec("max"), "id", trials, {}, "all").table()
    assert table.index.name == "trial"
    assert table["param_n"].tolist() == ["1", "1"]
    assert table["status"].tolist() == [COMPLETE, FAILED]
    assert table["objective_T0"].iloc[0] == 1.5
    assert table["Drawdown"].iloc[0] == 0.2
    assert "x" not in table
    assert table["feasible"].tolist() == [True, False]


def test_it_is_frozen_and_picklable():
    study = make_study(spec("max"), "id", [trial(0, 1.0), trial(1, 2.0)], {0: curve(1, 2, 3), 1: curve(1, 3, 2)}, "all")
    again = pickle.loads(pickle.dumps(study))
    assert (again.trials, again.luck, again.spec, again.best) == (study.trials, study.luck, study.spec, study.best)
    np.testing.assert_array_equal(again.returns, study.returns)
    with pytest.raises(FrozenInstanceError):
        study.ended = "x"


@pytest.mark.parametrize("hostile", ["<script>alert(1)</script>", "</p><p>"])
def test_what_a_notebook_shows_is_text(hostile):
    study = make_study(spec("max") | {"strategy": hostile}, "id", [trial(0, 1.0, n=hostile)], {}, "all")
    assert hostile not in study._repr_html_()
