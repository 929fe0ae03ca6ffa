"""The stand-in for Docker by itself: its API, and its containers without lean-cli."""

from __future__ import annotations

import json
import struct
import time
from datetime import UTC, datetime
from urllib.parse import quote

import pytest

from hidden_regime.data import LeanFolder
from hidden_regime.exceptions import ParameterError
from hidden_regime.local_lean import StubDocker, read_backtest, read_optimization
from hidden_regime.local_lean.docker import Daemon, UnixConnection
from hidden_regime.local_lean.no_lean.mounts import BACKTEST, OPTIMIZATION, mounted
from hidden_regime.local_lean.no_lean.saying import WHAT
from hidden_regime.local_lean.processes import tail
from hidden_regime.simulator import result as lean_result
from hidden_regime.simulator import run_file
from tests.conftest import CASES
from tests.local_lean.strategies import write_project


def ask(docker, method, path, content=None):
    """Status and JSON of an answer."""
    connection = UnixConnection(docker.host.removeprefix("unix://"), 60.0)
    connection.request(method, path, None if content is None else json.dumps(content))
    reply = connection.getresponse()
    body = reply.read()
    connection.close()
    return reply.status, json.loads(body) if body and reply.headers.get("Content-Type") == "application/json" else body


def container(docker, tmp_path, lean=None, last=BACKTEST, parameters=None, name="one", optimizer=None, **config):
    """A container as lean-cli makes it, and the folder of its results."""
    project, results = write_project(tmp_path / "Cross"), tmp_path / "results"
    for folder in (results, tmp_path / "storage"):
        folder.mkdir(exist_ok=True)
    told = {"algorithm-language": "Python", "algorithm-location": "/LeanCLI/main.py", "algorithm-id": "1000000001",
            "parameters": parameters or {}, **(lean or {})}  # fmt: skip
    (tmp_path / "lean-config.json").write_text(json.dumps(told), encoding="utf-8")
    (tmp_path / "start.sh").write_text(f"#!/usr/bin/env bash\nset -e\n{last}\n", encoding="utf-8")
    binds = {project: "/LeanCLI", CASES / "data": "/Lean/Data", results: "/Results", tmp_path / "storage": "/Storage"}
    mounts = {"/lean-cli-start.sh": tmp_path / "start.sh", "/Lean/Launcher/bin/Debug/config.json": tmp_path / "lean-config.json"}
    if optimizer is not None:
        mounts["/Lean/Optimizer.Launcher/bin/Debug/config.json"] = tmp_path / "optimizer.json"
        (tmp_path / "optimizer.json").write_text(json.dumps(optimizer), encoding="utf-8")
        (results / "optimizer-config.json").write_text(json.dumps(optimizer), encoding="utf-8")
    content = {
        "Image": "quantconnect/lean:latest",
        "HostConfig": {
            "Binds": [*(f"{source}:{target}:rw" for source, target in binds.items()), "lean_cli_pip:/root/.cache/pip:rw"],
            "Mounts": [{"Target": target, "Source": str(source), "Type": "bind"} for target, source in mounts.items()],
        },
        **config,
    }
    status, made = ask(docker, "POST", f"/v1.44/containers/create?name={name}", content)
    assert status == 201
    return made["Id"], results


def frames(body):
    """What Docker's stream of output holds."""
    out = b""
    while body:
        stream, size = struct.unpack(">BxxxL", body[:8])
        assert stream == 1
        out, body = out + body[8 : 8 + size], body[8 + size :]
    return out.decode()


@pytest.mark.parametrize("version", ["", "/v1.24", "/v1.44", "/v1.99"])
def test_it_says_what_it_is_and_that_no_lean_runs(docker, version):
    assert ask(docker, "GET", f"{version}/_ping") == (200, b"OK")
    told = ask(docker, "GET", f"{version}/version")[1]
    image = ask(docker, "GET", f"{version}/images/{quote('quantconnect/lean:latest', safe='/:')}/json")[1]
    assert WHAT in told["Version"] and WHAT in ask(docker, "GET", f"{version}/info")[1]["Name"]
    assert WHAT in image["Config"]["Labels"].values()
    assert "hidden-regime/no-lean:latest" in image["RepoTags"]
    assert "no LEAN runs" in WHAT


