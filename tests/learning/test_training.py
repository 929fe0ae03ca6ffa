"""From a file to a model: the same bytes each time, tuned in its trainings alone, kept with digests, and never as a pickle."""

from __future__ import annotations

import hashlib
import json
import shutil
from dataclasses import replace

import numpy as np
import pytest

from hidden_regime.exceptions import DataError, ParameterError, SavedModelError, UnknownDataError
from hidden_regime.learning import ModelFile, PurgedKFold, Registry, train
from hidden_regime.learning.models import Recipe, fit
from hidden_regime.learning.registry.files import check_files, model_files
from hidden_regime.learning.trained import TrainedModel
from hidden_regime.learning.tuning import Tuner, inner_loss
from hidden_regime.quantconnect.learned.text import StrategyModel
from tests.learning.worlds import dataset, planted

TEXT = """
name = "up"
[data]
source = "sp500"
end = 2002-12-31
[features]
columns = ["return:5", "volatility:20", "probability:Bear", "age"]
regimes = {lookback = 120}
[labels]
kind = "triple-barrier"
horizon = 10
[validation]
n_splits = 3
n_resamples = 99
[model]
kind = "logistic"
[strategy]
threshold = 0.5
trend = 50
"""


@pytest.fixture(scope="module")
def config(tmp_path_factory):
    path = tmp_path_factory.mktemp("model") / "model.toml"
    path.write_text(TEXT)
    return ModelFile.read(path)


@pytest.fixture(scope="module")
def model(config):
    return train(config)


def test_the_same_question_has_the_same_bytes(config, model):
    again = train(config)
    assert model_files(again, "0001-00000000") == model_files(model, "0001-00000000")
    assert again.digest == model.digest
    assert train(config, shuffle=1).digest != model.digest


def test_a_file_and_its_tables_are_one(config):
    assert ModelFile.of(config.to_dict()) == replace(config, data=config.to_dict()["data"])
    assert config.sizing.trend == 50
    assert config.spec.regimes == {"lookback": 120}


@pytest.mark.parametrize(
    "wrong", ['name = "a b"', 'nme = "x"', '[model]\nkind = "x"', "[validation]\nn_folds = 3", '[data]\nsource = 3', "[labels]\nhorizn = 3",
              "[tuning]\ntrials = -1", "[strategy]\nthreshold = 2", '[features]\ncolumns = ["x"]', "[model.parameters]\ndepth = 3"])  # fmt: skip
def test_files_that_can_t_be_are_named(wrong, tmp_path):
    lines = wrong if wrong.startswith("n") else f'name = "up"\n{wrong}'
    path = tmp_path / "model.toml"
    path.write_text(lines + ("" if "[data]" in wrong else '\n[data]\nsource = "sp500"\n'))
    with pytest.raises(ParameterError):
        ModelFile.read(path)


@pytest.mark.parametrize(
    ("table", "wrong", "named"),
    [
        ("data", {"start": "soon"}, "data.start"), ("data", {"end": True}, "data.end"), ("data", {"asset": 3}, "data.asset"),
        ("data", {"end": "2012-01-01T00:00:00Z"}, "data.end"), ("validation", {"kind": ["purged"]}, "validation.kind"),
        ("validation", {"kind": "walk-forward", "anchored": "no"}, "anchored"), ("model", {"kind": ["logistic"]}, "model.kind"),
        ("validation", {"kind": "combinatorial", "n_folds": 30, "n_test": 15}, "155,117,520"),
        ("model", {"parameters": {"C": 0}}, "C = 0"), ("model", {"parameters": {"C": float("nan")}}, "C = nan"),
        ("model", {"kind": "lightgbm", "parameters": {"trees": float("inf")}}, "trees = inf"),
        ("model", {"kind": "lightgbm", "parameters": {"share_of_columns": 0.0}}, "share_of_columns"),
        ("strategy", {"rule": "kelly"}, "bayesian-ridge"),
    ],
)  # fmt: skip
def test_keys_that_can_t_be_are_named(table, wrong, named):
    """What a library would say in words of its own, or a strategy in none at all."""
    given = {"name": "up", "data": {"source": "sp500"}}
    with pytest.raises(ParameterError, match=named):
        ModelFile.of(given | {table: given.get(table, {}) | wrong})


