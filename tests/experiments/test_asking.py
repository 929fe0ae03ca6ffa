"""From options to a question: what is varied, what is fixed, and which of several sayings decides."""

from __future__ import annotations

import json

import pytest

from hidden_regime.exceptions import ParameterError
from hidden_regime.experiments import Choice, Range
from hidden_regime.experiments.asking import Question, ask, declared, written
from hidden_regime.experiments.trials.places import cache_folder
from tests.experiments.small import PLANTED, write_prices, write_strategy

TOML = """constraints = ["Drawdown <= 25%"]
[parameters]
fast = "10:50:5"
word = ["none", "idle"]
[objective]
target = "Drawdown"
direction = "min"
"""
LEAN = {
    "optimization-strategy": "QuantConnect.Optimizer.Strategies.GridSearchOptimizationStrategy",
    "optimization-criterion": {"target": "Statistics.Net Profit", "extremum": "max"},
    "parameters": [{"name": "fast", "min": 10, "max": 20, "step": 5, "min-step": 1}],
    "constraints": [{"target": "Statistics.Drawdown", "operator": "less", "target-value": 0.5}],
}


@pytest.fixture
def asked(tmp_path):
    data = str(write_prices(tmp_path))
    strategy = write_strategy(tmp_path / "mine")

    def go(*pairs, **said):
        return Question(str(strategy), **{"data": data, "pairs": pairs, "store": tmp_path / "store"} | said)

    go.strategy = strategy
    return go


def space(spec):
    return {one.name: written(one) for one in spec.space}


def test_options_vary_and_fix(asked):
    spec, notes = ask(asked("fast=10:50:5", "share = 0.25", vary=("word=a,b",)))
    assert notes == ()
    assert space(spec) == {"fast": "10:50:5", "word": "a,b"}
    assert spec.setup.base["share"] == "0.25"
    assert (spec.method, spec.n_trials, spec.seed, spec.objectives[0].target) == ("tpe", 100, 0, "Sharpe Ratio")
    assert spec.search().total() == 18


def test_the_last_word_on_a_parameter_counts(asked):
    assert space(ask(asked("fast=1:5:1", "fast=10:50:5"))[0]) == {"fast": "10:50:5"}
    spec = ask(asked("fast=1:5:1", "share=0:1:0.5", "fast=7"))[0]
    assert (space(spec), spec.setup.base["fast"]) == ({"share": "0:1:0.5"}, "7")
    spec = ask(asked("fast=7", vary=("fast=1,2",)))[0]
    assert (space(spec), "fast" in spec.setup.base) == ({"fast": "1,2"}, False)


@pytest.mark.parametrize("text", ["a:b", "1:2:3:4", "x=y", "[red]", "=", "nan:1", ":", "é ü", "a,b"])
def test_what_is_no_range_is_a_text(asked, text):
    spec = ask(asked("fast=1:5:1", f"word={text}"))[0]
    assert spec.setup.base["word"] == text
    assert space(spec) == {"fast": "1:5:1"}


def test_a_file_beside_the_strategy_says_what_to_vary_and_options_have_the_last_word(asked):
    asked.strategy.with_name("planted.space.toml").write_text(TOML, encoding="utf-8")
    spec = ask(asked())[0]
    assert space(spec) == {"fast": "10:50:5", "word": "none,idle"}
    assert (spec.objectives[0].target, spec.objectives[0].direction) == ("Drawdown", "min")
    assert [str(limit) for limit in spec.constraints] == ["Drawdown <= 0.25"]
    spec = ask(asked("fast=20", objective=("Net Profit",), constraints=("Total Orders > 0",)))[0]
    assert (space(spec), spec.setup.base["fast"]) == ({"word": "none,idle"}, "20")
    assert (spec.objectives[0].target, spec.objectives[0].direction) == ("Net Profit", "max")
    assert len(spec.constraints) == 2
    assert ask(asked(target=0.05))[0].objectives[0].value == 0.05


def test_a_file_may_be_named(asked, tmp_path):
    (tmp_path / "other.toml").write_text('[parameters]\nshare = "0:1:0.5"\n', encoding="utf-8")
    asked.strategy.with_name("planted.space.toml").write_text(TOML, encoding="utf-8")
    assert space(ask(asked(space=tmp_path / "other.toml"))[0]) == {"share": "0:1:0.5"}


