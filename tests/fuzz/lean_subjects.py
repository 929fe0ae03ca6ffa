"""Readers of what LEAN and QuantConnect's cloud leave: folders, replies, and what a folder and its cloud project had in common."""

from __future__ import annotations

import io
import json
import zipfile
from collections.abc import Mapping
from datetime import date, datetime
from functools import cache
from pathlib import Path
from tempfile import TemporaryDirectory

from hidden_regime.cloud import Budget
from hidden_regime.cloud.envelope import read_reply
from hidden_regime.cloud.records.account import Account, Credit, Nodes
from hidden_regime.cloud.records.backtests import Backtest
from hidden_regime.cloud.records.charts import Chart
from hidden_regime.cloud.records.live import Deployment, Portfolio
from hidden_regime.cloud.records.optimizations import read_estimate, read_optimizations
from hidden_regime.cloud.records.orders import Order
from hidden_regime.cloud.records.projects import Compile, Project
from hidden_regime.cloud.sync.pushed import leans_project, read_pushed
from hidden_regime.data import LeanFolder, open_market
from hidden_regime.data.fundamental_values import FundamentalValues
from hidden_regime.data.universe_files import UniverseFiles
from hidden_regime.local_lean.folders import find_backtests, read_backtest
from hidden_regime.local_lean.optimizations import read_optimization
from hidden_regime.local_lean.results import backtest_tables, optimization_study
from hidden_regime.simulator import result, run_file
from hidden_regime.simulator.globals import Globals
from hidden_regime.simulator.models.shortable import LocalDiskShortableProvider
from tests.local_lean.optimization_folder import write_optimization
from tests.local_lean.strategies import CROSS

ID = "1812054491"
RECORDS = (Account, Credit, Nodes, Backtest, Chart, Deployment, Portfolio, Order, Compile, Project)


def _files(folder: Path) -> dict[str, bytes]:
    return {path.relative_to(folder).as_posix(): path.read_bytes() for path in sorted(folder.rglob("*")) if path.is_file()}


@cache
def backtests() -> Mapping[str, bytes]:
    """A folder as `lean backtest` leaves it."""
    with TemporaryDirectory() as name:
        folder = Path(name)
        (folder / "main.py").write_text(CROSS.replace("SPY", "SP500").replace("2010", "2005"), encoding="utf-8")
        run = run_file(folder / "main.py", open_market("us_stocks"))
        (folder / "main.py").unlink()
        result.write(run, folder, ID)
        config = {"id": int(ID), "container": "lean_cli_0", "backtest-name": "mine"}
        (folder / "config").write_text(json.dumps(config), encoding="utf-8")
        (folder / "log.txt").write_text("2026-08-22T10:00:00.1Z ERROR:: Engine.Run(): no such file\n", encoding="utf-8")
        return {f"own/{name}": content for name, content in _files(folder).items()}


def read_backtests(folder: Path, name: str) -> None:
    """Found, read, and made into tables."""
    del name
    find_backtests(folder)
    backtest_tables(read_backtest(folder / "own"), "mine")


def lists() -> Mapping[str, bytes]:
    """What a data folder says of a whole market: coarse files, lists, values, what can be sold short, and ticks."""
    usa, out = "equity/usa", {}
    for kind, line in (("trade", "34200007,1000000,5,Q,2000,0"), ("quote", "34200001,999900,100,1000000,100,Z,1,0")):
        packed = io.BytesIO()
        with zipfile.ZipFile(packed, "w") as archive:
            archive.writestr(f"20140106_spy_{kind.title()}_Tick.csv", f"{line}\n" * 5)
        out[f"{usa}/tick/spy/20140106_{kind}.zip"] = packed.getvalue()
    return out | {
        f"{usa}/fundamental/coarse/20140106.csv": b"AAA R1,AAA,12.5,100,1250,True,0.5,0.25\nBBB R2,BBB,2,7,14\n",
        f"{usa}/fundamental/values.csv": b"# mine\n20140102,AAA,valuation_ratios.pe_ratio,10\n20140106,AAA,a.b,true\n",
        f"{usa}/universes/etf/xyz/20140106.csv": b"AAA,AAA R1,20140103,0.25,10,\nBBB,BBB R2\n",
        f"{usa}/shortable/broker/symbols/spy.csv": b"20140106,1000,0.5,1.5\n20140107,,,\n",
    }