@pytest.mark.parametrize("name", ["--help", "-", "a/b", "", "x" * 65])
def test_names_that_commands_can_t_take_are_refused(name):
    with pytest.raises(ParameterError, match="name"):
        ModelFile(name, {"source": "sp500"})


def test_what_is_no_file_is_said(tmp_path):
    with pytest.raises(ParameterError, match="There is no such file"):
        ModelFile.read(tmp_path / "none.toml")
    (tmp_path / "bad.toml").write_text("name = ")
    with pytest.raises(ParameterError, match="TOML"):
        ModelFile.read(tmp_path / "bad.toml")
    with pytest.raises(DataError, match="no bars"):
        ModelFile("up", {"source": "sp500", "start": "2030-01-01"}).frame()


def test_tuning_sees_its_training_alone():
    data = dataset(planted(n=500))
    split = next(iter(PurgedKFold(3).splits(data.labels)))
    tuner = Tuner(Recipe("logistic"), 5)
    chosen = tuner(data, split.train)
    table = data.labels.table.copy()
    outside = np.setdiff1d(np.arange(len(data)), split.train)
    table.iloc[outside, table.columns.get_loc("value")] = 1.0 - table["value"].to_numpy()[outside]
    changed = replace(data, labels=replace(data.labels, table=table))
    assert Tuner(Recipe("logistic"), 5)(changed, split.train) == chosen
    assert tuner.count == 5
    losses = [one["value"] for one in tuner.history]
    assert inner_loss(chosen, data, split.train) == min(losses)
    assert tuner.history[0]["C"] == 0.1  # the usual is tried first
    with pytest.raises(ParameterError, match="nothing to tune"):
        Tuner(Recipe("prior"), 5)


def test_tuning_counts_into_the_page(config):
    tuned = train(replace(config, tuning={"trials": 2}))
    assert tuned.facts["n_trials"] == 2 * 3
    assert tuned.evaluation.n_trials == 6
    assert len(tuned.history) == 2 * 4
    assert tuned.evaluation.asked["tuned"]
    luck = tuned.evaluation.luck
    assert luck.dsr is None or luck.dsr < luck.psr


def test_a_registry_keeps_promotes_and_rolls_back(config, model, tmp_path):
    registry = Registry(tmp_path / "models")
    assert registry.list() == ()
    first = registry.add(model)
    assert registry.add(train(config)) == first
    second = registry.add(train(replace(config, model={"kind": "prior"})))
    assert [one.version[:4] for one in registry] == ["0001", "0002"]
    assert registry.get("up").version == second.version
    registry.promote(first.id)
    assert registry.get("up").version == first.version
    assert registry.promote(second.id).stages == ("production",)
    assert registry.roll_back("up").version == first.version
    assert registry.get("up@production").version == first.version
    with pytest.raises(ParameterError, match="before"):
        registry.roll_back("up")
    assert registry.trials(config) == 1
    assert registry.trials(replace(config, labels={"horizon": 3})) == 2
    again = first.model()
    X = np.random.default_rng(0).normal(size=(5, 4))
    assert (again.predictor.predict(X).probability == model.predictor.predict(X).probability).all()
    for id in ("none", "up@0009-00000000", "up@staging", "../up", ""):
        with pytest.raises(UnknownDataError):
            registry.get(id)
    with pytest.raises(ParameterError, match="stage"):
        registry.promote(first.id, "live")
    names = {path.name for path in first.folder.iterdir()}
    assert {"model.json", "strategy.json", "README.md", "evaluation.md", "evaluation.html", "train.log", "sha256.json"} <= names
    assert not [name for name in names if name.endswith((".pkl", ".pickle", ".joblib"))]
    said = (first.folder / "README.md").read_text()
    assert "volatility_20" in said
    assert "ml reproduce up@" in said


def test_a_flipped_byte_is_refused(model, tmp_path):
    entry = Registry(tmp_path).add(model)
    for path in sorted(entry.folder.iterdir()):
        whole = path.read_bytes()
        at = len(whole) // 2
        path.write_bytes(whole[:at] + bytes([whole[at] ^ 1]) + whole[at + 1 :])
        with pytest.raises(SavedModelError):
            entry.model()
        with pytest.raises(SavedModelError):
            Registry(tmp_path).promote(entry.id)
        path.write_bytes(whole)
    check_files(entry.folder)
    (entry.folder / "README.md").unlink()
    with pytest.raises(SavedModelError, match="missing"):
        entry.model()


