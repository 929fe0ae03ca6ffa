"""What all trials of a study share, and the key of a trial."""

from __future__ import annotations

from datetime import date, datetime

import numpy as np
import pandas as pd
import pytest

from hidden_regime.exceptions import EmptyRangeError, ParameterError, UnknownStrategyError
from hidden_regime.experiments.trials import setup as module
from hidden_regime.experiments.trials.setup import make_setup, text_of
from tests.experiments.small import END, PLANTED, START, market, write_strategy


def key(tmp_path, varied=None, *, text=PLANTED, data=None, folder="a", **said):
    return make_setup(write_strategy(tmp_path / folder, text), data or market(), **said).trial_key(varied or {"fast": "10"})


def test_everything_that_decides_a_trial_is_in_its_key(tmp_path, monkeypatch):
    same = key(tmp_path)
    assert key(tmp_path) == key(tmp_path, folder="b") == key(tmp_path, data=market.__wrapped__()) == same
    found = [
        key(tmp_path, text=PLANTED + "#\n"), key(tmp_path, data=market(seed=1)), key(tmp_path, {"fast": "11"}),
        key(tmp_path, {"fast": "10", "share": "0.1"}), key(tmp_path, start=START), key(tmp_path, end=END),
        key(tmp_path, start=START, end=END), key(tmp_path, cash=5000.0), key(tmp_path, further=("a.b",)),
        key(tmp_path, parameters={"word": "x"}),
    ]  # fmt: skip
    for name, other in (("package_digest", lambda: "other"), ("FORMAT", 0)):
        with monkeypatch.context() as patched:
            patched.setattr(module, name, other)
            found.append(key(tmp_path))
    with monkeypatch.context() as patched:
        patched.setattr(module.kernels, "arithmetic", lambda: "other")
        found.append(key(tmp_path))
    assert len({same, *found}) == len(found) + 1


def test_an_imported_helper_is_in_the_key(tmp_path):
    folder = tmp_path / "a"
    write_strategy(folder, "LEVEL = 1\n", "levels.py")
    text = "import levels\n" + PLANTED
    before = key(tmp_path, text=text)
    write_strategy(folder, "LEVEL = 2\n", "levels.py")
    assert key(tmp_path, text=text) != before


def test_how_parameters_came_is_no_difference(tmp_path):
    one = key(tmp_path, {"fast": "10", "share": "0.1"})
    assert one == key(tmp_path, {"share": "0.1", "fast": "10"}) == key(tmp_path, {"share": "0.1"}, parameters={"fast": 10})


def test_a_market_that_nobody_knows_has_no_key(tmp_path):
    class Own:
        def __init__(self):
            self._inner = market()

        def __getattr__(self, name):
            return getattr(self._inner, name)

    assert key(tmp_path, data=Own()) == ""


def test_windows_are_the_same_between_other_days(tmp_path):
    whole = make_setup(write_strategy(tmp_path), market(), parameters={"word": "x"})
    one = whole.window(START, END, ("A", "B"))
    assert (one.start, one.end, one.base["start"], one.base["end"]) == (START, END, "2010-06-01", "2010-06-30")
    assert (one.base["assets"], one.base["word"], whole.base["assets"]) == ("A,B", "x", "UP")
    assert len({whole.trial_key({}), one.trial_key({}), whole.window(START, END).trial_key({})}) == 3


@pytest.mark.parametrize(
    ("said", "error", "told"),
    [
        ({"start": "2010-01-04"}, ParameterError, "start = '2010-01-04'.*datetime.date"),
        ({"end": 2010}, ParameterError, "end = 2010"),
        ({"start": END, "end": START}, EmptyRangeError, "2010-06-30 is after end 2010-06-01"),
        ({"cash": 0}, ParameterError, "cash = 0.*above zero"), ({"cash": float("nan")}, ParameterError, "cash"),
        ({"cash": "1000"}, ParameterError, "cash = '1000'"), ({"cash": float("inf")}, ParameterError, "cash"),
        ({"parameters": ["fast=1"]}, ParameterError, "parameters = .*mapping"),
        ({"parameters": {"fast": None}}, ParameterError, r"parameters\['fast'\] = None.*a text or a number"),
        ({"parameters": {"fast": True}}, ParameterError, r"parameters\['fast'\] = True"),
        ({"parameters": {"fast": [1]}}, ParameterError, r"parameters\['fast'\]"),
    ],
)  # fmt: skip
def test_what_cannot_be_is_told(tmp_path, said, error, told):
    with pytest.raises(error, match=told):
        make_setup(write_strategy(tmp_path), market(), **said)


def test_no_such_strategy(tmp_path):
    with pytest.raises(UnknownStrategyError, match="Did you mean basic_regime_switching"):
        make_setup("basic_regime_switchin", market())
    with pytest.raises(UnknownStrategyError, match="neither a shipped template"):
        make_setup(tmp_path / "none.py", market())


@pytest.mark.parametrize("when", [datetime(2010, 6, 1, 15, 30), pd.Timestamp("2010-06-01")])
def test_a_moment_is_its_day(tmp_path, when):
    found = make_setup(write_strategy(tmp_path), market(), start=when, end=END)
    assert found.start == START
    assert (type(found.start), found.base["start"]) == (date, "2010-06-01")


@pytest.mark.parametrize(
    ("value", "text"),
    [(3, "3"), (0.1, "0.1"), (1e-7, "1e-07"), ("[red]", "[red]"), (np.float64(0.1), "0.1"), (np.int64(7), "7"), ("", "")],
)
def test_values_as_lean_passes_them(value, text):
    assert text_of("n", value) == text
