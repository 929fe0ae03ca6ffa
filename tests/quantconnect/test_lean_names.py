"""What `_lean.py` takes from LEAN, from the embedded engine and for the type checker are the same things."""

from __future__ import annotations

import ast
import subprocess
import sys
from pathlib import Path

from hidden_regime.quantconnect import _lean

BOTH_WAYS = """
import importlib, sys
from hidden_regime.simulator.imports import offered

name = "hidden_regime.quantconnect._lean"
sys.modules["AlgorithmImports"] = None
without = importlib.import_module(name)
del sys.modules["AlgorithmImports"], sys.modules[name]
with offered():
    within = importlib.import_module(name)
assert without is not within
names = [one for one in without.__all__ if one not in ("IN_LEAN", "PRIVATE")]
print(len(names), [one for one in names if getattr(without, one) is not getattr(within, one)], without.IN_LEAN, within.IN_LEAN)
"""


def imported(body):
    """Module and name of each name that a list of statements imports."""
    found = [node for node in body if isinstance(node, ast.ImportFrom)]
    return {alias.asname or alias.name: (node.module, alias.name) for node in found for alias in node.names}


def test_each_name_is_in_all_three_lists():
    tree = ast.parse(Path(_lean.__file__).read_text())
    (parts,) = [node for node in tree.body if isinstance(node, ast.If)]
    (attempt,) = [node for node in parts.orelse if isinstance(node, ast.Try)]
    typed, engine = imported(parts.body), imported(attempt.handlers[0].body)
    lean = imported(attempt.body)
    assert typed == engine
    assert {name: ("AlgorithmImports", name) for name in typed} == lean
    assert {*typed, "IN_LEAN", "PRIVATE"} == set(_lean.__all__)


def test_each_name_is_the_same_with_and_without_algorithm_imports():
    """A fallback that was another class than LEAN's would show where AlgorithmImports isn't, and nowhere else."""
    done = subprocess.run([sys.executable, "-c", BOTH_WAYS], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == f"{len(_lean.__all__) - 2} [] False False"
