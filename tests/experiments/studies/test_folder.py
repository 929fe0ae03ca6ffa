"""A study's files: what the schema says is in them, and a study that comes back from them."""

from __future__ import annotations

import builtins
import json

import numpy as np
import pandas as pd
import pytest

import hidden_regime
from hidden_regime.exceptions import StudyError
from hidden_regime.experiments import Objective, optimize
from hidden_regime.experiments.folders import read_table, to_json
from hidden_regime.experiments.studies.folder import read_study, study_dict, write_study
from tests.experiments.small import SCORE, market, write_strategy

TEXT, LIST, OBJECT, NUMBER, WHOLE, NOTHING, TRUTH = str, list, dict, (int, float), int, type(None), bool
TRIAL = {
    "number": WHOLE, "parameters": OBJECT, "status": TEXT, "values": (LIST, NOTHING), "violations": LIST, "feasible": TRUTH,
    "statistics": OBJECT, "error": TEXT,
}  # fmt: skip
OPTIONAL = (*NUMBER, NOTHING)
LUCK = {
    "n_tries": WHOLE, "n_effective": OPTIONAL, "n_effective_by_eigenvalues": OPTIONAL, "sharpe": OPTIONAL, "psr": OPTIONAL,
    "dsr": OPTIONAL, "dsr_effective": OPTIONAL, "dsr_eigenvalues": OPTIONAL, "luck_sharpe": OPTIONAL,
    "minimum_track_record": OPTIONAL, "minimum_backtest": OPTIONAL, "years": NUMBER, "pbo": OPTIONAL, "pbo_low": OPTIONAL,
    "pbo_high": OPTIONAL, "pbo_blocks": WHOLE, "best_minus_median": OPTIONAL, "notes": LIST,
}  # fmt: skip
QUESTION = {
    "strategy": TEXT, "method": TEXT, "space": LIST, "objectives": LIST, "constraints": LIST, "seed": WHOLE, "batch": WHOLE,
    "segments": (WHOLE, NOTHING), "parameters": OBJECT, "start": (TEXT, NOTHING), "end": (TEXT, NOTHING), "cash": OPTIONAL,
    "first": TEXT, "last": TEXT, "reads": LIST, "digests": OBJECT,
}  # fmt: skip
STUDY = {
    "schema": TEXT, "optimization_id": TEXT, "strategy": TEXT, "method": TEXT, "version": TEXT, "question": OBJECT, "ended": TEXT,
    "n_trials": WHOLE, "best_trial": (WHOLE, NOTHING), "best_params": (OBJECT, NOTHING), "best_values": (LIST, NOTHING),
    "best_metrics": (OBJECT, NOTHING), "top_10_results": LIST, "front": (LIST, NOTHING), "luck": OBJECT, "notes": LIST,
    "trials": LIST,
}  # fmt: skip
SHOWN = {"trial": WHOLE, "params": OBJECT, "values": LIST, "metrics": OBJECT}


def check(told, schema):
    """Exactly these keys, each of its type; a truth is no number."""
    assert list(told) == list(schema)
    for name, kind in schema.items():
        kinds = kind if isinstance(kind, tuple) else (kind,)
        assert isinstance(told[name], kinds), name
        assert isinstance(told[name], bool) == (bool in kinds), name


def check_study(told):
    check(told, STUDY)
    assert told["schema"] == "hidden-regime/optimization/1"
    check(told["question"], QUESTION)
    check(told["luck"], LUCK)
    assert told["n_trials"] == len(told["trials"])
    for number, trial in enumerate(told["trials"]):
        check(trial, TRIAL)
        assert trial["number"] == number
        for values in (trial["parameters"].values(), trial["statistics"].values()):
            assert all(isinstance(text, str) for text in values)
        assert all(isinstance(value, float) for value in trial["values"] or [])
        assert all(value is None or isinstance(value, float) for value in trial["violations"])
        assert trial["status"] in ("complete", "no orders", "failed")
    assert len(told["top_10_results"]) <= 10
    for shown in told["top_10_results"]:
        check(shown, SHOWN)
    assert all(isinstance(note, str) for note in told["notes"] + told["luck"]["notes"])


@pytest.fixture(scope="module")
def home(tmp_path_factory):
    return tmp_path_factory.mktemp("studies")


@pytest.fixture(scope="module")
def study(home):
    space = {"fast": "25:45:10", "word": ["none", "idle", "crash"]}
    return optimize(
        write_strategy(home),
        space,
        data=market(),
        method="grid",
        objective=SCORE,
        workers=1,
        store=home / "store",
        out=home / "out",
    )


def without_pyarrow(monkeypatch):
    real = builtins.__import__

    def imported(name, *rest, **named):
        if name.partition(".")[0] == "pyarrow":
            raise ImportError(name)
        return real(name, *rest, **named)

    monkeypatch.setattr(builtins, "__import__", imported)


def test_a_study_is_valid(home, study):
    told = json.loads((home / "out" / "study.json").read_text(encoding="utf-8"))
    check_study(told)
    assert told == json.loads(to_json(study_dict(study)))
    assert told["version"] == hidden_regime.__version__
    assert told["best_params"] == {"fast": "35", "word": "none"} == study.best_parameters
    assert told["best_metrics"]["Score"] == "99"
    assert told["best_values"] == [99.0]
    assert [shown["trial"] for shown in told["top_10_results"]] == [3, 0, 6]
    assert told["top_10_results"][0]["metrics"] == told["best_metrics"]
    assert (told["front"], told["ended"]) == (None, "all")
    assert {trial["status"] for trial in told["trials"]} == {"complete", "no orders", "failed"}


