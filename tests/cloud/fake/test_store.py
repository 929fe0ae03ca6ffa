"""What a cloud keeps, whatever ends it."""

from __future__ import annotations

import contextlib
import os
import signal
import subprocess
import sys
import time
from collections import Counter
from concurrent.futures import ThreadPoolExecutor

import pytest

from hidden_regime.cloud.fake import FakeCloud, Pool, Settings
from hidden_regime.cloud.fake.records import Movement, Project
from hidden_regime.cloud.fake.store import Store
from hidden_regime.exceptions import ParameterError, UnknownDataError
from tests.cloud.fake.asking import GRID, SHARPE, STRATEGY, Asker

SLOW = STRATEGY.replace("        above =", "        import time\n        time.sleep(0.005)\n        above =")
SERVER = """
import sys
from hidden_regime.cloud.fake import FakeCloud, Pool, Settings
with FakeCloud(sys.argv[1], settings=Settings(workers=1)) as cloud:
    sys.stdout.write(cloud.url + "\\n")
    sys.stdout.flush()
    sys.stdin.read()
"""


@contextlib.contextmanager
def another_process(folder, code=SERVER):
    """A cloud in a process of its own, and the process."""
    process = subprocess.Popen(
        [sys.executable, "-c", code, str(folder)], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
    )

    class There:
        url, user_id, token = process.stdout.readline().strip(), "1", "practice"

    try:
        yield Asker(There), process
    finally:
        process.kill()
        process.wait()
        process.stdin.close()
        process.stdout.close()


def test_after_a_kill_nothing_is_lost_and_every_job_runs_once(tmp_path):
    with another_process(tmp_path / "store") as (ask, process):
        number = ask.project("Kept")
        ask.end(number, ask.begin(number, "before"))
        ask.good("files/update", projectId=number, name="main.py", content=SLOW)
        build = ask.build(number)["compileId"]
        running, waiting = (ask.begin(number, name, build) for name in ("running", "waiting"))
        search = ask.good(
            "optimizations/create", projectId=number, name="search", target=SHARPE, targetTo="max", strategy=GRID, compileId=build,
            parameters=[{"key": "days", "min": 5, "max": 10, "step": 5}], estimatedCost=0.02, nodeType="O2-8", parallelNodes=1,
        )["optimizations"][0]["optimizationId"]  # fmt: skip
        ask.until("backtests/read", lambda told: told["backtest"]["progress"] > 0.1, projectId=number, backtestId=running)
        process.send_signal(signal.SIGKILL)
        process.wait()
    with FakeCloud(tmp_path / "store", settings=Settings(workers=1)) as cloud:
        ask = Asker(cloud)
        assert ask.good("files/read", projectId=number)["files"][0]["content"] == SLOW
        for one in (running, waiting):
            assert ask.end(number, one)["error"] is None
        done = ask.until("optimizations/read", lambda told: told["optimization"]["status"] == "completed", optimizationId=search)
        names = Counter(one["name"] for one in ask.good("backtests/list", projectId=number)["backtests"])
        assert names == {"before": 1, "running": 1, "waiting": 1}
        assert len(done["optimization"]["backtests"]) == 2
        movements = ask.good("organizations/read")["organization"]["credit"]["movements"]
        assert [float(one["amount"]) for one in movements] == [-2.0, 10_000.0]
        assert ask.project("Next") == number + 1
    assert not list((tmp_path / "store" / "work").glob("*"))
    with contextlib.closing(Store(tmp_path / "store")) as store:
        begun = {one.name: one.begun for one in store.backtests.find(optimization="")}
        assert begun["before"] == 1
        assert begun["running"] == 2
        assert {one.state for one in store.backtests.find()} == {"done"}


def test_a_cloud_that_ends_ends_its_workers(tmp_path):
    with another_process(tmp_path / "store") as (ask, process):
        number = ask.project("Orphan", SLOW)
        backtest = ask.begin(number)
        ask.until("backtests/read", lambda told: told["backtest"]["progress"] > 0, projectId=number, backtestId=backtest)
        children = subprocess.run(["ps", "-o", "pid=", "--ppid", str(process.pid)], capture_output=True, text=True).stdout.split()
        assert len(children) == 1
        process.kill()
        process.wait()
    for _ in range(500):
        if not os.path.exists(f"/proc/{children[0]}"):
            return
        time.sleep(0.02)
    raise AssertionError("the worker goes on without its cloud")


def test_serving_goes_on_until_it_is_interrupted(tmp_path):
    code = SERVER.partition("with ")[0] + (
        "import signal\nsignal.signal(signal.SIGINT, signal.default_int_handler)\n"  # ignored in what a shell runs behind
        "cloud = FakeCloud(sys.argv[1]).start()\nsys.stdout.write(cloud.url + '\\n')\nsys.stdout.flush()\n"
        "try:\n    cloud.serve_forever()\nexcept KeyboardInterrupt:\n    sys.exit(7)\n"
    )
    with another_process(tmp_path, code) as (ask, process):
        assert ask.good("authenticate")
        process.send_signal(signal.SIGINT)
        assert process.wait(60) == 7
    FakeCloud(tmp_path).start().close()


