"""The embedded engine: nothing leaves this machine, and nothing costs anything but time."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from hidden_regime.jobs.work import Work

if TYPE_CHECKING:
    from hidden_regime.experiments.studies.study import Study
    from hidden_regime.research.tables import Backtest


def asked(work: Work) -> dict[str, Any]:
    """Data, days and cash of a campaign, as all experiments take them."""
    target = work.campaign.target
    return {"data": work.data, "start": target.start, "end": target.end, "cash": target.cash}


def backtest(work: Work) -> Backtest:
    """One run, as tables.

    Raises
    ------
    ParameterError
        A parameter that the strategy never reads.
    """
    from hidden_regime.experiments.reads import check_given, reads_of
    from hidden_regime.experiments.trials.running import run_setup
    from hidden_regime.experiments.trials.setup import make_setup
    from hidden_regime.research.backtest import collect
    from hidden_regime.simulator.run_state import run_state_of

    setup = make_setup(work.strategy, parameters=work.parameters, **asked(work))
    run = run_setup(setup, {})
    given = {name: setup.base[name] for name in work.parameters}
    if run.error is None:
        check_given(given, reads_of(run, setup.base), run_state_of(run.algorithm).parameters_unusable)
    return collect(run, setup.name)


def optimise(work: Work) -> Study:
    """A search, whose journal is in the step's folder: killed, it goes on there."""
    from hidden_regime.experiments.optimization import optimize

    search = work.campaign.search
    return optimize(
        work.strategy, work.hypothesis.space, parameters=work.hypothesis.parameters, method=search.method,
        n_trials=search.n_trials, objective=search.objective, constraints=search.constraints, seed=search.seed, workers=1,
        out=work.folder, store=work.trials, **asked(work),
    )  # fmt: skip
