"""What to write in place of calls that notebooks make and that exist nowhere."""

from __future__ import annotations

RUN = (
    "A notebook runs no backtest by itself: `api.create_backtest(project_id, compile_id, name)` and "
    "`api.wait_for_backtest(...)` run one in the cloud, `hidden_regime.experiments.run_strategy(...)` one here; or "
    "`hidden-regime qc backtest PROJECT` and `hidden-regime backtest FILE`."
)
READ = "Use `api.read_backtest(project_id, backtest_id)`."
SEARCH = (
    "A notebook searches no parameters by itself: `api.create_optimization(...)` does in the cloud, within the limits of "
    "`hidden-regime qc cost`, `hidden_regime.experiments.optimize(...)` here; or `hidden-regime qc optimize PROJECT` and "
    "`hidden-regime optimize FILE`."
)
READ_SEARCH = "Use `api.read_optimization(optimization_id)`."
WALK = "Use `hidden_regime.experiments.walk_forward(...)` or `hidden-regime walk-forward FILE`."
LIVE = "Nothing is deployed from a notebook: see `hidden-regime qc`."
COMPILE = "Use `api.create_compile(project_id)` and `api.read_compile(project_id, compile_id)`."

INSTEAD = {
    **dict.fromkeys(("backtest", "run_backtest", "create_backtest", "start_backtest", "run_algorithm", "run"), RUN),
    **dict.fromkeys(("read_backtest", "get_backtest", "get_backtest_results", "backtest_results", "load_backtest"), READ),
    **dict.fromkeys(
        ("optimize", "optimise", "run_optimization", "create_optimization", "optimization", "grid_search", "optimize_parameters"),
        SEARCH,
    ),
    **dict.fromkeys(("read_optimization", "get_optimization", "optimization_results"), READ_SEARCH),
    **dict.fromkeys(("walk_forward", "walk_forward_optimization", "walk_forward_analysis"), WALK),
    **dict.fromkeys(("deploy", "deploy_live", "go_live", "live", "create_live_algorithm"), LIVE),
    **dict.fromkeys(("compile", "create_compile", "build"), COMPILE),
    "get_history": "Use `qb.history(symbol, 360, Resolution.DAILY)`.",
    "get_price": "Use `qb.history(symbol, 1, Resolution.DAILY)`.",
    "get_data": "Use `qb.history(symbol, 360, Resolution.DAILY)`.",
}
"""By the name in small letters and underscores."""
