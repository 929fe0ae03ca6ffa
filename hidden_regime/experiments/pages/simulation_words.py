"""What a simulation says in sentences: what could have happened, how it was drawn, and what that keeps and loses."""

from __future__ import annotations

from typing import TYPE_CHECKING

from hidden_regime.experiments.objective import path_of
from hidden_regime.experiments.pages.written import day, number, objective, percent

if TYPE_CHECKING:
    from hidden_regime.experiments.simulation.perturbation import Perturbation
    from hidden_regime.experiments.simulation.simulation import Simulation
    from hidden_regime.experiments.simulation.summary import Probability

TITLES = {
    "bootstrap": "days drawn again", "trades": "trades drawn again", "parameters": "parameters moved",
    "regime-paths": "paths of its market's regimes",
}  # fmt: skip
FIGURES = {
    "total_return": "Total return", "cagr": "Return a year", "sharpe": "Sharpe ratio a year", "drawdown": "Largest drawdown",
    "under_water": "Longest time under water", "lowest": "Lowest equity, start 100",
}  # fmt: skip
PERCENTS = ("total_return", "cagr", "drawdown")


def title(found: Simulation) -> str:
    """What the page is called."""
    return f"{found.spec['name']}: {TITLES[found.kind]}"


def asked(found: Simulation) -> str:
    """What was asked, in one line."""
    told, n = found.drawn, len(found.paths)
    parts = [f"{day(told['first'])} to {day(told['last'])}"]
    if found.kind == "parameters":
        parts.append(f"{n} set{'' if n == 1 else 's'} around the winner")
        parts.append(f"{found.spec['objective']['target']} ({found.spec['objective']['direction']})")
    else:
        parts.append(f"{n:,} path{'' if n == 1 else 's'} of {told['n_steps']:,} {_units(found)}{_years(found)}")
    if found.kind == "bootstrap":
        parts.append(f"blocks of {number(told['block'], 1)} days on average")
    return " \u00b7 ".join([*parts, f"seed {found.spec['seed']}"])


def _units(found: Simulation) -> str:
    return {"day": "trading days", "trade": "trades"}[found.drawn["unit"]]


def _years(found: Simulation) -> str:
    years = found.drawn["n_steps"] / found.drawn["per_year"]
    return f", about {number(years, 1)} years" if years >= 0.1 else ""


def figure_text(name: str, value: float | None, unit: str = "day") -> str:
    """A figure as text."""
    if value is None:
        return number(None)
    if name in PERCENTS:
        return percent(value)
    if name == "under_water":
        return f"{number(value, 0)} {unit}{'' if round(value) == 1 else 's'}"
    return number(100.0 * value, 1) if name == "lowest" else number(value)


def probability_name(one: Probability) -> str:
    """What happens."""
    if one.what == "loss":
        return "Ends below the start"
    if one.what == "ruin":
        return f"Ruin: below {percent(one.level, 0)} of the start"
    if one.what == "drawdown":
        return f"A drawdown of {percent(one.level, 0)} or more"
    return "Ends above the benchmark"


def of_hundred(one: Probability) -> str:
    """A probability as so many of 100; one that never or always happened by its bound.

    Examples
    --------
    >>> from hidden_regime.experiments.simulation.summary import share
    >>> of_hundred(share("loss", None, [True, False, False])), of_hundred(share("loss", None, [False] * 1000))
    ('33.3', '0, at most 0.3')
    """
    if one.bound is None:
        return number(100.0 * one.value, 1)
    if one.count:
        return f"100, at least {_short(100.0 * (1.0 - one.bound))}"
    return f"0, at most {_short(100.0 * one.bound)}"


def _short(value: float) -> str:
    return f"{value:.4g}" if value > 90.0 else f"{value:.1g}" if value < 10.0 else f"{value:.0f}"


def headline(found: Simulation) -> str:
    """What could have happened, in one or two sentences."""
    if found.perturbation is not None:
        return _kept(found.perturbation)
    cagr = found["cagr"]
    low, high = cagr.at(0.05), cagr.at(0.95)
    level = _telling(found)
    where = {"regime-paths": "paths on which it ran"}.get(found.kind, "paths") if found.count("failed") else "paths"
    spread = f"between {percent(low)} and {percent(high)}" if percent(low) != percent(high) else f"at {percent(low)}"
    said = f"In 9 of 10 {where} the return a year lay {spread}"
    if level is not None:
        said += f"; the largest drawdown reached {percent(level.level, 0)} in {_in_hundred(level)}"
    loss = found.probability("loss")
    return f"{said}. {_first(_in_hundred(loss))} ended below the start."


def _in_hundred(one: Probability) -> str:
    if one.n < 100:
        return f"{one.count} of {one.n}"
    share = 100.0 * one.value
    if not one.count:
        return "none"
    if one.count == one.n:
        return f"all {one.n:,}"
    if share < 1.0:
        return "fewer than 1 of 100"
    return "more than 99 of 100" if share > 99.0 else f"{share:.0f} of 100"


def _first(text: str) -> str:
    return text[:1].upper() + text[1:]


def _telling(found: Simulation) -> Probability | None:
    """The drawdown that is neither sure nor impossible: the level whose probability is nearest to one half."""
    falls = [one for one in found.probabilities if one.what == "drawdown"]
    return min(falls, key=lambda one: abs(one.value - 0.5)) if falls else None


