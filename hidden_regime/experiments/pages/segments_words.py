"""What a run in parts says, in one sentence and in notes."""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import TYPE_CHECKING

from hidden_regime.experiments.pages.written import day, percent
from hidden_regime.experiments.segments.eras import OUTSIDE
from hidden_regime.experiments.segments.known import NOT_KNOWN
from hidden_regime.regimes.statistics import days_per_year

if TYPE_CHECKING:
    from hidden_regime.experiments.segments.part import Part
    from hidden_regime.experiments.segments.segments import Segments

MOST = 4
"""Parts that a sentence names."""
WHAT = {"regime": "regime", "era": "era", "year": "calendar year"}


def headline(found: Segments) -> str:
    """What a reader must know first."""
    return f"{_earned(found)}; {_told(found)}."


def _earned(found: Segments) -> str:
    parts = [part for part in found.parts if part.own.total_return != 0.0]
    if not parts:
        return "Its equity never moved"
    gain = {part.name: math.log1p(part.own.total_return) for part in parts}
    up = found.whole.total_return > 0.0
    ranked = sorted(found.parts, key=lambda part: gain.get(part.name, 0.0), reverse=up)
    first, others = ranked[0], ranked[1:]
    alone = sum((value > 0.0) == up for value in gain.values() if value != 0.0) == 1
    verb = ("earned its return" if alone else "earned most") if up else ("lost its money" if alone else "lost most")
    shown = others if len(ranked) <= MOST else others[-1:]
    rest = [f"{percent(part.own.mean, 0)} {_where(part.name)}" for part in shown]
    share = f", {percent(first.share, 0)} of its days" if others else ""
    said = f"It {verb} {_where(first.name)}{share}: {percent(first.own.mean, 0)} a year there"
    if len(ranked) > MOST:
        return f"{said}; it did {'worst' if up else 'best'} {_where(shown[0].name)}: {percent(shown[0].own.mean, 0)}"
    return ", ".join([said, *([_and(rest)] if rest else [])])


def _where(name: str) -> str:
    return {NOT_KNOWN: "before a regime was known", OUTSIDE: "outside the eras"}.get(name, f"in {name}")


def _told(found: Segments) -> str:
    own = [part for part in found.parts if part.name != NOT_KNOWN]
    few = found.spec["min_spells"]
    tested = [part for part in own if part.mean_difference is not None]
    if len(own) == 1:
        return "there is nothing to compare it with"
    if not tested:
        why = "no" if not any(not part.too_few for part in own) else "only one"
        flat = sum(not part.too_few for part in own) > 1
        return (
            "none can be tested"
            if flat
            else f"whether they differ can't be said: {why} {WHAT[found.spec['by']]} has {few} spells"
        )
    told = list(found.told)
    untested = [part.name for part in own if part.mean_difference is None]
    left = f"; there are too few spells of {_and(untested)} to say" if untested else ""
    if not told:
        return f"none can be told from the rest{left}"
    if len(own) == 2 and len(told) == 2:
        return "the two can be told from each other"
    only = "only " if len(told) < len(tested) else ""
    return f"{only}{_and(told)} can be told from the rest{left}"


def _and(texts: Sequence[str]) -> str:
    return texts[0] if len(texts) == 1 else f"{', '.join(texts[:-1])} and {texts[-1]}"


def asked(found: Segments) -> str:
    """What was asked, in one line."""
    spec = found.spec
    by = f"regimes of {spec['asset']}" if spec["by"] == "regime" and spec["asset"] else f"by {WHAT[spec['by']]}"
    days = f"{len(found.days):,} trading days"
    return " \u00b7 ".join([str(spec["name"]), f"{day(spec['first'])} to {day(spec['last'])}", days, by])


def labels_note(found: Segments) -> str:
    """What a band in the picture is."""
    if found.spec["regimes"] == "given":
        return (
            "A band is the regime that was known at the close before a day, as given: filtered labels, if they are of "
            "RegimeDetector.run, so that nothing was known only in hindsight."
        )
    if found.spec["by"] == "regime":
        return (
            "A band is the regime that was known at the close before a day: filtered labels, made of bars until then and of no "
            "later one. So nothing here was known only in hindsight."
        )
    if found.spec["by"] == "era":
        return "Bands are the eras as they were given. Whoever names an era knows how it ended: eras are hindsight."
    return "Every other calendar year is shaded."


def method(found: Segments) -> list[str]:
    """How figures were found, and what they can't say."""
    spec, regime = found.spec, found.spec["by"] == "regime"
    said = ["Parts' returns multiply to the whole's. Means, volatilities and Sharpe ratios are of trading days and of a year of "
            f"{days_per_year(found.days.index)}; no interest is taken off. LEAN's own Sharpe ratio is diluted by weekends and "
            "isn't used here."]  # fmt: skip
    if regime:
        said.append(
            "Point in time: the return of a day belongs to the last filtered regime whose time is on or before the previous "
            "trading day's close. The bar of the day itself has no say."
        )
    said.append(
        f"A spell is consecutive days of one part. Days of a spell resemble each other, so spells are what is drawn: intervals "
        f"(95%) and p values are of {spec['n_resamples']:,} studentised resamples of whole spells, seed {spec['seed']}. Of fewer "
        f"than {spec['min_spells']} spells there is neither: too few."
    )
    if regime:
        said.append(
            "The rest are the days of all other parts whose regime is known. p is two-sided; Holm's adjustment makes up for "
            "testing several parts (two parts are each other's rest, and one test). In simulations without any difference it "
            "found one at 0.05 in 4 to 6 of 100 of ten spells or more, and in up to 9 of fewer; intervals held the true value in "
            "91 of 100 of ten spells, in 94 of thirty."
        )
    else:
        one = "An era" if spec["by"] == "era" else "A year"
        said.append(f"{one} is a single spell. What happened once has no spread, and no test says whether it was luck.")
    said.append(
        "A drawdown is the largest fall from a high inside one spell; a fall that goes through several is larger in the whole."
    )
    if regime:
        said.append(
            "Limits: spells are taken as independent of each other. A regime's name is that of its day's model. That a strategy "
            "earned in a regime doesn't say that the regime is why."
        )
    return said


def mark(part: Part) -> str:
    """A part's name with what has to stand beside it."""
    return f"{part.name} (too few)" if part.too_few else part.name
