from __future__ import annotations

import logging
import math
import subprocess
import sys
import warnings

import pytest

from hidden_regime.exceptions import MissingDependencyError, ParameterError
from hidden_regime.experiments.search import Random, Told, Tpe, best_of
from hidden_regime.experiments.space import Range, Space
from tests.experiments.search.test_searches import SPACE, searched

FINE = Space.of({"fast": "5:100:1", "share": "0:1:0.01"})
FREE = Space((Range("fast", 5, 100, whole=True), Range("share", 0, 1)))
SEEDS = range(5)


def hill(one):
    return (-(((float(one["fast"]) - 35) / 95) ** 2) - (float(one["share"]) - 0.3) ** 2,)


@pytest.fixture(autouse=True)
def optuna():
    return pytest.importorskip("optuna")


@pytest.mark.parametrize("seed", SEEDS)
def test_a_planted_optimum_is_found_within_a_step(seed):
    told = searched(Tpe(SPACE, seed=seed))
    best = told[best_of(told)].parameters
    assert abs(int(best["fast"]) - 35) <= 5 and abs(float(best["share"]) - 0.03) <= 0.0100001


@pytest.mark.parametrize("seed", SEEDS)
def test_with_half_as_many_trials_as_sets_it_is_found_too(seed):
    told = searched(Tpe(SPACE, n_trials=40, seed=seed))
    best = told[best_of(told)].parameters
    assert abs(int(best["fast"]) - 35) <= 5 and abs(float(best["share"]) - 0.03) <= 0.0100001


@pytest.mark.parametrize("space", [FINE, FREE], ids=["96 x 101 sets", "without steps"])
def test_it_is_nearer_to_the_top_than_random_sets(space):
    def away(search):
        told = searched(search, hill)
        return -told[best_of(told)].values[0]

    found = [away(Tpe(space, seed=seed)) for seed in SEEDS]
    at_random = [away(Random(space, seed=seed)) for seed in SEEDS]
    assert sorted(found)[2] < sorted(at_random)[2] / 3
    assert max(found) < 0.002  # 0.045 of the width of each


def test_it_is_a_function_of_its_arguments_and_of_what_was_told():
    told = searched(Tpe(FINE, n_trials=40, seed=1), hill)
    for n in range(0, 40, 8):
        assert Tpe(FINE, n_trials=40, seed=1).propose(told[:n]) == [one.parameters for one in told[n : n + 8]]
    assert len({tuple(one.parameters.values()) for one in told}) == 40
    assert Tpe(FINE, seed=2).propose([]) != Tpe(FINE, seed=1).propose([])
    assert Tpe(FINE, n_trials=40).propose(told) == []


def test_each_set_of_a_small_space_is_tried_once():
    space = Space.of({"x": "0:3:1", "asset": "SPY,TLT", "one": "7"})
    told = searched(Tpe(space, batch=3), lambda one: (float(one["x"]) * (one["asset"] == "TLT"),))
    assert Tpe(space).total() == 8 == len(told) == len({tuple(one.parameters.values()) for one in told})
    assert Tpe(FREE).total() == 100 and Tpe(Space.of({"x": "0:1"}), n_trials=5).total() == 5


def test_texts_have_no_noise_and_wholes_no_point():
    told = searched(Tpe(FREE, n_trials=30), hill)
    assert all(one.parameters["fast"] == str(int(one.parameters["fast"])) for one in told)
    assert all(len(one.parameters["share"]) <= len("0.123456") for one in told)
    assert {one.parameters["share"] for one in searched(Tpe(FINE, n_trials=30), hill)} <= set(FINE.parameters[1].values())


