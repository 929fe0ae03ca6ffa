"""How long shares were held: long is more than a year, and the day of purchase doesn't count."""

from __future__ import annotations

from datetime import date, timedelta


def first_long_day(held_since: date) -> date:
    """The first day on which a sale is long term.

    The period begins on the day after `held_since`, and a year of it must be over: what was bought on the last day of February
    is long from the first of March on, whichever of the two years is a leap year.

    Examples
    --------
    >>> from datetime import date
    >>> first_long_day(date(2020, 2, 6)), first_long_day(date(2023, 2, 28)), first_long_day(date(2024, 2, 28))
    (datetime.date(2021, 2, 7), datetime.date(2024, 3, 1), datetime.date(2025, 3, 1))
    """
    begin = held_since + timedelta(days=1)
    try:
        return begin.replace(year=begin.year + 1)
    except ValueError:  # the 29th of February
        return date(begin.year + 1, 3, 1)


def is_long(held_since: date, sold: date) -> bool:
    """Whether a sale on a day is long term."""
    return sold >= first_long_day(held_since)
