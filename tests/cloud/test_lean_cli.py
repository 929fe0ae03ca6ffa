"""A day of the unmodified lean-cli on the practice cloud: what it sends is understood, and what it shows is the engine's."""

from __future__ import annotations

import json
import re
from pathlib import Path

import pytest

from hidden_regime.cloud.fake import FakeCloud, Settings
from tests.cloud import lean_commands
from tests.cloud.fake.asking import STRATEGY, Asker
from tests.cloud.fake.oracle import direct, fills
from tests.cloud.lean_commands import Lean

pytestmark = pytest.mark.skipif(
    lean_commands.version() != lean_commands.VERSION,
    reason=f"HIDDEN_REGIME_LEAN_CLI must name the Python of an environment with lean {lean_commands.VERSION}",
)
HOLDING = STRATEGY.replace("        self.set_end_date(2012, 4, 30)\n", "").replace("self.liquidate()", "self.log('below')")
"""Buys once and keeps it, so that whenever lean-cli liquidates there is something to sell."""
NODE = ["--node", "L-MICRO node 1", "--auto-restart", "no", "--notify-order-events", "no", "--notify-insights", "no"]


@pytest.fixture
def cloud(tmp_path):
    with FakeCloud(tmp_path / "cloud", settings=Settings(workers=2, speed=40 * 86_400.0)) as cloud:
        yield cloud


@pytest.fixture
def lean(cloud, tmp_path):
    (tmp_path / "code").mkdir()
    return Lean(lean_commands.copied(tmp_path / "code"), cloud.url, tmp_path / "home", cloud.account.organization)


def project_in(workspace: Path) -> Path:
    """A project as `lean project-create` leaves it."""
    folder = workspace / "Crossing"
    folder.mkdir()
    (folder / "main.py").write_text(STRATEGY, encoding="utf-8")
    (folder / "helper.py").write_text("SHARE = 0.9\n", encoding="utf-8")
    (folder / "config.json").write_text(
        json.dumps({"algorithm-language": "Python", "parameters": {"days": "12"}, "description": "of mine"})
    )
    return folder


def figures(said: str) -> dict[str, str]:
    """The table of statistics that lean-cli draws."""
    rows = [[cell.strip() for cell in line.split("│")[1:-1]] for line in said.splitlines() if line.startswith("│")]
    return {name: value for row in rows for name, value in (row[:2], row[2:])}


