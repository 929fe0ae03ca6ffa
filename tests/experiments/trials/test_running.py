"""A trial runs once, says what it came to, and what isn't its own fault is no failure of it."""

from __future__ import annotations

import errno
import threading

import numpy as np
import pytest

from hidden_regime.cache.stores.folder import FolderStore
from hidden_regime.exceptions import StrategyError
from hidden_regime.experiments.trials.outcome import COMPLETE, FAILED, IDLE, Outcome
from hidden_regime.experiments.trials.running import further_figures, run_setup, run_trial, store_of, tapes_of
from hidden_regime.experiments.trials.setup import make_setup
from hidden_regime.simulator.turn import alone
from tests.experiments.small import PLANTED, START, market, ran, score, write_strategy


@pytest.fixture
def setup(tmp_path):
    return make_setup(write_strategy(tmp_path / "mine"), market(), store=tmp_path / "store")


def test_it_says_what_it_came_to(setup):
    found = run_trial(setup, {"fast": "30", "share": "0.05"})
    assert (found.status, found.error) == (COMPLETE, "")
    assert float(found.texts["Score"]) == score(30, 0.05)
    assert found.texts["Total Orders"] == "1"
    assert found.days[0] == np.datetime64(START)
    assert len(found.days) == len(found.equity) == 22
    assert ran(setup.strategy) == ["30 0.05 none"]


@pytest.mark.parametrize(("word", "status"), [("none", COMPLETE), ("idle", IDLE), ("crash", FAILED)])
def test_whatever_came_of_it_it_is_not_run_again(setup, word, status):
    first = run_trial(setup, {"word": word})
    again = run_trial(setup, {"word": word})
    assert first.status == again.status == status
    assert first.to_bytes() == again.to_bytes()
    assert len(ran(setup.strategy)) == (word != "crash")
    assert len(FolderStore(setup.store / "trials")) == 1


def test_a_crash_is_told_with_its_place(setup):
    error = run_trial(setup, {"word": "crash"}).error
    assert "told to crash" in error
    place = 1 + next(i for i, line in enumerate(PLANTED.splitlines()) if "told to crash" in line)
    assert f"in planted.py: line {place}" in error
    assert "\n" not in error


def test_without_a_store_or_a_key_it_runs_each_time(tmp_path, setup):
    class Own:
        def __init__(self):
            self._inner = market()

        def __getattr__(self, name):
            return getattr(self._inner, name)

    for one in (make_setup(setup.strategy, market()), make_setup(setup.strategy, Own(), store=tmp_path / "store")):
        before = len(ran(setup.strategy))
        first, again = run_trial(one, {}), run_trial(one, {})
        assert first.to_bytes() == again.to_bytes()
        assert len(ran(setup.strategy)) == before + 2
    assert store_of(None, "trials") is None


def test_a_damaged_entry_is_run_again_and_mended(setup):
    first = run_trial(setup, {})
    store = store_of(setup.store, "trials")
    store.put(setup.trial_key({}), first.to_bytes()[:-5])
    again = run_trial(setup, {})
    assert again.to_bytes() == first.to_bytes() == store.get(setup.trial_key({}))
    assert len(ran(setup.strategy)) == 2


def test_a_text_that_is_read_as_the_default_is_a_failure(setup):
    found = run_trial(setup, {"fast": "5.0"})
    assert (found.status, found.texts) == (FAILED, {})
    assert found.error == "fast = 5.0: the strategy can't read it and took its default."


def test_another_threads_run_is_no_failure_of_the_trial(setup):
    begun, done = threading.Event(), threading.Event()

    def hold():
        with alone():
            begun.set()
            done.wait(60)

    thread = threading.Thread(target=hold)
    thread.start()
    try:
        assert begun.wait(60)
        with pytest.raises(StrategyError, match="another thread"):
            run_trial(setup, {})
    finally:
        done.set()
        thread.join()
    assert run_trial(setup, {}).status == COMPLETE


def test_a_full_disk_is_told(setup, monkeypatch):
    def full(self, key, content):
        raise OSError(errno.ENOSPC, "No space left on device")

    with monkeypatch.context() as patched:
        patched.setattr(FolderStore, "put", full)
        with pytest.raises(OSError, match="No space left"):
            run_trial(setup, {})
    assert run_trial(setup, {}).status == COMPLETE
    assert len(ran(setup.strategy)) == 2


def test_what_a_hundred_trials_print_is_not_shown(tmp_path, capsys):
    path = write_strategy(
        tmp_path, PLANTED.replace("def on_end_of_algorithm(self):", "def on_end_of_algorithm(self):\n        print('hello')")
    )
    assert run_trial(make_setup(path, market()), {}).status == COMPLETE
    assert capsys.readouterr().out == ""


def test_warnings_of_a_hundred_trials_are_not_shown(tmp_path):
    text = PLANTED.replace("        self.asset =", "        import warnings\n        warnings.warn('told')\n        self.asset =")
    setup = make_setup(write_strategy(tmp_path, text), market())
    assert run_trial(setup, {}).status == COMPLETE


@pytest.mark.parametrize("raised", ["SystemExit('over')", "MemoryError('over')", "RuntimeError('over')"])
def test_whatever_a_strategy_raises_is_a_failure(tmp_path, raised):
    text = PLANTED.replace('raise ValueError("told to crash")', f"raise {raised}")
    found = run_trial(make_setup(write_strategy(tmp_path, text), market()), {"word": "crash"})
    assert (found.status, "over" in found.error) == (FAILED, True)


def test_figures_of_leans_result_file(tmp_path):
    setup = make_setup(
        write_strategy(tmp_path), market(), further=("totalperformance.portfoliostatistics.sharperatio", "no.such")
    )
    found = run_trial(setup, {})
    assert set(found.further) == {"totalperformance.portfoliostatistics.sharperatio"}
    assert float(found.further["totalperformance.portfoliostatistics.sharperatio"]) == pytest.approx(
        float(found.texts["Sharpe Ratio"]), abs=1e-3
    )
    assert Outcome.from_bytes(found.to_bytes()).further == found.further


def test_paths_are_read_in_either_case_and_what_is_no_figure_is_left_out():
    content = {"A": {"Two Words": "1%", "n": 2.5, "none": None, "nan": float("nan"), "list": [1], "table": {}}, "b": "3"}
    paths = ("a.two words", "A.N", "a.none", "a.nan", "a.list", "a.table", "a", "b", "b.c", "x.y", "")
    assert further_figures(content, paths) == {"a.two words": "1%", "A.N": "2.5", "b": "3"}


def test_tapes_belong_to_their_folder(tmp_path):
    assert tapes_of(tmp_path / "a") is tapes_of(tmp_path / "a")
    assert tapes_of(tmp_path / "a") is not tapes_of(tmp_path / "b")


def test_a_run_may_be_watched(setup):
    days = []
    run = run_setup(setup, {}, on_day=days.append)
    assert run.error is None
    assert days[0] <= START <= days[-1]
