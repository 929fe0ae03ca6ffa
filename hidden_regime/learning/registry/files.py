"""Files of one model: what lies in its folder, each by its digest, and none of them a pickle."""

from __future__ import annotations

import hashlib
import json
from pathlib import Path
from typing import Any

from hidden_regime.exceptions import SavedModelError
from hidden_regime.experiments.folders import to_json
from hidden_regime.files.whole import encoded
from hidden_regime.learning.registry.readme import readme
from hidden_regime.learning.trained import TrainedModel
from hidden_regime.quantconnect.learned.text import digest_of_content

MODEL, SUMS, STRATEGY = "model.json", "sha256.json", "strategy.json"
SCHEMA = "hidden-regime/model-files/1"


def model_files(model: TrainedModel, version: str) -> dict[str, str | bytes]:
    """All files of a model, their digests among them."""
    files: dict[str, str | bytes] = {
        MODEL: to_json(model.to_dict()), "README.md": readme(model, version), "train.log": "\n".join(model.log) + "\n",
    }  # fmt: skip
    if model.runs_in_strategies:
        files[STRATEGY] = model.strategy_text(version) + "\n"
    if model.evaluation is not None:
        files |= {
            "evaluation.md": model.evaluation.to_markdown(), "evaluation.json": model.evaluation.to_json(),
            "evaluation.html": model.evaluation.to_html(),
        }  # fmt: skip
    if model.history:
        files["trials.json"] = to_json({"schema": "hidden-regime/tuning/1", "trials": model.history})
    sums = {name: digest(encoded(content)) for name, content in sorted(files.items())}
    return {**files, SUMS: to_json({"schema": SCHEMA, "digest": model.digest, "files": sums})}


def read_model(folder: Path) -> TrainedModel:
    """The model of a folder; every file is what was written.

    Raises
    ------
    SavedModelError
        A file is missing or was changed.
    """
    check_files(folder)
    return TrainedModel.from_dict(_json(folder / MODEL))


def check_files(folder: Path) -> dict[str, Any]:
    """Raise unless every file is what was written, and the folder is that of its model's name and version.

    Raises
    ------
    SavedModelError
    """
    sums = _json(folder / SUMS)
    if sums.get("schema") != SCHEMA or not isinstance(sums.get("files"), dict) or MODEL not in sums["files"]:
        raise SavedModelError(f"{folder / SUMS} holds no digests: expected what Registry.add wrote.")
    for name, expected in sums["files"].items():
        path = folder / name
        if not path.is_file():
            raise SavedModelError(f"{path} is missing. Take the model from a copy, or train it again.")
        if digest(path.read_bytes()) != expected:
            raise SavedModelError(f"{path} was changed or damaged: its SHA-256 is another one. Take it from a copy.")
    content = _json(folder / MODEL)
    found = digest_of_content({name: value for name, value in content.items() if name != "log"})
    if found != sums.get("digest"):
        raise SavedModelError(f"{folder / MODEL} isn't the model that was added: its digest is another one. Take it from a copy.")
    config = content.get("config")
    if folder.name[5:] != found[:8] or not isinstance(config, dict) or folder.parent.name != config.get("name"):
        raise SavedModelError(
            f"{folder} holds another model than its name says: expected the folder that Registry.add made. Give it back its "
            "name, or train the model again under the new one."
        )
    return sums


def digest(content: bytes) -> str:
    """SHA-256."""
    return hashlib.sha256(content).hexdigest()


def _json(path: Path) -> dict[str, Any]:
    try:
        found = json.loads(path.read_text(encoding="utf-8"))
    except OSError as error:
        raise SavedModelError(f"{path} can't be read ({error.strerror}): expected a model's folder.") from None
    except (ValueError, RecursionError) as error:
        raise SavedModelError(f"{path} is damaged ({type(error).__name__}). Take it from a copy.") from error
    if not isinstance(found, dict):
        raise SavedModelError(f"{path} is damaged: expected an object.")
    return found
