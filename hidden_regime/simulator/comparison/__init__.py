"""A run of the embedded engine against what LEAN answered."""

from hidden_regime.simulator.comparison.check import Check, check
from hidden_regime.simulator.comparison.differences import differences
from hidden_regime.simulator.comparison.facts import cases_in, facts_of_folder, facts_of_run, read_case, results_in

__all__ = ["Check", "cases_in", "check", "differences", "facts_of_folder", "facts_of_run", "read_case", "results_in"]
