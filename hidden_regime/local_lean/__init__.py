"""LEAN on this machine: its command line driven and its results read, and a stand-in for Docker in which no LEAN runs."""

from __future__ import annotations

from typing import TYPE_CHECKING

from hidden_regime.lazily import lazily

if TYPE_CHECKING:
    from hidden_regime.local_lean.errors import DockerMissing, LeanCliMissing, LeanError, LeanFailed, LeanResultsError
    from hidden_regime.local_lean.finding import LeanCli
    from hidden_regime.local_lean.folders import Found, LeanRun, find_backtests, read_backtest
    from hidden_regime.local_lean.no_lean.stub import StubDocker
    from hidden_regime.local_lean.optimizations import read_optimization
    from hidden_regime.local_lean.running import run_backtest, run_optimization
    from hidden_regime.local_lean.trials import LeanOptimization, LeanTrial
    from hidden_regime.local_lean.workspace import make_workspace

_HOMES = {
    "DockerMissing": "hidden_regime.local_lean.errors",
    "Found": "hidden_regime.local_lean.folders",
    "LeanCli": "hidden_regime.local_lean.finding",
    "LeanCliMissing": "hidden_regime.local_lean.errors",
    "LeanError": "hidden_regime.local_lean.errors",
    "LeanFailed": "hidden_regime.local_lean.errors",
    "LeanOptimization": "hidden_regime.local_lean.trials",
    "LeanResultsError": "hidden_regime.local_lean.errors",
    "LeanRun": "hidden_regime.local_lean.folders",
    "LeanTrial": "hidden_regime.local_lean.trials",
    "StubDocker": "hidden_regime.local_lean.no_lean.stub",
    "find_backtests": "hidden_regime.local_lean.folders",
    "make_workspace": "hidden_regime.local_lean.workspace",
    "read_backtest": "hidden_regime.local_lean.folders",
    "read_optimization": "hidden_regime.local_lean.optimizations",
    "run_backtest": "hidden_regime.local_lean.running",
    "run_optimization": "hidden_regime.local_lean.running",
}

__getattr__ = lazily(__name__, _HOMES)

__all__ = [
    "DockerMissing",
    "Found",
    "LeanCli",
    "LeanCliMissing",
    "LeanError",
    "LeanFailed",
    "LeanOptimization",
    "LeanResultsError",
    "LeanRun",
    "LeanTrial",
    "StubDocker",
    "find_backtests",
    "make_workspace",
    "read_backtest",
    "read_optimization",
    "run_backtest",
    "run_optimization",
]