def _kept(moved: Perturbation) -> str:
    n, own = moved.n, objective(moved.value)
    sets = f"{n} set{'' if n == 1 else 's'}"
    lost = f", and {moved.without} {'has' if moved.without == 1 else 'have'} none" if moved.without else ""
    if moved.worst is None:
        return f"None of {sets} around the winner has a {moved.target}: all failed or sent no order. The winner's is {own}."
    middle = f"The worst has {objective(moved.worst)}, the median {objective(moved.median)}{lost}."
    if moved.share is None:
        return f"The winner's {moved.target} is {own}, which isn't above 0: half of it says nothing. {middle}"
    how = "keep at least half of" if moved.direction == "max" else "stay within twice"
    return f"Moved a little, {moved.kept} of {sets} {how} the winner's {moved.target} of {own}. {middle}"


def rule(found: Simulation) -> str:
    """What the first sentence means."""
    if found.perturbation is not None:
        lost = "Sets that failed or sent no order keep nothing and are counted."
        return f"{lost} A winner that needs its exact values was found by luck."
    return "9 of 10: from the 5% to the 95% quantile of the paths. The source's own figures stand beside them below."


def fan_note(found: Simulation) -> str:
    """Of the fan."""
    if found.kind == "parameters":
        bands = "Bands hold 50, 90 and 98 of 100 sets at each day."
        return f"The winner among the sets around it; starts at 100, logarithmic scale. {bands}"
    short = "" if found.drawn["same_length"] else " It has another length than the paths."
    return (
        f"The source on top, from 100 on a logarithmic scale.{short} Bands hold 50, 90 and 98 of 100 paths at each "
        f"{found.drawn['unit']}: no path follows the edge of one."
    )


def histograms_note(found: Simulation) -> str:
    """Of the histograms."""
    what = "winner" if found.kind == "parameters" else "source"
    drawn = "" if found.drawn["same_length"] else " Its drawdown is of another length of time."
    return f"The line is the {what}'s own.{drawn}"


def rows_note(found: Simulation) -> str:
    """Of the table of figures."""
    if found.kind == "parameters":
        return "Quantiles over the sets that ran. Place: how many of 100 sets lie below the winner."
    said = (
        "Quantiles over the paths, \u00b1 their Monte Carlo standard errors. Place: how many of 100 paths lie below the source."
    )
    return said if found.drawn["same_length"] else f"{said} Figures that grow with time have none, for the lengths differ."


def method(found: Simulation) -> list[str]:
    """How it was drawn, and what that keeps and loses."""
    if found.kind != "parameters":
        return [*_OWN[found.kind], *_COMMON]
    diluted = path_of(found.spec["objective"]["target"]) == path_of("Sharpe Ratio")
    return [*_OWN[found.kind], *([_DILUTED] if diluted else [])]


_DILUTED = "LEAN's Sharpe ratio, which is the objective, is diluted by weekends; that of the figures is of trading days."
_COMMON = [
    "Standard errors say what more paths would settle. What the source itself leaves open, such as a mean that so few years "
    "can't tell from another, they don't say, and no number of paths settles it.",
    "A source that was chosen as the best of many has a mean that is too high, and so has every path drawn from it.",
    "Where something never happened in n paths, its probability is still at most 3 / n, with 95% confidence. Time under water is "
    "counted from a peak until a close is back at it, or until the end.",
]  # fmt: skip
_OWN = {
    "bootstrap": [
        "Stationary bootstrap (Politis and Romano 1994): blocks of consecutive trading days, beginning anywhere, of lengths by "
        "chance around a mean. Unless given, the mean is the longer of what Politis and White (2004) ask for of the returns and "
        "of their squares: drawdowns are made of clusters of large moves, which last longer than returns of one sign.",
        "Kept: the days themselves, what follows what within a block, and so volatility clusters up to about a block's length.",
        "Lost: everything longer than a block, and what the strategy would have done differently on other prices: its returns "
        "are drawn, and not its decisions. No day is worse than the worst of the source.",
    ],
    "trades": [
        "Closed trades are drawn one by one with replacement; each return is profit less fees over the equity when it began.",
        "Kept: how large gains and losses are, and how many trades there are in a path.",
        "Lost: dependence (losses that come one after the other), time in the market and between trades, and falls within a "
        "trade: drawdowns are of closed trades alone, so they are smaller than those of days. A trade that was still open at the "
        "end isn't among them.",
    ],
    "parameters": [
        "Each parameter is moved alone, down and up, and then several together by chance. A step is that of the declared space; "
        "where there is none, 10% of the value, and of whole numbers at least 1. Texts stay as they are.",
        "All sets ran over the same days and data as the winner. It says whether the winner stands on a plateau or on a peak of "
        "what was already seen, and nothing of other days.",
        "Of what is to be large a set has to keep half, of what is to be small it may have twice.",
    ],
    "regime-paths": [
        "The strategy itself ran over each path, with orders and fees: bars were drawn from a regime model of its market, and "
        "what it decides follows from them.",
        "Kept: how regimes follow each other, ranges and co-movement of the assets in a regime, and the strategy's reactions.",
        "Lost: what the model doesn't know: dependence within a regime, slow trends, and shocks that history didn't have. The "
        "strategy learnt of the same history that the model was fitted to.",
    ],
}  # fmt: skip
