"""Where models go: into an object store, beside a strategy, or to MLflow, which is told of them and keeps nothing for us."""

from __future__ import annotations

import importlib
from collections.abc import Callable
from pathlib import Path
from typing import Any

from hidden_regime.exceptions import MissingDependencyError, ParameterError
from hidden_regime.files.whole import write_file
from hidden_regime.learning.registry.files import SUMS, check_files
from hidden_regime.learning.registry.registry import Entry
from hidden_regime.quantconnect.learned.loading import key_of

LARGEST = 31_000
"""Bytes of a module that QuantConnect's free tier takes, with room for its head."""


def to_store(entry: Entry, out: Path) -> Path:
    """Into a folder that is an object store: of `hidden-regime backtest --store`, or `storage` of a workspace of the LEAN CLI.

    Returns
    -------
    Path
        The object's file; its key is "hidden_regime/models/NAME.json".
    """
    path = out / key_of(entry.name)
    path.parent.mkdir(parents=True, exist_ok=True)
    write_file(path, entry.strategy_text())
    return path


def to_module(entry: Entry, out: Path) -> Path:
    """Into a module beside a strategy, which brings it along into a bundle: `load_model(self, NAME, text=MODEL)`.

    Raises
    ------
    ParameterError
        The model is too large for a file of QuantConnect's free tier: trees belong into the object store.
    """
    text = entry.strategy_text()
    lines = [text[i : i + 100] for i in range(0, len(text), 100)]
    body = "".join(f"    {line!r}\n" for line in lines)
    source = f'"""The model {entry.id}, for load_model(self, {entry.name!r}, text=MODEL)."""\n\nMODEL = (\n{body})\n'
    if len(source.encode()) > LARGEST:
        raise ParameterError(
            "--to", "module", f"a model below {LARGEST:,} bytes as a module, and it has {len(source.encode()):,}",
            "Export it to the object store: --to store.")  # fmt: skip
    path = out / f"learned_{entry.name.replace('-', '_')}.py"
    out.mkdir(parents=True, exist_ok=True)
    write_file(path, source)
    return path


def to_mlflow(entry: Entry, out: Path) -> Path:
    """Tell MLflow of a model: parameters, figures, and its files as artifacts, in a SQLite store in a folder.

    Raises
    ------
    MissingDependencyError
    """
    try:
        mlflow: Any = importlib.import_module("mlflow")
    except ImportError as error:
        raise MissingDependencyError("the exporter to MLflow needs it: pip install mlflow-skinny sqlalchemy.") from error
    facts = entry.facts()
    out.mkdir(parents=True, exist_ok=True)
    path = out / "mlflow.db"
    mlflow.set_tracking_uri(f"sqlite:///{path.resolve()}")
    if mlflow.get_experiment_by_name(entry.name) is None:
        mlflow.create_experiment(entry.name, artifact_location=(out / "artifacts").resolve().as_uri())
    mlflow.set_experiment(entry.name)
    names = list(check_files(entry.folder)["files"])
    with mlflow.start_run(run_name=entry.version):
        recipe = facts["recipe"]
        made = {"kind": recipe["kind"], "seed": recipe["seed"], "data": facts["data_digest"][:12]}
        mlflow.log_params(made | recipe["parameters"])
        mlflow.log_metrics({name: facts[name] for name in ("log_loss", "auc", "base_rate") if facts[name] is not None})
        versions = {f"version.{name}": version for name, version in facts["versions"].items()}
        mlflow.set_tags({"version": entry.version, "verdict": facts["verdict"]} | versions)
        for name in [*names, SUMS]:
            mlflow.log_artifact(str(entry.folder / name))
    return path


TARGETS: dict[str, Callable[[Entry, Path], Path]] = {"store": to_store, "module": to_module, "mlflow": to_mlflow}


def export(entry: Entry, target: str, out: str | Path) -> Path:
    """Export a model.

    Parameters
    ----------
    entry : Entry
    target : str
        "store", "module" or "mlflow".
    out : path
        Folder.

    Raises
    ------
    ParameterError, SavedModelError, MissingDependencyError
    """
    if target not in TARGETS:
        raise ParameterError("--to", target, f"one of {', '.join(TARGETS)}")
    return TARGETS[target](entry, Path(out))
