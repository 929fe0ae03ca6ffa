"""Hours of an exchange that may be open in several pieces of a day, or always."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from datetime import date, datetime, time, timedelta

from hidden_regime.data.zones import Zone, zone_of

DAY, ZERO = timedelta(days=1), timedelta(0)
MOST_DAYS = 15
"""How far ahead LEAN looks for an open or a close."""
Piece = tuple[timedelta, timedelta]
"""Start and end of a piece of a day, after midnight."""
Pieces = tuple[Piece, ...]


def midnight_of(moment: datetime) -> datetime:
    """Begin of a time's day."""
    return datetime.combine(moment.date(), time(0))


@dataclass(frozen=True)
class PairHours:
    """When a market of pairs is open, in local time, and in which zones it and its data live.

    Parameters
    ----------
    zone, data_zone : str
        Names of the exchange's time zone and of that in which its files are stamped.
    week : sequence of pieces
        Of Monday to Sunday; none where the market is closed.
    holidays : set of date
    early_closes, late_opens : mapping from date to time after midnight
    """

    zone: str
    data_zone: str
    week: tuple[Pieces, ...]
    holidays: frozenset[date] = frozenset()
    early_closes: Mapping[date, timedelta] = field(default_factory=dict)
    late_opens: Mapping[date, timedelta] = field(default_factory=dict)

    @property
    def always(self) -> bool:
        """Whether the market never closes."""
        return all(pieces == ((ZERO, DAY),) for pieces in self.week) and not self.holidays

    @property
    def zones(self) -> tuple[Zone, Zone]:
        """The exchange's zone and the data's."""
        return zone_of(self.zone), zone_of(self.data_zone)

    def pieces(self, day: date) -> Pieces:
        """When it is open on a day."""
        if day in self.holidays:
            return ()
        regular = self.week[day.weekday()]
        early, late = self.early_closes.get(day), self.late_opens.get(day)
        if early is None and late is None:
            return regular
        before = None if early is None else tuple((a, min(b, early)) for a, b in regular if a <= early)
        if before is not None and (late is None or (early is not None and early >= late)):
            regular, before = before, None
        if late is not None:
            regular = tuple((max(a, late), b) for a, b in regular if b >= late)
        return (before or ()) + regular

    def is_open(self, moment: datetime) -> bool:
        """Whether it is open at a time."""
        at = moment - midnight_of(moment)
        return any(a <= at < b for a, b in self.pieces(moment.date()))

    def is_open_during(self, start: datetime, end: datetime) -> bool:
        """Whether it is open at any time between two."""
        if start == end:
            return self.is_open(start)
        day = midnight_of(start)
        while day < end:
            if any(day + a < end and start < day + b for a, b in self.pieces(day.date())):
                return True
            day += DAY
        return False

    def open_for(self, start: datetime, end: datetime) -> timedelta:
        """For how long it is open between two times."""
        day, total = midnight_of(start), ZERO
        while day < end:
            for a, b in self.pieces(day.date()):
                total += max(min(day + b, end) - max(day + a, start), ZERO)
            day += DAY
        return total

    def is_date_open(self, day: date) -> bool:
        """Whether it opens on a day."""
        return bool(self.pieces(day))

    def next_open(self, moment: datetime) -> datetime | None:
        """The first open after a time; a piece that begins as another ends is no open. None within two weeks."""
        day = midnight_of(moment)
        last = self._end_of(day - DAY)
        for number in range(MOST_DAYS):
            begin = day + number * DAY
            for a, b in self.pieces(begin.date()):
                if begin + b > moment and begin + a > moment and begin + a != last:
                    return begin + a
                last = begin + b
            if begin.date() in self.early_closes:
                last = None
        return None

    def _end_of(self, day: datetime) -> datetime | None:
        found = self.pieces(day.date())
        return day + found[-1][1] if found else None

    def next_close(self, moment: datetime) -> datetime | None:
        """The first close after a time; one that goes on at once is none. None within two weeks."""
        day = midnight_of(moment)
        for number in range(MOST_DAYS):
            begin = day + number * DAY
            found = self.pieces(begin.date())
            after = self.pieces((begin + DAY).date()) if (begin + DAY).date() not in self.early_closes else ()
            starts = [*(begin + a for a, _ in found[1:]), begin + DAY + after[0][0] if after else None]
            for (_, b), start in zip(found, starts, strict=True):
                if begin + b > moment and begin + b != start:
                    return begin + b
        return None

    def first_open(self, day: date) -> datetime | None:
        """When it opens on a day first, midnight where it has been open before."""
        found = self.pieces(day)
        return None if not found else datetime.combine(day, time(0)) + found[0][0]

    def last_close(self, day: date) -> datetime | None:
        """When the last piece of a day ends, midnight where it goes on."""
        found = self.pieces(day)
        return None if not found else datetime.combine(day, time(0)) + found[-1][1]

    def open_days(self, start: date, end: date) -> Iterator[date]:
        """Days on which it opens, both ends included."""
        for number in range((end - start).days + 1):
            day = start + timedelta(days=number)
            if self.is_date_open(day):
                yield day
