"""A workspace of lean-cli's, lean-cli itself where it is installed, and Docker's stand-in."""

from __future__ import annotations

import os
import tempfile
from pathlib import Path

import pytest

from hidden_regime.local_lean import LeanCli, StubDocker, make_workspace
from tests.conftest import CASES

PYTHON = "HIDDEN_REGIME_LEAN_CLI"
"""Names the Python of an environment in which lean-cli is installed."""
NOWHERE = "http://127.0.0.1:9"
"""Nobody listens there: lean-cli fetches nothing in a test."""


@pytest.fixture
def workspace(tmp_path):
    return make_workspace(tmp_path / "work", CASES / "data")


@pytest.fixture
def docker():
    """The stand-in, on a socket whose path is short enough."""
    with tempfile.TemporaryDirectory(prefix="hr") as folder, StubDocker(Path(folder) / "d.sock") as docker:
        yield docker


@pytest.fixture
def lean(workspace, docker, tmp_path):
    """lean-cli, unchanged, with a home of its own, whose Docker is the stand-in."""
    environment = {**os.environ, "DOCKER_HOST": docker.host, "HTTPS_PROXY": NOWHERE, "https_proxy": NOWHERE}
    return LeanCli(installed_lean(), workspace=workspace, home=tmp_path / "home", environment=environment)


def installed_lean():
    python = os.environ.get(PYTHON)
    if not python:
        pytest.skip(f"{PYTHON} names no Python with lean-cli (pip install lean, in an environment of its own)")
    return Path(python).parent / "lean"
