"""Studies on the terminal."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from rich.console import Console
from rich.table import Table

from hidden_regime.cli.show import said

if TYPE_CHECKING:
    from hidden_regime.experiments.asking import Question
    from hidden_regime.experiments.studies.luck import Luck
    from hidden_regime.experiments.studies.study import Study
    from hidden_regime.experiments.walk_forward_figures import WalkForwardFigures
    from hidden_regime.experiments.walk_forward_result import WalkForward

TOP = 5
FURTHER = {"Sharpe Ratio": "Sharpe", "Drawdown": "drawdown", "Compounding Annual Return": "CAGR", "Total Orders": "orders"}


def _table(title: str = "") -> Table:
    return Table(title=said(title) if title else None, title_justify="left", box=None, pad_edge=False, header_style="dim")


def _number(value: float | None, form: str = ".3f") -> str:
    return "-" if value is None else format(value, form)


def reads(console: Console, question: Question) -> None:
    """What a strategy reads, with what would be varied."""
    from hidden_regime.experiments.asking import declared

    found, varied = declared(question)
    table = _table(f"{question.strategy} reads")
    for name in ("parameter", "type", "default", "given", "varied"):
        table.add_column(name)
    for read in found.values():
        given = "" if read.value is None else read.value
        table.add_row(*(said(text) for text in (read.name, read.kind_name, str(read.default), given, varied.get(read.name, ""))))
    console.print(table)


def study(console: Console, done: Study, seconds: float | None = None) -> None:
    """A finished study."""
    console.print()
    goal = done.spec["objectives"][0]
    title = f"{done.spec['strategy']}: {len(done.trials)} trials by {done.spec['method']}, {goal['direction']} {goal['target']}"
    table = _table(title)
    names = [one["name"] for one in done.spec["space"]]
    shown = [name for name in FURTHER if name != goal["target"]]
    for name in ("trial", *names, FURTHER.get(goal["target"], goal["target"]), *(FURTHER[name] for name in shown)):
        table.add_column(said(name), justify="right")
    for trial in done.ranked[:TOP]:
        values = [_number(value, ".4g") for value in (trial.values or ())[:1]]
        figures = [trial.statistics.get(name, "-") for name in shown]
        cells = [str(trial.number), *(trial.parameters[name] for name in names), *values, *figures]
        table.add_row(*(said(cell) for cell in cells))
    if done.ranked:
        console.print(table)
    console.print()
    for line in luck_lines(done.luck):
        console.print(said(line), highlight=False)
    for note in done.notes:
        console.print(said(f"note: {note}", "yellow"), highlight=False)
    if seconds is not None:
        console.print(said(f"{len(done.trials)} trials took {seconds:.1f} s."), highlight=False)


def why_none(done: Study) -> str:
    """Why no trial may be the best: the first error, or what none of them keeps to."""
    return next((trial.error for trial in done.trials if trial.error), "none of them meets the constraints with an order")


def luck_lines(luck: Luck) -> list[str]:
    """What has to stand beside the best trial's Sharpe ratio, in words."""
    if luck.psr is None:
        return [f"Luck: it can't be said how much, for {'; '.join(luck.notes)}."] if luck.notes else []
    record = "never" if luck.minimum_track_record is None else f"{luck.minimum_track_record:.1f} years"
    out = [
        f"Best by trading days: Sharpe ratio {_number(luck.sharpe, '.2f')} a year over {luck.years:.1f} years. The best of "
        f"{luck.n_tries} tries has {_number(luck.luck_sharpe, '.2f')} by luck.",
        f"Above 0 with probability {_number(luck.psr)} as if it were the only try; above luck with {_number(luck.dsr)} for all "
        f"tries, {_number(luck.dsr_effective)} for the {_number(luck.n_effective, '.1f')} that they are worth by correlation. "
        f"Record needed: {record}.",
    ]
    if luck.pbo is not None:
        band = f"{_number(luck.pbo_low, '.2f')} to {_number(luck.pbo_high, '.2f')}"
        out.append(f"Probability that the choice is overfitted: {luck.pbo:.2f}; pure noise of this shape gives {band}.")
    if luck.best_minus_median is not None:
        out.append(f"Choosing the best instead of the middle added {luck.best_minus_median:.3f} to the objective.")
    return out


def _held(done: WalkForward) -> list[str]:
    """What holding would have been."""
    if done.hold is None:
        return []
    said = f"a Sharpe ratio of {done.hold.annual_sharpe:.2f} a year, with a standard error of {done.hold.annual_se:.2f}"
    return [f"Holding what the strategy is measured against, over the same days, has {said}."]


def _choice(figures: WalkForwardFigures) -> list[str]:
    """What choosing the winners was worth."""
    inside, outside = figures.selection_in_sample, figures.selection_out_of_sample
    if inside.mean is None:
        return []
    said = f"Choosing the best instead of the middle added {inside.mean:.2f} to the objective in sample"
    if outside.mean is None:
        return [f"{said}; --all-oos tells what it added out of sample."]
    error = "" if outside.se is None else f", with a standard error of {outside.se:.2f}"
    return [f"{said}, and {outside.mean:.2f} out of sample{error}."]


def walk_forward(console: Console, done: WalkForward, seconds: float) -> None:
    """A finished walk-forward."""
    console.print()
    table = _table(
        f"{done.spec['strategy']}: {len(done.windows)} {done.spec['mode']} windows, {done.spec['objectives'][0]['target']}"
    )
    names = [one["name"] for one in done.spec["space"]]
    for name in ("traded from", *names, "in sample", "median", "out", "return"):
        table.add_column(said(name), justify="right", no_wrap=True)
    for w in done.windows:
        chosen: dict[str, Any] = {} if w.best is None else w.best.parameters
        numbers = [_number(value, ".2f") for value in (w.is_value, w.is_median, w.oos_value)]
        cells = [w.window.oos_start.isoformat(), *(chosen.get(name, "-") for name in names), *numbers]
        table.add_row(*(said(cell) for cell in (*cells, f"{w.oos_return:.1%}")))
    console.print(table)
    for note in done.notes:
        console.print(said(f"note: {note}", "yellow"), highlight=False)
    if done.figures is not None:
        verdict = done.figures.verdict
        console.print()
        console.print(said(f"Verdict: {verdict.answer}.", "bold"), highlight=False)
        for line in (*verdict.reasons, *_held(done), *_choice(done.figures), verdict.rule):
            console.print(said(line), highlight=False)
    console.print(said(f"It took {seconds:.1f} s."), highlight=False)
