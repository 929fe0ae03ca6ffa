"""Reads a strategy without running it: what real LEAN would refuse, or get wrong without a word."""

from hidden_regime.simulator.static.check import check_file
from hidden_regime.simulator.static.findings import Finding

__all__ = ["Finding", "check_file"]
