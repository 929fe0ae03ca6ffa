"""How many states a series supports."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import TYPE_CHECKING, Any

import numpy as np
import numpy.typing as npt

from hidden_regime.exceptions import ParameterError
from hidden_regime.models.base import HiddenMarkovModel, check_observations
from hidden_regime.models.gaussian import GaussianHMM

if TYPE_CHECKING:
    import pandas as pd

CRITERIA = ("aic", "bic", "icl", "cv")


def time_ordered_score(make: Callable[[], HiddenMarkovModel], x: npt.NDArray[np.float64], n_splits: int) -> float:
    """Log-likelihood of observations that no fit had seen: each of `n_splits` stretches under a model of all before it.

    The filter runs through the past into the stretch, so its first observation is predicted from the last of the past.
    """
    edges = np.linspace(len(x) // (n_splits + 1), len(x), n_splits + 1).astype(int)
    total = 0.0
    for begin, end in zip(edges[:-1], edges[1:], strict=True):
        model = make().fit(x[:begin])
        total += model.score(x[:end]) - model.score(x[:begin])
    return total


def select_n_states(
    X: npt.ArrayLike, candidates: Iterable[int] = range(1, 6), criterion: str = "bic", *, n_splits: int = 4, **options: Any
) -> pd.DataFrame:
    """Fit a model for each number of states and compare.

    Parameters
    ----------
    X : (n_samples, n_features)
    candidates : iterable of int
    criterion : "aic", "bic", "icl" or "cv"
        What decides. "cv" is the log-likelihood of stretches that come after those which were fitted; the others are
        information criteria, where lower is better.
    n_splits : int
        Stretches of "cv".
    **options
        Further options of `GaussianHMM`.

    Returns
    -------
    DataFrame
        By number of states: log_likelihood, n_parameters, aic, bic, icl, cv (NaN unless it decides), best.

    Examples
    --------
    >>> import numpy as np
    >>> rng = np.random.default_rng(0)
    >>> X = np.concatenate([rng.normal(0, 1, 300), rng.normal(0, 4, 300)])[:, None]
    >>> select_n_states(X, range(1, 4))["best"].tolist()
    [False, True, False]
    """
    import pandas as pd

    if criterion not in CRITERIA:
        raise ParameterError("criterion", criterion, f"one of {CRITERIA}")
    x, numbers = check_observations(X), list(candidates)
    if not numbers or n_splits < 1:
        raise ParameterError("candidates", numbers, "at least one number of states, and n_splits of at least 1")
    rows = []
    for k in numbers:
        model = GaussianHMM(k, **options).fit(x)
        cv = time_ordered_score(lambda k=k: GaussianHMM(k, **options), x, n_splits) if criterion == "cv" else np.nan  # type: ignore[misc]
        rows.append((k, model.log_likelihood_, model.n_parameters_, model.aic(x), model.bic(x), model.icl(x), cv))
    table = pd.DataFrame(rows, columns=["n_states", "log_likelihood", "n_parameters", "aic", "bic", "icl", "cv"]).set_index(
        "n_states"
    )
    chosen = table["cv"].idxmax() if criterion == "cv" else table[criterion].idxmin()
    table["best"] = table.index == chosen
    return table


def plot_selection(table: pd.DataFrame, criterion: str | None = None) -> Any:
    """Picture of what `select_n_states` found: a criterion against the number of states, the best one marked.

    Parameters
    ----------
    table : DataFrame
        As `select_n_states` gives it.
    criterion : str, optional
        "aic", "bic", "icl" or "cv"; by default "cv" where it was computed, else "bic".

    Returns
    -------
    plotly.graph_objects.Figure
    """
    import plotly.graph_objects as go

    name = criterion or ("cv" if table["cv"].notna().any() else "bic")
    if name not in CRITERIA or table[name].isna().all():
        raise ParameterError("criterion", name, f"one of {CRITERIA} that the table holds")
    values = table[name]
    best: Any = values.idxmax() if name == "cv" else values.idxmin()
    title = "log-likelihood of unseen stretches" if name == "cv" else f"{name.upper()} (lower is better)"
    line = go.Scatter(x=values.index, y=values, mode="lines+markers", line={"color": "#4a6fa5"}, marker={"size": 8}, name=title)
    mark = go.Scatter(
        x=[best], y=[values[best]], mode="markers+text", text=[f"{best} states"], textposition="top center",
        marker={"size": 14, "color": "#c0504d"}, name="best")  # fmt: skip
    figure = go.Figure([line, mark])
    return figure.update_layout(
        template="plotly_white", showlegend=False, xaxis={"title": "number of states", "dtick": 1}, yaxis={"title": title}
    )
