"""The page of a walk-forward."""

from __future__ import annotations

import math
from collections import Counter
from typing import TYPE_CHECKING, Any

import numpy as np

from hidden_regime.experiments.pages import curve_figures, figures, parameter_figures
from hidden_regime.experiments.pages.captions import SEEDED, fixed
from hidden_regime.experiments.pages.rendering import drawn, render
from hidden_regime.experiments.pages.written import (
    NOTHING,
    day,
    goals,
    number,
    objective,
    percent,
    plus_minus,
    probability,
    signed,
    years,
)
from hidden_regime.experiments.walk_forward_figures import WalkForwardFigures
from hidden_regime.regimes.statistics import days_per_year

if TYPE_CHECKING:
    from hidden_regime.experiments.walk_forward_result import WalkForward, WindowResult


def walk_forward_page(found: WalkForward) -> str:
    """HTML of a walk-forward's page: equal ones have equal pages.

    The page opens without a network, in light, dark and on paper. Texts from outside (names, values, errors) are escaped.
    """
    f = found.figures
    varied = _varied(found)
    stitched = f is not None and len(found.curve) > 0
    return render(
        "walk_forward", title=f"{found.spec['strategy']}: walk-forward", id=f"Walk-forward {found.id}", asked=asked(found),
        fixed=fixed(found.spec), verdict=None if f is None else f.verdict,
        stitched=drawn(curve_figures.stitched(found), "stitched") if stitched else "", stitched_note=_stitched_note(found),
        tiles=[] if f is None else tiles(found, f), bars=drawn(figures.in_and_out(found), "bars") if f is not None else "",
        bars_note=_bars_note(found), columns=_columns(found), rows=[_row(found, w, varied) for w in found.windows],
        parameters=[drawn(parameter_figures.by_window(found, name), f"parameter-{i}") for i, name in enumerate(varied)],
        stability=[_stability(found, f, name) for name in varied] if f is not None else [], notes=_notes(found))  # fmt: skip


def asked(found: WalkForward) -> str:
    """What was asked, in one line."""
    spec, n = found.spec, len(found.windows)
    parts = [str(spec["strategy"]), f"{day(spec['first'])} to {day(spec['last'])}"]
    windows = f"{n} {spec['mode']} window{'' if n == 1 else 's'}"
    if spec["mode"] == "random":
        drawn_assets = f", {spec['n_assets']} assets each" if spec.get("n_assets") else ""
        parts.append(f"{windows}, {percent(spec['train'], 0)} of each in sample{drawn_assets}")
    else:
        parts.append(f"{windows}, {spec['is_months']} months in sample, {spec['oos_months']} out of it")
    seeded = spec["method"] in SEEDED
    parts += [f"{spec['method']}" + (f", {spec['n_trials']} trials a window" if seeded else ""), goals(spec)]
    return " \u00b7 ".join([*parts, f"seed {spec['seed']}"] if seeded or spec["mode"] == "random" else parts)


def tiles(found: WalkForward, f: WalkForwardFigures) -> list[tuple[str, str, str]]:
    """Name, figure and what belongs beside it."""
    target, s = found.spec["objectives"][0]["target"], f.stitched
    curve = found.curve.to_numpy(np.float64)
    whole = np.concatenate([[1.0], curve])
    fall = float((1.0 - whole / np.maximum.accumulate(whole)).max())
    days_a_year = days_per_year(found.curve.index)
    n_years = len(curve) / days_a_year
    yearly = float(whole[-1] ** (1.0 / n_years) - 1.0) if len(curve) and whole[-1] > 0.0 else None
    change = f.degradation.mean
    better = (change or 0.0) > 0.0 if found.spec["objectives"][0]["direction"] == "max" else (change or 0.0) < 0.0
    lost = "" if not change else "better: " if better else "worse: "
    if f.degradation_percent is not None:
        lost += f"{signed(percent(f.degradation_percent, 0))} of the mean in sample, "
    out = [
        ("Sharpe ratio, stitched", NOTHING if s is None else plus_minus(s.annual_sharpe, s.annual_se),
         "a year, of trading days, with its standard error"),
        ("PSR, stitched", NOTHING if s is None else probability(s.psr),
         f"true one above 0{_record(f, days_a_year)}; there are {number(n_years, 1)}"),
        ("Return a year, stitched", percent(yearly), f"{percent(float(whole[-1]) - 1.0, 0)} in all"),
        ("Largest drawdown, stitched", percent(fall), "at the close of trading days"),
        (f"Degradation of {target}", signed(plus_minus(change, f.degradation.se)),
         f"{lost}out of sample less in sample, mean of {_windows(f.degradation.n)}"),
        ("Consistency", f"{percent(f.consistency_sharpe, 0)} / {percent(f.consistency_return, 0)}",
         f"of {_windows(f.n_windows)} with a Sharpe ratio / a return above 0 out of sample"),
        ("Selection in sample", plus_minus(f.selection_in_sample.mean, f.selection_in_sample.se),
         f"of {target}: winner minus median trial, what the choice seemed to add"),
    ]  # fmt: skip
    if found.hold is not None:
        held = plus_minus(found.hold.annual_sharpe, found.hold.annual_se)
        out.insert(1, ("Sharpe ratio, held", held, "of what it is measured against, bought at the first close: the same days"))
    if f.selection_out_of_sample.n:
        said = f"of {target}: what the choice was worth, mean of {_windows(f.selection_out_of_sample.n)}"
        gain = f.selection_out_of_sample
        out.append(("Selection out of sample", plus_minus(gain.mean, gain.se), said))
    return out


