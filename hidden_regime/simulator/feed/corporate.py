"""When a company's dividends, splits, new tickers and delisting reach a strategy: at midnights, without bars."""

from __future__ import annotations

from bisect import bisect_left
from datetime import date, datetime, timedelta

from hidden_regime.data.market import Asset
from hidden_regime.simulator.clock import MIDNIGHT, TradingCalendar
from hidden_regime.simulator.enums import DelistingType, SplitType
from hidden_regime.simulator.objects.corporate import CorporateEvent, Delisting, Dividend, Split, SymbolChangedEvent
from hidden_regime.simulator.objects.symbol import Symbol

AFTER_MIDNIGHT = timedelta(hours=8)
"""How far into a day LEAN live looks for what happens with it: then the factor file of that morning is there."""


def as_told_live(events: list[tuple[date, date, CorporateEvent]]) -> list[tuple[date, date, CorporateEvent]]:
    """Events as LEAN live tells them.

    A split or dividend comes the day after the last session before it, a Saturday for a Monday: live, every day is looked
    at. Only who looked at the day before hears of it, so whoever began by that night.
    """
    out: list[tuple[date, date, CorporateEvent]] = []
    for day, seen, event in events:
        if isinstance(event, Delisting):
            out.append((day, seen, event))
            continue
        following = seen + timedelta(days=1)
        if isinstance(event, (Dividend, SymbolChangedEvent)) or event.type == SplitType.SPLIT_OCCURRED:
            day = following
            event.time = datetime.combine(day, MIDNIGHT)
        out.append((day, following, event))
    return out


def corporate_events(asset: Asset, symbol: Symbol, calendar: TradingCalendar) -> list[tuple[date, date, CorporateEvent]]:
    """Events with the day at whose midnight they come and the day that the subscription must have seen before."""
    out: list[tuple[date, date, CorporateEvent]] = []

    def note(day: date | None, seen: date, event: CorporateEvent) -> None:
        if day is not None:
            out.append((day, seen, event))

    for dividend in asset.factors.dividends():
        if calendar.find(dividend.previous) is None:
            continue
        day = calendar.after(dividend.previous)
        if day is not None:
            paid = Dividend(symbol, datetime.combine(day, MIDNIGHT), dividend.distribution, dividend.reference_price)
            note(day, dividend.previous, paid)
    for split in asset.factors.splits():
        warned = split.previous
        day = calendar.after(warned)
        if calendar.find(warned) is None or day is None:
            continue
        place = bisect_left(asset.dates, warned)
        before = float(asset.close[place - 1]) if place > 0 else 0.0
        warning = Split(symbol, datetime.combine(warned, MIDNIGHT), split.factor, before, SplitType.WARNING)
        note(warned, warned, warning)
        happened = Split(symbol, datetime.combine(day, MIDNIGHT), split.factor, split.reference_price, SplitType.SPLIT_OCCURRED)
        note(day, warned, happened)
    for old, new in zip(asset.names, asset.names[1:], strict=False):
        day = calendar.after(old.last)
        if day is not None and day <= new.last:
            changed = SymbolChangedEvent(symbol, datetime.combine(day, MIDNIGHT), old.ticker.upper(), new.ticker.upper())
            note(day, old.last, changed)
    if asset.last_day is not None:
        final = float(asset.close[-1]) if len(asset.dates) else 0.0
        place = calendar.at_or_after(asset.last_day)
        if place < len(calendar.days):
            last = calendar.days[place]
            gone = asset.last_day + timedelta(days=1)
            seen = bisect_left(asset.dates, last)
            before = float(asset.close[seen - 1]) if seen > 0 else 0.0
            warning_of_end = Delisting(symbol, datetime.combine(last, MIDNIGHT), before, DelistingType.WARNING)
            note(last, last, warning_of_end)
            note(gone, last, Delisting(symbol, datetime.combine(gone, MIDNIGHT), final, DelistingType.DELISTED))
    return out
