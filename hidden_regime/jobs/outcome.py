"""What a step came to, as a file beside its folder: where that is whole, the step is done, whoever was killed afterwards."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from hidden_regime.experiments.folders import plain, to_json
from hidden_regime.files.whole import write_file
from hidden_regime.jobs.errors import StoreError

SCHEMA = "hidden-regime/step/1"


@dataclass(frozen=True)
class Outcome:
    """What a step came to.

    Attributes
    ----------
    answer : str
        In a word: "done", "yes", "no", "robust", "looks ahead".
    reason : str
        In a sentence.
    goes_on : bool
        Whether the hypothesis has another step after it.
    figures : dict of str to float
    parameters : dict of str to str
        Those that the hypothesis goes on with.
    page : str
        Name of a page in the step's folder; empty where there is none.
    """

    answer: str
    reason: str
    goes_on: bool = True
    figures: Mapping[str, float | None] = field(default_factory=dict)
    parameters: Mapping[str, str] = field(default_factory=dict)
    page: str = ""

    def to_dict(self) -> dict[str, Any]:
        """As what JSON can hold; what isn't finite is left out."""
        figures = {name: value for name, value in plain(dict(self.figures)).items() if value is not None}
        return {
            "answer": self.answer, "reason": self.reason, "goes_on": self.goes_on, "figures": figures,
            "parameters": dict(self.parameters), "page": self.page,
        }  # fmt: skip

    @classmethod
    def from_dict(cls, told: Mapping[str, Any]) -> Outcome:
        """From `to_dict`."""
        return cls(
            str(told["answer"]), str(told["reason"]), bool(told["goes_on"]), dict(told["figures"]), dict(told["parameters"]),
            str(told["page"]),
        )  # fmt: skip


def write_outcome(path: Path, outcome: Outcome, spec_hash: str) -> None:
    """Keep an outcome, whole."""
    path.parent.mkdir(parents=True, exist_ok=True)
    write_file(path, to_json({"schema": SCHEMA, "spec_hash": spec_hash, **outcome.to_dict()}))


def read_outcome(path: Path, spec_hash: str) -> Outcome | None:
    """The outcome that is kept for a spec; None where there is none.

    Raises
    ------
    StoreError
        Something else lies there.
    """
    if not path.is_file():
        return None
    try:
        told = json.loads(path.read_text(encoding="utf-8"))
        if told["schema"] == SCHEMA and told["spec_hash"] == spec_hash:
            return Outcome.from_dict(told)
        raise ValueError(f"it is of {told['schema']} and spec {told['spec_hash']}")
    except (LookupError, TypeError, ValueError, RecursionError) as error:
        raise StoreError(f"{path} is no outcome of this step ({error}). Remove it, and the step runs again.") from error
