from __future__ import annotations

from pathlib import Path

import pytest

from hidden_regime.exceptions import ParameterError
from hidden_regime.experiments.constraint import Constraint
from hidden_regime.experiments.objective import Objective
from hidden_regime.experiments.space import Choice, Range, Space, read
from hidden_regime.experiments.space.read import beside, read_space


def written(tmp_path, text):
    path = tmp_path / "x.space.toml"
    path.write_text(text, encoding="utf-8")
    return path


def test_the_file_that_the_documentation_shows_is_read(tmp_path):
    shown = "\n".join(line[4:] for line in read.__doc__.splitlines() if line.startswith("    "))
    found = read_space(written(tmp_path, shown))
    assert found.space == Space((Range("fast", 10, 50, 5), Range("slow", 30, 90, 15, 5), Choice("asset", ("SPY", "TLT"))))
    assert found.objectives == (Objective("Sharpe Ratio", "max", 1.5),)
    assert found.constraints == (Constraint("Drawdown", "<=", 0.25),)
    assert found.method is None and found.notes == ()


def test_parameters_alone_are_enough_and_objectives_may_be_several(tmp_path):
    found = read_space(written(tmp_path, "[parameters]\nshare = 0.5\n"))
    assert found.space == Space((Choice("share", ("0.5",)),)) and found.objectives == () == found.constraints
    two = "[parameters]\na = '1:2'\n[[objective]]\ntarget = 'Alpha'\n[[objective]]\ntarget = 'Drawdown'\ndirection = 'min'\n"
    assert read_space(written(tmp_path, two)).objectives == (Objective("Alpha"), Objective("Drawdown", "min"))


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("[parameters", "TOML"),
        ("", "parameters"),
        ("parameters = 3", "parameters"),
        ("[parameters]", "at least one parameter"),
        ("[parameter]\na = '1:2'", r"Did you mean parameters\?"),
        ("[parameters]\na = '1:2'\n[objective]\ntraget = 'x'", r"Did you mean target\?"),
        ("[parameters]\na = '1:2'\n[objective]\ndirection = 'max'", "a target"),
        ("[parameters]\na = '1:2'\n[objective]\ntarget = 'x'\ndirection = 'up'", "max or min"),
        ("objective = 3\n[parameters]\na = '1:2'", "objective"),
        ("constraints = 'Drawdown < 1'\n[parameters]\na = '1:2'", "a list such as"),
        ("constraints = [3]\n[parameters]\na = '1:2'", "constraint"),
        ("[parameters]\na = 2020-01-01T00:00:00\n[parameters.b]\nlow = 1\nhigh = {}", "high"),
    ],
)
def test_what_a_file_has_wrong_is_told(tmp_path, text, said):
    with pytest.raises(ParameterError, match=said):
        read_space(written(tmp_path, text))


def test_files_that_are_none_or_no_text_are_refused(tmp_path):
    with pytest.raises(ParameterError, match="a file"):
        read_space(tmp_path / "none.toml")
    (tmp_path / "x").write_bytes(b"\xff\xfe\x00")
    with pytest.raises(ParameterError, match="UTF-8"):
        read_space(tmp_path / "x")


def test_the_file_lies_beside_the_strategy():
    assert beside(Path("a/momentum.py")) == Path("a/momentum.space.toml")
