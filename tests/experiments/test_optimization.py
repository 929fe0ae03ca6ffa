"""A search: finds what exhaustive search finds, the same for any workers, goes on after any end, and never runs a trial twice."""

from __future__ import annotations

import errno
import itertools
import json
import math

import pytest

from hidden_regime.cache.stores.folder import FolderStore
from hidden_regime.exceptions import EmptyRangeError, ParameterError, StrategyError, StudyError
from hidden_regime.experiments import Constraint, Objective, Space, optimize, run_strategy
from hidden_regime.experiments.optimization import as_objectives
from hidden_regime.experiments.studies import journal as journal_module
from hidden_regime.experiments.trials import setup as trial_setup
from tests.experiments.small import (
    BEST,
    END,
    GRID,
    HOLD,
    PLANTED,
    SCORE,
    START,
    market,
    ran,
    score,
    three_years,
    without_pages,
    write_prices,
    write_strategy,
)

SMALL = {"fast": "25:45:10", "share": "0.02:0.06:0.02"}


@pytest.fixture(autouse=True)
def _pages(monkeypatch):
    without_pages(monkeypatch)


@pytest.fixture
def search(tmp_path):
    """Searches the planted strategy, with a store and no workers."""
    path = write_strategy(tmp_path / "mine")

    def go(space=None, **said):
        usual = {"data": market(), "method": "grid", "objective": SCORE, "workers": 1, "store": tmp_path / "store"}
        return optimize(path, SMALL if space is None else space, **usual | said)

    go.path = path
    return go


def lines(folder):
    return (folder / "journal.log").read_bytes().splitlines(keepends=True)


def test_a_grid_is_all_sets_with_decimal_texts_and_the_best_is_that_of_exhaustive_search(search):
    study = search(GRID)
    fasts, shares = [str(n) for n in range(10, 51, 5)], [f"0.0{n}" for n in range(1, 10)]
    assert [(t.parameters["fast"], t.parameters["share"]) for t in study.trials] == list(itertools.product(fasts, shares))
    assert len(study.trials) == 81
    values = {t.number: score(float(t.parameters["fast"]), float(t.parameters["share"])) for t in study.trials}
    for trial in study.trials:
        assert trial.values == (pytest.approx(values[trial.number], abs=1e-9),)
    assert study.best.number == max(values, key=values.get)
    assert study.best_parameters == BEST
    assert study.best.values == (100.0,)
    order = sorted(study.trials, key=lambda t: (-t.values[0], t.number))
    assert study.ranked == order


@pytest.mark.parametrize("seed", range(5))
def test_bayesian_search_finds_the_planted_optimum_within_a_step(search, seed):
    pytest.importorskip("optuna")
    study = search(GRID, method="tpe", n_trials=40, seed=seed)
    assert len(study.trials) == 40
    assert abs(int(study.best_parameters["fast"]) - 35) <= 5
    assert abs(float(study.best_parameters["share"]) - 0.04) <= 0.01 + 1e-12


@pytest.mark.parametrize("method", ["grid", "euler", "random", "tpe"])
def test_what_sends_no_order_is_infeasible_and_a_crash_is_a_failure_and_the_search_goes_on(search, method):
    if method == "tpe":
        pytest.importorskip("optuna")
    study = search({"word": ["crash", "idle", "none"], "fast": "30:40:5"}, method=method, n_trials=9)
    for trial in study.trials:
        word = trial.parameters["word"]
        assert trial.status == {"crash": "failed", "idle": "no orders", "none": "complete"}[word]
        assert (trial.values is None, trial.is_feasible) == (word != "none", word == "none")
        assert ("told to crash" in trial.error) == (word == "crash")
    assert len(study.trials) == 9
    assert study.best_parameters["word"] == "none"


def test_a_sharpe_ratio_of_0_stays_0(search):
    study = search({"share": ["0.0001", "0.00001"]}, objective="Sharpe Ratio")  # too little for a share: an order of 0 isn't sent
    assert {trial.status for trial in study.trials} == {"no orders"}
    text = PLANTED.replace('"Score", score(self.fast, self.share)', '"Sharpe Ratio", 0')
    search.path.write_text(text, encoding="utf-8")
    study = search({"share": ["0.5"]}, objective="Sharpe Ratio")
    assert study.best.values == (0.0,)
    assert study.ranked[0].is_feasible


