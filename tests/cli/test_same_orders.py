"""One strategy over one folder of data: here, in local LEAN's folders and in the cloud, it sends the same orders."""

from __future__ import annotations

import json
import tempfile
from pathlib import Path

from typer.testing import CliRunner

from hidden_regime.cli.main import app
from hidden_regime.cloud.fake import FakeCloud, Settings
from hidden_regime.cloud.fake.quirks import Quirks
from hidden_regime.local_lean import StubDocker
from tests.conftest import CASES
from tests.local_lean.no_lean.test_stub import ask, container

DATA = CASES / "data"


def call(*arguments):
    done = CliRunner().invoke(app, [*map(str, arguments)])
    assert done.exception is None or isinstance(done.exception, SystemExit), done.exception
    return done


def test_the_engine_local_lean_and_the_cloud_send_the_same_orders(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("HIDDEN_REGIME_STATE", str(tmp_path / "state"))
    quirks = Quirks(late_figures=0, loading=frozenset(), building=False)  # the client's pauses are real ones here
    with tempfile.TemporaryDirectory(prefix="hr") as place, StubDocker(Path(place) / "d.sock") as docker:
        identity, left = container(docker, tmp_path, parameters={"fast": "4"})
        assert ask(docker, "POST", f"/containers/{identity}/start")[0] == 204
        with FakeCloud(tmp_path / "cloud", data=DATA, quirks=quirks, settings=Settings(workers=1)) as cloud:
            for name, value in (("QC_API_URL", cloud.url), ("QC_USER_ID", "1"), ("QC_API_TOKEN", "practice")):
                monkeypatch.setenv(name, value)
            assert call("qc", "backtest", "Cross", "-p", "fast=4", "--out", "in-cloud").exit_code == 0
            assert cloud.unexpected == []
        ask(docker, "POST", f"/containers/{identity}/wait")
    assert call("lean", "results", left, "--out", "in-lean").exit_code == 0
    done = call("compare", "--orders", "in-lean", "in-cloud", "Cross", "--data", DATA, "-p", "fast=4", "--json")
    assert done.exit_code == 0, done.output
    told = json.loads(done.stdout)
    assert [one["equal"] for one in told] == [True, True] and len(told) == 2
    orders = (tmp_path / "in-lean" / "orders.csv").read_text()
    assert orders == (tmp_path / "in-cloud" / "orders.csv").read_text() and len(orders.splitlines()) > 4
    assert call("compare", "--orders", "in-lean", "Cross", "--data", DATA, "-p", "fast=3").exit_code == 1


def test_a_day_that_is_none_and_a_run_alone_are_told():
    done = call("compare", "--orders", "a", "b", "--start", "tomorrow")
    assert done.exit_code == 2 and "error: --start = 'tomorrow': expected a date" in done.output
    assert "at least two" in call("compare", "--orders", "a").output
