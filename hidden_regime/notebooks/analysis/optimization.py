"""The notebook of a search for parameters."""

from __future__ import annotations

from hidden_regime.notebooks.analysis.cells import code, folder_cell, text

CELLS = (
    text("""
        # A search for parameters

        What `hidden-regime optimize`, `qc optimize` or `lean optimize` left in a folder: the trials, the best of them, and how
        much of it is luck.
    """),
    folder_cell(),
    code("""
        import matplotlib.pyplot as plt
        import pandas as pd

        from hidden_regime.experiments.reading import read_experiment
        from hidden_regime.notebooks import report

        study = read_experiment(folder)
        trials = study.table()
        target = [name for name in trials.columns if name.startswith("objective_")][0]
        varied = [name for name in trials.columns if name.startswith("param_")]
        trials.sort_values(target, ascending=study.directions[0] == "min").head(10)
    """),
    text("Each trial by its parameters. A lone peak is luck more often than a hill is."),
    code("""
        figure, axes = plt.subplots(1, len(varied), figsize=(5 * len(varied), 4), squeeze=False, sharey=True)
        for axis, name in zip(axes[0], varied):
            values = pd.to_numeric(trials[name], errors="coerce")
            axis.plot(values if values.notna().all() else trials[name], trials[target], ".")
            axis.set_xlabel(name.removeprefix("param_"))
        axes[0][0].set_ylabel(target.removeprefix("objective_"))
        plt.show()
    """),
    text("How much of the best is luck: probabilities that its Sharpe ratio is above 0, and above that of the best of so many."),
    code("""
        luck = pd.Series(study.luck.to_dict(), dtype=object).to_frame("value")
        luck
    """),
    code("""
        best = study.best
        report("n_trials", len(study.trials))
        report("best", None if best is None else best.number)
        report("best_parameters", study.best_parameters)
        report("best_value", None if best is None else best.values[0])
        report("target", target.removeprefix("objective_"))
        report("dsr", study.luck.dsr)
        report("pbo", study.luck.pbo)
        report("trials", trials)
    """),
)