def test_the_smallest_is_best_where_it_is_asked_for(search):
    study = search(direction="min", objective="Drawdown")
    assert study.best.values[0] == min(t.values[0] for t in study.trials)
    assert study.ranked == sorted(study.trials, key=lambda t: (t.values[0], t.number))


def test_constraints_make_infeasible_and_are_told_in_units_of_the_statistic(search):
    study = search(constraints=["Total Orders >= 1", Constraint("Statistics.Score", "<=", 90, literal=True)])
    for trial in study.trials:
        assert trial.is_feasible == (trial.values[0] <= 90)
        assert trial.violations[1] == pytest.approx(trial.values[0] - 90, abs=1e-9)
    assert study.best.values[0] == max(t.values[0] for t in study.trials if t.values[0] <= 90)


def test_figures_of_leans_result_file_are_an_objective(search):
    study = search({"share": ["0.1", "0.9"]}, objective="TotalPerformance.PortfolioStatistics.EndEquity")
    assert study.best_parameters == {"share": "0.9"}
    assert study.best.values[0] > 100_000


def test_a_backtest_with_the_written_config_repeats_the_figures(search, tmp_path):
    study = search(out=tmp_path / "out", parameters={"word": "said"}, start=START, end=END)
    config = json.loads((tmp_path / "out" / "config.json").read_text(encoding="utf-8"))
    mine = {name: value for name, value in config["parameters"].items() if name in ("fast", "share", "word")}
    assert mine == {"fast": "35", "share": "0.04", "word": "said"}
    assert run_strategy(search.path, market(), parameters=mine, start=START, end=END).texts == study.best.statistics


def test_the_written_config_repeats_as_it_is(search, tmp_path):
    search(out=tmp_path / "out")
    config = json.loads((tmp_path / "out" / "config.json").read_text(encoding="utf-8"))
    project = tmp_path / "project"
    write_strategy(project, PLANTED, "main.py")
    (project / "config.json").write_text(json.dumps(config), encoding="utf-8")
    told = json.loads((tmp_path / "out" / "study.json").read_text(encoding="utf-8"))
    assert run_strategy(project, market()).texts == told["best_metrics"]


# Workers


def test_a_study_is_the_same_bytes_for_any_number_of_workers(tmp_path):
    path, data = write_strategy(tmp_path), write_prices(tmp_path)
    space = {"fast": "25:45:10", "word": ["none", "idle", "crash"]}
    found = set()
    for workers in (1, 2, 4):
        folder = tmp_path / str(workers)
        optimize(
            path,
            space,
            data=data,
            method="random",
            n_trials=8,
            objective=SCORE,
            workers=workers,
            store=folder / "store",
            out=folder / "out",
        )
        found.add(((folder / "out" / "study.json").read_bytes(), (folder / "out" / "journal.log").read_bytes()))
    assert len(found) == 1


def test_an_infeasible_trial_is_no_target(search):
    goal = Objective("Statistics.Score", value=90, literal=True)
    study = search(objective=goal, constraints=[Constraint("Statistics.Score", "<", 90, literal=True)])
    assert (study.ended, len(study.trials)) == ("all", 9)


# Once


def test_a_trial_once_run_never_runs_again_in_any_study(search, tmp_path):
    search()
    first = ran(search.path)
    assert len(first) == len(set(first)) == 9
    for said in ({}, {"method": "random", "n_trials": 30}, {"direction": "min", "objective": "Drawdown"}, {"out": tmp_path / "out"},
                 {"constraints": ["Drawdown < 1%"]}, {"seed": 7}, {"batch": 2}):  # fmt: skip
        search(**said)
        assert ran(search.path) == first
    search({**SMALL, "fast": "25:55:10"})
    assert len(ran(search.path)) == 12
    search({"fast": ["35", "45"]}, parameters={"share": "0.04"})
    assert len(ran(search.path)) == 12