def _windows(n: int) -> str:
    return f"{n} window{'' if n == 1 else 's'}"


def _record(f: WalkForwardFigures, days_a_year: int) -> str:
    if f.stitched is None:
        return ""
    needed = f.stitched.minimum_track_record / days_a_year
    return "; no number of years is enough" if math.isinf(needed) else f"; it takes {years(needed)} years until this is 0.95"


def _stitched_note(found: WalkForward) -> str:
    said = "The winner of each window in the days after it; no parameter was chosen with a bar of them. Starts at 100; " \
           "logarithmic scale."  # fmt: skip
    if found.spec["mode"] == "random":
        return f"{said} Windows overlap: a day that several tested has the mean of their returns."
    return f"{said} Every other window is shaded."


def _bars_note(found: WalkForward) -> str:
    target = found.spec["objectives"][0]["target"]
    diluted = " LEAN's ratios are diluted by weekends." if "ratio" in target.lower() else ""
    known = any(w.oos_median is not None for w in found.windows)
    where = "in sample and out of it" if known else "in sample"
    return f"{target} of each window's winner, and the median of its trials {where}. Without a bar there is no value.{diluted}"


def _varied(found: WalkForward) -> list[str]:
    return [one["name"] for one in found.spec["space"] if _is_choice(one)]


def _is_choice(one: dict[str, Any]) -> bool:
    return len(one["values"]) > 1 if "values" in one else one["low"] != one["high"]


def _columns(found: WalkForward) -> list[str]:
    target = found.spec["objectives"][0]["target"]
    drawn_assets = ["Assets"] if any(w.window.assets is not None for w in found.windows) else []
    head = ["", "In sample", "Out of sample", *drawn_assets, *_varied(found)]
    medians = ["median out"] if any(w.oos_median is not None for w in found.windows) else []
    return [*head, f"{target} in", "median in", f"{target} out", *medians, "Return out", "Feasible"]


def _row(found: WalkForward, w: WindowResult, varied: list[str]) -> list[str]:
    one = w.window
    assets = [", ".join(one.assets or ())] if any(x.window.assets is not None for x in found.windows) else []
    medians = [objective(w.oos_median)] if any(x.oos_median is not None for x in found.windows) else []
    own = [NOTHING if w.best is None else w.best.parameters.get(name, NOTHING) for name in varied]
    return [
        str(one.number), f"{one.is_start} \u2013 {one.is_end}", f"{one.oos_start} \u2013 {one.oos_end}", *assets, *own,
        objective(w.is_value), objective(w.is_median), objective(w.oos_value), *medians,
        percent(w.oos_return) if len(w.days) else NOTHING, f"{w.n_feasible} of {w.n_trials}",
    ]  # fmt: skip


def _stability(found: WalkForward, f: WalkForwardFigures, name: str) -> list[str]:
    values = [w.best.parameters[name] for w in found.windows if w.best is not None and name in w.best.parameters]
    known = next((one for one in f.stability if one.name == name), None)
    figures_ = [NOTHING] * 3 if known is None else [objective(known.mean), objective(known.std), number(known.cv)]
    most, count = Counter(values).most_common(1)[0] if values else (NOTHING, 0)
    return [name, *figures_, str(len(values)), str(len(set(values))), f"{most} ({count})" if values else NOTHING]


def _notes(found: WalkForward) -> list[str]:
    said = list(found.notes)
    for w in found.windows:
        if w.oos is not None and w.oos.status != "complete":
            said.append(f"window {w.window.number}, out of sample: {w.oos.error.strip()[:300] or w.oos.status}")
    if found.spec["mode"] == "anchored":
        said.append("anchored windows share days in sample: the standard errors of means over windows are too small")
    elif found.spec["mode"] == "random":
        said.append("random windows share days: the standard errors of means over windows are too small")
    return said
