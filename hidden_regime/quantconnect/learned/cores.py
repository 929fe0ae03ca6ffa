"""What predicts, as plain arrays: linear, Bayesian linear, trees, a constant. Nothing here needs scikit-learn."""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping, Sequence
from typing import Any, NamedTuple, Protocol

import numpy as np

from hidden_regime.exceptions import MissingDependencyError, SavedModelError
from hidden_regime.kernels.results import Floats

LINKS = ("logit", "probit")


class Scores(NamedTuple):
    """What a core says of rows.

    Attributes
    ----------
    score : (n,)
        Above 0 where the label is likelier than not: a margin in logits, or a mean in standard deviations.
    mean, sd : (n,)
        Of the return over a label's life; NaN of what knows probabilities alone.
    """

    score: Floats
    mean: Floats
    sd: Floats


class Core(Protocol):
    """Predicts rows; `content` is all of it, as JSON can hold it."""

    content: dict[str, Any]
    link: str

    def scores(self, X: Floats) -> Scores:
        """Of rows (n, n_features), without gaps."""
        ...


def _unknown(score: Floats) -> Scores:
    nothing = np.full(len(score), np.nan)
    return Scores(score, nothing, nothing)


def _vector(content: Mapping[str, Any], name: str, size: int | None = None) -> Floats:
    try:
        x = np.asarray(content[name], dtype=np.float64)
    except (KeyError, TypeError, ValueError, OverflowError) as error:
        raise SavedModelError(f"the model's {name!r} can't be read ({type(error).__name__}): expected numbers.") from error
    if x.ndim != 1 or not np.isfinite(x).all() or (size is not None and len(x) != size):
        raise SavedModelError(f"the model's {name!r} has shape {x.shape}: expected {size or 'some'} finite numbers.")
    return x


class Linear:
    """Standardised columns times coefficients.

    The sum goes column by column: a row's answer is the same, bit for bit, alone and among others.
    """

    link = "logit"

    def __init__(self, content: Mapping[str, Any]) -> None:
        self.content = dict(content)
        self.coef = _vector(content, "coef")
        self.mean, self.scale = (_vector(content, name, len(self.coef)) for name in ("mean", "scale"))
        self.intercept = float(_vector({"intercept": [content.get("intercept")]}, "intercept")[0])
        if not (self.scale > 0.0).all():
            raise SavedModelError("the model's 'scale' has numbers that aren't above 0: it is damaged. Export it again.")

    def standardised(self, X: Floats) -> Floats:
        """Columns less their means, over their scales."""
        with np.errstate(all="ignore"):  # what overflows is no probability, which whoever asks is told
            return np.asarray((X - self.mean) / self.scale)

    def margin(self, X: Floats) -> Floats:
        """Score of each row."""
        z = self.standardised(X)
        total = np.full(len(z), self.intercept)
        with np.errstate(all="ignore"):
            for j, weight in enumerate(self.coef.tolist()):
                total = total + weight * z[:, j]
        return total

    def scores(self, X: Floats) -> Scores:
        """Margins in logits."""
        return _unknown(self.margin(X))


class Bayesian(Linear):
    """A linear mean whose coefficients are uncertain: variance = noise + z' covariance z."""

    link = "probit"

    def __init__(self, content: Mapping[str, Any]) -> None:
        super().__init__(content)
        n = len(self.coef)
        self.covariance = _vector(content, "covariance", n * n).reshape(n, n)
        self.noise = float(_vector({"noise": [content.get("noise")]}, "noise")[0])

    def scores(self, X: Floats) -> Scores:
        """Mean and standard deviation of the return, and the one over the other."""
        z, mean = self.standardised(X), self.margin(X)
        variance = np.full(len(z), self.noise)
        with np.errstate(all="ignore"):
            for i in range(len(self.coef)):
                for j in range(len(self.coef)):
                    variance = variance + self.covariance[i, j] * z[:, i] * z[:, j]
            sd = np.sqrt(np.maximum(variance, 1e-300))
            return Scores(mean / sd, mean, sd)


