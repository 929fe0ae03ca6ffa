"""`load_model`: a model by its name, from the object store, or from a text that the strategy brings along."""

from __future__ import annotations

from typing import Any

from hidden_regime.exceptions import MissingDependencyError, SavedModelError
from hidden_regime.quantconnect.learned.model import LearnedModel
from hidden_regime.quantconnect.learned.text import StrategyModel

FOLDER = "hidden_regime/models"


def key_of(name: str) -> str:
    """Key of a model in the object store."""
    return f"{FOLDER}/{name}.json"


def load_model(algorithm: Any, name: str, *, text: str | None = None, key: str | None = None) -> LearnedModel:
    """The model of a name, for an algorithm.

    Parameters
    ----------
    algorithm : HiddenRegimeAlgorithm
        `self`, in `initialize`.
    name : str
    text : str, optional
        The model itself, as `hidden-regime ml export --to module` writes it; default: what the object store holds.
    key : str, optional
        Of the object, by default "hidden_regime/models/NAME.json".

    Returns
    -------
    LearnedModel
        Where there is no such model, or it is damaged, one that holds nothing and has said so: `self.error`, and
        `on_model_alarm(problem)` where the algorithm has that.

    Examples
    --------
    In a strategy::

        def initialize(self):
            ...
            self.model = load_model(self, "sp500-up")
            self.model.watch(self.asset)

        def on_data(self, data):
            self.set_holdings(self.asset, self.model.allocation(self.asset))
    """
    try:
        content = _read(algorithm, key or key_of(name)) if text is None else text
        model = StrategyModel.of_text(content)
        if model.name != name:
            raise SavedModelError(f"it is the model {model.name!r}.")
    except (SavedModelError, MissingDependencyError) as error:
        return LearnedModel(algorithm, None, f"model {name!r}: {error.text}")
    return LearnedModel(algorithm, model)


def _read(algorithm: Any, key: str) -> str:
    store = algorithm.object_store
    try:
        if not store.contains_key(key):
            raise SavedModelError(f"the object store has no {key!r}. Export the model into it.")
        return str(store.read(key))
    except SavedModelError:
        raise
    except Exception as error:
        raise SavedModelError(f"the object store can't read {key!r} ({error}).") from error
