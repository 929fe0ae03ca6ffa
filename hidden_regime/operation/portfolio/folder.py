"""A portfolio as files: figures, weights, returns, a plan and the page."""

from __future__ import annotations

from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING, Any

import hidden_regime
from hidden_regime.experiments.folders import PAGE, expect_own, plain, to_json
from hidden_regime.experiments.trials.digests import digest_of
from hidden_regime.files.whole import write_folder

if TYPE_CHECKING:
    from hidden_regime.operation.portfolio.weights import Weights

SCHEMA = "hidden-regime/portfolio/1"
FILE, WEIGHTS, RETURNS, PLAN = "portfolio.json", "weights.csv", "returns.csv", "plan.toml"


def weights_dict(found: Weights) -> dict[str, Any]:
    """A portfolio as what JSON can hold: the content of portfolio.json."""
    return {
        "schema": SCHEMA,
        "portfolio_id": identity(found),
        "version": hidden_regime.__version__,
        "question": found.spec,
        "headline": found.headline,
        "latest": found.latest,
        "equal": {name: 1.0 / len(found.latest) for name in found.latest},
        "lines": [plain(asdict(line)) for line in found.lines],
        "difference_from_equal": plain(found.difference),
        "notes": list(found.notes),
    }


def identity(found: Weights) -> str:
    """Digest of what was asked and of the days it was asked of."""
    days = [f"{day:%Y-%m-%d}" for day in found.returns.index]
    alone = found.returns[list(found.names)].round(12).to_numpy().tolist()
    return digest_of("portfolio", found.spec, days, alone)[:16]


def write_weights(found: Weights, folder: Path) -> list[Path]:
    """Write the files together.

    Raises
    ------
    StudyError
        The folder holds something else.
    """
    expect_own(folder, FILE, SCHEMA, "portfolio", identity(found))
    files = {
        FILE: to_json(weights_dict(found)),
        WEIGHTS: found.weights.round(10).to_csv(index_label="date", lineterminator="\n"),
        RETURNS: found.returns.round(12).to_csv(lineterminator="\n"),
        PLAN: found.plan().text(),
        PAGE: found.to_html(),
    }
    write_folder(folder, files)
    return [folder / name for name in sorted(files)]
