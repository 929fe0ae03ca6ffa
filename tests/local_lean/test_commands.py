"""Command lines of lean-cli."""

from __future__ import annotations

from pathlib import Path

import pytest

from hidden_regime.exceptions import ParameterError
from hidden_regime.experiments import Choice, Range, Space
from hidden_regime.local_lean.commands import all_parameters, backtest_arguments, check_texts, optimize_arguments

PROJECT, OUT = Path("Cross"), Path("Cross/backtests/1")


def test_a_backtest_always_says_where_its_results_go():
    assert backtest_arguments(PROJECT, OUT) == ["backtest", "Cross", "--output", "Cross/backtests/1", "--no-update"]


def test_a_backtest_has_its_name_its_image_and_all_of_its_parameters():
    given = {"fast": "5", "share": "-0.5"}
    told = backtest_arguments(PROJECT, OUT, name="a b", parameters=given, image="my/lean:1", update=True)
    assert told[4:] == ["--update", "--image", "my/lean:1", "--backtest-name", "a b", "--parameter", "fast", "5", "--parameter",
                        "share", "-0.5"]  # fmt: skip


def test_an_optimisation_is_asked_by_a_file():
    told = optimize_arguments(PROJECT, OUT, Path("c.json"), workers=3)
    assert told == ["optimize", "Cross", "--output", "Cross/backtests/1", "--optimizer-config", "c.json", "--no-update",
                    "--max-concurrent-backtests", "3"]  # fmt: skip
    assert "--max-concurrent-backtests" not in optimize_arguments(PROJECT, OUT, Path("c.json"))


@pytest.mark.parametrize("workers", [0, -1, 1.5, True, "2"])
def test_a_number_of_workers_that_is_none_is_refused(workers):
    with pytest.raises(ParameterError, match="workers"):
        optimize_arguments(PROJECT, OUT, Path("c.json"), workers=workers)


def test_the_projects_own_parameters_are_passed_with_the_given_ones():
    assert all_parameters({"fast": "10", "slow": "40"}, {"fast": 5, "share": 0.5}) == {"fast": "5", "slow": "40", "share": "0.5"}
    assert all_parameters({"fast": "10"}, {}) == {}


@pytest.mark.parametrize(
    ("value", "text"), [(5, "5"), (0.1, "0.1"), (True, "1"), (1e-7, "0.0000001"), ("a b", "a b"), (2.0, "2")]
)
def test_values_are_passed_as_lean_writes_them(value, text):
    assert all_parameters({}, {"x": value}) == {"x": text}


@pytest.mark.parametrize("given", [{"x": None}, {"x": [1]}, {"": 1}, {3: "x"}])
def test_a_parameter_that_can_not_be_passed_is_refused(given):
    with pytest.raises(ParameterError, match="parameters"):
        all_parameters({}, given)


@pytest.mark.parametrize("text", ["SPY,TLT", "9:30", "a b", "", 'say "x"', "it's", " x", "a\tb"])
def test_texts_that_leans_optimiser_takes_apart_are_refused(text):
    with pytest.raises(ParameterError, match=r"config\.json"):
        check_texts(Space((Range("fast", 1, 3, 1), Choice("word", (text,)))))


def test_a_name_that_leans_optimiser_takes_apart_is_refused():
    with pytest.raises(ParameterError, match="fast:2"):
        check_texts(Space((Range("fast:2", 1, 3, 1),)))
    check_texts(Space((Range("fast", 1, 3, 1), Choice("word", ("SPY",)))))