def told_with(limit, *, fail=False):
    """A search whose sets are forbidden, or fail, where share is above the limit; the top would be at 0.9."""
    space = Space.of({"share": "0:1", "fast": "0:1"})
    search, told = Tpe(space, seed=4), []
    while sets := search.propose(told):
        for one in sets:
            share, value = float(one["share"]), (-((float(one["share"]) - 0.9) ** 2) - (float(one["fast"]) - 0.5) ** 2,)
            told.append(Told(one, None, ()) if fail and share > limit else Told(one, value, () if fail else (share - limit,)))
    return told


@pytest.mark.parametrize("fail", [False, True], ids=["violated", "failed"])
def test_it_keeps_away_from_what_violates_or_fails(fail):
    told = told_with(0.5, fail=fail)
    late = [float(one.parameters["share"]) > 0.5 for one in told[20:]]
    best = told[best_of(told)]
    assert sum(late) < 0.5 * len(late)
    assert 0.4 < float(best.parameters["share"]) <= 0.5 and abs(float(best.parameters["fast"]) - 0.5) < 0.15


def test_several_objectives_look_for_a_front():
    def values(one):
        x, y = float(one["x"]), float(one["y"])
        return (x - 3 * (y - 0.5) ** 2, x**2)  # the larger, the smaller: y = 0.5 is the front

    space, off = Space.of({"x": "0:1", "y": "0:1"}), []
    for seed in SEEDS:
        told = searched(Tpe(space, directions=("max", "min"), seed=seed), values)
        off.append(sum(abs(float(one.parameters["y"]) - 0.5) for one in told[50:]) / 50)
    assert max(off) < 0.2  # 0.25 at random
    with pytest.raises(ParameterError, match="2 values, one a direction"):
        Tpe(space, directions=("max", "min")).propose([Told({"x": "0.5", "y": "0.5"}, (1.0,))])


@pytest.mark.parametrize("violations", [(math.inf,), (1e300, math.inf, -1.0), ()])
@pytest.mark.parametrize("values", [None, (math.nan,), (math.inf,), (-math.inf,), (-999.0,)])
def test_whatever_is_told_there_are_further_sets(values, violations):
    first = Tpe(FINE).propose([])
    told = [Told(one, values, violations) for one in first * 2]
    assert len(Tpe(FINE).propose(told)) == 8


def test_values_that_the_space_doesn_t_have_are_refused():
    with pytest.raises(ParameterError, match="a value of the space"):
        Tpe(SPACE).propose([Told({"fast": "12", "share": "0.01"}, (1.0,))])


@pytest.mark.parametrize(
    "options", [{"n_trials": 0}, {"batch": 0}, {"seed": -1}, {"n_startup": 0}, {"directions": ()}, {"directions": ("up",)}]
)
def test_what_no_argument_can_be_is_refused(options):
    with pytest.raises(ParameterError):
        Tpe(SPACE, **options)


def test_optuna_is_silent_and_left_as_it_was(optuna, caplog, capsys):
    optuna.logging.set_verbosity(optuna.logging.DEBUG)
    optuna.logging.enable_propagation()
    try:
        with warnings.catch_warnings(record=True) as said, caplog.at_level(logging.DEBUG):
            warnings.simplefilter("always")
            Tpe(SPACE).propose([Told(one, (1.0,), (0.5,)) for one in Tpe(SPACE).propose([])])
        assert optuna.logging.get_verbosity() == optuna.logging.DEBUG
    finally:
        optuna.logging.set_verbosity(optuna.logging.INFO)
        optuna.logging.disable_propagation()
    assert not said and not caplog.records and capsys.readouterr() == ("", "")


def test_without_optuna_the_error_says_how_to_get_it(monkeypatch):
    monkeypatch.setitem(sys.modules, "optuna", None)
    with pytest.raises(MissingDependencyError, match=r"pip install 'hidden-regime\[research\]'"):
        Tpe(SPACE).propose([])


def test_optuna_is_imported_when_it_is_used():
    code = "import sys, hidden_regime.experiments.search as s; print('optuna' in sys.modules)"
    assert subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True).stdout.strip() == "False"
