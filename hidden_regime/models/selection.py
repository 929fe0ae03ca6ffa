"""How many states a series supports."""

from __future__ import annotations

import warnings
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import contextmanager
from functools import partial
from typing import TYPE_CHECKING, Any

import numpy as np
import numpy.typing as npt

from hidden_regime.exceptions import ParameterError, RegimeError, TrainingError
from hidden_regime.models.autoregressive import AutoregressiveHMM
from hidden_regime.models.base import HiddenMarkovModel
from hidden_regime.models.gaussian import GaussianHMM
from hidden_regime.models.inputs import check_lengths, check_observations
from hidden_regime.models.presence import evidence, price, supported

if TYPE_CHECKING:
    import pandas as pd

CRITERIA = ("aic", "bic", "icl", "cv", "evidence")
COLUMNS = ("log_likelihood", "n_parameters", *CRITERIA)


def _first(lengths: Sequence[int], n: int) -> list[int]:
    """Lengths of the sequences in the first n rows."""
    ends = np.minimum(np.cumsum(lengths), n)
    return [int(length) for length in np.diff(ends, prepend=0) if length > 0]


def time_ordered_score(
    make: Callable[[], HiddenMarkovModel], x: npt.NDArray[np.float64], n_splits: int, lengths: Sequence[int] | None = None
) -> float:
    """Log-likelihood of observations that no fit had seen: each of `n_splits` stretches under a model of all before it.

    The filter runs through the past into the stretch, so its first observation is predicted from the last of the past.
    """
    edges = np.linspace(len(x) // (n_splits + 1), len(x), n_splits + 1).astype(int)
    all_lengths, total = check_lengths(lengths, len(x)), 0.0
    for begin, end in zip(edges[:-1].tolist(), edges[1:].tolist(), strict=True):
        before, until = _first(all_lengths, begin), _first(all_lengths, end)
        model = make().fit(x[:begin], lengths=before)
        total += model.score(x[:end], lengths=until) - model.score(x[:begin], lengths=before)
    return total


def select_n_states(
    X: npt.ArrayLike,
    candidates: Iterable[int] = range(1, 6),
    criterion: str = "evidence",
    *,
    n_splits: int = 4,
    lengths: Sequence[int] | None = None,
    model: Callable[..., HiddenMarkovModel] = GaussianHMM,
    n_init: int = 20,
    **options: Any,
) -> pd.DataFrame:
    """Fit a model for each number of states and compare.

    Information criteria weigh a number of states against a smaller one, so in noise with heavy tails and in a volatility that
    moves they find states that aren't there. "evidence", the default, weighs it against one state whose scale and level move, and
    answers 1 where that explains as much: see `hidden_regime.models.presence`. docs/models.md has a picture.

    Parameters
    ----------
    X : (n_samples, n_features)
    candidates : iterable of int
    criterion : "evidence", "aic", "bic", "icl" or "cv"
        What decides. "evidence" is a log-likelihood ratio, and every state has to be worth its nats; it says the same whatever
        the model, and of fewer than 100 rows it says the fewest. "cv" is the log-likelihood of stretches that come after those
        which were fitted; the others are information criteria, where lower is better.
    n_splits : int
        Stretches of "cv".
    lengths : sequence of int, optional
        Lengths of the sequences that lie one after the other in X.
    model : class
        `GaussianHMM`, `StudentTHMM`, `JumpModel`, `AutoregressiveHMM`, or `CovariateHMM` without covariates. "evidence"
        knows nothing of an autoregression's lags.
    n_init : int
        Random starts of each fit, besides the model's own. The more states, the more local optima: fits that end in a worse one
        speak for fewer states, and three nats decide a BIC.
    **options
        Further options of the model.

    Returns
    -------
    DataFrame
        By number of states: log_likelihood, n_parameters, aic, bic, icl, cv and evidence (NaN unless they decide), best; and
        reason, why a number of states has none of these, such as more parameters than the data can determine.

    Raises
    ------
    ParameterError
        "evidence" of an `AutoregressiveHMM`, or another option outside its limits.
    TrainingError
        No number of states can be fitted: the first one's error.

    Examples
    --------
    >>> import numpy as np
    >>> rng = np.random.default_rng(0)
    >>> X = np.concatenate([rng.normal(0, sd, 150) for sd in (1, 4, 1, 4)])[:, None]
    >>> select_n_states(X, range(1, 4))["best"].tolist()
    [False, True, False]
    >>> noise = rng.standard_t(4, 600)[:, None]
    >>> [int(select_n_states(noise, (1, 2), by)["best"].idxmax()) for by in ("evidence", "bic")]
    [1, 2]
    """
    import pandas as pd

    if criterion not in CRITERIA:
        raise ParameterError("criterion", criterion, f"one of {CRITERIA}")
    x, numbers = check_observations(X), list(candidates)
    if not numbers or n_splits < 1:
        raise ParameterError("candidates", numbers, "at least one number of states, and n_splits of at least 1")
    sequences = check_lengths(lengths, len(x))
    if criterion == "evidence" and isinstance(model, type) and issubclass(model, AutoregressiveHMM):
        expected = "'aic', 'bic', 'icl' or 'cv' for an AutoregressiveHMM"
        raise ParameterError("criterion", criterion, expected, "Evidence knows nothing of its lags.")
    rows: list[tuple[Any, ...]] = []
    errors: list[RegimeError] = []
    for k in numbers:
        try:
            with _naming(k):
                rows.append((k, *_judged(partial(model, k, n_init=n_init, **options), x, criterion, n_splits, lengths), ""))
        except (TrainingError, ParameterError) as error:
            if isinstance(error, ParameterError) and (error.parameter != "n_states" or not _is_count(k)):
                raise
            errors.append(error)
            rows.append((k, *[np.nan] * len(COLUMNS[:-1]), error.text))
    if len(errors) == len(rows):
        raise errors[0]
    table = pd.DataFrame(rows, columns=["n_states", *COLUMNS[:-1], "reason"]).set_index("n_states")
    table.insert(len(COLUMNS) - 1, "evidence", np.nan)
    if not errors:
        table["n_parameters"] = table["n_parameters"].astype(np.int64)
    if criterion == "evidence":
        able = table["bic"].notna()
        table.loc[able, "evidence"] = evidence(x, table.index[able].tolist(), sequences)
    table.insert(len(COLUMNS), "best", table.index == _chosen(table, criterion))
    return table


def _chosen(table: pd.DataFrame, criterion: str) -> Any:
    """Number of states that a criterion speaks for."""
    if criterion == "evidence":
        able = table[table["bic"].notna()]
        return supported(able.index.tolist(), able["evidence"].tolist())
    return table[criterion].idxmax() if criterion == "cv" else table[criterion].idxmin()


def _is_count(k: object) -> bool:
    return isinstance(k, (int, np.integer)) and not isinstance(k, bool) and bool(k >= 1)


def _judged(
    make: Callable[[], HiddenMarkovModel],
    x: npt.NDArray[np.float64],
    criterion: str,
    n_splits: int,
    lengths: Sequence[int] | None,
) -> tuple[float, ...]:
    fitted = make().fit(x, lengths=lengths)
    cv = time_ordered_score(make, x, n_splits, lengths) if criterion == "cv" else np.nan
    criteria = (ask(x, lengths) for ask in (fitted.aic, fitted.bic, fitted.icl))
    return (fitted.log_likelihood_, fitted.n_parameters_, *criteria, cv)


@contextmanager
def _naming(n_states: int) -> Iterator[None]:
    """Warnings that say which number of states they are of."""
    with warnings.catch_warnings(record=True) as caught:
        warnings.simplefilter("always")
        yield
    for said in caught:
        text = str(said.message).removeprefix("hidden_regime: ")
        warnings.warn(said.category(f"n_states = {n_states}: {text}"), stacklevel=4)


def plot_selection(table: pd.DataFrame, criterion: str | None = None) -> Any:
    """Picture of what `select_n_states` found: a criterion against the number of states, the best one marked.

    Parameters
    ----------
    table : DataFrame
        As `select_n_states` gives it.
    criterion : str, optional
        "evidence" (above what its states have to be worth), "aic", "bic", "icl" or "cv"; by default "evidence" or "cv" where it
        was computed, else "bic".

    Returns
    -------
    plotly.graph_objects.Figure
    """
    import plotly.graph_objects as go

    name = criterion or next((name for name in ("evidence", "cv") if table[name].notna().any()), "bic")
    if name not in CRITERIA or table[name].isna().all():
        raise ParameterError("criterion", name, f"one of {CRITERIA} that the table holds")
    values, title = table[name], f"{name.upper()} (lower is better)"
    if name == "evidence":
        values, title = values - [price(k) for k in table.index], "nats of evidence above what the states have to be worth"
    elif name == "cv":
        title = "log-likelihood of unseen stretches"
    best = _chosen(table, name)
    line = go.Scatter(x=values.index, y=values, mode="lines+markers", line={"color": "#4a6fa5"}, marker={"size": 8}, name=title)
    mark = go.Scatter(
        x=[best], y=[values[best]], mode="markers+text", text=[f"{best} states"], textposition="top center",
        marker={"size": 14, "color": "#c0504d"}, name="best")  # fmt: skip
    figure = go.Figure([line, mark])
    return figure.update_layout(
        template="plotly_white", showlegend=False, xaxis={"title": "number of states", "dtick": 1}, yaxis={"title": title}
    )
