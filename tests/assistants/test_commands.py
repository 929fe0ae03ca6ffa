"""A command as a tool runs it: nothing from outside is an option, and what nobody waits for is ended."""

from __future__ import annotations

import asyncio
import json
import time

import pytest

from hidden_regime.assistants.commands import Commands, answer, spelled
from hidden_regime.exceptions import ParameterError


def run(commands, *words, **rest):
    return asyncio.run(commands.run(*words, **rest))


def test_what_comes_from_outside_is_never_an_option(tmp_path):
    told = run(Commands(tmp_path), "lean-check", "--static", given=["--help"])
    assert told["exit_code"] == 2 and "Usage" not in told["said"]
    assert "--help" in told["said"]


@pytest.mark.parametrize("text", ["--force", "-p", "$(touch made)", "`touch made`", "; touch made", "a b"])
def test_no_shell_and_no_option_is_made_of_a_value(tmp_path, text):
    run(Commands(tmp_path), "data", "info", given=[text])
    assert list(tmp_path.iterdir()) == []
    assert spelled({"out": text}) == [f"--out={text}"]


def test_an_error_is_told_with_its_words(tmp_path):
    told = run(Commands(tmp_path), "backtest", options={"json": True}, given=["nothing_there"])
    assert told["exit_code"] == 2 and told["result"] is None and "neither a shipped template" in told["said"]
    assert told["meaning"].startswith("refused")


def test_a_command_that_takes_too_long_is_ended(tmp_path):
    begin = time.monotonic()
    told = run(Commands(tmp_path, timeout=0.2), "backtest", given=["optimized_multi_asset"])
    assert told["exit_code"] == 124 and "stopped after" in told["said"] and time.monotonic() - begin < 20


def test_one_that_nobody_waits_for_is_ended(tmp_path):
    async def cancelled():
        task = asyncio.create_task(Commands(tmp_path).run("backtest", given=["optimized_multi_asset"]))
        await asyncio.sleep(0.5)
        task.cancel()
        with pytest.raises(asyncio.CancelledError):
            await task

    asyncio.run(cancelled())
    assert not (tmp_path / "results" / "optimized_multi_asset" / "report.html").exists()


@pytest.mark.parametrize(
    ("out", "result", "said"),
    [
        ("", None, ""),
        ("words alone\n", None, "words alone"),
        ('{\n "a": 1\n}\n', {"a": 1}, ""),
        ("words\n[1, 2]\n", [1, 2], "words"),
        ('{broken\n{"a": 1}\nafter\n', {"a": 1}, "{broken\nafter"),
    ],
)
def test_json_and_words_are_parted(out, result, said):
    found = answer(0, out, "")
    assert (found.result, found.said) == (result, said)


def test_a_zero_byte_is_refused(tmp_path):
    with pytest.raises(ParameterError, match="zero byte"):
        run(Commands(tmp_path), "data", "info", given=["a\0b"])


def test_the_answer_is_json(tmp_path):
    assert json.loads(json.dumps(run(Commands(tmp_path), "data", "list")))["exit_code"] == 0