def test_a_config_of_leans_optimiser_says_all(asked, tmp_path):
    path = tmp_path / "optimizer.json"
    path.write_text(json.dumps(LEAN), encoding="utf-8")
    spec = ask(asked(optimizer_config=path))[0]
    assert (spec.method, space(spec)) == ("grid", {"fast": "10:20:5"})
    assert (spec.objectives[0].target, spec.objectives[0].literal) == ("Statistics.Net Profit", True)
    assert spec.constraints[0].is_met({"Drawdown": 0.4})
    assert ask(asked(optimizer_config=path, method="random"))[0].method == "random"
    with pytest.raises(ParameterError, match="either a space or a config of LEAN's optimiser"):
        ask(asked(optimizer_config=path, space=path))


@pytest.mark.parametrize(
    ("pairs", "said", "told"),
    [
        ((), {}, r"-p = \[\]: expected at least one parameter to vary, such as -p fast=10:50:5. .*--list.*planted.space.toml"),
        (("share=0.5",), {}, "expected at least one parameter to vary"), (("fast",), {}, "-p = 'fast': expected name=value"),
        (("=3",), {}, "-p = '=3'"), ((), {"vary": ("word",)}, "--vary = 'word'"), ((), {"vary": ("word=",)}, "word"),
        ((), {"vary": ("word=a,,b",)}, "A value between the commas is empty"),
        (("fsat=1:5:1",), {}, "Did you mean fast"), (("fast=1:5:1", "fsat=3"), {}, "expected one of those that the strategy reads"),
        (("fast=5:1:1",), {}, "fast"), (("fast=1:5:0",), {}, "fast"), (("fast=1:5:1", "share=half"), {}, "share = 'half': expected numbers"),
        (("fast=1:5:1",), {"objective": ("Sharpe",)}, "Did you mean Sharpe Ratio"), (("fast=1:5:1",), {"n_trials": 0}, "n_trials = 0"),
        (("fast=1:5:1",), {"method": "magic"}, "method = 'magic'"), (("fast=1:5:1",), {"constraints": ("x",)}, "constraint = 'x'"),
    ],
)  # fmt: skip
def test_what_cannot_be_is_told(asked, pairs, said, told):
    with pytest.raises(ParameterError, match=told):
        ask(asked(*pairs, **said))


def test_trials_are_kept_where_it_is_said_or_with_the_users_caches(asked, tmp_path, monkeypatch):
    assert ask(asked("fast=1:5:1"))[0].setup.store == tmp_path / "store"
    monkeypatch.setenv("HIDDEN_REGIME_CACHE", str(tmp_path / "cache"))
    assert ask(asked("fast=1:5:1", store=None))[0].setup.store == cache_folder() == tmp_path / "cache"


def test_what_is_read_and_what_would_be_varied(asked):
    found, varied = declared(asked("fast=10:50:5", "share=0.3", vary=("word=a,b",)))
    assert varied == {"fast": "10:50:5", "word": "a,b"}
    assert (found["share"].value, found["fast"].value) == ("0.3", None)
    assert declared(asked())[1] == {}


def test_ranges_are_written_as_they_are_given():
    assert [written(one) for one in (Range("n", 1, 5, 2), Range("n", "0.10", "1"), Choice("n", ("a", "b")))] == [
        "1:5:2",
        "0.10:1",
        "a,b",
    ]


def test_a_projects_config_is_what_trials_begin_with(tmp_path):
    project = tmp_path / "project"
    write_strategy(project, PLANTED, "main.py")
    (project / "config.json").write_text(json.dumps({"parameters": {"word": "said", "fast": 11}}), encoding="utf-8")
    question = Question(str(project), str(write_prices(tmp_path)), pairs=("share=0:1:0.5",), store=tmp_path / "store")
    spec = ask(question)[0]
    assert (spec.setup.name, spec.setup.base["word"], spec.setup.base["fast"]) == ("project", "said", "11")
    (project / "config.json").write_text(json.dumps({"parameters": {"word": "said", "fast": 11, "share": 0.5}}), encoding="utf-8")
    assert ask(question)[0].id == spec.id
