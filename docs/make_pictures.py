"""Draws the pictures of the pages on concepts and models: python docs/make_pictures.py [FOLDER]."""

from __future__ import annotations

import sys
from pathlib import Path

import numpy as np
import pandas as pd
from matplotlib.colors import ListedColormap
from matplotlib.figure import Figure

from hidden_regime import GaussianHMM, RegimeDetector, load_dataset
from hidden_regime.research.figures import ACCENT, COLOURS, FAINT, INK, REST

NAMES = ("Bear", "Sideways", "Bull")


def _plain(axes) -> None:
    axes.spines[["top", "right"]].set_visible(False)
    axes.grid(axis="y", color=FAINT)
    axes.set_axisbelow(True)


def filtered_and_smoothed(frame: pd.DataFrame) -> Figure:
    """Probability of the wild state as it was known, and as it looks in hindsight."""
    returns = np.log(frame["close"]).diff().dropna()
    model = GaussianHMM(2, stay_duration=60, stay_weight=60).fit(returns.to_numpy()[:, None])
    wild = int(np.argmax(model.covars_.ravel()))
    known = pd.Series(model.filter_proba(returns.to_numpy()[:, None])[:, wild], returns.index)
    later = pd.Series(model.predict_proba(returns.to_numpy()[:, None])[:, wild], returns.index)
    part = slice("2007-01-03", "2008-03-31")
    figure = Figure(figsize=(9, 3.2), layout="constrained")
    axes = figure.subplots()
    axes.fill_between(later[part].index, later[part], color=REST, alpha=0.45, linewidth=0, label="smoothed: knows the future")
    axes.plot(known[part].index, known[part], color=ACCENT, linewidth=1.4, label="filtered: what was known that day")
    axes.set_ylabel("P(wild state)")
    axes.set_ylim(0, 1)
    _plain(axes)
    axes.legend(frameon=False, ncols=2, loc="lower left", bbox_to_anchor=(0, 1))
    return figure


def identity(frame: pd.DataFrame) -> Figure:
    """Labels of models fitted anew each quarter, with and without identity."""
    returns = np.log(frame["close"]).diff().dropna()
    values = returns.to_numpy()[:, None]
    naive = np.full(len(values), -1)
    quarters = returns.index.year * 4 + (returns.index.month - 1) // 3
    starts = [i for i in range(252, len(values)) if quarters[i] != quarters[i - 1]]
    for n, begin in enumerate(starts):
        end = starts[n + 1] if n + 1 < len(starts) else len(values)
        model = GaussianHMM(3, init=("random",), random_state=n, tol=1e-2, n_iter=2000).fit(values[begin - 252 : begin])
        naive[begin:end] = model.predict_online(values[begin - 252 : end])[252:]
    states = RegimeDetector(3, retrain="quarterly").run(frame)["regime"].reindex(returns.index)
    ours = states.map({name: k for k, name in enumerate(NAMES)}).fillna(-1).to_numpy()
    figure = Figure(figsize=(9, 2.6), layout="constrained")
    rows = figure.subplots(2, 1, sharex=True)
    for axes, labels, title in zip(
        rows, (naive, ours), ("fitted anew: a number says nothing", "matched: a state keeps its name"), strict=True
    ):
        shades = ListedColormap([COLOURS[name] for name in NAMES])
        shown = np.ma.masked_less(labels, 0)[None, :-1]
        axes.pcolormesh(returns.index, [0, 1], shown, cmap=shades, vmin=0, vmax=2, rasterized=True)
        for k, name in enumerate(NAMES):
            axes.fill_between([], [], color=COLOURS[name], label=name if axes is rows[1] else str(k))
        axes.set_yticks([])
        axes.set_title(title, loc="left", fontsize=10, color=INK)
        axes.spines[:].set_visible(False)
        axes.legend(frameon=False, ncols=3, loc="lower right", bbox_to_anchor=(1, 0.95), fontsize=9)
    rows[0].set_xlim(pd.Timestamp("2004-01-01"), pd.Timestamp("2012-01-01"))
    return figure


def retraining(frame: pd.DataFrame) -> Figure:
    """Volatility of each regime as its model had it at each training."""
    from hidden_regime.bars.frames import frame_to_bars

    detector, rows = RegimeDetector(3, retrain="monthly"), []
    for bar in frame_to_bars(frame):
        before = detector.n_trainings
        detector.update(bar)
        if detector.n_trainings > before and detector.model is not None:
            p = detector.model.parameters
            rows.append({"time": bar.end_time, **dict(zip(detector.model.names, np.sqrt(252 * p.covars[:, 0, 0]), strict=True))})
    table = pd.DataFrame(rows).set_index("time")
    figure = Figure(figsize=(9, 3.2), layout="constrained")
    axes = figure.subplots()
    for name in NAMES:
        axes.plot(table.index, 100 * table[name], color=COLOURS[name], linewidth=1.6, drawstyle="steps-post", label=name)
    axes.set_ylabel("volatility, % a year")
    axes.set_yscale("log")
    axes.set_yticks([5, 10, 20, 40], ["5", "10", "20", "40"])
    axes.set_yticks([], minor=True)
    _plain(axes)
    axes.legend(frameon=False, ncols=3)
    return figure


def states(n_series: int = 8, n_bars: int = 1008) -> Figure:
    """What later, unseen bars say of each number of states, and what `select_n_states` answers, where the number is known."""
    from benchmarks.kinds import WITHOUT
    from benchmarks.states import SEED, WITH, answer, unseen
    from benchmarks.truths.rivals import features

    markets = {
        "none (GARCH)": (WITHOUT["GARCH(1,1)-t"], REST),
        "two regimes": (WITH["two, a rising and a falling"], COLOURS["Bull"]),
        "three regimes": (WITH["three, as the reference"], COLOURS["Bear"]),
    }
    numbers = range(1, 6)
    figure = Figure(figsize=(9, 3.2), layout="constrained")
    gain, said = figure.subplots(1, 2)
    for i, (name, (make, colour)) in enumerate(markets.items()):
        made = [make(SEED + seed, n=n_bars + 1) for seed in range(n_series)]
        gain.plot(numbers, np.mean([unseen(one, numbers) for one in made], axis=0), "o-", color=colour, label=name)
        found = [answer(features(one.frame)[1:], numbers) for one in made]
        said.bar([k + 0.27 * (i - 1) for k in numbers], [found.count(k) for k in numbers], width=0.25, color=colour, label=name)
    gain.set_title("nats a bar of unseen bars, above one state", loc="left", fontsize=10, color=INK)
    said.set_title(f"answers of select_n_states, of {n_series} series each", loc="left", fontsize=10, color=INK)
    for axes in (gain, said):
        axes.set_xlabel("number of states")
        axes.set_xticks([*numbers])
        _plain(axes)
    gain.legend(frameon=False)
    return figure


def main(folder: Path) -> None:
    """Draw all."""
    folder.mkdir(parents=True, exist_ok=True)
    sys.path.append(str(Path(__file__).resolve().parents[1]))  # its benchmarks are no part of the package
    frame = load_dataset("sp500")
    pictures = {draw.__name__: draw(frame) for draw in (filtered_and_smoothed, identity, retraining)} | {"states": states()}
    for name, figure in pictures.items():
        figure.savefig(folder / f"{name}.png", dpi=110, metadata={"Software": None})


if __name__ == "__main__":
    main(Path(sys.argv[1]) if len(sys.argv) > 1 else Path(__file__).parent / "pictures")
