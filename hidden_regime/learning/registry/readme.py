"""README.md of a model, from what is known of it."""

from __future__ import annotations

import json
from typing import Any

from hidden_regime.experiments.pages.written import inline
from hidden_regime.learning.models.doors import door_of
from hidden_regime.learning.trained import TrainedModel


def readme(model: TrainedModel, version: str) -> str:
    """Input, output, training, and how to repeat it."""
    facts, config = model.facts, model.config
    spec = config.spec
    learns = door_of(model.recipe.kind).learns
    output = (
        "the probability that the label is 1"
        if learns == "up"
        else "mean and standard deviation of the return over a label's life, and the probability that it is above 0"
    )
    lines = [
        f"# {config.name} {version}", "", f"Verdict out of fold: **{facts['verdict']}**. See evaluation.md.", "",
        "## Input", "", "| column | what it is |", "|---|---|", *(f"| {one.name} | {one.formula} |" for one in spec.columns), "",
        f"Regimes: {json.dumps(dict(spec.regimes)) if spec.needs_regimes else 'none'}. Bars begin on {model.origin}.", "",
        "## Output", "", f"For each bar, {output}. Labels: {inline(json.dumps(dict(config.labels)))}.", "",
        "## Training", "",
        f"{facts['rows']} rows of {inline(facts['title'])}, {facts['first']} to {facts['last']}; {model.recipe.kind}, "
        f"{_plain(dict(model.recipe.parameters))}, {model.recipe.calibration} calibration, seed {model.recipe.seed}; "
        f"{facts['n_trials']} trials behind it.", "",
        "## To repeat it", "",
        f"`hidden-regime ml reproduce {config.name}@{version}` trains it again and compares every byte. Data: "
        f"{facts['data_digest']}. Versions: {_plain(facts['versions'])}.",
    ]  # fmt: skip
    return "\n".join(lines) + "\n"


def _plain(values: dict[str, Any]) -> str:
    return ", ".join(f"{name} {value}" for name, value in values.items()) or "no parameters"
