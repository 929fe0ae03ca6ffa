"""The notebook of a walk-forward."""

from __future__ import annotations

from hidden_regime.notebooks.analysis.cells import code, folder_cell, text

CELLS = (
    text("""
        # A walk-forward

        What `hidden-regime walk-forward` left in a folder: each window's winner, what it was worth afterwards, and the curve of
        the days that no parameter was chosen with.
    """),
    folder_cell(),
    code("""
        import matplotlib.pyplot as plt

        from hidden_regime.experiments.reading import read_experiment
        from hidden_regime.notebooks import report

        found = read_experiment(folder)
        windows = found.table()
        windows
    """),
    text("In sample and out of sample, window by window: what the choice loses is what was luck in it."),
    code("""
        values = windows[["is_value", "oos_value"]].astype(float)
        values.plot.bar(figsize=(10, 4))
        plt.axhline(0, color="grey", linewidth=0.5)
        plt.show()
    """),
    text("The curve out of sample."),
    code("""
        curve = found.curve
        fall = curve / curve.cummax() - 1
        figure, (above, below) = plt.subplots(2, 1, figsize=(10, 6), sharex=True, height_ratios=[3, 1])
        above.plot(curve)
        above.set_ylabel("growth of 1")
        below.fill_between(fall.index, fall, 0)
        below.set_ylabel("drawdown")
        plt.show()
    """),
    text("The verdict."),
    code("""
        figures = found.figures
        None if figures is None else figures.verdict
    """),
    code("""
        report("n_windows", len(windows))
        report("windows", windows)
        report("total_return", float(curve.iloc[-1] - 1) if len(curve) else None)
        report("largest_fall", float(fall.min()) if len(curve) else None)
        report("in_sample", None if figures is None else figures.in_sample.mean)
        report("out_of_sample", None if figures is None else figures.out_of_sample.mean)
        report("consistency", None if figures is None else figures.consistency_return)
        report("curve", curve)
    """),
)