class Trees:
    """LightGBM's text, read by LightGBM, which LEAN has."""

    link = "logit"

    def __init__(self, content: Mapping[str, Any]) -> None:
        self.content = dict(content)
        text = content.get("text")
        if not isinstance(text, str) or not text.startswith("tree"):
            raise SavedModelError("the model's trees aren't LightGBM's text: it is damaged. Export it again.")
        try:
            import lightgbm
        except ImportError as error:
            raise MissingDependencyError("models of trees need lightgbm: pip install 'hidden-regime[ml]'.") from error
        try:
            self.booster = lightgbm.Booster(model_str=text)
        except lightgbm.basic.LightGBMError as error:
            raise SavedModelError(f"LightGBM can't read the model's trees ({error}): it is damaged. Export it again.") from error

    def scores(self, X: Floats) -> Scores:
        """Margins in logits."""
        return _unknown(np.asarray(self.booster.predict(X, raw_score=True, num_threads=1), dtype=np.float64).reshape(len(X)))


class Constant:
    """The same for each row: what a model has to be better than."""

    link = "logit"

    def __init__(self, content: Mapping[str, Any]) -> None:
        self.content = dict(content)
        self.score = float(_vector({"score": [content.get("score")]}, "score")[0])

    def scores(self, X: Floats) -> Scores:
        """The constant."""
        return _unknown(np.full(len(X), self.score))


CORES: dict[str, Callable[[Mapping[str, Any]], Core]] = {
    "linear": Linear,
    "bayesian": Bayesian,
    "trees": Trees,
    "constant": Constant,
}


def core_of(content: Any) -> Core:
    """A core of its content.

    Raises
    ------
    SavedModelError
        Damaged, or of a kind that can't run in a strategy.
    MissingDependencyError
    """
    kind = content.get("kind") if isinstance(content, Mapping) else None
    if kind not in CORES:
        raise SavedModelError(f"a model of kind {kind!r} can't run in a strategy: expected one of {', '.join(CORES)}.")
    return CORES[str(kind)](content)


def normal_cdf(x: Floats) -> Floats:
    """Of the standard normal distribution, without scipy."""
    return np.array([0.5 * math.erfc(-value / math.sqrt(2.0)) for value in np.asarray(x, float).tolist()])


def logistic(x: Floats) -> Floats:
    """1 / (1 + exp(-x)), which overflows nowhere."""
    e = np.exp(-np.abs(x))
    return np.asarray(np.where(x >= 0.0, 1.0 / (1.0 + e), e / (1.0 + e)))


class Calibrator:
    """From a score to a probability that means what it says.

    Parameters
    ----------
    content : mapping or None
        {"kind": "sigmoid", "a", "b"}: 1 / (1 + exp(-(a score + b))). {"kind": "isotonic", "x", "y"}: straight lines between
        points. None: the link of the core alone.
    link : str
        "logit" or "probit".
    """

    def __init__(self, content: Mapping[str, Any] | None, link: str) -> None:
        self.content = None if content is None else dict(content)
        self.link = link
        self.points: Sequence[Floats] = ()
        if content is None:
            return
        if content.get("kind") == "sigmoid":
            self.points = [_vector({name: [content.get(name)]}, name) for name in ("a", "b")]
        elif content.get("kind") == "isotonic":
            x = _vector(content, "x")
            self.points = [x, _vector(content, "y", len(x))]
        else:
            raise SavedModelError(f"a calibrator of kind {content.get('kind')!r}: expected sigmoid or isotonic.")

    def probability(self, score: Floats) -> Floats:
        """Of scores."""
        if self.content is None:
            return logistic(score) if self.link == "logit" else normal_cdf(score)
        first, second = self.points
        if self.content["kind"] == "sigmoid":
            with np.errstate(all="ignore"):
                return logistic(first[0] * score + second[0])
        return np.asarray(np.interp(score, first, second))
