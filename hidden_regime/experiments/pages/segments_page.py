"""The page of a run in parts."""

from __future__ import annotations

from typing import TYPE_CHECKING

from hidden_regime.experiments.pages import segments_figures
from hidden_regime.experiments.pages.rendering import drawn, render
from hidden_regime.experiments.pages.segments_words import asked, headline, labels_note, mark, method
from hidden_regime.experiments.pages.written import NOTHING, number, percent, probability, signed
from hidden_regime.experiments.segments.eras import ALL
from hidden_regime.experiments.segments.folder import identity
from hidden_regime.experiments.segments.part import Part
from hidden_regime.experiments.segments.segments import over
from hidden_regime.regimes.statistics import days_per_year

if TYPE_CHECKING:
    from hidden_regime.experiments.segments.part import Difference, Interval
    from hidden_regime.experiments.segments.segments import Segments

FEW = "too few"
COLUMNS = ("Part", "Days", "Share of days", "Spells", "Total return", "Mean a year", "95%", "Volatility", "Sharpe ratio", "95%",
           "Largest drawdown in a spell", "Days with gain")  # fmt: skip
TESTS = ("Part", "Mean a year less the rest's", "95%", "p", "p, Holm", "Sharpe ratio less the rest's", "95%", "p", "p, Holm")
BENCHMARK = ("Part", "Total return", "Mean a year", "Volatility", "Sharpe ratio", "Largest drawdown in a spell", "Days with gain",
             "Run less it: total", "mean", "Sharpe ratio")  # fmt: skip


def segments_page(found: Segments) -> str:
    """HTML of a run in parts: equal ones have equal pages.

    The page opens without a network, in light, dark and on paper. Texts from outside (names, reasons) are escaped.
    """
    everything = Part(ALL, len(found.days), 1, 1.0, False, found.whole, found.benchmark)
    alone = segments_figures.alone(found)
    regime = found.spec["by"] == "regime"
    tested = any(part.mean_difference or part.sharpe_difference for part in found.parts)
    return render(
        "segments", title=f"{found.spec['name']} by {found.spec['by']}", id=f"Segments {identity(found)}", asked=asked(found),
        headline=headline(found), rule=_rule(found), equity=drawn(segments_figures.equity(found), "equity"),
        equity_note=f"{labels_note(found)} Starts at 100; logarithmic scale.", columns=COLUMNS,
        rows=[_row(part) for part in (*found.parts, everything)], parts_note=_parts_note(found), test_columns=TESTS,
        tests=[_test(part) for part in found.parts if part.name not in segments_figures.APART] if tested and regime else [],
        tests_note=_tests_note(found), bars=[drawn(one, f"bars-{i}") for i, one in enumerate(segments_figures.bars(found))],
        bars_note=_bars_note(found), alone="" if alone is None else drawn(alone, "alone"), benchmark_columns=BENCHMARK,
        benchmark=[_against(part) for part in (*found.parts, everything)] if found.benchmark is not None else [],
        eras=[[one["name"], one["start"], one["end"], one["why"] or NOTHING] for one in found.spec["eras"] or []],
        notes=found.notes, method=method(found))  # fmt: skip


def _rule(found: Segments) -> str:
    year = days_per_year(found.days.index)
    if found.spec["by"] != "regime":
        return f"Percents a year are means of trading days times {year}."
    return (
        f"Percents a year are means of trading days times {year}. Told from the rest: the difference in mean return has a p "
        "value below 0.05 after Holm's adjustment."
    )


def _parts_note(found: Segments) -> str:
    few = found.spec["min_spells"]
    if not any(part.too_few for part in found.parts):
        return "Intervals are of whole spells drawn again."
    return f"Too few: fewer than {few} spells, so the figures stand without an interval and may be those of one event."


def _tests_note(found: Segments) -> str:
    two = sum(part.name not in segments_figures.APART for part in found.parts) == 2
    return "Two parts are each other's rest: one test." if two else "The rest are the days of all other known regimes together."


def _bars_note(found: Segments) -> str:
    few = " Hatched: too few spells for an interval." if any(part.too_few for part in found.parts) else ""
    held = " The diamond is the benchmark on the same days." if found.benchmark is not None else ""
    lines = " Lines are 95% intervals." if any(part.mean_interval for part in found.parts) else ""
    return f"Mean return and Sharpe ratio of each part.{lines}{held}{few}"


def _row(part: Part) -> list[str]:
    own = part.own
    whole = part.name == ALL
    few = NOTHING if whole else FEW if part.too_few else None
    return [
        part.name, f"{part.days:,}", percent(part.share, 0), NOTHING if whole else f"{part.spells:,}", percent(own.total_return),
        percent(own.mean), few or _interval(part.mean_interval, True), percent(own.volatility), number(own.sharpe),
        few or _interval(part.sharpe_interval, False), percent(own.drawdown), percent(own.gains, 0),
    ]  # fmt: skip


def _interval(one: Interval | None, fraction: bool) -> str:
    if one is None:
        return NOTHING
    low, high = (number(100.0 * value, 1) if fraction else number(value) for value in one)
    return f"{low} to {high}{'%' if fraction else ''}"


def _test(part: Part) -> list[str]:
    return [mark(part), *_difference(part, part.mean_difference, True), *_difference(part, part.sharpe_difference, False)]


def _difference(part: Part, one: Difference | None, fraction: bool) -> list[str]:
    if one is None:
        return [FEW if part.too_few else NOTHING, *[NOTHING] * 3]
    value = percent(one.value) if fraction else number(one.value)
    return [signed(value), _interval(one.interval, fraction), probability(one.p), probability(one.p_holm)]


def _against(part: Part) -> list[str]:
    held = part.benchmark
    if held is None:
        return [mark(part), *[NOTHING] * (len(BENCHMARK) - 1)]
    return [
        mark(part), percent(held.total_return), percent(held.mean), percent(held.volatility), number(held.sharpe),
        percent(held.drawdown), percent(held.gains, 0), signed(percent(over(part.own, held, "total_return"))),
        signed(percent(over(part.own, held, "mean"))), signed(number(over(part.own, held, "sharpe"))),
    ]  # fmt: skip
