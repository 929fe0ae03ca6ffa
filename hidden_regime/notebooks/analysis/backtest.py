"""The notebook of a backtest."""

from __future__ import annotations

from hidden_regime.notebooks.analysis.cells import code, folder_cell, text

CELLS = (
    text("""
        # A backtest

        What `hidden-regime backtest`, `qc backtest` or `lean backtest` left in a folder: figures, the curve, orders and regimes.
    """),
    folder_cell(),
    code("""
        from pathlib import Path

        import matplotlib.pyplot as plt
        import pandas as pd

        from hidden_regime.experiments.sources import read_result
        from hidden_regime.notebooks import report

        found = read_result(Path(folder))
        found.table()
    """),
    code("""
        equity = found.equity["equity"]
        benchmark = found.equity["benchmark"]
        fall = equity / equity.cummax() - 1

        figure, (above, below) = plt.subplots(2, 1, figsize=(10, 6), sharex=True, height_ratios=[3, 1])
        above.plot(equity / equity.iloc[0], label=found.name)
        above.plot(benchmark / benchmark.iloc[0], label="benchmark", color="grey")
        above.legend()
        above.set_ylabel("growth of 1")
        below.fill_between(fall.index, fall, 0)
        below.set_ylabel("drawdown")
        plt.show()
    """),
    text("Returns of months, in per cent."),
    code("""
        monthly = equity.groupby([equity.index.year, equity.index.month]).last().pct_change()
        monthly.index.names = ["year", "month"]
        (100 * monthly).round(1).unstack()
    """),
    text("Orders, and how long each regime was in force."),
    code("""
        found.orders.tail(10)
    """),
    code("""
        parts = {ticker: own["regime"].value_counts(normalize=True) for ticker, own in found.regimes.items() if "regime" in own}
        pd.DataFrame(parts).round(3)
    """),
    code("""
        report("name", found.name)
        report("statistics", found.statistics)
        report("sharpe", found.sharpe)
        report("total_return", float(equity.iloc[-1] / equity.iloc[0] - 1))
        report("largest_fall", float(fall.min()))
        report("orders", len(found.orders))
        report("error", found.error)
        report("equity", found.equity)
    """),
)
