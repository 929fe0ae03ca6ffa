"""The embedded engine against answers of the real LEAN engine."""

from __future__ import annotations

import copy
import json
import subprocess
import sys
import threading
from pathlib import Path

import pytest

from hidden_regime.data import LeanFolder
from hidden_regime.exceptions import DataError
from hidden_regime.simulator import result, run_file
from hidden_regime.simulator.comparison import check, differences, facts_of_folder, facts_of_run, read_case
from tests.conftest import CASES

EXPECTED = sorted((CASES / "expected").glob("*.json.xz"))
SHARED = Path(__file__).parents[3] / "shared" / "lean_reference"


def case(name: str) -> Path:
    return CASES / "expected" / f"{name}.json.xz"


@pytest.mark.filterwarnings("ignore::hidden_regime.exceptions.SeveralAlgorithmsWarning")  # one case asks about classes
@pytest.mark.parametrize("path", EXPECTED, ids=lambda p: p.name.removesuffix(".json.xz"))
def test_the_engine_answers_like_lean(path, reference_market, monkeypatch, recorded_regimes):
    # One case counts its threads; those that earlier tests left in this process aren't its own.
    count, others = threading.active_count, threading.active_count() - 1
    monkeypatch.setattr(threading, "active_count", lambda: count() - others)
    found = check(path, reference_market)
    for _ in range(9 if path.name.startswith("r12_inheritance") else 0):
        if found.equal:  # the pool of that case starts its second thread only if the first is still busy
            break
        found = check(path, reference_market)
    assert found.equal, "\n".join(found.differences)


def test_there_are_all_the_cases():
    assert len(EXPECTED) == 130


def test_prices_are_leans_to_the_last_bit(reference_market):
    """Bars, history and frames by `repr` and by digest, which the comparison's tolerance can't tell apart."""
    found = check(case("a20_digits"), reference_market)
    assert sum(" values " in line for line in found.lean["log"]) == 9
    assert found.ours["log"] == found.lean["log"]


def test_the_comparison_sees_a_single_cent_and_a_single_share(reference_market):
    lean = read_case(case("r03_long_short_flips"))
    ours = copy.deepcopy(lean)
    assert differences(lean, ours) == []
    ours["equity"][500][1] += 0.01
    ours["orders"][0]["quantity"] += 1
    ours["log"][7] = ours["log"][7].replace("2008", "2009", 1)
    ours["statistics"]["Sharpe Ratio"] = "9"
    del ours["order_events"][-1]
    found = differences(lean, ours)
    assert [line.replace(":", "[").split("[")[0] for line in found] == ["orders", "order_events", "equity", "log", "statistics"]
    assert "quantity: LEAN" in found[0] and "id 1" in found[0]


def test_two_runs_write_the_same_bytes_in_one_process_and_in_two(tmp_path):
    script = (
        "import sys; from hidden_regime.data import LeanFolder; from hidden_regime.simulator import result, run_file; "
        "from pathlib import Path; r = run_file(sys.argv[1], LeanFolder(sys.argv[2], synthetic=True), parameters={'seed': '3'}); "
        "result.write(r, Path(sys.argv[3]), 'f01')"
    )
    path = CASES / "algorithms" / "f01_random_trader.py"
    for folder in ("a", "b"):
        run = run_file(path, LeanFolder(CASES / "data", synthetic=True), parameters={"seed": "3"})
        result.write(run, tmp_path / folder, "f01")
    subprocess.run([sys.executable, "-c", script, path, CASES / "data", tmp_path / "c"], check=True)
    for file in sorted((tmp_path / "a").iterdir()):
        assert file.read_bytes() == (tmp_path / "b" / file.name).read_bytes() == (tmp_path / "c" / file.name).read_bytes()


def test_a_folder_of_results_holds_the_facts_of_its_run(tmp_path, reference_market):
    run = run_file(CASES / "algorithms" / "r09_object_store_and_train.py", reference_market)
    result.write(run, tmp_path, "r09_object_store_and_train")
    assert facts_of_folder(tmp_path) == facts_of_run(run, "r09_object_store_and_train")
    found = check(tmp_path, reference_market, strategy=CASES / "algorithms" / "r09_object_store_and_train.py")
    assert found.equal


@pytest.mark.skipif(not SHARED.exists(), reason="needs the reference answers in ../shared, which a clone doesn't have")
def test_the_reference_comparison_agrees_with_ours(tmp_path, reference_market):
    for name in ("r14_tickets_and_expiry", "r24_failing_order", "f01_random_hour_2"):
        lean = json.loads((SHARED / "expected" / f"{name}.json").read_text())
        algorithm = SHARED / "algorithms" / lean["algorithm"]
        run = run_file(algorithm, LeanFolder(SHARED / "data", synthetic=True), parameters=lean["parameters"])
        folder = tmp_path / name
        result.write(run, folder, algorithm.stem)
        got = tmp_path / f"{name}.json"
        parameters = [f"{k}={v}" for k, v in lean["parameters"].items()]
        subprocess.run([sys.executable, SHARED / "collect.py", folder, name, got, *parameters], check=True)
        answer = subprocess.run(
            [sys.executable, SHARED / "compare.py", SHARED / "expected" / f"{name}.json", got],
            capture_output=True,
            text=True,
            check=False,
        )
        assert answer.stdout.strip() == "equal"


@pytest.mark.parametrize("part", ["parameters", "status", "statistics", "order_events", "charts", "log"])
def test_a_case_without_a_part_is_none(tmp_path, part):
    found = read_case(case("r24_failing_quit"))
    path = tmp_path / "case.json"
    for broken in ({k: v for k, v in found.items() if k != part}, found | {part: 5}):
        path.write_text(json.dumps(broken))
        with pytest.raises(DataError, match=f"it lacks {part}"):
            read_case(path)


def test_a_point_of_a_chart_is_shown_by_its_number():
    lean = read_case(case("r09_object_store_and_train"))
    ours = copy.deepcopy(lean)
    chart = next(name for name in ours["charts"] if ours["charts"][name])
    series = next(iter(ours["charts"][chart]))
    ours["charts"][chart][series][-1][1] += 1
    last = len(ours["charts"][chart][series]) - 1
    assert [d.split("\n")[0] for d in differences(lean, ours)] == [f"chart {chart!r}, series {series!r}, point {last}"]
    ours = copy.deepcopy(lean)
    ours["log"][3] = "x" * 1000 + "y"
    lean["log"][3] = "x" * 1000 + "z"
    assert differences(lean, ours)[0].endswith("xxy")
