"""Many paths that might have come instead, of whatever kind."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date
from pathlib import Path
from typing import Any

from hidden_regime.experiments.objective import Objective
from hidden_regime.experiments.optimization import KEPT
from hidden_regime.experiments.simulation import asked as asking
from hidden_regime.experiments.simulation.drawing import Progress
from hidden_regime.experiments.simulation.simulation import Simulation
from hidden_regime.experiments.trials.source import Data

DRAWDOWNS = (0.1, 0.2, 0.3, 0.4, 0.5)


def monte_carlo(
    source: Any,
    *,
    kind: str = "bootstrap",
    n_paths: int | None = None,
    block: float | None = None,
    years: float | None = None,
    ruin: float = 0.5,
    drawdowns: Sequence[float] = DRAWDOWNS,
    seed: int = 0,
    name: str = "",
    data: Data = None,
    parameters: Mapping[str, object] | None = None,
    start: date | None = None,
    end: date | None = None,
    cash: float | None = None,
    space: Any = None,
    objective: str | Objective = "Sharpe Ratio",
    n_states: int = 3,
    workers: int | None = None,
    backend: str = "loky",
    store: str | Path | None = KEPT,
    out: str | Path | None = None,
    progress: Progress | None = None,
) -> Simulation:
    """Say what might have come instead of what came: returns, drawdowns and ruin over many paths.

    Parameters
    ----------
    source : Result, str, Path, Series or (n_days,) DataFrame
        Of bootstrap and trades: a run; a strategy, which is run; the folder of a backtest, a study or a walk-forward; or returns
        by trading day. Of parameters and regime-paths: a strategy, or the folder of a study, whose winner is taken.
    kind : str
        "bootstrap": the trading days are drawn again, in blocks. "trades": the closed trades are, one by one. "parameters": the
        parameters are moved a little. "regime-paths": the strategy is run over bars drawn from the regimes of its market.
    n_paths : int, optional
        Default: 10,000 drawn, 200 run over regime-paths; of parameters all single steps, and joint ones up to 40 in all.
    block : float, optional
        Mean length of blocks in days; default: the longer of what Politis and White ask for of returns and of their squares.
    years : float, optional
        Length of a path; default: as long as the source. Of regime-paths the last years of its days.
    ruin : float
        An account is ruined at a close below this share of its start.
    drawdowns : sequence of float
        Levels whose probability is told.
    seed : int
        Path i depends on the seed and on i, and not on how many there are.
    name : str
        What the source is called instead of its own name.
    data, parameters, start, end, cash
        Of a strategy, as of `run_strategy`.
    space : Space, mapping, str or Path, optional
        What parameters are moved and by which steps: a space, or a file of one; default: the study's, or STRATEGY.space.toml.
        Without any all numbers are moved by 10%, whole ones by at least 1.
    objective : str or Objective
        Of parameters: what has to be kept; default: the study's, or the Sharpe ratio.
    n_states : int
        Of regime-paths.
    workers, backend, store
        As of `optimize`.
    out : str or Path, optional
        Folder to write into. One that holds another simulation is refused before anything is run.
    progress : callable, optional
        Told how many of how many paths are done.

    Returns
    -------
    Simulation
        The same question gives the same, whatever the workers.

    Raises
    ------
    ParameterError
        A number that can't be, or one that this kind doesn't take.
    StudyError
        The folder holds something else; trades that overlap; a study without a winner, or whose strategy or data have changed.

    Notes
    -----
    All figures are of trading days, a year of 252 (of trades: of the trades of a year). Quantiles and probabilities have Monte
    Carlo standard errors, which say what more paths would settle. What the source itself leaves open, they don't say.

    References
    ----------
    Politis and Romano (1994), The stationary bootstrap, Journal of the American Statistical Association 89. Politis and White
    (2004), Automatic block-length selection for the dependent bootstrap, Econometric Reviews 23.

    Examples
    --------
    >>> from hidden_regime.data import load_dataset
    >>> from hidden_regime.experiments.simulation import monte_carlo
    >>> returns = load_dataset("sp500")["close"].pct_change().dropna()
    >>> found = monte_carlo(returns, n_paths=200)
    >>> round(found.drawn["block"]), len(found.paths)
    (136, 200)
    >>> fall = found.probability("drawdown", 0.3)
    >>> f"{fall.value:.2f} +- {fall.se:.2f}"
    '0.92 +- 0.02'
    """
    count, block, years, falls = asking.check(kind, n_paths, block, years, ruin, drawdowns, seed, space, n_states)
    asked = asking.Asked(
        source, kind, count, block, years, float(ruin), falls, int(seed), name, data, parameters, start, end, cash, space,
        objective, int(n_states), workers, backend, store, progress)  # fmt: skip
    folder = None if out is None else Path(out)
    if kind in asking.RUNS:
        from hidden_regime.experiments.simulation import running

        found = running.around(asked, folder) if kind == "parameters" else running.over_paths(asked, folder)
    else:
        from hidden_regime.experiments.simulation import drawn

        found = drawn.again(asked, folder)
    if folder is not None:
        found.write(folder)
    return found