def test_other_images_are_not_there(docker):
    assert ask(docker, "GET", "/images/my/lean:1/json")[0] == 404
    assert ask(docker, "POST", "/images/create?fromImage=my/lean&tag=1")[0] == 404
    assert ask(docker, "POST", "/images/create?fromImage=quantconnect/lean&tag=latest")[0] == 200
    assert ask(docker, "POST", "/containers/create", {"Image": "my/lean:1"})[0] == 404


def test_networks_and_volumes_are_kept(docker):
    made = ask(docker, "POST", "/networks/create", {"Name": "lean_cli"})[1]["Id"]
    assert ask(docker, "GET", "/networks")[1] == [ask(docker, "GET", f"/networks/{made}")[1]]
    assert ask(docker, "GET", "/networks/lean_cli")[1]["Id"] == made
    assert ask(docker, "GET", "/networks/none")[0] == 404
    ask(docker, "POST", "/volumes/create", {"Name": "lean_cli_pip"})
    assert [one["Name"] for one in ask(docker, "GET", "/volumes")[1]["Volumes"]] == ["lean_cli_pip"]


def test_what_is_not_played_is_answered_and_remembered(docker):
    assert ask(docker, "POST", "/v1.44/build")[0] == 404
    assert ask(docker, "GET", "/containers/none/json") == (404, {"message": "No such container: none"})
    assert docker.unknown == ("POST /build",)
    connection = UnixConnection(docker.host.removeprefix("unix://"), 10.0)
    connection.request("POST", "/volumes/create", "{")
    assert connection.getresponse().status == 400


def test_a_container_is_a_backtest_of_the_embedded_engine(docker, tmp_path):
    identity, results = container(docker, tmp_path, {"backtest-name": "mine"}, parameters={"fast": "4", "share": "0.5"})
    assert ask(docker, "GET", f"/containers/{identity}/json")[1]["State"]["Status"] == "created"
    assert ask(docker, "POST", f"/containers/{identity}/start")[0] == 204
    said = frames(ask(docker, "GET", f"/containers/{identity}/logs?follow=1&tail=all")[1])
    assert ask(docker, "POST", f"/containers/{identity}/wait")[1] == {"StatusCode": 0}
    first, *_, last = said.splitlines()
    assert first.endswith(f"TRACE:: Engine.Main(): {WHAT}")
    assert last.endswith("TRACE:: Engine.Main(): Packet removed from queue: 1000000001")
    assert "(100 %)" in said and "STATISTICS:: Sharpe Ratio" in said
    run = read_backtest(results)
    assert (run.id, run.name, run.status, run.parameters) == ("1000000001", "mine", "Completed", {"fast": "4", "share": "0.5"})
    direct = run_file(tmp_path / "Cross" / "main.py", LeanFolder(CASES / "data"), parameters={"fast": "4", "share": "0.5"})
    expected = json.loads(json.dumps(lean_result.build(direct, "1000000001")))
    assert run.orders == list(expected["orders"].values()) and len(run.orders) > 3
    assert run.statistics == expected["statistics"]
    assert ask(docker, "DELETE", f"/containers/{identity}")[0] == 204
    assert docker.containers == ()


def test_a_strategy_that_raises_leaves_its_results_and_fails(docker, tmp_path):
    identity, results = container(docker, tmp_path, parameters={"word": "fail"})
    ask(docker, "POST", f"/containers/{identity}/start")
    assert ask(docker, "POST", f"/containers/{identity}/wait")[1] == {"StatusCode": 1}
    run = read_backtest(results)
    assert run.status == "RuntimeError" and "told to fail" in run.error and len(run.orders) > 0


