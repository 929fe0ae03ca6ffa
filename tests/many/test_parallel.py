"""Trainings in threads, processes and on clusters: equal bits, in whatever order and company."""

from __future__ import annotations

import importlib.util
import pickle
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest

from hidden_regime.exceptions import ConstantDataError, ParallelWarning, ParameterError
from hidden_regime.many.parallel import BACKENDS, BatchTrainer, map_parts
from hidden_regime.models.training import Task, Trained, train

ROOT = Path(__file__).parents[2]


def tasks() -> list[Task]:
    good = [Task(np.random.default_rng(i).normal(size=(80, 2)), 2, "diag", n_iter=9, seed=i) for i in range(7)]
    wild = [Task(np.random.default_rng(i).standard_t(3, (80, 1)), 2, "full", n_iter=5, emission="student_t") for i in range(3)]
    return [*good, Task(np.ones((80, 1)), 2), *wild]


def assert_same(found, expected) -> None:
    for a, b in zip(found, expected, strict=True):
        assert type(a) is type(b)
        if isinstance(a, Trained):
            for x, y in zip(a.parameters, b.parameters, strict=True):
                np.testing.assert_array_equal(x, y)
            assert (a.log_likelihood, a.n_iter, a.restarts) == (b.log_likelihood, b.n_iter, b.restarts)
        else:
            assert (str(a), a.feature) == (str(b), b.feature)


@pytest.mark.parametrize("backend", ["kernel", "threading"])
@pytest.mark.parametrize("workers", [None, 1, 3])
def test_backends_of_this_process_find_the_same(backend, workers):
    trainer = BatchTrainer(backend, workers)
    expected = [result for task in tasks() for result in train([task])]
    assert_same(trainer(tasks()), expected)
    assert_same(trainer(tasks()[::-1]), expected[::-1])
    assert isinstance(expected[7], ConstantDataError)


# Processes and clusters leave threads behind, which other tests count, so each has a process of its own.
ELSEWHERE = """
import sys, warnings
import numpy as np
from hidden_regime import RegimeDetector, kernels
from hidden_regime.many.parallel import BatchTrainer
from hidden_regime.many.run import precompute, run_many
from tests.many.test_parallel import assert_same, tasks
from tests.many.test_run import OPTIONS, frame, same
from hidden_regime.models.training import train

def main(backend, folder):
    if backend == "dask":
        from distributed import Client, LocalCluster
        client = Client(LocalCluster(n_workers=2, threads_per_worker=1, dashboard_address=None))
    if backend == "ray":
        import ray
        ray.init(num_cpus=3, include_dashboard=False, log_to_driver=False)
    warnings.simplefilter("error", UserWarning)
    expected = train(tasks())
    assert_same(BatchTrainer(backend, 2)(tasks()), expected)
    assert_same(BatchTrainer(backend, 3)(tasks()[::-1]), expected[::-1])
    frames = {f"A{i}": frame(i) for i in range(5)} | {"SHORT": frame(6).iloc[:10]}
    detector = RegimeDetector(**OPTIONS)
    alone, there = run_many(frames, detector), run_many(frames, detector, backend=backend, max_workers=2)
    same(there.states, alone.states)
    assert str(there.errors["SHORT"]) == str(alone.errors["SHORT"])
    first = precompute(frames, detector, store=folder, backend=backend, max_workers=2)
    assert first.statistics["trainings"] > 50
    again = precompute(frames, detector, store=folder)
    assert (again.statistics["trainings"], again.statistics["hit_rate"]) == (0, 1.0)
    with kernels.using("numba"):
        assert_same(BatchTrainer(backend, 2)(tasks()[:3]), train(tasks()[:3]))
    print("equal")

if __name__ == "__main__":
    main(sys.argv[1], sys.argv[2])
"""


@pytest.mark.parametrize("backend", ["loky", "dask", "ray"])
def test_backends_of_other_processes_find_the_same(backend, tmp_path):
    package = {"loky": "joblib", "dask": "distributed", "ray": "ray"}[backend]
    if importlib.util.find_spec(package) is None:
        pytest.skip(f"{package} is not installed: pip install 'hidden-regime[{backend}]'")
    script = tmp_path / "script.py"
    script.write_text(ELSEWHERE)
    done = subprocess.run([sys.executable, str(script), backend, str(tmp_path / "models")], capture_output=True, text=True, cwd=ROOT,
                          env=__import__("os").environ | {"PYTHONPATH": str(ROOT), "RAY_USAGE_STATS_ENABLED": "0"}, timeout=300)  # fmt: skip
    # Ray prints lines of its own whenever it likes.
    assert "equal" in done.stdout.splitlines(), done.stderr[-3000:]


def test_where_processes_cannot_start_threads_do_the_work_and_it_is_said_once(monkeypatch):
    joblib = pytest.importorskip("joblib")
    made = []

    class Broken(joblib.Parallel):
        def __call__(self, work):
            made.append(joblib.parallel.get_active_backend()[0].__class__.__name__)
            if "Loky" in made[-1]:
                raise OSError("no processes here")
            return super().__call__(work)

    monkeypatch.setattr(joblib, "Parallel", Broken)
    trainer = BatchTrainer("loky", 2)
    with pytest.warns(ParallelWarning, match="no processes here.*threads do its work"):
        found = trainer(tasks())
    assert_same(found, train(tasks()))
    assert_same(trainer(tasks()), train(tasks()))  # not a word more: warnings are errors
    assert made == ["LokyBackend", "ThreadingBackend", "ThreadingBackend"]


def test_errors_of_the_work_itself_are_raised_as_they_are():
    pytest.importorskip("joblib")
    with pytest.raises(ParameterError, match=r"what = [12]"):
        map_parts(_refuse, [1, 2], backend="threading")


def _refuse(part):
    raise ParameterError("what", part, "nothing")


def test_errors_come_home_from_other_processes():
    for error in (ConstantDataError("flat", 3), ParameterError("a", 1, "b", "c")):
        again = pickle.loads(pickle.dumps(error))
        assert (type(again), str(again), vars(again)) == (type(error), str(error), vars(error))


def test_wrong_backends_are_named(monkeypatch):
    with pytest.raises(ParameterError, match="backend = 'mpi': expected one of"):
        BatchTrainer("mpi")
    with pytest.raises(ParameterError, match="max_workers"):
        BatchTrainer("kernel", True)
    monkeypatch.setattr(importlib.util, "find_spec", lambda name: None)
    for backend in BACKENDS[1:]:
        with pytest.raises(ParameterError, match=r"pip install 'hidden-regime\["):
            BatchTrainer(backend)
