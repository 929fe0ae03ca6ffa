"""A trained model with all that is known of how it came to be."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import date
from typing import Any

from hidden_regime.exceptions import SavedModelError
from hidden_regime.learning.evaluation.evaluation import Evaluation
from hidden_regime.learning.model_file import ModelFile
from hidden_regime.learning.models.doors import door_of
from hidden_regime.learning.models.fitting import Recipe
from hidden_regime.learning.models.reading import any_core
from hidden_regime.quantconnect.learned.predictor import Predictor, predictor_of
from hidden_regime.quantconnect.learned.text import StrategyModel, digest_of_content

SCHEMA = "hidden-regime/model/1"


@dataclass(frozen=True, repr=False)
class TrainedModel:
    """A model of all rows.

    Attributes
    ----------
    config : ModelFile
        The question.
    recipe : Recipe
        What it was made by; tuned ones differ from the question's.
    predictor : Predictor
    origin : date
        First day of its bars.
    facts : dict
        Rows, days, digests of data and features, versions of libraries, trials, the verdict, and the reference for drift.
    log : tuple of str
        What was done, line by line; no times.
    evaluation : Evaluation or None
        Of the training; None of a model that was read.
    history : list of dict
        Tuning's trials.
    """

    config: ModelFile
    recipe: Recipe
    predictor: Predictor
    origin: date
    facts: dict[str, Any]
    log: tuple[str, ...] = ()
    evaluation: Evaluation | None = None
    history: list[dict[str, Any]] = field(default_factory=list)

    def __repr__(self) -> str:
        return f"TrainedModel({self.config.name!r}: {self.recipe.kind}, {self.facts['rows']} rows, {self.facts['verdict']})"

    @property
    def digest(self) -> str:
        """Of what it is and what it was made of."""
        return digest_of_content({name: value for name, value in self.to_dict().items() if name != "log"})

    @property
    def runs_in_strategies(self) -> bool:
        """Whether LEAN can run it."""
        return door_of(self.recipe.kind).in_strategies

    def to_dict(self) -> dict[str, Any]:
        """As what JSON can hold."""
        return {
            "schema": SCHEMA, "config": self.config.to_dict(), "recipe": self.recipe.to_dict(),
            "predictor": self.predictor.to_dict(), "origin": self.origin.isoformat(), "facts": self.facts, "log": list(self.log),
        }  # fmt: skip

    @classmethod
    def from_dict(cls, content: Any) -> TrainedModel:
        """Of what `to_dict` gave.

        Raises
        ------
        SavedModelError
        """
        if not isinstance(content, dict) or content.get("schema") != SCHEMA:
            found = content.get("schema") if isinstance(content, dict) else type(content).__name__
            raise SavedModelError(f"a model of schema {found!r}: this version of hidden-regime reads {SCHEMA!r}.")
        try:
            return cls(
                ModelFile.of(content["config"]), Recipe(**content["recipe"]), predictor_of(content["predictor"], any_core),
                date.fromisoformat(content["origin"]), dict(content["facts"]), tuple(content["log"]))  # fmt: skip
        except (LookupError, TypeError, ValueError) as error:
            if isinstance(error, SavedModelError):
                raise
            raise SavedModelError(f"the model can't be read ({error}): it is damaged, or of another version.") from error

    def strategy_text(self, version: str) -> str:
        """The text that a strategy loads.

        Raises
        ------
        SavedModelError
            LEAN can't run it.
        """
        if not self.runs_in_strategies:
            raise SavedModelError(
                f"a model of kind {self.recipe.kind!r} is for research: LEAN lacks its library. Train logistic, bayesian-ridge "
                "or lightgbm for a strategy."
            )
        spec = self.config.spec
        horizon = int(self.config.labels.get("horizon", 10))
        return StrategyModel(
            self.config.name, version, spec.columns, dict(spec.regimes), self.origin,
            date.fromisoformat(self.facts["trained_until"]), self.predictor, self.config.sizing, horizon,
        ).to_text()  # fmt: skip