def test_of_several_objectives_there_is_a_front(home):
    study = optimize(
        home / "planted.py", {"fast": "25:45:10"}, data=market(), method="grid", objective=[SCORE, Objective("Drawdown", "min")],
        workers=1, store=home / "store")  # fmt: skip
    told = study_dict(study)
    check_study(told)
    assert told["front"] == [1]


def test_a_study_without_a_best_is_valid(tmp_path, home):
    space = {"word": ["crash", "idle"]}
    for objective in (SCORE, [SCORE, Objective("Drawdown", "min")]):
        study = optimize(
            home / "planted.py", space, data=market(), method="grid", objective=objective, workers=1, store=home / "store"
        )
        told = study_dict(study)
        check_study(told)
        assert [told[name] for name in ("best_trial", "best_params", "best_values", "best_metrics", "top_10_results")] == [
            None
        ] * 4 + [[]]
        names = {path.name for path in write_study(study, tmp_path)}
        assert "config.json" not in names
        assert read_study(tmp_path).trials == study.trials


@pytest.mark.parametrize("arrow", [True, False])
def test_it_comes_back_from_its_files(tmp_path, monkeypatch, study, arrow):
    if arrow:
        pytest.importorskip("pyarrow")
    else:
        without_pyarrow(monkeypatch)
    written = {path.name for path in study.save(tmp_path)}
    ending = "parquet" if arrow else "csv"
    assert (
        written
        == {"study.json", f"trials.{ending}", f"returns.{ending}", "config.json", "report.html"}
        == {p.name for p in tmp_path.iterdir()}
    )
    monkeypatch.undo()
    again = read_study(tmp_path)
    assert (again.spec, again.trials, again.luck, again.ended, again.notes, again.id) == (
        study.spec, study.trials, study.luck, study.ended, study.notes, study.id)  # fmt: skip
    np.testing.assert_array_equal(again.days, study.days)
    assert again.returns.tobytes() == study.returns.tobytes()
    assert again.columns == study.columns
    assert again.to_html() == study.to_html()
    files = {name: (tmp_path / name).read_bytes() for name in written if name.endswith(("json", "html"))}
    again.save(tmp_path)
    assert files == {name: (tmp_path / name).read_bytes() for name in files}


def test_curves_are_those_of_the_trials(home, study):
    table = read_table(home / "out", "returns")
    assert list(table.columns) == ["date", "0", "3", "6"]
    assert len(table) == 21
    assert pd.to_datetime(table["date"]).is_monotonic_increasing
    pytest.importorskip("pyarrow")
    listed = read_table(home / "out", "trials")
    assert len(listed) == 9
    assert listed["param_fast"].tolist() == ["25"] * 3 + ["35"] * 3 + ["45"] * 3


def test_tables_of_the_other_kind_do_not_stay(tmp_path, monkeypatch, study):
    pytest.importorskip("pyarrow")
    study.save(tmp_path)
    (tmp_path / "notes.txt").write_text("mine", encoding="utf-8")
    without_pyarrow(monkeypatch)
    study.save(tmp_path)
    assert {path.suffix for path in tmp_path.iterdir()} == {".json", ".csv", ".html", ".txt"}


def test_times_are_beside_and_not_in_the_study(home):
    told = json.loads((home / "out" / "timing.json").read_text(encoding="utf-8"))
    assert told["schema"] == "hidden-regime/timing/1"
    assert len(told["seconds"]) == 9
    assert "seconds" not in (home / "out" / "study.json").read_text(encoding="utf-8")


def test_the_config_holds_all_that_the_trial_had(home, study):
    told = json.loads((home / "out" / "config.json").read_text(encoding="utf-8"))
    assert told["algorithm-language"] == "Python"
    assert told["parameters"] == study.config | {"fast": "35", "word": "none"}
    assert study.id in told["description"]


DAMAGES = [
    ("study.json", None, "holds no study.json"), ("study.json", "{", "is damaged"), ("study.json", "[]", "has the schema 'list'"),
    ("study.json", '{"schema": "hidden-regime/optimization/2"}', "schema 'hidden-regime/optimization/2': this version"),
    ("study.json", '{"schema": "hidden-regime/optimization/1"}', "is damaged.*same command writes it again"),
    ("study.json", "[" * 100_000, "is damaged"), ("returns", None, "holds no returns.parquet"), ("returns", "x", "can't be read"),
]  # fmt: skip


@pytest.mark.parametrize(("name", "content", "told"), DAMAGES)
def test_a_damaged_folder_is_told(tmp_path, study, name, content, told):
    study.save(tmp_path)
    path = next(tmp_path.glob(f"{name}*"))
    path.unlink()
    if content is not None:
        path.write_text(content, encoding="utf-8")
    with pytest.raises(StudyError, match=told):
        read_study(tmp_path)


@pytest.mark.parametrize("name", STUDY)
def test_a_study_that_lacks_a_part_is_told(tmp_path, study, name):
    study.save(tmp_path)
    path = tmp_path / "study.json"
    content = json.loads(path.read_text(encoding="utf-8"))
    del content[name]
    path.write_text(json.dumps(content), encoding="utf-8")
    if name == "version":
        assert study_dict(read_study(tmp_path)) == study_dict(study)
        return
    with pytest.raises(StudyError, match=r"study\.json"):
        read_study(tmp_path)


def test_a_file_is_no_folder_of_a_study(tmp_path):
    with pytest.raises(StudyError, match=r"holds no study\.json"):
        read_study(tmp_path / "none")


def test_json_has_no_nan():
    with pytest.raises(ValueError, match="JSON"):
        to_json({"x": float("nan")})