def resigned(folder, name, content):
    """Change a file, and its digest with it."""
    (folder / name).write_text(content)
    sums = json.loads((folder / "sha256.json").read_text())
    sums["files"][name] = hashlib.sha256(content.encode()).hexdigest()
    (folder / "sha256.json").write_text(json.dumps(sums))


def test_what_was_changed_with_its_digest_is_another_model(model, tmp_path):
    folder = Registry(tmp_path).add(model).folder
    whole = {name: (folder / name).read_text() for name in ("model.json", "strategy.json", "sha256.json")}

    def refused(id, match):
        entry = Registry(tmp_path).get(id)
        for use in (entry.model, entry.strategy_text, lambda: Registry(tmp_path).promote(id)):
            with pytest.raises(SavedModelError, match=match):
                use()
        return entry

    content = json.loads(whole["model.json"])
    resigned(folder, "model.json", json.dumps(content | {"facts": content["facts"] | {"verdict": "skill"}}))
    with pytest.raises(SavedModelError, match="isn't the model that was added"):
        refused("up", "isn't the model that was added").facts()
    for name, text in whole.items():
        (folder / name).write_text(text)
    resigned(folder, "strategy.json", whole["strategy.json"].replace('"threshold": 0.5', '"threshold": 0.0'))
    with pytest.raises(SavedModelError, match="isn't the text of the model"):
        Registry(tmp_path).get("up").strategy_text()
    for name, text in whole.items():
        (folder / name).write_text(text)
    shutil.copytree(folder, tmp_path / "other" / folder.name)
    refused("other", "another model than its name says")
    shutil.copytree(folder, folder.with_name("0009-deadbeef"))
    refused("up@0009-deadbeef", "another model than its name says")
    assert Registry(tmp_path).get(f"up@{folder.name}").facts()["verdict"] == model.facts["verdict"]


@pytest.mark.parametrize(
    "wrong", [[], {"stages": {"live": "0001-00000000"}}, {"stages": {"production": "../../etc"}}, {"stages": {"production": ["x"]}},
              {"history": [3]}, {"history": [{"stage": "production", "version": "0001-00000000", "before": "../up"}]}, {"stages": 3}])  # fmt: skip
def test_stages_that_nobody_wrote_are_refused(model, tmp_path, wrong):
    registry = Registry(tmp_path)
    entry = registry.add(model)
    content = (
        wrong if isinstance(wrong, list) else {"schema": "hidden-regime/model-stages/1", "stages": {}, "history": []} | wrong
    )
    (entry.folder.parent / "stages.json").write_text(json.dumps(content))
    for use in (registry.list, lambda: registry.get("up"), lambda: registry.roll_back("up"), lambda: registry.promote(entry.id)):
        with pytest.raises(SavedModelError, match="promote a model again"):
            use()


def test_models_of_another_version_are_refused(model):
    content = json.loads(json.dumps(model.to_dict()))
    for wrong in (
        content | {"schema": "hidden-regime/model/2"},
        None,
        content | {"recipe": {"kind": "x"}},
        content | {"facts": 3},
    ):
        with pytest.raises(SavedModelError):
            TrainedModel.from_dict(wrong)


def test_a_strategys_text_says_what_it_is(model, config):
    text = model.strategy_text("0001-abcdef12")
    found = StrategyModel.of_text(text)
    assert found.columns == config.spec.columns
    assert found.sizing == config.sizing
    assert found.origin.isoformat() == "1999-01-04"
    assert found.to_text() == text
    digits = text.index('"coef": [') + 12
    assert text[digits].isdigit()
    wrong = text[:digits] + ("1" if text[digits] != "1" else "2") + text[digits + 1 :]
    for damaged in (wrong, text[:-20], "", "[]", "{}", text.replace("strategy-model/1", "strategy-model/9")):
        with pytest.raises(SavedModelError):
            StrategyModel.of_text(damaged)


def test_models_of_research_have_no_text_for_strategies(model):
    process = replace(model, recipe=Recipe("gaussian-process"))
    assert not process.runs_in_strategies
    with pytest.raises(SavedModelError, match="for research"):
        process.strategy_text("0001-abcdef12")
    assert fit(Recipe("prior"), dataset(planted(n=300))).to_dict()["core"]["kind"] == "constant"
