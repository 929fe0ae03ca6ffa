"""Campaigns' files: what they may say, and what is told of what they mayn't."""

from __future__ import annotations

import pytest

from hidden_regime.exceptions import UnknownStrategyError
from hidden_regime.jobs import CampaignError, read_campaign
from hidden_regime.jobs.adding import add_hypothesis
from hidden_regime.jobs.planning import names_of_steps, plan
from tests.jobs.small import campaign

LEAST = 'name = "c"\n[[hypothesis]]\nname = "h"\nstrategy = "basic_regime_switching"\n'


def read(tmp_path, text):
    path = tmp_path / "c.toml"
    path.write_text(text, encoding="utf-8")
    return read_campaign(path)


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("name = ", "a file in TOML"),
        ('name = "c"\n', r"no \[\[hypothesis\]\]"),
        (LEAST.replace("strategy", "stratgy"), "Did you mean strategy"),
        (LEAST + "space = { fast = 3 }\nparameters = { fast = 3 }\n", "fixed or varied"),
        (LEAST + '[[hypothesis]]\nname = "H"\nstrategy = "x.py"\n', "each name once"),
        (LEAST.replace('"h"', '"../h"'), "a name of letters"),
        (LEAST + "[rules]\nbaseline = ['Sharp Ratio > 0']\n", "Did you mean Sharpe Ratio"),
        (LEAST + "[rules]\nbaseline = ['Sharpe Ratio']\n", "a statistic, an operator and a number"),
        (LEAST + "[rules]\nbaseline = ['DSR > 0.5']\n", "a statistic of LEAN"),
        (LEAST + "[rules]\nbaseline = ['A.B > 0.5']\n", "a statistic of LEAN by its name"),
        (LEAST + "[rules]\naccept = ['robuts']\n", "Did you mean robust"),
        (LEAST + "[optimise]\nobjective = 'Sharpness'\n", "a statistic of LEAN"),
        (LEAST + "[optimise]\nmethod = 'tpee'\n", "Did you mean tpe"),
        (LEAST + "[optimise]\nn_trials = 0\n", "at least 1"),
        (LEAST + "[optimise]\nn_trials = true\n", "whole number"),
        (LEAST + "[target]\nkind = 'clod'\n", "Did you mean cloud"),
        (LEAST + "[target]\nkind = 'cloud'\ncash = 10\n", "embedded engine alone"),
        (LEAST + "[target]\nstart = '2004-01-02'\n", "without quotation marks"),
        (LEAST + "[target]\nstart = 2004-01-02\nend = 2003-01-02\n", "is after end"),
        (LEAST + "[target]\ncash = -1\n", "above 0"),
        (LEAST + "[target]\nkind = 'cloud'\n[optimise]\nmethod = 'tpe'\n", "one of grid"),
        (LEAST + "space = { word = ['a', 'b'] }\n[target]\noptimise = 'cloud'\n", "a range with a step"),
        (LEAST + "[gates]\nwait = ['optimise']\n", "is of mode 'manual'"),
        (LEAST + "[gates]\nmode = 'manual'\nwait = ['verdict']\n", "some of pull"),
        (LEAST + "[budget]\ncredits = -1\n", "at least 0"),
        ('skip = ["baseline"]\n' + LEAST, "some of lookahead"),
        (LEAST + "[walk_forward]\nmonths = 3\n", "Did you mean is_months"),
    ],
)
def test_what_cannot_be_is_named_with_its_place(tmp_path, text, said):
    with pytest.raises(CampaignError, match=said) as caught:
        read(tmp_path, text)
    assert "c.toml" in str(caught.value)


def test_a_file_that_is_not_there_is_told(tmp_path):
    with pytest.raises(CampaignError, match="There is no such file"):
        read_campaign(tmp_path / "none.toml")


@pytest.mark.parametrize(
    ("option", "places", "mode"),
    [
        ("A", ("cloud", "cloud", "none"), "autonomous"),
        ("B", ("lean", "lean", "none"), "autonomous"),
        ("C", ("cloud", "embedded", "cloud"), "autonomous"),
        ("D", ("embedded", "embedded", "none"), "manual"),
    ],
)
def test_the_four_options_are_settings(tmp_path, option, places, mode):
    found = read(tmp_path, f'option = "{option}"\n' + LEAST)
    assert (found.target.baseline, found.target.optimise, found.target.validate) == places
    assert found.gates.mode == mode
    other = read(tmp_path, f'option = "{option}"\n' + LEAST + '[target]\nbaseline = "embedded"\nvalidate = "lean"\n')
    assert (other.target.baseline, other.target.optimise, other.target.validate) == ("embedded", places[1], "lean")


