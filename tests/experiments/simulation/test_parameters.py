"""Parameters moved: to which values, in which sets, and what of the winner is kept."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

pytest.importorskip("arch")

from hidden_regime.exceptions import ParameterError, StrategyError, StudyError
from hidden_regime.experiments import Objective, Space, monte_carlo, optimize
from hidden_regime.experiments.reads import Read
from hidden_regime.experiments.simulation import read_simulation
from hidden_regime.experiments.simulation.moves import neighbours_of, sets_around
from hidden_regime.experiments.simulation.perturbation import keeps, perturbation_of
from tests.experiments.small import BEST, END, GRID, SCORE, START, market, ran, score, write_strategy

READS = {
    name: Read(name, type(default), default)
    for name, default in {"fast": 20, "few": 3, "share": 0.05, "on": True, "word": "none", "none": 0.0, "gap": -2}.items()
}


def beside(values=None, space=None):
    found, notes = neighbours_of(READS, values or {}, None if space is None else Space.of(space))
    return {one.name: (one.down, one.up) for one in found}, notes


def test_numbers_move_by_a_tenth_and_whole_ones_by_at_least_one():
    found, notes = beside()
    assert found == {"fast": ("18", "22"), "few": ("2", "4"), "share": ("0.045", "0.055"), "gap": ("-3", "-1")}
    assert notes == ["none = 0 has no value beside it and stays as it is"]
    found, _ = beside({"fast": "26", "share": "1.10"})
    assert (found["fast"], found["share"]) == (("23", "29"), ("0.99", "1.21"))


def test_a_declared_space_says_what_moves_and_by_which_steps():
    space = {"fast": "10:20:5", "share": "0:1", "few": [1, 3, 8, 5], "word": ["none", "x"]}
    found, notes = beside(space=space)
    assert found == {"fast": ("15", None), "share": ("0.045", "0.055"), "few": ("1", "5")}
    assert notes == ["word = none is no number and stays as it is"]
    with pytest.raises(ParameterError, match="at least one number in the declared space"):
        beside(space={"word": ["none", "x"]})
    with pytest.raises(ParameterError, match="a parameter that the strategy reads"):
        beside(space={"slow": "1:2:1"})


@given(st.integers(1, 60), st.integers(0, 5))
@settings(max_examples=40, deadline=None)
def test_sets_are_all_single_steps_and_different_joint_ones(most, seed):
    found, _ = neighbours_of(READS, {}, None)
    sets = sets_around(found, most, seed)
    singles = [one for one in sets if len(one) == 1]
    assert singles == sets[:8] and len(singles) == 8  # four that move, two ways
    assert len(sets) == max(most, 8) and len({tuple(sorted(one.items())) for one in sets}) == len(sets)
    assert sets == sets_around(found, 70, seed)[: len(sets)]
    allowed = {one.name: one.texts for one in found}
    assert all(text in allowed[name] for one in sets for name, text in one.items())


def test_few_parameters_have_few_sets():
    found, _ = neighbours_of(READS, {}, Space.of({"fast": "10:50:5", "share": "0.01:0.09:0.01"}))
    assert len(sets_around(found, 40, 0)) == 8
    one, _ = neighbours_of(READS, {}, Space.of({"fast": "10:50:5"}))
    assert sets_around(one, 40, 0) == [{"fast": "15"}, {"fast": "25"}]


def test_joint_sets_of_many_parameters_are_drawn():
    reads = {f"p{i:02}": Read(f"p{i:02}", float, 1.0) for i in range(14)}
    found, _ = neighbours_of(reads, {}, None)
    sets = sets_around(found, 40, 0)
    assert len(sets) == 40 and sets[28:] == sets_around(found, 50, 0)[28:40]


def test_half_of_the_winner():
    large, small = Objective("Sharpe Ratio"), Objective("Drawdown", "min")
    assert keeps(large, 1.0, 0.5) and not keeps(large, 1.0, 0.49) and not keeps(large, 1.0, None)
    assert keeps(small, 0.1, 0.2) and not keeps(small, 0.1, 0.21)
    assert not keeps(large, -1.0, 5.0)
    found, _ = neighbours_of(READS, {}, Space.of({"fast": "10:50:5", "few": "1:9:1"}))
    sets = [{"fast": "15"}, {"fast": "25"}, {"few": "2"}, {"few": "4"}, {"fast": "15", "few": "4"}]
    told = perturbation_of(large, 1.0, found, sets, [0.6, 0.2, None, 0.9, 0.4])
    assert (told.n, told.kept, told.without, told.share, told.worst, told.median) == (5, 2, 1, 0.4, 0.2, 0.5)
    fast, few = told.parameters
    assert (fast.n, fast.kept, fast.without, fast.worst, fast.median) == (3, 1, 0, 0.2, 0.4)
    assert (fast.down_value, fast.up_value) == (0.6, 0.2)
    assert (few.n, few.kept, few.without, few.worst, few.median) == (3, 1, 1, 0.4, pytest.approx(0.65))
    assert (few.down_value, few.up_value) == (None, 0.9)
    assert perturbation_of(large, -1.0, found, sets, [0.0] * 5).share is None
    assert perturbation_of(small, 0.1, found, sets, [0.1, 0.3, 0.2, 0.2, None]).worst == 0.3


def around(path, **said):
    usual = {"data": market(), "start": START, "end": END, "workers": 1, "store": None, "objective": SCORE}
    return monte_carlo(path, kind="parameters", **usual | said)


def test_every_set_is_run_and_summed_up(tmp_path):
    path = write_strategy(tmp_path / "s")
    told = []
    found = around(path, parameters=BEST, space=GRID, store=tmp_path / "store", out=tmp_path / "out",
                   progress=lambda done, total: told.append((done, total)))  # fmt: skip
    moved = found.perturbation
    assert moved.winner == BEST and moved.value == 100.0 and moved.n == 8 == len(found.paths)
    for one, value in zip(moved.sets, found.paths["objective"], strict=True):
        own = BEST | one
        assert value == pytest.approx(score(float(own["fast"]), float(own["share"])))
    assert (moved.worst, moved.kept, moved.share) == (74.0, 8, 1.0) and told[-1] == (8, 8)
    assert found.probabilities == () and found.fan is not None and found["cagr"].n == 8
    runs = len(ran(path))
    again = around(path, parameters=BEST, space=GRID, store=tmp_path / "store", out=tmp_path / "out")
    assert again == found == read_simulation(tmp_path / "out")
    assert len(ran(path)) == runs  # what was run once is never run again
    with pytest.raises(StudyError, match="holds another simulation"):
        around(path, parameters=BEST | {"fast": "30"}, space=GRID, store=tmp_path / "store", out=tmp_path / "out")
    assert len(ran(path)) == runs


def test_failed_and_idle_sets_are_counted(tmp_path):
    text = '''from AlgorithmImports import *


class Picky(QCAlgorithm):
    """Fails above 20 and never trades below."""

    def initialize(self):
        self.set_start_date(2010, 6, 1)
        self.set_end_date(2010, 6, 30)
        self.n = self.get_parameter("n", 20)
        self.asset = self.add_equity("UP", Resolution.DAILY).symbol
        if self.n > 20:
            raise ValueError("too many")

    def on_data(self, data):
        if self.n == 20 and not self.portfolio.invested:
            self.set_holdings(self.asset, 0.9)
'''
    found = around(write_strategy(tmp_path, text, "picky.py"), objective="Sharpe Ratio")
    moved = found.perturbation
    assert (moved.n, moved.without, moved.worst, moved.kept) == (2, 2, None, 0)
    assert (found.count("failed"), found.count("no orders"), found.count("complete")) == (1, 1, 0)
    assert any("1 of 2 sets failed" in note for note in found.notes) and any("sent no order" in note for note in found.notes)
    assert "too many" in found.to_html() and "None of 2 sets around the winner" in repr(found)
    with pytest.raises(StudyError, match=r"picky sends no order with the parameters"):
        around(tmp_path / "picky.py", parameters={"n": "3"}, objective="Sharpe Ratio")
    with pytest.raises(StrategyError, match=r"picky\.py fails before any trial: .*too many"):
        around(tmp_path / "picky.py", parameters={"n": "30"}, objective="Sharpe Ratio")


def test_a_studys_winner_is_moved_by_the_studys_space(tmp_path, monkeypatch):
    path = write_strategy(tmp_path / "s")
    study = optimize(path, GRID, data=market(), start=START, end=END, method="grid", objective=SCORE, workers=1,
                     store=tmp_path / "store", out=tmp_path / "s" / "study")  # fmt: skip
    assert study.best.parameters == BEST
    runs = len(ran(path))
    usual = {"kind": "parameters", "data": market(), "workers": 1, "store": tmp_path / "store"}
    found = monte_carlo(tmp_path / "s" / "study", **usual)
    assert found.perturbation.winner == BEST and found.perturbation.target == SCORE.target
    assert found.perturbation.value == 100.0 and found.perturbation.n == 8
    assert len(ran(path)) <= runs + 1  # the study ran them all but for the beginning that is watched
    with pytest.raises(ParameterError, match="A study has its own"):
        monte_carlo(tmp_path / "s" / "study", start=START, **usual)
    with pytest.raises(StudyError, match="data aren't those of the study"):
        monte_carlo(tmp_path / "s" / "study", **usual | {"data": market(seed=1)})
    path.write_text(path.read_text() + "\n", encoding="utf-8")
    with pytest.raises(StudyError, match="has changed"):
        monte_carlo(tmp_path / "s" / "study", **usual)
    path.unlink()
    with pytest.raises(StudyError, match="'planted' isn't found"):
        monte_carlo(tmp_path / "s" / "study", **usual)


def test_workers_change_nothing(tmp_path):
    pytest.importorskip("joblib")
    path = write_strategy(tmp_path / "s")
    one, two = (around(path, parameters=BEST, space=GRID, workers=n) for n in (1, 2))
    assert one == two


def test_a_file_beside_the_strategy_declares_its_space(tmp_path):
    path = write_strategy(tmp_path / "s")
    (tmp_path / "s" / "planted.space.toml").write_text('[parameters]\nfast = "10:50:5"\n', encoding="utf-8")
    assert [one.name for one in around(path).perturbation.parameters] == ["fast"]
    other = tmp_path / "other.space.toml"
    other.write_text('[parameters]\nshare = "0.01:0.09:0.01"\n', encoding="utf-8")
    assert [one.name for one in around(path, space=other).perturbation.parameters] == ["share"]
    with pytest.raises(ParameterError, match="a parameter that the strategy reads"):
        around(path, parameters={"slow": "3"})