def test_a_trial_of_another_file_data_dates_cash_or_version_is_another(search, monkeypatch):
    def runs(**said):
        before = len(ran(search.path))
        search({"fast": ["35"]}, **said)
        again = len(ran(search.path))
        search({"fast": ["35"]}, **said)
        assert len(ran(search.path)) == again
        return again - before

    helper = search.path.with_name("levels.py")
    helper.write_text("LEVEL = 1\n", encoding="utf-8")
    search.path.write_text("import levels\n" + PLANTED, encoding="utf-8")
    assert [runs(), runs()] == [1, 0]
    assert [
        runs(**said)
        for said in ({"data": market(seed=1)}, {"start": START}, {"end": END}, {"cash": 5000.0}, {"parameters": {"word": "x"}})
    ] == [1] * 5
    helper.write_text("LEVEL = 2\n", encoding="utf-8")
    assert [runs(), runs()] == [1, 0]
    search.path.write_text("import levels\n" + PLANTED + "# changed\n", encoding="utf-8")
    assert runs() == 1
    monkeypatch.setattr(trial_setup, "package_digest", lambda: "another version")
    assert [runs(), runs()] == [1, 0]


def test_equal_sets_of_a_search_are_run_once(search):
    study = search({"fast": ["25", "35"]}, method="random", n_trials=12)
    assert len(study.trials) == 12
    assert len(ran(search.path)) == 2
    assert len(study.columns) == 2
    assert study.luck.n_tries == 2


def test_without_a_store_it_is_kept_in_the_studys_own_folder(search, tmp_path):
    study = search(store=None, out=tmp_path / "out")
    assert len(FolderStore(tmp_path / "out" / "kept" / "trials")) == 9
    (tmp_path / "out" / "journal.log").unlink()
    assert search(store=None, out=tmp_path / "out").trials == study.trials
    assert len(ran(search.path)) == 9


# Going on


def test_from_wherever_it_was_killed_it_goes_on_to_the_same_study(search, tmp_path):
    out = tmp_path / "out"
    search(out=out)
    whole, study = b"".join(lines(out)), (out / "study.json").read_bytes()
    for kept in (0, 1, 4, 10):
        for torn in (b"", b'{"number": 3, "par'):
            (out / "journal.log").write_bytes(b"".join(whole.splitlines(keepends=True)[:kept]) + (torn if kept < 10 else b""))
            (out / "study.json").unlink()
            search(out=out)
            assert (b"".join(lines(out)), (out / "study.json").read_bytes()) == (whole, study)
    assert len(ran(search.path)) == 9


def test_a_damaged_line_in_the_middle_is_told_and_its_removal_goes_on(search, tmp_path):
    out = tmp_path / "out"
    search(out=out)
    whole, study = lines(out), (out / "study.json").read_bytes()
    (out / "journal.log").write_bytes(b"".join([*whole[:4], b"#\xff\n", *whole[5:]]))
    with pytest.raises(StudyError, match=r"journal\.log line 5 is damaged"):
        search(out=out)
    (out / "journal.log").unlink()
    search(out=out)
    assert (lines(out), (out / "study.json").read_bytes()) == (whole, study)
    assert len(ran(search.path)) == 9


@pytest.mark.parametrize("method", ["tpe", "random"])
def test_more_trials_go_on_from_fewer(search, tmp_path, method):
    pytest.importorskip("optuna")
    few = search(GRID, method=method, n_trials=11, out=tmp_path / "out")
    more = search(GRID, method=method, n_trials=20, out=tmp_path / "out")
    assert more.trials[:11] == few.trials
    assert len(lines(tmp_path / "out")) == 21
    fresh = search(GRID, method=method, n_trials=20, out=tmp_path / "fresh")
    assert (tmp_path / "out" / "study.json").read_bytes() == (tmp_path / "fresh" / "study.json").read_bytes()
    assert fresh.id == more.id == few.id


