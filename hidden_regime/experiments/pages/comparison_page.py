"""The page of a comparison."""

from __future__ import annotations

from typing import TYPE_CHECKING

from hidden_regime.experiments.comparison.family import FamilyTests
from hidden_regime.experiments.comparison.figures import StrategyFigures
from hidden_regime.experiments.comparison.pairs import Pair
from hidden_regime.experiments.comparison.verdict import in_words
from hidden_regime.experiments.honesty.t_test import LABEL
from hidden_regime.experiments.pages import comparison_figures as figures
from hidden_regime.experiments.pages.rendering import drawn, render
from hidden_regime.experiments.pages.written import NOTHING, day, listed, number, percent, probability, signed, years
from hidden_regime.regimes.statistics import days_per_year

if TYPE_CHECKING:
    from hidden_regime.experiments.comparison.comparison import Comparison

LOOKS = {"yes": "robust", "in part": "undecided", "no": "undecided"}
MOST = 60
"""Pairs in the table; all are in comparison.json."""
COLUMNS = ["", "Strategy", "Sharpe ratio", "95% interval", "Return a year", "Return in all", "Volatility", "Largest drawdown",
           "From peak to trough"]  # fmt: skip
PAIRS = ["Pair", "Difference", "95% interval", "By luck alone", "p", "p, all pairs", "Memmel, p", "t-test, p", "In words"]
RANKED_NOTE = (
    "Of the common trading days, with fees as the runs paid them. The Sharpe ratio is mean over deviation of daily returns, a "
    "year of {days}; LEAN's is diluted by weekends."
)
TRADING_NOTE = (
    "Of whole runs. A trade is won if it made a profit before fees. Fees are in the account's currency. Turnover is what was "
    "bought and sold over the equity of its day. Where only returns are known there is no row."
)
TRADING = ["Strategy", "Orders", "Closed trades", "Of them won", "Fees", "Turnover a year"]


def comparison_page(found: Comparison) -> str:
    """HTML of a comparison's page: equal ones have equal pages.

    The page opens without a network, in light, dark and on paper. Texts from outside (names, errors) are escaped.
    """
    regimes = figures.bands(found)
    trades = figures.trades(found)
    trading = [_trading(one) for one in found.figures if one.n_orders is not None or one.turnover is not None]
    more = len(found.pairs) - MOST
    return render(
        "comparison", title=_title(found), id=f"Comparison {found.id}", asked=asked(found), warnings=warnings(found),
        verdict=found.verdict, look=LOOKS[found.verdict.answer], ranked_note=_ranked_note(found), columns=COLUMNS,
        rows=[_row(i, one, found) for i, one in enumerate(found.ranked, 1)], ratios=drawn(figures.ratios(found), "ratios"),
        pairs_note=_pairs_note(found), pair_columns=PAIRS, pairs=_pairs(found),
        more=f"{more} further pairs are in comparison.json." if more > 0 else "",
        curves_head="Equity, drawdowns and regimes" if regimes else "Equity and drawdowns",
        curves_note=_curves_note(bool(regimes)), curves=drawn(figures.curves(found), "curves"), trading=trading,
        trading_columns=TRADING, trading_note=TRADING_NOTE, trades="" if trades is None else drawn(trades, "trades"),
        family=found.family, family_rows=_family(found.family),
        notes=_notes(found))  # fmt: skip


def _title(found: Comparison) -> str:
    given = [one.name for one in found.results if one.name in {told["name"] for told in found.question["strategies"]}]
    names = given if len(given) > 1 else [one.name for one in found.results]
    return f"{' against '.join(names) if len(names) == 2 else listed(names, 4)}: comparison"


def asked(found: Comparison) -> str:
    """What was compared, in one line."""
    n = len(found.days)
    span = years(n / days_per_year(found.days))
    over = f"{n:,} trading days, {day(str(found.days[0]))} to {day(str(found.days[-1]))} ({span} years)"
    failed = len(found.figures) - len(found.ranked)
    out = f", {failed} left out" if failed else ""
    return f"{len(found.ranked)} compared{out} \u00b7 {over} \u00b7 benchmark: {found.benchmark}"


def warnings(found: Comparison) -> list[str]:
    """Those that couldn't be compared."""
    return [f"{one.name} is not compared: {_short(one.error)}" for one in found.figures if one.error]


def _short(text: str) -> str:
    return text if len(text) <= 400 else text[:399] + "\u2026"