def test_the_hash_is_of_what_is_said_and_not_of_how(tmp_path):
    first = read(tmp_path, LEAST + "[rules]\nbaseline = ['Drawdown <= 25%']\ncuts = 3\n")
    second = read(
        tmp_path, "# why\n" + LEAST + "[rules]\ncuts = 3\nbaseline = ['drawdown <= 0.25']\n".replace("drawdown", "Drawdown")
    )
    third = read(tmp_path, LEAST + "[rules]\nbaseline = ['Drawdown <= 26%']\n")
    assert first.spec_hash == second.spec_hash != third.spec_hash


SPACE = 'space = { fast = "5:10:5" }\n'


@pytest.mark.parametrize(
    ("text", "steps"),
    [
        (LEAST, "baseline worth lookahead verdict"),
        (LEAST + SPACE, "baseline worth lookahead optimise best walk-forward verdict"),
        (LEAST + SPACE + "[target]\noptimise = 'cloud'\n",
         "baseline worth lookahead walk-forward candidate optimise best verdict"),
        (LEAST + SPACE + "project = 'p'\n[target]\nvalidate = 'cloud'\n",
         "pull baseline worth lookahead optimise best walk-forward validate verdict"),
        ("skip = ['lookahead', 'walk-forward']\n" + LEAST + SPACE, "baseline worth optimise best verdict"),
        ("skip = ['optimise']\n" + LEAST + SPACE, "baseline worth lookahead walk-forward verdict"),
    ],
)  # fmt: skip
def test_steps_follow_the_target_and_what_costs_money_comes_last(tmp_path, text, steps):
    found = read(tmp_path, text)
    assert names_of_steps(found, found.hypotheses[0]) == tuple(steps.split())


def test_a_change_reaches_the_steps_that_depend_on_it_and_no_others(tmp_path):
    def hashes(tail):
        path = campaign(tmp_path, ("one", "share = 0.5", 'every = "1:2:1"'), ("two", "share = 0.4", ""), tail=tail)
        return {(step.hypothesis, step.name): step.spec_hash for step in plan(read_campaign(path))}

    before, after = hashes(""), hashes("[rules]\noptimised = ['Drawdown <= 20%']\n")
    changed = {key for key in before if before[key] != after[key]}
    assert changed == {("one", "best"), ("one", "walk-forward"), ("one", "verdict")}
    (tmp_path / "hold.py").write_text((tmp_path / "hold.py").read_text() + "# another\n")
    source = {(step.hypothesis, step.name): step.spec_hash for step in plan(read_campaign(tmp_path / "small.toml"))}
    assert not set(source.values()) & set(after.values())


def test_a_hypothesis_is_added_to_what_stands_there(tmp_path):
    path = tmp_path / "new.toml"
    with pytest.raises(UnknownStrategyError, match="hold"):
        add_hypothesis(path, "first", "hold.py")
    assert not path.exists()
    (tmp_path / "hold.py").write_text("", encoding="utf-8")
    add_hypothesis(path, "first", "hold.py", why='it "is" so \\ \x7f', parameters={"share": "0.5"}, space={"every": "1:2:1"})
    path.write_text("# mine\n" + path.read_text() + "\n\n", encoding="utf-8")
    found = add_hypothesis(path, "second", "hold.py")
    assert path.read_text().startswith("# mine\n")
    assert [one.name for one in found.hypotheses] == ["first", "second"]
    again = read_campaign(path)
    assert again.spec_hash == found.spec_hash
    assert again.name == "new"
    assert again.hypotheses[0].why == 'it "is" so \\ \x7f'
    assert again.hypotheses[0].space.names == ("every",)
    before = path.read_text()
    with pytest.raises(CampaignError, match="each name once"):
        add_hypothesis(path, "first", "hold.py")
    assert path.read_text() == before
