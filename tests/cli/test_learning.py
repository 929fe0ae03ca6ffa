"""The `ml` commands: what they write, print and return, and what they refuse."""

from __future__ import annotations

import json
import sys
from types import ModuleType

import pytest
from typer.testing import CliRunner

from hidden_regime.cli.main import app

TEXT = """
name = "up"
[data]
source = "sp500"
end = 2001-12-31
[features]
columns = ["return:5", "volatility:20"]
[labels]
kind = "sign"
horizon = 5
[validation]
n_splits = 2
n_resamples = 99
"""


@pytest.fixture(scope="module")
def home(tmp_path_factory):
    folder = tmp_path_factory.mktemp("ml")
    (folder / "model.toml").write_text(TEXT)
    return folder


@pytest.fixture
def do(home, monkeypatch):
    monkeypatch.chdir(home)
    monkeypatch.setenv("COLUMNS", "200")

    def run(*arguments, status=0):
        done = CliRunner().invoke(app, ["ml", *arguments])
        assert done.exit_code == status, done.output
        return done.output

    return run


def test_from_a_file_to_a_model_in_use(do, home):
    told = json.loads(do("train", "model.toml", "--json"))
    assert told["verdict"] == "none found"
    assert "reference" not in told
    assert json.loads(do("train", "model.toml", "--json"))["id"] == told["id"]
    do("promote", told["id"])
    assert json.loads(do("list", "--json")) == [{"id": told["id"], "stages": ["production"], "verdict": "none found"}]
    assert "volatility_20" in do("show", "up")
    assert json.loads(do("show", "up", "--json"))["n_trials"] == 1
    do("export", "up", "--to", "module", "--out", "strategies")
    source = (home / "strategies" / "learned_up.py").read_text()
    scope = {}
    exec(source, scope)
    do("export", "up", "--out", "store")
    assert scope["MODEL"] == (home / "store" / "hidden_regime" / "models" / "up.json").read_text()
    assert "equal (8 files" in do("reproduce", "up")
    model = home / "models" / "up" / told["id"].partition("@")[2] / "README.md"
    kept = model.read_bytes()
    model.write_bytes(kept + b" ")
    damaged = json.loads(do("list", "--json"))[0]
    assert (damaged["verdict"], "was changed or damaged" in damaged["problem"]) == (None, True)
    assert "damaged:" in do("list")
    assert "was changed or damaged" in do("promote", "up", status=2)
    model.write_bytes(kept)
    assert "another one before" in do("promote", "up", "--back", status=2)


@pytest.fixture(scope="module")
def trained(home):
    """A model of the file, in the registry."""
    done = CliRunner().invoke(app, ["ml", "train", str(home / "model.toml"), "--registry", str(home / "models")])
    assert done.exit_code == 0, done.output


def test_what_isn_t_as_it_was_is_named(do, trained, monkeypatch):
    from hidden_regime.learning import training

    monkeypatch.setattr(training, "versions", lambda: {"python": "3.9.9"})
    said = do("reproduce", "up", status=1)
    assert "3.9.9 now" in said
    assert "the file model.json" in said


def test_files_of_each_step(do, home):
    for command, files in (
        ("features", {"features.csv", "features.json", "features.parquet", "README.md"}),
        ("label", {"labels.csv", "labels.json", "README.md"}),
        ("evaluate", {"evaluation.json", "evaluation.md", "report.html"}),
    ):
        told = json.loads(do(command, "model.toml", "--json", "--out", command))
        assert {path.name for path in (home / command).iterdir()} == files
        assert told["folder"] == command
        before = {path.name: path.read_bytes() for path in (home / command).iterdir()}
        do(command, "model.toml", "--quiet", "--out", command)
        assert {path.name: path.read_bytes() for path in (home / command).iterdir()} == before


def test_tuning_says_what_the_file_takes(do, home):
    said = do("tune", "model.toml", "--trials", "2")
    assert "[model.parameters]\nC = " in said
    told = json.loads((home / "results" / "up-tuning" / "trials.json").read_text())
    assert len(told["trials"]) == 2 * 3
    assert "What was chosen" in (home / "results" / "up-tuning" / "report.html").read_text()


def test_robustness_has_intervals(do, home):
    told = json.loads(do("robustness", "model.toml", "--runs", "4", "--workers", "1", "--json"))
    assert told["figures"]["sharpe"]["low"] <= told["figures"]["sharpe"]["median"]
    assert len(json.loads((home / "results" / "up-robustness" / "robustness.json").read_text())["runs"]["sharpe"]) == 4


def test_drift_looks_at_the_days_since(do, trained):
    done = CliRunner().invoke(app, ["ml", "drift", "up", "--data", "sp500", "--end", "2003-12-31", "--json"])
    told = json.loads(done.output)
    assert done.exit_code == int(bool(told["alarms"]))
    assert told["first"] > "2001-12-20"
    assert {one["name"] for one in told["columns"]} == {"return_5", "volatility_20"}
    assert "at least 20" in do("drift", "up", "--data", "sp500", "--end", "2001-12-31", status=2)


def test_mlflow_is_told_and_keeps_nothing_for_us(do, trained, monkeypatch):
    monkeypatch.setitem(sys.modules, "mlflow", None)
    assert "mlflow-skinny" in do("export", "up", "--to", "mlflow", "--out", "flow", status=2)
    told = []
    fake = ModuleType("mlflow")

    class Run:
        def __enter__(self):
            return self

        def __exit__(self, *_):
            return False

    for name in ("set_tracking_uri", "set_experiment", "log_params", "log_metrics", "set_tags", "log_artifact"):
        setattr(fake, name, lambda value, name=name: told.append((name, value)))
    fake.get_experiment_by_name = lambda name: None
    fake.create_experiment = lambda name, artifact_location: told.append(("create", artifact_location))
    fake.start_run = lambda run_name: told.append(("run", run_name)) or Run()
    monkeypatch.setitem(sys.modules, "mlflow", fake)
    do("export", "up", "--to", "mlflow", "--out", "flow")
    said = [name for name, _ in told]
    assert said[:4] == ["set_tracking_uri", "create", "set_experiment", "run"]
    assert dict(told)["create"].endswith("/flow/artifacts")
    assert dict(told)["set_tags"]["verdict"] == "none found"
    assert sum(name == "log_artifact" for name in said) == 8


@pytest.mark.parametrize(
    ("arguments", "said"),
    [(("train", "none.toml"), "There is no such file"), (("show", "up@0009-00000000"), "ml list"), (("export", "nothing"), "ml list"),
     (("list", "--registry", "none"), None), (("promote", "up", "--stage", "live"), "staging"),
     (("evaluate", "model.toml", "--out", "model.toml"), "is a file"), (("export", "up", "--to", "pickle"), "store, module, mlflow")],
)  # fmt: skip
def test_wrong_input_is_named(do, trained, arguments, said):
    if said is None:
        do(*arguments)
        return
    assert said in do(*arguments, status=2)


def test_a_folder_of_something_else_is_left_alone(do, home):
    (home / "own").mkdir(exist_ok=True)
    (home / "own" / "README.md").write_text("mine")
    assert "holds README.md" in do("features", "model.toml", "--out", "own", status=2)
    assert (home / "own" / "README.md").read_text() == "mine"
