"""What the stand-in says of itself, wherever LEAN would stand."""

from __future__ import annotations

WHAT = "embedded engine of hidden-regime: no LEAN runs"
IMAGE = "hidden-regime/no-lean:latest"
LEAN_IMAGE = "quantconnect/lean:latest"
"""The name under which lean-cli looks for LEAN; the stand-in answers to it too."""
LABEL = "hidden-regime.engine"
