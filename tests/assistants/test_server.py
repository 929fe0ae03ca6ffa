"""Tools through the official SDK's own client, over standard input and output, as an assistant uses them."""

from __future__ import annotations

import asyncio
import json
import os
import sys
from contextlib import asynccontextmanager
from pathlib import Path

import pytest

from hidden_regime.assistants.commands import Commands
from hidden_regime.assistants.server import tools
from hidden_regime.cloud.fake import FakeCloud
from tests.assistants.strategy import CROSSING

mcp = pytest.importorskip("mcp", reason="the official SDK is in the extra `assistants`")


def notebook(source):
    cell = {"cell_type": "code", "execution_count": None, "id": "a", "metadata": {}, "outputs": [], "source": source}
    return {"cells": [cell], "metadata": {}, "nbformat": 4, "nbformat_minor": 5}


@asynccontextmanager
async def session(folder, cloud):
    environment = {
        **os.environ, "PYTHONPATH": str(Path(__file__).resolve().parents[2]), "HIDDEN_REGIME_STATE": str(folder / "state"),
        "QC_API_URL": cloud.url, "QC_USER_ID": "1", "QC_API_TOKEN": "practice", "DOCKER_HOST": f"unix://{folder}/nobody.sock",
    }  # fmt: skip
    parameters = mcp.StdioServerParameters(
        command=sys.executable, args=["-m", "hidden_regime", "mcp", "--folder", str(folder)], env=environment
    )
    async with mcp.stdio_client(parameters) as (read, write), mcp.ClientSession(read, write) as found:
        await found.initialize()
        yield found


async def call(found, tool, **arguments):
    reply = await found.call_tool(tool, arguments)
    assert not reply.is_error, reply.content
    return json.loads(reply.content[0].text)


async def story(folder, cloud):
    (folder / "crossing").mkdir()
    (folder / "crossing" / "main.py").write_text(CROSSING)
    used = set()
    async with session(folder, cloud) as found:
        offered = {tool.name: tool for tool in (await found.list_tools()).tools}

        async def ask(tool, expected=0, **arguments):
            used.add(tool)
            told = await call(found, tool, **arguments)
            assert told["exit_code"] == expected, (tool, told)
            return told

        assert "us_stocks" in (await ask("list_data"))["said"]
        assert "nothing found" in (await ask("check_strategy", strategy="crossing/main.py"))["said"]
        run = (await ask("backtest", strategy="crossing", parameters={"fast": 10}, out="here"))["result"]
        assert int(run["statistics"]["Total Orders"]) > 1 and (folder / "here" / "report.html").is_file()
        assert "fast" in (await ask("what_a_strategy_reads", strategy="crossing"))["said"]
        study = (await ask("optimize", strategy="crossing", vary={"fast": "5:15:5"}, method="grid", out="study"))["result"]
        assert len(study["trials"]) == 3 and (folder / "study" / "report.html").is_file()
        clean = await ask("check_lookahead", strategy="crossing")
        assert clean["result"]["verdict"] == "clean"
        await ask("segments", source="here", by="year")
        await ask("monte_carlo", source="here", paths=200)
        assert (await ask("compare", strategies=["here", "study"]))["result"]["pairs"]
        walked = await ask("walk_forward", strategy="crossing", vary={"fast": "5:15:5"}, in_sample_months=2, out_of_sample_months=1,
                           trials=2)  # fmt: skip
        assert walked["result"]["windows"]
        await ask("write_lean_data", source="us_stocks", folder="lean_data")
        await ask("check_data", folder="lean_data", benchmark="SP500")

        assert (await ask("cloud_whoami"))["result"]["credits"] == 10_000
        assert (await ask("cloud_push", strategy="crossing"))["result"]["project_id"] == 20000001
        there = (await ask("cloud_backtest", strategy="crossing", parameters={"fast": 10}, out="there"))["result"]
        assert there["statistics"] == run["statistics"]
        assert (await ask("same_orders", runs=["here", "there"]))["result"][0]["equal"]
        search = {"strategy": "crossing", "vary": {"fast": "5:15:5"}}
        assert (await ask("cloud_optimize", **search))["result"]["sent"] is False
        refused = await ask("cloud_optimize", expected=2, **search, pay=True)
        assert "no limit" in refused["said"]
        assert (await ask("cloud_costs"))["result"]["entries"] == []
        assert [one["id"] for one in (await ask("cloud_results", project="crossing"))["result"]["backtests"]] == [
            there["backtest_id"]
        ]
        await ask("cloud_pull", project="crossing", folder="pulled")
        assert (folder / "pulled" / "main.py").read_text() == CROSSING

        told = {"campaign": "campaign.toml", "name": "crossing", "strategy": "crossing", "why": "Trends go on"}
        await ask("jobs_add", **told, vary={"fast": "5:15:5"})
        (folder / "campaign.toml").write_text("skip = ['optimise', 'walk-forward']\n" + (folder / "campaign.toml").read_text())
        assert (await ask("jobs_run", campaign="campaign.toml"))["result"]["over"]
        assert (await ask("jobs_show", campaign="campaign.toml"))["result"]["hypotheses"][0]["steps"]
        assert "campaign" in (await ask("jobs_list"))["said"]
        (folder / "small.ipynb").write_text(json.dumps(notebook("qb = QuantBook()\nqb.Backtest('x')")))
        assert "qb.Backtest" in str((await ask("notebook_lint", expected=1, notebooks=["small.ipynb"]))["result"])
        (folder / "sum.ipynb").write_text(json.dumps(notebook("report('sum', 2 + 3)")))
        assert (await ask("notebook_run", notebook="sum.ipynb"))["result"]["values"] == {"sum": 5}

        for tool, arguments in (("lean_backtest", {"project": "crossing"}), ("lean_optimize", search | {"project": "crossing"}),
                                ("lean_results", {"folder": "crossing"})):  # fmt: skip
            arguments.pop("strategy", None)
            told = await ask(tool, expected=2, **arguments)
            assert "error:" in told["said"]
        assert (await found.call_tool("backtest", {"strategy": "--help"})).content[0].text.count("exit_code")
    return offered, used


def test_every_tool_works_through_a_real_client(tmp_path):
    with FakeCloud(tmp_path / "cloud") as cloud:
        offered, used = asyncio.run(asyncio.wait_for(story(tmp_path, cloud), 300))
        calls = [one.endpoint for one in cloud.calls]
        assert cloud.unexpected == []
    assert used == set(offered)
    assert "optimizations/create" not in calls and "live/create" not in calls
    for tool in offered.values():
        assert tool.description
        assert tool.annotations.destructive_hint is False


def test_tools_are_told_by_their_own_words(tmp_path):
    for tool in tools(Commands(tmp_path)):
        assert tool.__doc__
        assert "self" not in tool.__annotations__