@pytest.mark.parametrize(
    ("lean", "last", "said"),
    [({"algorithm-language": "CSharp"}, BACKTEST, "written in CSharp"), ({}, "jupyter lab", "'jupyter lab'"),
     ({}, f"{OPTIMIZATION} --estimate", "--estimate")],
)  # fmt: skip
def test_what_no_engine_is_there_for_ends_at_once_and_says_so(docker, tmp_path, lean, last, said):
    identity, _ = container(docker, tmp_path, lean, last)
    ask(docker, "POST", f"/containers/{identity}/start")
    assert ask(docker, "POST", f"/containers/{identity}/wait")[1] == {"StatusCode": 1}
    assert said in frames(ask(docker, "GET", f"/containers/{identity}/logs")[1])


def test_a_stop_lets_a_run_write_what_it_has(docker, tmp_path):
    identity, results = container(docker, tmp_path, parameters={"word": "wait"})
    ask(docker, "POST", f"/containers/{identity}/start")
    assert ask(docker, "DELETE", f"/containers/{identity}")[0] == 409
    while not (results / "log.txt").exists() or "(10 %)" not in (results / "log.txt").read_text(encoding="utf-8"):
        time.sleep(0.05)
    assert Daemon({"DOCKER_HOST": docker.host}).stop("one", 30) is True
    told = ask(docker, "GET", "/containers/one/json")[1]["State"]
    assert (told["Status"], told["ExitCode"], docker.containers[0].stops) == ("exited", 1, [30])
    run = read_backtest(results)
    assert run.status == "Stopped"
    last = run.result["charts"]["Strategy Equity"]["series"]["Equity"]["values"][-1][0]
    assert datetime(2010, 1, 20, tzinfo=UTC) < datetime.fromtimestamp(last, UTC) < datetime(2010, 6, 1, tzinfo=UTC)
    assert ask(docker, "POST", "/containers/one/stop")[0] == 304


def asked(target="Statistics.Sharpe Ratio", word="", **more):
    """A configuration of LEAN's optimiser."""
    return {
        "optimization-strategy": "QuantConnect.Optimizer.Strategies.GridSearchOptimizationStrategy",
        "optimization-criterion": {"target": target, "extremum": "max", **more},
        "parameters": [{"name": "share", "min": 0.2, "max": 0.6, "step": 0.2}, {"name": "word", "value": word}],
        "constraints": [],
    }


@pytest.mark.parametrize(
    ("optimizer", "statuses", "ended"),
    [(asked(), ["complete"] * 3, "winner"), (asked(**{"target-value": -100}), ["complete"], "winner"),
     (asked("Sharpe Ratio"), ["complete"] * 3, "no winner"), (asked(word="fail"), ["failed"] * 3, "winner"),
     (asked(word="idle"), ["no orders"] * 3, "winner")],
)  # fmt: skip
def test_a_container_is_an_optimisation_that_ends_as_leans_would(docker, tmp_path, optimizer, statuses, ended):
    identity, results = container(
        docker, tmp_path, last=OPTIMIZATION, parameters={"fast": "4", "share": "9"}, optimizer=optimizer
    )
    ask(docker, "POST", f"/containers/{identity}/start")
    assert ask(docker, "POST", f"/containers/{identity}/wait")[1] == {"StatusCode": 0}
    found = read_optimization(results)
    assert ([trial.status for trial in found.trials], found.ended) == (statuses, ended)
    assert [trial.parameters["share"] for trial in found.trials] == ["0.2", "0.4", "0.6"][: len(statuses)]
    assert found.trials[0].read().parameters == {"fast": "4", **found.trials[0].parameters}
    assert WHAT in (found.trials[0].folder / "log.txt").read_text(encoding="utf-8").splitlines()[0]
    assert (found.winner is not None) is (ended == "winner")
    if found.winner is None or statuses[0] != "complete":
        assert found.best is None  # LEAN takes a trial that failed or sent no order; ours is never one
    else:
        assert found.winner is found.best


def test_a_configuration_that_can_not_be_searched_fails(docker, tmp_path):
    identity, results = container(docker, tmp_path, last=OPTIMIZATION, optimizer={"parameters": []})
    ask(docker, "POST", f"/containers/{identity}/start")
    assert ask(docker, "POST", f"/containers/{identity}/wait")[1] == {"StatusCode": 1}
    assert "ERROR:: Engine.Run(): parameters" in (results / "log.txt").read_text(encoding="utf-8")


