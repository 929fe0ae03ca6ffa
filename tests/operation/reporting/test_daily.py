"""A day's summary is the journal's, and is given once."""

from __future__ import annotations

import json
import os
from datetime import date
from decimal import Decimal

import pytest

from hidden_regime.exceptions import ParameterError
from hidden_regime.operation.journal import Journal
from hidden_regime.operation.reporting.daily import daily_summary, last_day
from hidden_regime.operation.reporting.days import days_of, on_trading_days
from hidden_regime.operation.reporting.giving import give_once, was_given
from tests.operation.journals import two_months

DAY = date(2012, 1, 13)
AT = "2026-01-02T00:00:00.000Z"


def test_a_summary_is_what_the_rows_say(tmp_path):
    """By hand: midnights in UTC, fills of the day, in decimals."""
    journal = two_months(tmp_path)
    rows = dict(journal.file.rows("SELECT time, equity FROM equity"))
    before, value = (round(rows[f"2012-01-{day}T05:00:00.000000"], 2) for day in (13, 14))
    events = [json.loads(told) for time, told in journal.file.rows("SELECT market_time, told FROM order_events")
              if time.startswith("2012-01-13")]  # fmt: skip
    found = daily_summary(journal, "one", DAY)
    assert float(found.value) == pytest.approx(value, abs=0.0101) and float(found.change) == pytest.approx(
        value - before, abs=0.0201
    )
    assert [(one.ticker, one.quantity, one.price) for one in found.fills] == [
        (e["ticker"], e["fill_quantity"], e["fill_price"]) for e in events if e["fill_quantity"]
    ]
    assert len(found.fills) > 0 and found.fees == sum((Decimal(repr(e["fee"])) for e in events), Decimal(0))
    assert f"{found.value:,.2f}" in found.to_text() and found.fills[0].ticker in found.to_text()


def test_days_add_up_to_the_cent(tmp_path):
    journal = two_months(tmp_path)
    days, traded = days_of(journal, "one"), on_trading_days(journal, "one")
    assert sum(one.change for one in days) == days[-1].value - days[0].before
    assert sum(one.change for one in traded) == traded[-1].value - traded[0].before
    assert len(days) == 58 and len(traded) == 40 and all(one.day.weekday() < 5 for one in traded)


def test_a_day_that_is_not_over_is_refused(tmp_path):
    journal = two_months(tmp_path)
    assert last_day(journal, "one") == date(2012, 2, 29)
    for day in (date(2012, 3, 1), date(2011, 1, 1)):
        with pytest.raises(ParameterError, match="2012-01-03 to 2012-02-29"):
            daily_summary(journal, "one", day)


def test_no_text_of_it_is_markup(tmp_path):
    journal = two_months(tmp_path)
    from datetime import datetime

    journal.tell("one", AT, datetime(2012, 1, 13, 12), "error", "<b>", "<script>alert(1)</script>")
    page = daily_summary(journal, "one", DAY).to_html()
    assert "<script" not in page and "<b>" not in page and "&lt;script&gt;" in page


def test_it_is_given_once_and_again_where_giving_failed(tmp_path):
    journal = two_months(tmp_path)
    given = []

    def fails(db, summary):
        db.execute("CREATE TABLE queue (said TEXT)")
        raise OSError("the printer burns")

    with pytest.raises(OSError, match="burns"):
        give_once(journal, "one", DAY, AT, fails)
    assert not was_given(journal, "one", DAY)
    assert journal.file.rows("SELECT 1 FROM sqlite_master WHERE name = 'queue'") == []
    assert give_once(journal, "one", DAY, AT, lambda db, summary: given.append(summary.day))
    assert not give_once(journal, "one", DAY, AT, lambda db, summary: given.append(summary.day))
    assert given == [DAY] and was_given(journal, "one", DAY)


@pytest.mark.skipif(not hasattr(os, "fork"), reason="kills a fork of this process")
@pytest.mark.parametrize("step", range(4))
def test_whoever_is_killed_while_giving_leaves_one_row_in_the_queue(tmp_path, step):
    """Killed before, within and after the transaction; then it is given again, as a timer would."""
    journal = two_months(tmp_path)
    with journal.file.transaction() as db:
        db.execute("CREATE TABLE queue (said TEXT)")
    path = journal.path
    journal.close()
    child = os.fork()
    if child == 0:
        own = Journal(path)

        def give(db, summary):
            if step == 1:
                os._exit(9)
            db.execute("INSERT INTO queue VALUES (?)", (summary.subject,))
            if step == 2:
                os._exit(9)

        if step == 0:
            os._exit(9)
        give_once(own, "one", DAY, AT, give)
        os._exit(9)
    assert os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]) == 9
    again = Journal(path)
    give_once(again, "one", DAY, AT, lambda db, summary: db.execute("INSERT INTO queue VALUES (?)", (summary.subject,)))
    assert again.file.rows("SELECT COUNT(*) FROM queue") == [(1,)]
