from __future__ import annotations

import json

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from hidden_regime.exceptions import ParameterError
from hidden_regime.experiments.space import Choice, Range, Space
from hidden_regime.experiments.space.read import read_texts
from hidden_regime.experiments.space.spelled import parameter_of

NAMES = st.text("abcxyz-_", min_size=1, max_size=6)
RANGES = st.builds(
    lambda low, width, step, finest: {"low": str(low), "high": str(low + width), **({"step": str(step)} if finest else {})},
    st.decimals("-9", "9", places=2), st.decimals("0", "9", places=1), st.decimals("0.1", "3", places=2), st.booleans(),
)  # fmt: skip
CHOICES = st.lists(st.text("abc01", min_size=1, max_size=3), min_size=1, max_size=4, unique=True)


@pytest.mark.parametrize(
    ("given", "expected"),
    [
        ("10:50:5", Range("n", 10, 50, 5)),
        (" 10 : 50 ", Range("n", 10, 50)),
        ("a, b,c", Choice("n", ("a", "b", "c"))),
        ("7", Choice("n", ("7",))),
        ([1, 2.5], Choice("n", ("1", "2.5"))),
        (["9:30"], Choice("n", ("9:30",))),
        (("x",), Choice("n", ("x",))),
        (range(10, 51, 5), Range("n", 10, 50, 5, whole=True)),
        (range(10, 0, -4), Range("n", 2, 10, 4, whole=True)),
        ({"low": 1, "high": 2, "min_step": 0.5}, Range("n", 1, 2, None, "0.5")),
        ({"values": [True, "x"]}, Choice("n", ("1", "x"))),
        (np.float64(0.5), Choice("n", ("0.5",))),
        (np.int64(5), Choice("n", ("5",))),
        (Range("n", 1, 2), Range("n", 1, 2)),
    ],
)
def test_the_ways_to_write_a_parameter(given, expected):
    assert parameter_of("n", given) == expected


@pytest.mark.parametrize(
    "given",
    ["", "a:b", "1:2:3:4", "1:2:x", "a,,b", "9:30:", "5:1", "1:5:0", [], range(0), None, {1, 2}, {"low": 1}, {"lo": 1, "high": 2},
     {"values": [1], "low": 1}, {"values": "ab"}, {"low": 1, "high": 2, "whole": "yes"}, Range("m", 1, 2), "nan:5"],
)  # fmt: skip
def test_what_isn_t_understood_is_refused(given):
    with pytest.raises(ParameterError):
        Space.of({"n": given})


def test_nine_by_nine_are_81_sets_with_decimal_texts():
    space = Space.of({"fast": "10:50:5", "share": "0.01:0.09:0.01"})
    assert space.count == 81 and len(space) == 2 and space.names == ("fast", "share")
    assert [one.values() for one in space] == [
        tuple(str(n) for n in range(10, 51, 5)), tuple(f"0.0{n}" for n in range(1, 10)),
    ]  # fmt: skip
    assert Space.of({"fast": "10:50", "share": "0:1:0.5"}).count is None


def test_a_space_comes_from_itself_from_parameters_and_from_mappings():
    one = Range("fast", 1, 2)
    space = Space((one,))
    assert Space.of(space) is space and Space.of(one) == Space.of([one]) == space == Space.of({"fast": "1:2"})
    for bad in ({}, (), [], "fast", 3, None, [one, one], ["fast"]):
        with pytest.raises(ParameterError):
            Space.of(bad)


@given(st.dictionaries(NAMES, RANGES | CHOICES, min_size=1, max_size=4))
def test_a_space_comes_back_from_json_whatever_sorts_the_keys(told):
    space = Space.of(told)
    again = Space.from_dict(json.loads(json.dumps(space.to_dict(), sort_keys=True)))
    assert again == space and again.names == space.names
    assert [str(one) for one in again] == [str(one) for one in space]  # the zeros at the end too


@pytest.mark.parametrize("told", [None, [], {}, {"parameters": {}}, {"parameters": [1]}, {"parameters": [{"low": 1, "high": 2}]}])
def test_what_is_no_space_s_dict_is_refused(told):
    with pytest.raises(ParameterError):
        Space.from_dict(told)


def test_a_space_is_read_with_the_strategy_s_types():
    space = Space.of({"fast": "10:50:5", "share": "0:1:0.5", "asset": "SPY,TLT", "on": [True, False], "code": "1:3:1"})
    kinds = {"fast": int, "share": float, "asset": str, "on": bool, "code": str, "unused": int}
    read = space.with_kinds(kinds)
    assert [one.values() for one in read] == [one.values() for one in space]
    assert [one.whole for one in read if isinstance(one, Range)] == [True, False, False]
    assert Space.of({"share": range(3)}).with_kinds({"share": float}).parameters[0].whole is False


@pytest.mark.parametrize(
    ("given", "kind", "said"),
    [
        ("10:50:2.5", int, r"n: step = '2.5': expected a whole number\. .*silently answer its default"),
        ("5.0,7", int, r"n = '5.0': expected whole numbers without a point.*silently"),
        ("1_000", int, "silently"),
        ("3000000000", int, "silently"),
        ("a,b", float, "expected numbers"),
        ("True,False", bool, "expected 1 or 0"),
    ],
)
def test_what_get_parameter_can_t_read_is_an_error(given, kind, said):
    with pytest.raises(ParameterError, match=said):
        Space.of({"n": given}).with_kinds({"n": kind})


def test_a_name_that_isn_t_read_is_an_error_that_offers_others():
    with pytest.raises(ParameterError, match=r"space = 'fats'.*Did you mean fast\?"):
        Space.of({"fats": "1:2"}).with_kinds({"fast": int, "slow": int})


@pytest.mark.parametrize("given", ["5.0", "5", " 5 ", "+5", "1,000", "0.5", "abc", "1e3", "5_0", "", "3000000000"])
@pytest.mark.parametrize("default", [3, 0.5, True])
def test_the_types_agree_with_the_engine_s_get_parameter(given, default):
    from types import SimpleNamespace

    from hidden_regime.simulator.members.setup import SetupMembers

    core = SimpleNamespace(parameters_read={}, parameters_unusable=set(), parameters={"n": given})
    SetupMembers.get_parameter(SimpleNamespace(_sim=core), "n", default)
    space = Space((Choice("n", (given,)),))
    if core.parameters_unusable:
        with pytest.raises(ParameterError):
            space.with_kinds({"n": type(default)})
    else:
        assert space.with_kinds({"n": type(default)}) == space


def test_texts_of_a_command():
    assert read_texts(["fast=10:50:5", "asset = SPY,TLT"]) == Space.of({"fast": "10:50:5", "asset": ["SPY", "TLT"]})
    for texts in (["fast"], ["=1:2"], ["fast="], ["a=1:2", "a=1:3"], []):
        with pytest.raises(ParameterError):
            read_texts(texts)