def test_a_day_of_lean_cli(lean, cloud, tmp_path):
    ask = Asker(cloud)
    here, there = lean.workspace("here"), lean.workspace("there")
    assert "Successfully logged in" in lean.run(here, "login", "--user-id", "1", "--api-token", "practice")
    assert "You are logged in as Practice (practice@example.com)" in lean.run(here, "whoami")
    lean.run(here, "config", "set", "database-update-frequency", "-")

    # Push, change and push again, pull into another folder.
    folder = project_in(here)
    assert "Successfully created cloud project 'Crossing'" in lean.run(here, "cloud", "push", "--project", "Crossing")
    number = json.loads((folder / "config.json").read_text())["cloud-id"]
    (folder / "helper.py").unlink()
    (folder / "lib").mkdir()
    (folder / "lib" / "more.py").write_text("# äöü\nSHARE = 0.9\n", encoding="utf-8")
    lean.run(here, "cloud", "push", "--project", "Crossing")
    assert "Successfully pulled 'Crossing/lib/more.py'" in lean.run(there, "cloud", "pull", "--project", "Crossing")
    for name in ("main.py", "lib/more.py"):
        assert (there / "Crossing" / name).read_bytes() == (folder / name).read_bytes()
    assert not (there / "Crossing" / "helper.py").exists()
    pulled = json.loads((there / "Crossing" / "config.json").read_text())
    assert (pulled["cloud-id"], pulled["parameters"], pulled["description"]) == (number, {"days": "12"}, "of mine")

    # A backtest: its figures and orders are those of a run here.
    said = lean.run(here, "cloud", "backtest", "Crossing", "--name", "first")
    right = direct(tmp_path / "right", STRATEGY, {"days": "12"})
    shown = figures(said)
    assert right["statistics"].items() <= shown.items()
    assert len(right["statistics"]) >= 25
    backtest = re.search(r"Backtest id: (\w+)", said)[1]
    told = ask.good("backtests/orders/read", projectId=number, backtestId=backtest, start=0, end=99)
    assert fills(told["orders"]) == fills(right["orders"].values())

    # An optimisation: the best is what a loop here finds best.
    said = lean.run(
        here, "cloud", "optimize", "Crossing", "--name", "search", "--target", "Sharpe Ratio", "--target-direction", "max",
        "--parameter", "days", "5", "15", "5", "--constraint", "Drawdown < 50", "--node", "O2-8", "--parallel-nodes", "2",
    )  # fmt: skip
    sharpes = {days: direct(tmp_path / f"{days}", STRATEGY, {"days": f"{days}"}) for days in (5, 10, 15)}
    best = max(sharpes, key=lambda days: float(sharpes[days]["totalPerformance"]["portfolioStatistics"]["sharpeRatio"]))
    assert "Estimated number of backtests: 3" in said
    assert "Estimated batch cost: $0.02" in said
    assert f"Optimal parameters: days: {best}" in said
    assert sharpes[best]["statistics"].items() <= figures(said).items()

    # Objects.
    (here / "blob").write_bytes(bytes(range(256)) + b"\r\n--")
    lean.run(here, "cloud", "object-store", "set", "mine/blob", "blob")
    assert "mine" in lean.run(here, "cloud", "object-store", "list")
    assert "/mine/blob" in lean.run(here, "cloud", "object-store", "list", "mine")
    assert "260" in lean.run(here, "cloud", "object-store", "properties", "mine/blob")
    lean.run(here, "cloud", "object-store", "get", "mine/blob", "--destination-folder", "got")
    assert (here / "got" / "mine" / "blob").read_bytes() == (here / "blob").read_bytes()
    lean.run(here, "cloud", "object-store", "delete", "mine/blob")
    assert "No objects found" in lean.run(here, "cloud", "object-store", "list", "mine")

    # Live on paper, stopped, deployed once more, and liquidated.
    (folder / "main.py").write_text(HOLDING, encoding="utf-8")
    deploy = [
        "cloud",
        "live",
        "deploy",
        "Crossing",
        "--brokerage",
        "Paper Trading",
        "--data-provider-live",
        "QuantConnect",
        *NODE,
    ]
    assert "Not deployed" not in lean.run(here, *deploy, "--push", "--live-cash-balance", "USD:50000")
    ask.until("live/read", lambda told: told["status"] == "Running", projectId=number)
    assert "Live status: Running" in lean.run(here, "cloud", "status", "Crossing")
    lean.run(here, "cloud", "live", "command", "Crossing", "--data", "{'word': 'sell'}")
    lean.run(here, "cloud", "live", "stop", "Crossing")
    said = lean.run(here, "cloud", "status", "Crossing")
    assert "Live status: Stopped" in said
    assert "Brokerage: Paper Trading" in said
    ask.until("live/portfolio/read", lambda told: told["portfolio"]["cash"]["USD"]["amount"] != 50_000, projectId=number)
    lean.run(here, *deploy)
    ask.until("live/portfolio/read", lambda told: told["portfolio"]["holdings"], projectId=number)
    lean.run(here, "cloud", "live", "liquidate", "Crossing")
    assert "Live status: Liquidated" in lean.run(here, "cloud", "status", "Crossing")
    held = ask.until("live/portfolio/read", lambda told: told["portfolio"]["holdings"], projectId=number)["portfolio"]["holdings"]
    assert [one["q"] for one in held.values()] == [0]
    assert "No live deployment found" in lean.run(here, "cloud", "live", "stop", "Crossing", fails=True)

    assert cloud.unexpected == []
