"""What every search keeps to, and what is particular to the grid, to random sets and to LEAN's Euler search."""

from __future__ import annotations

import itertools
import json
import math
from decimal import Decimal

import pytest

from hidden_regime.exceptions import ParameterError
from hidden_regime.experiments.search import Euler, Grid, Random, Told, best_of
from hidden_regime.experiments.search.axes import MOST_SETS
from hidden_regime.experiments.search.euler import departures
from hidden_regime.experiments.space import Range, Space

SPACE = Space.of({"fast": "10:50:5", "share": "0.01:0.09:0.01"})


def value_of(parameters):
    """A hill with its top at (35, 0.03)."""
    return (-(((float(parameters["fast"]) - 35) / 40) ** 2) - ((float(parameters["share"]) - 0.03) / 0.08) ** 2,)


def searched(search, value=value_of, *, batches=10_000):
    told = []
    for _ in range(batches):
        if not (sets := search.propose(told)):
            break
        told += [Told(one, value(one)) for one in sets]
    return told


SEARCHES = {
    "grid": lambda **options: Grid(SPACE, **options),
    "euler": lambda **options: Euler(
        Space.of({"fast": {"low": 10, "high": 50, "step": 20, "min_step": 3}, "share": "0:1"}), **options
    ),
    "random": lambda **options: Random(Space.of({"fast": "10:50", "share": "0.01:0.09:0.01"}), n_trials=21, seed=3, **options),
}


@pytest.mark.parametrize("make", SEARCHES.values(), ids=SEARCHES)
def test_the_sets_don_t_depend_on_the_batch(make):
    whole = searched(make(batch=1000))
    for batch in (1, 3, 8):
        assert searched(make(batch=batch)) == whole
    assert len(whole) > 20


@pytest.mark.parametrize("make", SEARCHES.values(), ids=SEARCHES)
def test_a_search_goes_on_from_whatever_was_told(make):
    search = make(batch=4)
    told = searched(search)
    again = [Told(**one) for one in json.loads(json.dumps([{"parameters": t.parameters, "values": t.values} for t in told]))]
    for n in range(len(told)):
        sets = make(batch=4).propose(again[:n])  # another object, and what a file gave back
        assert sets and sets == [one.parameters for one in told[n : n + len(sets)]]
    assert search.propose(told) == []


@pytest.mark.parametrize("make", SEARCHES.values(), ids=SEARCHES)
def test_what_another_search_proposed_is_refused(make):
    strange = [Told({"fast": "11", "share": "0.5"}, (1.0,))] * len(searched(make()))
    with pytest.raises(ParameterError, match="told"):
        make().propose(strange)


@pytest.mark.parametrize("kind", [Grid, Euler, Random])
@pytest.mark.parametrize("options", [{"batch": 0}, {"batch": 1.5}, {"batch": True}])
def test_what_no_batch_can_be_is_refused(kind, options):
    with pytest.raises(ParameterError, match="batch"):
        kind(SPACE, **options)


def test_a_grid_is_the_product_with_the_first_parameter_outermost():
    told = searched(Grid(SPACE))
    product = itertools.product(*(one.values() for one in SPACE))
    assert [tuple(one.parameters.values()) for one in told] == list(product)
    assert Grid(SPACE).total() == len(told) == 81
    assert told[best_of(told)].parameters == {"fast": "35", "share": "0.03"}
    assert max(told, key=lambda one: one.values) == told[best_of(told)]


def test_a_grid_needs_steps_or_segments_and_has_a_limit():
    with pytest.raises(ParameterError, match="a step, as in 10:50:5"):
        Grid(Space.of({"x": "0:1"}))
    assert [one["x"] for one in Grid(Space.of({"x": "0.3:0.9"}), segments=4).propose([])] == [
        "0.30",
        "0.45",
        "0.60",
        "0.75",
        "0.90",
    ]
    assert [one["x"] for one in Grid(Space((Range("x", 1, 4, whole=True),)), segments=4).propose([])] == ["1", "2", "3", "4"]
    with pytest.raises(ParameterError, match=rf"'1,002,001 sets': expected at most {MOST_SETS:,}"):
        Grid(Space.of({"x": "0:1000:1", "y": "0:1000:1"}))


@pytest.mark.parametrize("values", [None, (math.nan,)])
def test_the_best_is_the_first_that_nothing_before_it_equals(values):
    told = [Told({}, values), Told({}, (1.0,), (0.1,)), Told({}, (0.5,)), Told({}, (0.5,), (0.0, -1.0)), Told({}, (0.2,))]
    assert best_of(told) == 2 and best_of(told, "min") == 4
    assert best_of(told[:2]) is None and best_of([]) is None