def test_another_study_in_the_folder_is_refused_with_what_differs(search, tmp_path):
    out = tmp_path / "out"
    search(out=out)
    before = {path.name: path.read_bytes() for path in out.iterdir()}
    for said, told in (({"seed": 3}, "seed was 0 and is 3"), ({"cash": 7.0}, "cash was None and is 7.0"), ({"method": "random"}, "method was 'grid'"),
                       ({"data": market(seed=1)}, "content of the data differs"), ({"space": {"fast": "25:45:20"}}, "space")):  # fmt: skip
        with pytest.raises(StudyError, match=f"holds another study: .*{told}"):
            search(out=out, **said)
    search.path.write_text(PLANTED + "#\n", encoding="utf-8")
    with pytest.raises(StudyError, match="holds another study: the content of the strategy differs"):
        search(out=out)
    assert before == {path.name: path.read_bytes() for path in out.iterdir()}


def test_a_strategy_that_gives_two_results_is_told(search, tmp_path):
    text = PLANTED.replace(
        "score(self.fast, self.share))",
        "len(open(__file__.replace('planted.py', 'ran.txt'), 'a+').name) + __import__('random').random())",
    )
    search.path.write_text(text, encoding="utf-8")
    search(out=tmp_path / "out")
    with pytest.raises(StudyError, match=r"trial 0 was .* expected the same.*doesn't give the same result twice"):
        search(out=tmp_path / "out", store=tmp_path / "other")


def full(*args):
    raise OSError(errno.ENOSPC, "No space left on device")


@pytest.mark.parametrize(("owner", "name"), [(FolderStore, "put"), (journal_module.os, "fsync")])
def test_after_a_full_disk_the_same_call_goes_on(search, tmp_path, monkeypatch, owner, name):
    out, real, calls = tmp_path / "out", getattr(owner, name), []

    def some(*args):
        calls.append(args)
        return real(*args) if len(calls) < 5 else full()

    with monkeypatch.context() as patched:
        patched.setattr(owner, name, some)
        with pytest.raises(OSError, match="No space left"):
            search(out=out)
    assert {path.name for path in out.iterdir()} == {"journal.log"}
    assert not list((tmp_path / "store").rglob(".writing*"))
    search(out=out)
    search(out=tmp_path / "fresh", store=tmp_path / "other")
    assert (out / "study.json").read_bytes() == (tmp_path / "fresh" / "study.json").read_bytes()


def test_a_disk_that_is_full_at_the_end_leaves_the_earlier_files_or_none(search, tmp_path, monkeypatch):
    out = tmp_path / "out"
    from hidden_regime.files import whole

    with monkeypatch.context() as patched:
        patched.setattr(whole, "encoded", full)
        with pytest.raises(OSError, match="No space left"):
            search(out=out)
    assert {path.name for path in out.iterdir()} == {"journal.log"}
    search(out=out)
    assert len(ran(search.path)) == 9
    assert "study.json" in {path.name for path in out.iterdir()}


# What is told


