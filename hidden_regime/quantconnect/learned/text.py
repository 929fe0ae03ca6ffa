"""A model as one text: what the object store holds, and what a damaged one is told by."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from typing import Any

from hidden_regime.exceptions import ParameterError, SavedModelError
from hidden_regime.quantconnect.learned.column import Column, read_columns
from hidden_regime.quantconnect.learned.predictor import Predictor, predict_row, predictor_of
from hidden_regime.quantconnect.learned.sizing import Sizing

SCHEMA = "hidden-regime/strategy-model/1"


@dataclass(frozen=True)
class StrategyModel:
    """What a strategy has to know of a model.

    Attributes
    ----------
    name, version : str
    columns : tuple of Column
    regimes : dict
        Options of the detector.
    origin, trained_until : date
        First day of the bars that it was trained on: a strategy begins there, too, so that its columns are the same. And the
        last day that any label of its training depends on.
    predictor : Predictor
    sizing : Sizing
    horizon : int
        Bars that a prediction is for.
    """

    name: str
    version: str
    columns: tuple[Column, ...]
    regimes: dict[str, Any]
    origin: date
    trained_until: date
    predictor: Predictor
    sizing: Sizing
    horizon: int

    def to_text(self) -> str:
        """As one text, with a checksum."""
        content = {
            "name": self.name, "version": self.version, "columns": [one.text for one in self.columns], "regimes": self.regimes,
            "origin": self.origin.isoformat(), "trained_until": self.trained_until.isoformat(),
            "predictor": self.predictor.to_dict(), "sizing": self.sizing.to_dict(), "horizon": self.horizon,
        }  # fmt: skip
        return json.dumps({"schema": SCHEMA, "sha256": digest_of_content(content), "content": content}, allow_nan=False)

    @classmethod
    def of_text(cls, text: str) -> StrategyModel:
        """Of a text that `to_text` gave.

        Raises
        ------
        SavedModelError
            Damaged, or of another schema.
        """
        try:
            whole = json.loads(text)
        except (ValueError, RecursionError, TypeError) as error:
            raise SavedModelError(f"the model can't be read ({type(error).__name__}): it is damaged. Export it again.") from error
        if not isinstance(whole, Mapping) or whole.get("schema") != SCHEMA:
            found = whole.get("schema") if isinstance(whole, Mapping) else type(whole).__name__
            raise SavedModelError(f"a model of schema {found!r}: this version of hidden-regime reads {SCHEMA!r}.")
        content = whole.get("content")
        if not isinstance(content, Mapping) or digest_of_content(content) != whole.get("sha256"):
            raise SavedModelError("the model's checksum is wrong: it is damaged. Export it again.")
        try:
            found = cls(
                str(content["name"]), str(content["version"]), read_columns(content["columns"]), dict(content["regimes"]),
                date.fromisoformat(content["origin"]), date.fromisoformat(content["trained_until"]),
                predictor_of(content["predictor"]), Sizing.of(content["sizing"]), int(content["horizon"]))  # fmt: skip
            predict_row(found.predictor, [0.5] * len(found.columns))
        except (LookupError, TypeError, ValueError, AttributeError, OverflowError, ParameterError) as error:
            if isinstance(error, SavedModelError):
                raise
            raise SavedModelError(
                f"the model can't be read, or doesn't fit its columns ({error}): it is of another version. Export it again."
            ) from error
        return found


def digest_of_content(content: Any) -> str:
    """SHA-256 of what JSON can hold, whatever its spacing."""
    return hashlib.sha256(json.dumps(content, sort_keys=True, separators=(",", ":")).encode()).hexdigest()