def test_an_optimisation_that_is_stopped_names_no_winner(docker, tmp_path):
    identity, results = container(docker, tmp_path, last=OPTIMIZATION, optimizer=asked(word="wait"))
    ask(docker, "POST", f"/containers/{identity}/start")
    while "launched" not in tail(results / "log.txt"):
        time.sleep(0.05)
    ask(docker, "POST", f"/containers/{identity}/stop?t=30")
    assert ask(docker, "POST", f"/containers/{identity}/wait")[1] == {"StatusCode": 130}
    found = read_optimization(results)
    assert (found.ended, found.best, len(found.trials)) == ("no end", None, 1)
    assert found.notes == (
        "1 of 1 trials failed; the first, {'share': '0.2', 'word': 'wait'}: its status is Stopped",
        "LEAN's log has no end: it was stopped, or died.",
    )


def test_a_kill_leaves_no_result(docker, tmp_path):
    identity, results = container(docker, tmp_path, parameters={"word": "wait"}, HostConfig=None)
    assert ask(docker, "POST", f"/containers/{identity}/start")[0] == 204  # without mounts it isn't played
    ask(docker, "DELETE", f"/containers/{identity}")
    identity, results = container(docker, tmp_path, parameters={"word": "wait"})
    ask(docker, "POST", f"/containers/{identity}/start")
    assert ask(docker, "POST", f"/containers/{identity}/kill")[0] == 204
    assert ask(docker, "POST", f"/containers/{identity}/wait")[1] == {"StatusCode": 137}
    assert ask(docker, "POST", f"/containers/{identity}/kill")[0] == 409
    assert not (results / "1000000001.json").exists()


def test_containers_are_listed_named_once_and_gone_with_the_stand_in(tmp_path):
    with StubDocker(tmp_path / "d") as docker:
        identity, _ = container(docker, tmp_path, parameters={"word": "wait"})
        assert ask(docker, "GET", "/containers/json")[1] == []
        assert [one["Names"] for one in ask(docker, "GET", "/containers/json?all=1")[1]] == [["/one"]]
        assert ask(docker, "POST", "/containers/create?name=one", {"Image": "quantconnect/lean"})[0] == 409
        ask(docker, "POST", f"/containers/{identity}/start")
        assert [one["State"] for one in ask(docker, "GET", "/containers/json")[1]] == ["running"]
        kept = docker.containers[0]
    assert (kept.status, kept.exit_code) == ("exited", 137)
    assert not (tmp_path / "d").exists()


def test_a_container_can_be_removed_by_force_or_by_its_end(docker, tmp_path):
    identity, _ = container(docker, tmp_path, parameters={"word": "wait"})
    ask(docker, "POST", f"/containers/{identity}/start")
    assert ask(docker, "DELETE", f"/containers/{identity}?force=1")[0] == 204
    identity, _ = container(docker, tmp_path, HostConfig={"AutoRemove": True})
    ask(docker, "POST", f"/containers/{identity}/start")
    while docker.containers:
        time.sleep(0.01)


def test_it_listens_on_a_port_where_no_socket_is_given():
    with StubDocker() as docker:
        assert docker.host.startswith("tcp://127.0.0.1:")
        Daemon({"DOCKER_HOST": docker.host}).check()


@pytest.mark.parametrize("name", ["x" * 101, "taken"])
def test_a_socket_that_can_not_be_is_refused(tmp_path, name):
    (tmp_path / "taken").touch()
    with pytest.raises(ParameterError, match="socket"):
        StubDocker(tmp_path / name)


def test_binds_of_a_container_are_read_whatever_is_in_their_paths():
    found = mounted({"HostConfig": {"Binds": ["/a b/c:/LeanCLI:rw", "/x:/y", "lean_cli_pip:/root:rw"], "Mounts": None}})
    assert {target: str(source) for target, source in found.items()} == {"/LeanCLI": "/a b/c", "/y": "/x"}