def read_lists(folder: Path, name: str) -> None:
    """Each of them."""
    usa, day = folder / "equity" / "usa", date(2014, 1, 6)
    files, kept = UniverseFiles(usa), Globals.data_folder
    Globals.data_folder = str(folder)
    ticks = LeanFolder(folder, synthetic=True).ticks("SPY") if name.endswith(".zip") else None
    readers = {
        "coarse": lambda: files.coarse(day),
        "values": lambda: FundamentalValues(usa / "fundamental" / "values.csv").find("AAA", "a.b", day),
        "etf": lambda: files.constituents("etf", "xyz", day),
        "shortable": lambda: LocalDiskShortableProvider("broker").fee_rate("spy", datetime(2014, 1, 6)),
        "tick": lambda: ticks and ticks.find(day),
    }
    try:
        next(read for part, read in readers.items() if part in name)()
    finally:
        Globals.data_folder = kept


@cache
def searches() -> Mapping[str, bytes]:
    """A folder as `lean optimize` leaves it."""
    with TemporaryDirectory() as name:
        return _files(write_optimization(Path(name) / "own", "grid"))


def read_searches(folder: Path, name: str) -> None:
    """Read, and made into a study."""
    del name
    optimization_study(read_optimization(folder), "mine")


def replies() -> Mapping[str, bytes]:
    """What the cloud answers."""
    statistics = {"Sharpe Ratio": "0.8", "Drawdown": "17.8 %"}
    whole = {
        "success": True, "errors": [], "organizationId": "a", "creditBalance": "12.5", "projectId": 7, "parameters": [],
        "backtest": {"backtestId": "b", "completed": True, "statistics": statistics, "totalPerformance": {"portfolioStatistics": {}}},
        "estimate": {"estimateId": "e", "time": 26}, "series": {"Equity": {"values": [[1, 2], {"x": 3, "y": None}]}},
        "optimizations": [{"optimizationId": "o", "status": "new", "runtimeStatistics": [], "backtests": {"b": {"statistics": [0.1] * 21}}}],
        "holdings": {"SPY": {"q": "3", "a": "$4.5"}}, "movements": [{"date": "2026-08-01 10:00:00", "amount": "-2"}],
    }  # fmt: skip
    return {"reply.json": json.dumps(whole).encode(), "refused.json": b'{"success": false, "errors": ["No"]}'}


def read_replies(folder: Path, name: str) -> None:
    """Read by everything that reads replies: only the envelope may refuse one."""
    content = (folder / name).read_bytes()
    if name == "refused.json" and b'"No"' in content and b"false" in content:
        return
    reply = read_reply("x", 200, {}, content)
    for record in RECORDS:
        record.read(reply)
        record.read(reply.get("backtest"))
    read_estimate(reply)
    read_optimizations(reply)


def pushed() -> Mapping[str, bytes]:
    """What a folder keeps of its cloud project."""
    told = {"host/7": {"project": 7, "files": {"main.py": "a" * 64}, "compiles": {"b" * 64: "c"}}}
    return {".qc/pushed.json": json.dumps(told).encode(), "config.json": b'{"cloud-id": 7, "parameters": {}}'}


def read_state(folder: Path, name: str) -> None:
    """Read what is known of a project."""
    del name
    read_pushed(folder, "host/7")
    leans_project(folder)


@cache
def ledgers() -> Mapping[str, bytes]:
    """A ledger of costs."""
    with TemporaryDirectory() as name:
        path = Path(name) / "budget.sqlite"
        budget = Budget("host/7", path, clock=lambda: 1_767_268_800.0)
        for limit in ("job", "day", "month"):
            budget.set(limit, 50, source="the test")
        budget.book(budget.reserve("optimization", 20, "mine #0a1b2c3d"), 12)
        return {"budget.sqlite": path.read_bytes()}


def read_ledger(folder: Path, name: str) -> None:
    """Everything that is asked of one."""
    budget = Budget("host/7", folder / name, clock=lambda: 1_767_268_800.0)
    budget.limits()
    budget.entries()
    budget.spent("month")
    budget.reserve("optimization", 20, "other #0a1b2c3d")
