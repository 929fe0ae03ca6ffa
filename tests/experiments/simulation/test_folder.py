"""A simulation is a value: frozen, picklable, written with equal bytes and read back equal."""

from __future__ import annotations

import builtins
import json
import pickle
from dataclasses import FrozenInstanceError

import pytest

pytest.importorskip("arch")

from hidden_regime.exceptions import StudyError
from hidden_regime.experiments import Simulation, monte_carlo
from hidden_regime.experiments.simulation import read_simulation
from tests.experiments.simulation.made import returns, traded
from tests.experiments.small import BEST, END, GRID, SCORE, START, market, ran, write_strategy

MADE = {
    "bootstrap": lambda folder: monte_carlo(returns(), n_paths=50, seed=2),
    "years": lambda folder: monte_carlo(returns(60), n_paths=20, years=3, drawdowns=()),
    "flat": lambda folder: monte_carlo(returns(30, mean=0.0, deviation=0.0), n_paths=5),
    "trades": lambda folder: monte_carlo(traded([5.0, -3.0, 8.0])[0], kind="trades", n_paths=20),
    "parameters": lambda folder: monte_carlo(
        write_strategy(folder / "s"), kind="parameters", data=market(), start=START, end=END, parameters=BEST, space=GRID,
        objective=SCORE, workers=1, store=None),
}  # fmt: skip


@pytest.mark.parametrize("make", MADE.values(), ids=MADE)
def test_it_reads_back_equal_and_equal_ones_have_equal_bytes(tmp_path, make):
    found = make(tmp_path)
    found.write(tmp_path / "a")
    make(tmp_path).write(tmp_path / "b")
    assert sorted(path.name for path in (tmp_path / "a").iterdir()) == ["paths.parquet", "report.html", "simulation.json"]
    for path in (tmp_path / "a").iterdir():
        assert path.read_bytes() == (tmp_path / "b" / path.name).read_bytes()
    again = read_simulation(tmp_path / "a")
    assert again == found and again.paths.equals(found.paths)
    assert again.to_html() == (tmp_path / "a" / "report.html").read_text(encoding="utf-8")
    content = json.loads((tmp_path / "a" / "simulation.json").read_text(encoding="utf-8"))
    assert content["schema"] == "hidden-regime/simulation/1" and content["n_paths"] == len(found.paths)
    assert [one["name"] for one in content["figures"]] == [one.name for one in found.figures]


@pytest.mark.parametrize("kind", ["bootstrap", "parameters"])
def test_without_pyarrow_it_is_a_csv(tmp_path, monkeypatch, kind):
    real = builtins.__import__

    def without(name, *rest):
        if name == "pyarrow":
            raise ImportError(name)
        return real(name, *rest)

    found = MADE[kind](tmp_path)
    found.write(tmp_path / "a")
    with monkeypatch.context() as patched:
        patched.setattr(builtins, "__import__", without)
        found.write(tmp_path / "a")
    assert sorted(path.name for path in (tmp_path / "a").iterdir()) == ["paths.csv", "report.html", "simulation.json"]
    assert read_simulation(tmp_path / "a") == found


CHANGES = [
    lambda c: c.update(schema="other"),
    lambda c: c.pop("drawn"),
    lambda c: c["figures"][0].update(mean=5.0),
    lambda c: c["figures"].pop(),
    lambda c: c["probabilities"][0].update(count=1),
    lambda c: c["fan"].pop("levels"),
    lambda c: c["question"].update(ruin=0.99),
    lambda c: c.update(counts={}),
]


def test_damaged_files_are_told(tmp_path):
    with pytest.raises(StudyError, match=r"simulation\.json"):
        read_simulation(tmp_path)
    found = monte_carlo(returns(deviation=0.02), n_paths=50)
    found.write(tmp_path / "a")
    path = tmp_path / "a" / "simulation.json"
    good = path.read_text(encoding="utf-8")
    for change in CHANGES:
        content = json.loads(good)
        change(content)
        path.write_text(json.dumps(content), encoding="utf-8")
        with pytest.raises(StudyError, match=r"simulation\.json"):
            read_simulation(tmp_path / "a")
    path.write_text(good, encoding="utf-8")
    (tmp_path / "a" / "paths.parquet").write_bytes(b"no")
    with pytest.raises(StudyError, match=r"paths\.parquet"):
        read_simulation(tmp_path / "a")


