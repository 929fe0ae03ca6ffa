"""Predictors: a core with its calibrator, or one for each regime, weighed by what is known of the regime."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any, NamedTuple, Protocol

import numpy as np

from hidden_regime.exceptions import ParameterError, SavedModelError
from hidden_regime.kernels.results import Floats
from hidden_regime.quantconnect.learned.cores import Calibrator, Core, core_of

MODES = ("mixture", "called")
CoreReader = Callable[[Any], Core]


class Predictions(NamedTuple):
    """What is predicted of rows.

    Attributes
    ----------
    probability : (n,)
        That the label is 1.
    mean, sd : (n,)
        Of the return over the label's life; NaN of models of probabilities alone.
    """

    probability: Floats
    mean: Floats
    sd: Floats


class Predictor(Protocol):
    """Predicts rows (n, n_features)."""

    def predict(self, X: Floats) -> Predictions:
        """Of each row."""
        ...

    def to_dict(self) -> dict[str, Any]:
        """All of it, as JSON can hold it."""
        ...


class Single:
    """One core and its calibrator."""

    def __init__(self, core: Core, calibrator: Mapping[str, Any] | None = None) -> None:
        self.core = core
        self.calibrator = Calibrator(calibrator, core.link)

    def predict(self, X: Floats) -> Predictions:
        """Of each row."""
        found = self.core.scores(X)
        return Predictions(self.calibrator.probability(found.score), found.mean, found.sd)

    def to_dict(self) -> dict[str, Any]:
        """All of it."""
        return {"kind": "single", "core": self.core.content, "calibrator": self.calibrator.content}


class RegimeSwitchingModel:
    """A model for each regime, chosen or weighed by the filtered probabilities that stand among the columns.

    Parameters
    ----------
    models : mapping of str to Predictor
        By the regime's name.
    fallback : Predictor
        For regimes without a model of their own.
    columns : mapping of str to int
        Place of each regime's filtered probability among the columns.
    mode : str
        "mixture": sum of the models' answers times the probabilities, which must sum to 1 over `columns` or leave the rest to the
        fallback. "called": the model of the likeliest regime alone.

    Notes
    -----
    Of a mixture the variance is that of the mixed distribution, sum p (sd^2 + mean^2) - mean^2.

    Examples
    --------
    >>> import numpy as np
    >>> from hidden_regime.quantconnect.learned.cores import Constant
    >>> from hidden_regime.quantconnect.learned.predictor import RegimeSwitchingModel, Single
    >>> calm, wild = (Single(Constant({"kind": "constant", "score": score})) for score in (2.0, -2.0))
    >>> model = RegimeSwitchingModel({"Bull": calm}, wild, {"Bull": 0, "Bear": 1})
    >>> model.predict(np.array([[1.0, 0.0], [0.5, 0.5]])).probability.round(3).tolist()
    [0.881, 0.5]
    """

    def __init__(
        self, models: Mapping[str, Predictor], fallback: Predictor, columns: Mapping[str, int], mode: str = "mixture"
    ) -> None:
        if mode not in MODES:
            raise ParameterError("mode", mode, f"one of {', '.join(MODES)}")
        strange = sorted(set(models) - set(columns))
        if strange or not columns:
            raise ParameterError("models", strange, f"regimes whose probabilities are among the columns: {sorted(columns)}")
        self.models, self.fallback, self.columns, self.mode = dict(models), fallback, dict(columns), mode

    def weights(self, X: Floats) -> Floats:
        """Of each regime in the order of `columns`, and of the fallback as the last, (n, n_regimes + 1)."""
        p = np.clip(X[:, list(self.columns.values())], 0.0, 1.0)
        rest = np.clip(1.0 - p.sum(axis=1), 0.0, 1.0)
        whole = np.column_stack([p, rest])
        if self.mode == "mixture":
            return np.asarray(whole / whole.sum(axis=1, keepdims=True))
        return np.asarray(np.eye(whole.shape[1])[whole.argmax(axis=1)])

    def predict(self, X: Floats) -> Predictions:
        """Of each row."""
        weights = self.weights(X)
        general = self.fallback.predict(X)
        answers = [self.models[name].predict(X) if name in self.models else general for name in self.columns]
        answers.append(general)
        probability, mean, second = (np.zeros(len(X)) for _ in range(3))
        for k, one in enumerate(answers):
            w = weights[:, k]
            used = w > 0.0
            probability = probability + w * one.probability
            mean = mean + np.where(used, w * one.mean, 0.0)
            second = second + np.where(used, w * (one.sd**2 + one.mean**2), 0.0)
        return Predictions(probability, mean, np.sqrt(np.maximum(second - mean**2, 0.0)))

    def to_dict(self) -> dict[str, Any]:
        """All of it."""
        return {
            "kind": "switching", "mode": self.mode, "columns": self.columns, "fallback": self.fallback.to_dict(),
            "models": {name: model.to_dict() for name, model in self.models.items()},
        }  # fmt: skip


def predictor_of(content: Any, read: CoreReader = core_of) -> Predictor:
    """A predictor of its content.

    Parameters
    ----------
    content : mapping
        What `to_dict` gave.
    read : callable
        Makes cores; in a strategy only those of plain arrays and LightGBM's text.

    Raises
    ------
    SavedModelError
    """
    if not isinstance(content, Mapping):
        raise SavedModelError(f"a predictor of type {type(content).__name__}: expected an object with a kind.")
    try:
        if content.get("kind") == "single":
            return Single(read(content["core"]), content["calibrator"])
        if content.get("kind") == "switching":
            models = {str(name): predictor_of(one, read) for name, one in content["models"].items()}
            columns = {str(name): int(place) for name, place in content["columns"].items()}
            return RegimeSwitchingModel(models, predictor_of(content["fallback"], read), columns, content["mode"])
    except (LookupError, TypeError, ValueError, AttributeError, OverflowError) as error:
        if isinstance(error, SavedModelError):
            raise
        raise SavedModelError(f"the predictor can't be read ({type(error).__name__}: {error}): it is damaged.") from error
    raise SavedModelError(f"a predictor of kind {content.get('kind')!r}: expected single or switching.")


def predict_row(predictor: Predictor, row: Sequence[float]) -> tuple[float, float, float]:
    """Probability, mean and standard deviation for one row, the same bits as among others."""
    found = predictor.predict(np.asarray([row], dtype=np.float64))
    return float(found.probability[0]), float(found.mean[0]), float(found.sd[0])