@pytest.mark.parametrize(
    ("said", "told"),
    [
        ({"objective": "Sharp Ratio"}, r"target = 'Sharp Ratio': expected a statistic of LEAN.*Did you mean Sharpe Ratio"),
        ({"objective": "Statistics.Drawdwn"}, "Did you mean Drawdown"), ({"objective": []}, r"objective = \[\]: expected at least one"),
        ({"objective": 3}, "target = 3"), ({"space": {}}, r"space = \[\]: expected at least one parameter.*fast=10:50:5"),
        ({"space": {"fsat": "1:5:1"}}, "space = 'fsat': expected a parameter that the strategy reads.*Did you mean fast"),
        ({"space": {"fast": ["5.0"]}}, "fast = '5.0': expected whole numbers without a point.*silently"),
        ({"space": {"share": ["half"]}}, "share = 'half': expected numbers"), ({"space": "fast=1:5:1"}, "space = 'fast=1:5:1'"),
        ({"n_trials": 0}, "n_trials = 0: expected a whole number above 0"), ({"n_trials": 2.5}, "n_trials = 2.5"),
        ({"batch": 0}, "batch = 0"), ({"seed": -1}, "seed = -1"), ({"workers": 0}, "workers = 0"), ({"backend": "mpi"}, "backend = 'mpi'"),
        ({"method": "annealing"}, "method = 'annealing': expected one of grid, euler, random, tpe"),
        ({"constraints": ["Drawdown"]}, "constraint = 'Drawdown': expected a statistic, an operator and a number, as in 'Drawdown <= 25%'"),
        ({"constraints": ["Drawdwn < 1"]}, "target = 'Drawdwn'.*Did you mean Drawdown"), ({"constraints": "Drawdown <"}, "constraint"),
        ({"direction": "up"}, "direction = 'up': expected max or min"), ({"target": "1", "objective": "Drawdown"}, "value = '1': expected a number"),
        ({"target": 1.0}, "target = 1.0: expected one objective, given by its name"),
        ({"target": 1.0, "objective": ["Drawdown", "Sharpe Ratio"]}, "target = 1.0: expected one objective"),
        ({"parameters": {"fast": 10}}, "parameters = 'fast': expected either fixed or varied"),
        ({"parameters": {"fsat": 10}}, "parameters = 'fsat': expected one of those that the strategy reads: fast, share, word"),
        ({"parameters": {"share": "x"}, "space": {"fast": "1:5:1"}}, "share = 'x': expected numbers"),
        ({"space": {"fast": "10:50"}}, "fast: step = None: expected a step"), ({"objective": ["Drawdown", "Sharpe Ratio"], "method": "euler"}, "one for euler"),
        ({"start": END, "end": START}, "start 2010-06-30 is after end"),
    ],
)  # fmt: skip
def test_what_cannot_be_asked_is_told_before_any_trial(search, tmp_path, said, told):
    with pytest.raises((ParameterError, EmptyRangeError), match=told):
        search(**{"space": SMALL, "out": tmp_path / "out"} | said)
    assert ran(search.path) == []
    assert not (tmp_path / "out").exists()


def test_a_strategy_that_fails_in_initialize_is_told_before_any_trial(search):
    search.path.write_text(PLANTED.replace('if self.word == "crash"', "if True"), encoding="utf-8")
    with pytest.raises(StrategyError, match=r"planted\.py fails before any trial: .*told to crash \(in planted\.py: line"):
        search()


def test_all_failing_is_a_study_without_a_best(search, tmp_path):
    study = search({"word": ["crash"], "fast": "10:30:10"}, out=tmp_path / "out")
    assert (study.best, study.ranked, study.count("failed")) == (None, [], 3)
    assert "3 of 3 trials failed" in study.notes
    assert study.luck.psr is None
    assert not (tmp_path / "out" / "config.json").exists()
    assert (tmp_path / "out" / "report.html").exists()


def test_progress_is_told_of_each_trial_in_order(search):
    seen = []
    search(progress=lambda done, total, trial: seen.append((done, total, trial.number)))
    assert seen == [(n + 1, 9, n) for n in range(9)]


def test_all_ways_to_write_a_space_are_one(search):
    one = search({"fast": "25:45:10"})
    for space in (Space.of({"fast": "25:45:10"}), {"fast": range(25, 46, 10)}, {"fast": {"low": 25, "high": 45, "step": 10}}):
        assert search(space).trials == one.trials
    assert len(ran(search.path)) == 3


def test_a_real_statistic_of_a_real_template(tmp_path):
    study = optimize(
        write_strategy(tmp_path, HOLD), {"every": [2, 3]}, data=three_years(), start=START, method="grid", workers=1, store=None
    )
    for trial in study.trials:
        single = run_strategy(tmp_path / "planted.py", three_years(), parameters=trial.parameters, start=START)
        assert trial.statistics == single.texts
        assert trial.values == (single.statistics["Sharpe Ratio"],)
        assert math.isfinite(trial.values[0])


def test_a_direction_may_stand_before_a_name():
    assert as_objectives("min Drawdown") == (Objective("Drawdown", "min"),)
    assert as_objectives(["Sharpe Ratio", "min Drawdown"], "max")[1].direction == "min"
    assert as_objectives("MAX Sharpe Ratio", "min") == (Objective("Sharpe Ratio", "max"),)
    with pytest.raises(ParameterError, match="Sharpe"):
        as_objectives("min Sharpe")