def test_sets_that_are_not_those_of_the_paths_are_told(tmp_path):
    MADE["parameters"](tmp_path).write(tmp_path / "a")
    path = tmp_path / "a" / "simulation.json"
    content = json.loads(path.read_text(encoding="utf-8"))
    content["perturbation"]["kept"] = 3
    path.write_text(json.dumps(content), encoding="utf-8")
    with pytest.raises(StudyError, match="don't belong together"):
        read_simulation(tmp_path / "a")


def test_a_folder_of_something_else_is_refused_before_anything_is_run(tmp_path):
    path = write_strategy(tmp_path / "s")
    usual = {"data": market(), "start": START, "end": END, "store": None, "n_paths": 5, "out": tmp_path / "out"}
    monte_carlo(path, **usual)
    monte_carlo(path, **usual)
    runs = len(ran(path))
    for other in ({"seed": 1}, {"parameters": {"share": "0.02"}}, {"name": "other"}, {"ruin": 0.3}):
        with pytest.raises(StudyError, match="holds another simulation"):
            monte_carlo(path, **usual | other)
    with pytest.raises(StudyError, match="holds another simulation"):
        monte_carlo(returns(), out=tmp_path / "out", n_paths=5)
    (tmp_path / "mine").mkdir()
    (tmp_path / "mine" / "x.txt").touch()
    with pytest.raises(StudyError, match=r"x\.txt and no simulation"):
        monte_carlo(path, **usual | {"out": tmp_path / "mine"})
    with pytest.raises(StudyError, match="is a file"):
        monte_carlo(path, **usual | {"out": path})
    assert len(ran(path)) == runs


class Unknown:
    """A market of which nobody knows what it holds."""

    def __init__(self, own):
        self.own = own

    def __getattr__(self, name):
        if name == "own":
            raise AttributeError(name)
        return getattr(self.own, name)


@pytest.mark.parametrize("known", [True, False], ids=["known", "unknown"])
@pytest.mark.parametrize("kind", ["bootstrap", "parameters"])
def test_the_question_says_what_was_run_and_tells_one_from_another(tmp_path, kind, known):
    path, data = write_strategy(tmp_path / "s"), market() if known else Unknown(market())
    usual = {"kind": kind, "data": data, "start": START, "end": END, "store": None, "n_paths": 5, "workers": 1,
             "out": tmp_path / "out", "parameters": BEST, "cash": 50_000.0}  # fmt: skip
    usual |= {"space": GRID, "objective": SCORE} if kind == "parameters" else {}
    found = monte_carlo(path, **usual)
    asked = json.loads((tmp_path / "out" / "simulation.json").read_text(encoding="utf-8"))["question"]
    assert asked["parameters"] | BEST == asked["parameters"] and asked["cash"] == 50_000.0
    assert (asked["start"], asked["end"]) == (START.isoformat(), END.isoformat())
    assert asked["digests"]["strategy"] and bool(asked["digests"]["data"]) is known
    assert monte_carlo(path, **usual) == found == read_simulation(tmp_path / "out")
    other = market(seed=1) if known else Unknown(market(seed=1))
    for change in ({"parameters": BEST | {"fast": "30"}}, {"cash": 60_000.0}, {"data": other}):
        with pytest.raises(StudyError, match="holds another simulation"):
            monte_carlo(path, **usual | change)


def test_it_is_frozen_and_comes_back_from_a_pickle(tmp_path):
    found = MADE["bootstrap"](tmp_path)
    assert isinstance(found, Simulation) and pickle.loads(pickle.dumps(found)) == found
    with pytest.raises(FrozenInstanceError):
        found.notes = ()
    assert found != 3 and found["cagr"].name == "cagr" and found["cagr"].at(0.5) == found["cagr"].quantiles[3]
    with pytest.raises(KeyError, match="the figures are total_return"):
        found["alpha"]
    with pytest.raises(KeyError, match=r"drawdown 0\.1"):
        found.probability("drawdown", 0.15)
    assert found.probability("drawdown", 0.2).level == 0.2 and found.count("failed") == 0
    assert repr(found).startswith("Simulation('made' by bootstrap: In 9 of 10 paths the return a year lay between")
    assert "A drawdown of 10% or more" in found._repr_html_()
    table = found.table()
    assert table.index.tolist() == [one.name for one in found.figures]
    assert table.loc["drawdown", "q0.95"] == found["drawdown"].at(0.95)
    assert [trace.name for trace in found.plot().data if trace.name][-1] == "source"
    assert [trace.name for trace in MADE["parameters"](tmp_path).plot().data][-2:] == ["winner", "half of it"]
