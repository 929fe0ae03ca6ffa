"""Builds."""

from __future__ import annotations

import pytest

from hidden_regime.cloud.fake.compiling import build
from tests.cloud.fake.asking import STRATEGY

TWO = STRATEGY + "\n\nclass Another(QCAlgorithm):\n    pass\n"


@pytest.mark.parametrize(
    ("files", "error"),
    [
        (
            {"main.py": STRATEGY.replace("on_data(self, data):", "on_data(self, data)")},
            "main.py Line:14 Column:28 - expected ':'",
        ),
        ({"main.py": STRATEGY, "lib/x.py": "a = 1\nreturn\n"}, "lib/x.py Line:2 Column:1 - 'return' outside function"),
        ({"main.py": TWO}, "main.py Line:4 Column:0 - Another, Crossing are all algorithms"),
        ({"main.py": "X = 1\n"}, "main.py Line:1 Column:0 - no class derives from QCAlgorithm"),
        ({"other.py": STRATEGY}, "main.py Line:0 Column:0 - the project has no main.py"),
        ({"main.py": "x = '\0'"}, "main.py Line:1 Column:0 - "),
    ],
)
def test_what_cannot_run_is_no_build(files, error):
    state, logs = build(files)
    assert state == "BuildError"
    assert len(logs) == 1
    assert logs[0].startswith(f"Build Error: File: {error}")


def test_what_goes_wrong_later_is_a_warning():
    text = STRATEGY.replace("self.symbol =", "self.nonsense_of_mine()\n        self.symbol =")
    assert build({"main.py": STRATEGY}) == ("BuildSuccess", [])
    state, logs = build({"main.py": text})
    assert state == "BuildSuccess"
    assert "Build Warning: File: main.py Line:11" in logs[0]


def test_another_language_is_no_build():
    assert build({"Main.cs": ""}, "C#")[0] == "BuildError"


def test_a_build_is_of_the_files_of_its_moment(ask):
    number = ask.project("Moment")
    first = ask.build(number)
    assert first["state"] == "BuildSuccess"
    assert first["logs"][0].startswith(f"Build Request Successful for Project ID: {number}")
    ask.good("files/update", projectId=number, name="main.py", content="x = (")
    second = ask.build(number)
    assert (second["state"], second["logs"]) == (
        "BuildError", ["Build Error: File: main.py Line:1 Column:5 - '(' was never closed"])  # fmt: skip
    assert ask.end(number, ask.begin(number, build=first["compileId"]))["statistics"]["Total Orders"] != "0"
    told = ask("backtests/create", projectId=number, compileId=second["compileId"], backtestName="x")
    assert "BuildError" in told["errors"][0]
    assert "not found" in ask("backtests/create", projectId=number, compileId="none", backtestName="x")["errors"][0]


def test_the_first_look_finds_a_build_in_the_queue(ask):
    number = ask.project("Queue")
    made = ask.build(number)["compileId"]
    again = ask.good("compile/create", projectId=number)
    assert again["state"] == "InQueue"
    assert again["compileId"] != made
    assert again["signature"] == made.partition("-")[2]