def test_random_sets_are_in_the_space_and_have_few_digits():
    space = Space.of(
        {"whole": Range("whole", 3, 6, whole=True), "free": "-0.5:2", "step": "0:1:0.25", "text": "a,b", "one": "5:5"}
    )
    told = [one.parameters for one in searched(Random(space, n_trials=300), lambda one: (0.0,))]
    assert {one["whole"] for one in told} == {"3", "4", "5", "6"} and {one["text"] for one in told} == {"a", "b"}
    assert {one["step"] for one in told} == set(space.parameters[2].values())
    assert all(-0.5 <= float(one["free"]) <= 2 and Decimal(one["free"]).as_tuple().exponent >= -6 for one in told)
    assert len({one["free"] for one in told}) > 290 and {float(one["one"]) for one in told} == {5.0}
    assert searched(Random(space, seed=1), lambda one: (0.0,)) != searched(Random(space, seed=2), lambda one: (0.0,))
    for options in ({"n_trials": 0}, {"seed": -1}, {"seed": 0.5}):
        with pytest.raises(ParameterError):
            Random(space, **options)


# LEAN's own tests of its Euler search, in other words (EulerSearchOptimizationStrategyTests)
@pytest.mark.parametrize("segments", [10, 5, 2])
def test_the_rounds_are_as_many_as_the_steps_need_to_become_their_finest(segments):
    space = Space.of({"ema": {"low": 10, "high": 100, "step": 10, "min_step": "0.1"}, "pepe": "pipi"})
    told = searched(Euler(space, batch=10_000, segments=segments), lambda one: (float(one["ema"]),))
    rounds, begin = 0, 0
    search = Euler(space, batch=10_000, segments=segments)
    while sets := search.propose(told[:begin]):
        rounds, begin = rounds + 1, begin + len(sets)
    assert rounds - 1 == math.ceil(math.log(10 / 0.1, segments))
    assert told[-1].parameters["pepe"] == "pipi"


@pytest.mark.parametrize("segments", [5, 10])
def test_each_round_lies_around_the_best_so_far(segments):
    space = Space.of({"ema": {"low": 10, "high": 100, "step": 10, "min_step": "0.1"}})
    search, told = Euler(space, batch=10_000, segments=segments), []
    step, first = Decimal(10), Decimal(10)
    while sets := search.propose(told):
        assert [Decimal(one["ema"]) for one in sets] == [first + step * k for k in range(len(sets))]
        told += [Told(one, (float(one["ema"]),)) for one in sets]
        step = max(Decimal("0.1"), step / segments)
        first = 100 - step * (Decimal(segments) / 2)
    assert len(told) > 15 and best_of(told) == 9  # nothing later is strictly better than the first 100


def test_euler_ends_after_the_first_round_where_nothing_counts():
    space = Space.of({"x": "0:1"})
    for value, violations in ((None, ()), ((math.nan,), ()), ((1.0,), (0.1,))):
        told = [Told(one, value, violations) for one in Euler(space).propose([])]
        assert len(told) == 5 and Euler(space).propose(told) == []
    assert Euler(space).total() is None
    with pytest.raises(ParameterError, match="at least 2"):
        Euler(space, segments=1)
    with pytest.raises(ParameterError, match="direction"):
        Euler(space, direction="up")


def test_euler_ignores_what_failed():
    space = Space.of({"x": {"low": 0, "high": 8, "step": 4, "min_step": 1}})
    told = [Told(one, None if one["x"] == "8" else (float(one["x"]),)) for one in Euler(space).propose([])]
    assert [one["x"] for one in Euler(space).propose(told)] == ["2", "3", "4", "5", "6"]


def test_whole_numbers_are_rounded_and_each_comes_once_in_a_round():
    # The euler problem of LEAN's reference, as a strategy with whole defaults reads it.
    space = Space.of(
        {"fast": {"low": 5, "high": 25, "step": 10, "min_step": 2}, "slow": {"low": 30, "high": 60, "step": 15, "min_step": 5}}
    )
    whole = space.with_kinds({"fast": int, "slow": int})

    def value(one):
        return (-abs(float(one["fast"]) - 8) - abs(float(one["slow"]) - 45) / 100,)

    told = searched(Euler(whole, batch=1000), value)
    assert all(text == str(int(text)) for one in told for text in one.parameters.values())
    assert [one.parameters["fast"] for one in told[9:24:5]] == ["5", "8", "10"]
    assert told[best_of(told)].parameters == {"fast": "8", "slow": "45"}
    assert len(told) == len(searched(Euler(space, batch=1000), value)) == 9 + 15 + 15
    said = departures(whole)
    assert len(said) == 1 and said[0].startswith("fast: ") and "steps of 2.5" in said[0]
    assert departures(space) == []
    odd = Space.of({"n": {"low": 0, "high": 90, "step": 30, "min_step": 10, "whole": True}, "m": Range("m", 0, 9, whole=True)})
    assert ["from 25.0 below" in one or "steps of 3.0" in one for one in departures(odd, 5)] == [True, False]


def test_whole_steps_never_fall_below_one():
    told = searched(Euler(Space((Range("n", 0, 2, whole=True),))), lambda one: (float(one["n"]),))
    assert [one.parameters["n"] for one in told] == ["0", "1", "2"]
