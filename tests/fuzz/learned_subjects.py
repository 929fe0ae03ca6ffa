"""What learned models are kept in: a strategy's text, a model's folder, the question."""

from __future__ import annotations

import json
from collections.abc import Mapping
from functools import cache
from pathlib import Path

from hidden_regime.learning.model_file import ModelFile
from hidden_regime.learning.registry.files import SUMS, digest, read_model
from hidden_regime.learning.registry.registry import Registry
from hidden_regime.learning.trained import TrainedModel
from hidden_regime.quantconnect.learned.predictor import predict_row, predictor_of
from hidden_regime.quantconnect.learned.text import SCHEMA, StrategyModel, digest_of_content
from tests.learned_store import strategy_model

QUESTION = b"""name = "up"
[data]
source = "sp500"
[features]
columns = ["return:5", "age@2"]
[labels]
horizon = 5
[model]
kind = "logistic"
[model.parameters]
C = 0.5
[strategy]
trend = 20
"""


@cache
def texts() -> Mapping[str, bytes]:
    """A strategy's model, its content alone, which is sealed again before it is read, and a question."""
    text = strategy_model().to_text()
    return {"model.json": text.encode(), "content.json": json.dumps(json.loads(text)["content"]).encode(), "model.toml": QUESTION}


def read_texts(folder: Path, name: str) -> None:
    """As a strategy and the commands read them."""
    if name == "model.toml":
        ModelFile.read(folder / name)
        return
    text = (folder / name).read_text(encoding="utf-8", errors="replace")
    if name == "content.json":
        try:
            content = json.loads(text)
        except (ValueError, RecursionError):
            return
        text = json.dumps({"schema": SCHEMA, "sha256": digest_of_content(content), "content": content})
    model = StrategyModel.of_text(text)
    predict_row(model.predictor, [0.5] * len(model.columns))


@cache
def folders() -> Mapping[str, bytes]:
    """A model's own file, which is sealed again before it is read, and stages."""
    config = ModelFile.of({"name": "up", "data": {"source": "sp500"}, "features": {"columns": ["return:5", "rsi:14"]}})
    predictor = predictor_of(
        {"kind": "single", "calibrator": {"kind": "sigmoid", "a": 1.0, "b": 0.0},
         "core": {"kind": "linear", "mean": [0.0, 50.0], "scale": [1.0, 10.0], "coef": [1.0, -1.0], "intercept": 0.1}})  # fmt: skip
    facts = {"n_trials": 1, "trials_before": 0, "verdict": "none found", "trained_until": "2012-12-31"}
    model = TrainedModel(config, config.recipe, predictor, strategy_model().origin, facts)
    version = f"0001-{model.digest[:8]}"
    stages = {"schema": "hidden-regime/model-stages/1", "stages": {"production": version}, "history": []}
    return {f"up/{version}/model.json": json.dumps(model.to_dict()).encode(), "up/stages.json": json.dumps(stages).encode()}


def read_folders(folder: Path, name: str) -> None:
    """As the registry reads them."""
    del name
    place = next((folder / "up").glob("0001-*"))
    try:
        model = TrainedModel.from_dict(json.loads((place / "model.json").read_text(encoding="utf-8", errors="replace")))
    except (ValueError, RecursionError) as error:
        if not isinstance(error, json.JSONDecodeError | RecursionError):
            raise
        model = None
    sums = {"model.json": digest((place / "model.json").read_bytes())}
    told = {"schema": "hidden-regime/model-files/1", "digest": model.digest if model else "", "files": sums}
    (place / SUMS).write_text(json.dumps(told), encoding="utf-8")
    if model is not None:  # under the name that such a model has
        place = place.rename(place.with_name(f"0001-{model.digest[:8]}"))
    read_model(place)
    Registry(folder).get(f"up@{place.name}").model()
    Registry(folder).get("up").model()
