"""Train a kept model again from what is known of it, and compare every byte."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np

from hidden_regime.learning.crossing import Step
from hidden_regime.learning.registry.files import model_files
from hidden_regime.learning.registry.registry import Entry
from hidden_regime.learning.trained import TrainedModel
from hidden_regime.learning.training import train

PROCESS = "gaussian-process"


@dataclass(frozen=True)
class Reproduction:
    """What came of training again.

    Attributes
    ----------
    id : str
    equal : bool
    differences : tuple of str
        What is other than it was; empty where all is equal.
    files : int
        Files that were compared.
    """

    id: str
    equal: bool
    differences: tuple[str, ...]
    files: int


def reproduce(entry: Entry, step: Step | None = None) -> Reproduction:
    """Train a model again, of the same question and the same data.

    A Gaussian process is kept by skops, whose files name places in memory: of one its predictions are compared instead.

    Parameters
    ----------
    entry : Entry
    step : callable, optional
        Told of each training that is done.

    Raises
    ------
    RegimeError
    """
    kept = entry.model()
    facts = kept.facts
    again = train(kept.config, shuffle=facts["shuffled"], trials_before=facts["trials_before"], step=step)
    said = _facts(facts, again.facts)
    if kept.recipe.kind == PROCESS:
        same = _predicts_the_same(kept, again)
        return Reproduction(entry.id, same and not said, (*said, *(() if same else ("its predictions",))), 0)
    files = model_files(again, entry.version)
    for name, content in files.items():
        text = content if isinstance(content, bytes) else content.encode()
        if (entry.folder / name).read_bytes() != text:
            said.append(f"the file {name}")
    return Reproduction(entry.id, not said, tuple(said), len(files))


def _facts(kept: dict[str, Any], again: dict[str, Any]) -> list[str]:
    said = []
    if kept["data_digest"] != again["data_digest"]:
        said.append("the data: features and labels have other numbers")
    for name in sorted({*kept["versions"], *again["versions"]}):
        before, now = kept["versions"].get(name), again["versions"].get(name)
        if before != now:
            said.append(f"{name}: {before or 'not installed'} then, {now or 'not installed'} now")
    return said


def _predicts_the_same(kept: TrainedModel, again: TrainedModel) -> bool:
    rows = np.array(list(kept.facts["reference"].values()), dtype=np.float64).T
    a, b = (one.predictor.predict(rows) for one in (kept, again))
    return bool(np.array_equal(a.probability, b.probability) and np.array_equal(a.mean, b.mean, equal_nan=True))
