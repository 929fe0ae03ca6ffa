"""The embedded engine against answers of the real LEAN engine."""

from __future__ import annotations

import gzip
import json
from pathlib import Path

import pytest

from hidden_regime.data import LeanFolder
from hidden_regime.simulator import result, run_file
from tests.conftest import CASES
from tests.simulator.lean_compare import collect, differences

EXPECTED = sorted((CASES / "expected").glob("*.json.gz"))


def load(path: Path) -> dict:
    return json.loads(gzip.decompress(path.read_bytes()))


@pytest.mark.parametrize("path", EXPECTED, ids=lambda p: p.name.removesuffix(".json.gz"))
def test_the_engine_answers_like_lean(path, tmp_path, reference_market):
    expected = load(path)
    algorithm = CASES / "algorithms" / expected["algorithm"]
    run = run_file(algorithm, reference_market, parameters=expected["parameters"])
    result.write(run, tmp_path, algorithm.stem)
    assert not (found := differences(expected, collect(tmp_path, algorithm.stem))), "\n".join(found)


def test_the_comparison_sees_a_single_cent(tmp_path, reference_market):
    expected = load(EXPECTED[0])
    algorithm = CASES / "algorithms" / expected["algorithm"]
    result.write(run_file(algorithm, reference_market), tmp_path, algorithm.stem)
    got = collect(tmp_path, algorithm.stem)
    got["equity"][500][1] += 0.01
    got["orders"][0]["quantity"] += 1
    assert [line.split("[")[0] for line in differences(expected, got)] == ["orders", "equity"]


def test_two_runs_write_the_same_bytes(tmp_path):
    for folder in ("a", "b"):
        market = LeanFolder(CASES / "data", synthetic=True)
        run = run_file(CASES / "algorithms" / "r03_long_short_flips.py", market)
        result.write(run, tmp_path / folder, "r03")
    for path in sorted((tmp_path / "a").iterdir()):
        assert path.read_bytes() == (tmp_path / "b" / path.name).read_bytes()
