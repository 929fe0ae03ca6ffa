"""What a strategy asks for is found by beginning to run it."""

from __future__ import annotations

import pytest

from hidden_regime.exceptions import ParameterError, StrategyError
from hidden_regime.experiments.reads import SESSIONS, Read, check_given, find_reads
from hidden_regime.experiments.trials.setup import make_setup
from tests.experiments.small import PLANTED, market, ran, write_strategy

TYPED = """from AlgorithmImports import *


class Typed(QCAlgorithm):
    def initialize(self):
        self.set_start_date(2010, 6, 1)
        self.set_end_date(2010, 6, 30)
        self.add_equity("UP", Resolution.DAILY)
        self.get_parameter("n", 3), self.get_parameter("share", 0.5), self.get_parameter("flag", True)
        self.get_parameter("word", "[red]x"), self.get_parameter("bare")
        self.days = 0

    def on_data(self, data):
        self.days += 1
        if self.days == 3:
            self.get_parameter("late", 1)
        if self.days == 12:
            self.get_parameter("too_late", 1)
"""


def reads(tmp_path, text=PLANTED, **given):
    return find_reads(make_setup(write_strategy(tmp_path, text), market(), parameters=given))


def test_names_types_defaults_and_what_is_given(tmp_path):
    found = reads(tmp_path, TYPED, n=7)
    assert list(found) == ["bare", "flag", "late", "n", "share", "word"]
    assert found["n"] == Read("n", int, 3, "7")
    assert found["share"] == Read("share", float, 0.5, None)
    assert [found[name].kind for name in ("bare", "flag", "word")] == [str, bool, str]
    assert [found[name].kind_name for name in ("n", "share", "flag", "word")] == ["whole number", "number", "truth", "text"]
    assert (found["bare"].default, found["word"].default) == (None, "[red]x")


def test_a_strategy_is_watched_for_some_sessions_and_not_run(tmp_path):
    reads(tmp_path)
    assert ran(tmp_path / "planted.py") == []
    assert SESSIONS < 12


@pytest.mark.parametrize("raised", ["ValueError('bad [day]')", "SystemExit('bad [day]')"])
def test_one_that_fails_at_once_is_told_before_any_trial(tmp_path, raised):
    text = PLANTED.replace("self.set_end_date(2010, 6, 30)", f"raise {raised}")
    with pytest.raises(StrategyError, match=r"planted\.py fails before any trial: .*bad \[day\] \(in planted\.py: line 10\)"):
        reads(tmp_path, text)


@pytest.mark.parametrize("text", ["def f(:\n", "import no_such_module_here\n", "x = 1\n", ""])
def test_a_file_that_is_no_strategy_is_told(tmp_path, text):
    with pytest.raises((StrategyError, ValueError), match=r"planted\.py"):
        reads(tmp_path, text)


def test_a_run_shorter_than_that_is_seen_whole(tmp_path):
    assert set(reads(tmp_path, PLANTED.replace("2010, 6, 30", "2010, 6, 2"))) == {"fast", "share", "word"}


def test_what_changes_nothing_is_an_error(tmp_path):
    found = reads(tmp_path)
    check_given({"fast": "7"}, found, set())
    with pytest.raises(
        ParameterError,
        match=r"fsat = '7': expected a parameter that the strategy reads. Of these it has fast, share, word. Did you mean fast\?",
    ):
        check_given({"fsat": "7"}, found, set())
    with pytest.raises(
        ParameterError, match=r"fast = '5.0': expected a whole number without a point, such as 5. .*silently answer.*default, 20"
    ):
        check_given({"fast": "5.0"}, found, {"fast"})
    with pytest.raises(ParameterError, match=r"share = 'x': expected a number\..*default, 0.05"):
        check_given({"share": "x"}, found, {"share"})