def _row(place: int, one: StrategyFigures, found: Comparison) -> list[str]:
    fall = NOTHING if one.drawdown_from is None else f"{one.drawdown_from} \u2013 {one.drawdown_to}"
    return [
        str(place), f"{one.name}{' (benchmark)' if one.name == found.benchmark else ''}", number(one.sharpe),
        _interval(one.sharpe_low, one.sharpe_high), percent(one.annual_return), percent(one.total_return, 0),
        percent(one.volatility), percent(one.max_drawdown), fall,
    ]  # fmt: skip


def _interval(low: float | None, high: float | None) -> str:
    return "unbounded" if low is None or high is None else f"{number(low)} to {number(high)}"


def _pairs_note(found: Comparison) -> str:
    n = len(found.pairs)
    counted = f" Of {n} pairs some look real by luck; the second p counts that (Holm)." if n > 1 else ""
    return (
        "The Sharpe ratio of the first less that of the second, a year; its interval; and what luck alone makes of two that are "
        f"equally good, in 95 of 100 cases. p is how often luck makes as much.{counted} Beside it Memmel's test, which takes "
        f"independent normal returns, and the t-test, which {LABEL}: they are shown because they are asked for, and decide "
        "nothing."
    )


def _ranked_note(found: Comparison) -> str:
    return RANKED_NOTE.format(days=days_per_year(found.days))


def _pairs(found: Comparison) -> list[list[str]]:
    n_years = len(found.days) / days_per_year(found.days)
    return [_pair(pair, n_years) for pair in found.pairs[:MOST]]


def _pair(pair: Pair, n_years: float) -> list[str]:
    luck = "anything" if pair.luck is None else f"up to {number(pair.luck)}"
    return [
        f"{pair.first} above {pair.second}", signed(number(pair.difference)), _interval(pair.low, pair.high), luck,
        probability(pair.p), probability(pair.p_holm), probability(pair.memmel_p), probability(pair.t_p), in_words(pair, n_years),
    ]  # fmt: skip


def _curves_note(regimes: bool) -> str:
    said = "All start at 100; logarithmic scale. Below it how far each is under its highest close."
    if regimes:
        said += " Under them the regimes of the strategies' assets, as they were known at each close, and not in hindsight."
    return said


def _trading(one: StrategyFigures) -> list[str]:
    return [
        one.name, _count(one.n_orders), _count(one.n_trades), percent(one.win_rate, 0), number(one.fees, 0),
        NOTHING if one.turnover is None else f"{number(one.turnover, 1)} times",
    ]  # fmt: skip


def _count(value: int | None) -> str:
    return NOTHING if value is None else f"{value:,}"


def _family(family: FamilyTests | None) -> list[list[str]]:
    if family is None:
        return []
    p = f"p {probability(family.consistent)}, between {probability(family.lower)} and {probability(family.upper)}"
    found = "Yes" if family.consistent <= 0.05 else "Can't be told"
    return [
        ["SPA (Hansen)", f"Has any of {len(family.names)} a higher mean return than {family.benchmark}?", f"{found}: {p}."],
        ["StepM (Romano and Wolf)", "Which have?", listed(family.superior, 20) or "None that can be told."],
        ["MCS (Hansen, Lunde, Nason)", "Which may have the highest mean return of all?",
         "All of them." if len(family.kept) == len(family.names) > 1 else f"{listed(family.kept, 20)}."],
    ]  # fmt: skip


def _notes(found: Comparison) -> list[str]:
    asked_for = found.question
    lengths = [number(value, 1) for value in sorted(pair.block for pair in found.pairs)]
    spread = lengths[0] if lengths[0] == lengths[-1] else f"{lengths[0]} to {lengths[-1]}"
    rule = "the longest that Politis and White's rule asks for of the two and their difference"
    chosen = "as given" if asked_for["block"] else rule
    said = [
        *found.notes,
        f"p and intervals are of the studentised stationary bootstrap: {asked_for['n_resamples']:,} resamples of the common "
        f"days, in blocks of {spread} days on average ({chosen}), seed {asked_for['seed']}. Of pairs of equal Sharpe ratios with "
        "autocorrelated days it calls 4 to 6 in 100 real; Memmel's and the t-test up to 20",
        "the test knows these days and no others: a kind of market that isn't among them it doesn't see, nor that parameters "
        "were chosen on these very days",
    ]
    if found.family is not None:
        said.append(
            f"SPA, StepM and MCS are by arch, on returns in blocks of {number(found.family.block, 1)} days. StepM names a wrong "
            "one with a probability of 0.05, MCS leaves out the best with one of 0.1"
        )
    return said