def test_what_came_can_be_seen_after_the_end(tmp_path):
    cloud = FakeCloud(tmp_path)
    assert (cloud.calls, cloud.unexpected) == ([], [])
    with pytest.raises(ParameterError, match="one that serves"):
        assert cloud.url
    with cloud:
        assert cloud.start() is cloud
        Asker(cloud)("nonsense")
    assert [one.endpoint for one in cloud.calls] == ["nonsense"]
    assert len(cloud.unexpected) == 1


def test_many_clients_at_once_disturb_nobody(ask):
    with ThreadPoolExecutor(20) as clients:
        made = list(clients.map(lambda place: ask.good("projects/create", name=f"Crowd {place % 7}", language="Py"), range(60)))
    told = [one["projects"][0] for one in made]
    assert len({one["projectId"] for one in told}) == len({one["name"] for one in told}) == 60


def test_a_folder_belongs_to_one_cloud(tmp_path):
    with FakeCloud(tmp_path), pytest.raises(ParameterError, match="a folder that no other server uses"):
        FakeCloud(tmp_path).start()
    with FakeCloud(tmp_path) as cloud:
        assert Asker(cloud).good("authenticate")


def test_a_port_belongs_to_one_cloud(tmp_path):
    with FakeCloud(tmp_path / "a") as cloud:
        port = int(cloud.url.split(":")[2].split("/")[0])
        with pytest.raises(ParameterError, match="a port of this machine that is free"):
            FakeCloud(tmp_path / "b", port=port).start()
    with FakeCloud(tmp_path / "b", port=port) as cloud:
        assert f":{port}/" in cloud.url


@pytest.mark.parametrize(
    ("options", "error"),
    [
        ({"data": "no_such_set"}, UnknownDataError),
        ({"user_id": "me"}, ParameterError),
        ({"token": ""}, ParameterError),
        ({"nodes": {"gpu": 1}}, ParameterError),
        ({"pool": Pool(1, "synthetic", "log")}, ParameterError),
    ],
)
def test_what_cannot_be_served_is_refused_before_anything_is_written(tmp_path, options, error):
    with pytest.raises(error):
        FakeCloud(tmp_path / "store", **options)
    assert not (tmp_path / "store").exists()


@pytest.mark.parametrize(
    "options", [{"when_full": "wait"}, {"statistics_as": "list"}, {"refuse_with": "x"}, {"workers": 0}, {"speed": 0.0}]
)
def test_settings_that_cannot_be_are_refused(options):
    with pytest.raises(ParameterError):
        Settings(**options)


def test_a_change_is_kept_as_a_whole_or_not_at_all(tmp_path):
    with contextlib.closing(Store(tmp_path)) as store:
        with contextlib.suppress(ZeroDivisionError), store.changing():
            store.projects.put(Project(1, "a", "Py", 0.0, 0.0))
            raise ZeroDivisionError
        assert store.projects.count() == 0
        with store.changing():
            store.projects.put(Project(1, "a", "Py", 0.0, 0.0, parameters={"x": "1"}, libraries=[2]))
            store.projects.put(Project(2, "b", "Py", 0.0, 0.0))
            store.projects.put(Project(1, "c", "Py", 0.0, 0.0, parameters={"x": "2"}))
        assert [(one.id, one.name, one.parameters) for one in store.projects.find()] == [(1, "c", {"x": "2"}), (2, "b", {})]
        assert [one.id for one in store.projects.find(newest_first=True, most=1)] == [2]


def test_the_ledger_adds_up(tmp_path):
    from hidden_regime.cloud.fake import ledger

    with contextlib.closing(Store(tmp_path)) as store, store.changing():
        ledger.begin(store, 0.0, 100.0)
        ledger.book(store, 1.0, -0.1, "a", "debit", "x")
        ledger.book(store, 2.0, -0.2, "b", "debit", "x")
        ledger.begin(store, 3.0, 500.0)
        assert ledger.balance(store) == 99.7
        assert [one.balance for one in store.movements.find()] == [100.0, 99.9, 99.7]
        assert isinstance(store.movements.get(2), Movement)


def test_a_store_of_another_version_is_refused(tmp_path):
    import sqlite3

    with contextlib.closing(sqlite3.connect(tmp_path / "cloud.sqlite")) as connection:
        connection.execute("PRAGMA user_version = 99")
        connection.commit()
    with pytest.raises(ParameterError, match="This is of version 99"):
        Store(tmp_path)


def test_a_request_that_is_cut_off_is_none(tmp_path):
    import socket
    from urllib.parse import urlsplit

    with FakeCloud(tmp_path) as cloud:
        address = urlsplit(cloud.url)
        with socket.create_connection((address.hostname, address.port)) as line:
            line.sendall(b"POST /api/v2/projects/create HTTP/1.1\r\nHost: x\r\nContent-Length: 400\r\n\r\n{}")
            line.shutdown(socket.SHUT_WR)
            assert line.recv(100) == b""
        assert cloud.calls == [] and cloud.unexpected == []
