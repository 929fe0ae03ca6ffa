"""Workers give results in the order of the jobs, whoever is first, and outlive a process that dies."""

from __future__ import annotations

import os
import sys
import types
from concurrent.futures import ThreadPoolExecutor
from functools import partial

import pytest

from hidden_regime.exceptions import MissingDependencyError, ParameterError
from hidden_regime.experiments import Objective, optimize
from hidden_regime.experiments.studies.folder import study_dict
from hidden_regime.experiments.trials.running import run_trial
from hidden_regime.experiments.trials.setup import make_setup
from hidden_regime.experiments.workers import Workers, available
from tests.experiments.jobs import dying, failing, lost, process, squared, threads
from tests.experiments.small import SCORE, market, write_strategy


@pytest.mark.parametrize("count", [1, 2])
def test_results_are_in_the_order_of_the_jobs(count):
    pool = Workers(count)
    assert list(pool.map(squared, range(6), lost)) == [0, 1, 4, 9, 16, 25]
    assert list(pool.map(squared, [], lost)) == []
    assert list(pool.map(squared, [3], lost)) == [9]


def test_one_works_here_and_several_elsewhere_with_a_thread_each():
    assert set(Workers(1).map(process, range(3), lost)) == {os.getpid()}
    assert os.getpid() not in set(Workers(2).map(process, range(3), lost))
    assert set(Workers(2).map(threads, range(3), lost)) == {("1", "1")}


@pytest.mark.parametrize("count", [0, -1, 1.5, "2", True])
def test_a_number_that_cannot_be_is_told(count):
    with pytest.raises(ParameterError, match=r"workers = .*: expected a whole number above 0"):
        Workers(count)


def test_a_backend_that_there_is_not_is_told():
    with pytest.raises(ParameterError, match="backend = 'threads': expected one of loky, dask, ray"):
        Workers(1, "threads")
    assert Workers().count == available() >= 1


@pytest.mark.parametrize(("backend", "package"), [("loky", "joblib"), ("dask", "distributed"), ("ray", "ray")])
def test_what_is_not_installed_is_named_with_its_extra(monkeypatch, backend, package):
    monkeypatch.setitem(sys.modules, package, None)
    with pytest.raises(
        MissingDependencyError, match=rf"workers need {package}: pip install 'hidden-regime\[\w+\]', or work with one"
    ):
        list(Workers(2, backend).map(squared, range(3), lost))


class Client:
    """Stands for a client of dask whose only worker has four threads."""

    def map(self, function, jobs, pure):
        assert pure is False
        pool = ThreadPoolExecutor(4)
        futures = [pool.submit(function, job) for job in jobs]
        pool.shutdown(wait=False)
        return futures


def test_a_worker_of_several_threads_runs_one_strategy_at_a_time(tmp_path, monkeypatch):
    module = types.SimpleNamespace(get_client=Client)
    monkeypatch.setitem(sys.modules, "distributed", module)
    setup = make_setup(write_strategy(tmp_path), market())
    jobs = [{"fast": str(n)} for n in range(10, 18)]
    found = Workers(None, "dask").map(partial(run_trial, setup), jobs, lost)
    assert [one.error for one in found] == [""] * 8


def test_a_cluster_that_is_not_there_is_told(monkeypatch):
    def none():
        raise ValueError("No global client found")

    monkeypatch.setitem(sys.modules, "distributed", types.SimpleNamespace(get_client=none))
    with pytest.raises(ParameterError, match=r"backend = 'dask': expected a dask cluster.*distributed.Client\(address\)"):
        Workers(None, "dask").map(squared, range(3), lost)
    monkeypatch.setitem(sys.modules, "ray", types.SimpleNamespace(is_initialized=lambda: False))
    with pytest.raises(ParameterError, match=r"backend = 'ray': expected a ray cluster.*ray\.init"):
        Workers(None, "ray").map(squared, range(3), lost)


def test_on_dask_a_study_is_the_same(tmp_path):
    distributed = pytest.importorskip("distributed")
    path = write_strategy(tmp_path)
    said = {"data": market(), "method": "grid", "objective": SCORE}
    here = optimize(path, {"fast": "10:50:10"}, workers=1, store=tmp_path / "a", **said)
    with distributed.LocalCluster(processes=True, n_workers=2, dashboard_address=None) as cluster, distributed.Client(cluster):
        there = optimize(path, {"fast": "10:50:10"}, backend="dask", store=tmp_path / "b", **said)
    assert study_dict(here) == study_dict(there)


def test_on_ray_a_study_is_the_same(tmp_path):
    ray = pytest.importorskip("ray")
    path = write_strategy(tmp_path)
    said = {"data": market(), "method": "grid", "objective": SCORE}
    here = optimize(path, {"fast": "10:50:10"}, workers=1, store=tmp_path / "a", **said)
    ray.init(num_cpus=2, include_dashboard=False)
    try:
        there = optimize(path, {"fast": "10:50:10"}, backend="ray", store=tmp_path / "b", **said)
    finally:
        ray.shutdown()
    assert study_dict(here) == study_dict(there)


# What costs the workers their lives comes last: new ones take seconds to begin.


@pytest.mark.parametrize("count", [1, 2])
def test_an_error_is_raised_and_what_comes_before_it_is_in_order(count):
    found, seen = Workers(count).map(failing, range(4), lost), []
    with pytest.raises(ValueError, match="job 2"):
        seen.extend(found)
    assert seen == [0, 1][: len(seen)]


def test_a_process_that_dies_costs_its_own_job_alone():
    assert list(Workers(2).map(partial(dying, os.getpid()), range(4), lost)) == [0, "lost 1", 2, 3]


def test_a_target_ends_with_the_same_trials_for_any_number_of_workers(tmp_path):
    path, goal = write_strategy(tmp_path), Objective("Statistics.Score", value=90, literal=True)
    space = {"fast": "25:45:10", "share": "0.02:0.06:0.02"}
    one, two = (
        optimize(path, space, data=market(), method="grid", objective=goal, workers=n, store=tmp_path / str(n)) for n in (1, 2)
    )
    assert one.trials == two.trials
    assert (one.ended, two.ended) == ("target", "target")
    assert one.trials[-1].values[0] >= 90
    assert all(trial.values[0] < 90 for trial in one.trials[:-1])
    assert len(one.trials) < 9
