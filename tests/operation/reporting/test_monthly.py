"""A month's sums are the journal's, reckoned by hand; its pages open offline, and no text of them is markup."""

from __future__ import annotations

import json
import re
from datetime import datetime
from decimal import ROUND_HALF_EVEN, Decimal

import pytest

from hidden_regime.exceptions import ParameterError
from hidden_regime.operation.reporting.markdown import plain
from hidden_regime.operation.reporting.monthly import month_of, months_of
from hidden_regime.operation.reporting.pages import month_page, sheet_of, write_month
from hidden_regime.operation.reporting.pictures import curve, strip
from tests.operation.journals import two_months
from tests.operation.worlds import WALL


def dollars(value):
    return Decimal(repr(value)).quantize(Decimal("0.01"), ROUND_HALF_EVEN)


@pytest.mark.parametrize(
    ("month", "first", "last"), [("2012-01", "2012-01-03T05", "2012-02-01T05"), ("2012-02", "2012-02-01T05", "2012-03-01T05")]
)
def test_sums_are_those_of_orders_and_equity_to_the_cent(tmp_path, month, first, last):
    journal = two_months(tmp_path)
    equity = {time[:13]: value for time, value in journal.file.rows("SELECT time, equity FROM equity")}
    events = [
        json.loads(told) for time, told in journal.file.rows("SELECT market_time, told FROM order_events") if time[:7] == month
    ]
    sides = {1: Decimal(0), -1: Decimal(0)}
    for event in events:
        amount = Decimal(repr(event["fill_quantity"])) * Decimal(repr(event["fill_price"]))
        sides[1 if amount > 0 else -1] += abs(amount)
    fees = sum((Decimal(repr(event["fee"])) for event in events), Decimal(0))
    found = month_of(journal, "one", month)
    assert (found.before, found.value) == (dollars(equity[first]), dollars(equity[last]))
    assert found.change == found.value - found.before == sum(day.change for day in found.days)
    assert (found.bought, found.sold, found.fees) == (dollars_of(sides[1]), dollars_of(sides[-1]), dollars_of(fees))
    assert found.bought > 0 and found.sold > 0 and found.orders == len({event["order"] for event in events})
    page = month_page(found, None)
    for value in (found.value, found.bought, found.sold, found.fees):
        assert f"{value:,.2f}" in page


def test_half_a_cent_is_the_same_in_the_sums_and_in_the_tear_sheet_below_them(tmp_path):
    journal = two_months(tmp_path)
    journal.file.rows("UPDATE equity SET equity = 132517.865 WHERE number = (SELECT MAX(number) FROM equity)")
    found = month_of(journal, "one", "2012-02")
    sheet = dict(sheet_of(journal, found).statistics)
    assert str(found.value) == sheet["End Equity"] == "132517.86"


def dollars_of(value):
    return value.quantize(Decimal("0.01"), ROUND_HALF_EVEN)


def test_a_month_is_whole_or_says_that_it_is_not(tmp_path):
    journal = two_months(tmp_path)
    assert months_of(journal, "one") == ["2012-01", "2012-02"]
    january, february = (month_of(journal, "one", month) for month in ("2012-01", "2012-02"))
    assert january.is_whole and not february.is_whole
    assert january.value == february.before
    assert "isn&#39;t over" in month_page(february, None) or "isn't over" in month_page(february, None)
    for wrong in ("2012-13", "2012-03", "January", "2012-1", "../2012-01"):
        with pytest.raises(ParameterError, match="month"):
            month_of(journal, "one", wrong)


def test_pages_open_offline_are_equal_and_escape_what_the_journal_says(tmp_path):
    journal = two_months(tmp_path)
    journal.tell("one", WALL, datetime(2012, 1, 17, 12), "error", "<i>", "<script>alert(1)</script> | *a*\n# b")
    page, text = write_month(journal, "one", "2012-01", tmp_path / "a")
    again = write_month(journal, "one", "2012-01", tmp_path / "b")
    assert [one.read_bytes() for one in again] == [page.read_bytes(), text.read_bytes()]
    html, markdown = page.read_text(encoding="utf-8"), text.read_text(encoding="utf-8")
    assert "<script>alert" not in html and "&lt;script&gt;" in html and "<i>" not in html
    assert not re.search(r"(src|href)=|https?://|url\(|@import", html)
    assert r"\<script\>alert(1)\</script\> \| \*a\* \# b" in markdown
    assert "Sharpe Ratio" in html and "Sharpe Ratio" in markdown


def test_a_month_of_few_nights_has_no_tear_sheet(tmp_path):
    journal = two_months(tmp_path)
    assert sheet_of(journal, month_of(journal, "one", "2012-01")) is not None
    with journal.file.transaction() as db:
        db.execute("DELETE FROM equity WHERE number > 1")
    assert sheet_of(journal, month_of(journal, "one", "2012-01")) is None


@pytest.mark.parametrize("text", ["1. a", "- a", "+ a", "# a", "<b>", "a|b", "[a](b)", "&amp;", "`a`", "a\nb", "\x1b[31m"])
def test_plain_texts_mean_nothing(text):
    out = plain(text)
    assert not re.search(r"(?<!\\)[`*_{}\[\]<>#!|~&$]", out) and "\n" not in out and "\x1b" not in out
    assert not re.match(r"\d+[.)] |[-+] ", out)


def test_pictures_escape_and_keep_their_proportions():
    assert curve(["a"], [1.0]) == "" and strip([], []) == ""
    assert "<b>" not in strip(["<b>", "x"], ["<b>", "Bull"]) and "<b>" not in curve(["<b>", "y"], [1.0, 2.0])
    widths = [int(w) for w in re.findall(r'<rect x="\d+" y="0" width="(\d+)"', strip(list("abcd"), ["A", "A", "B", "A"]))]
    assert widths == [2, 1, 1]
    flat = curve(["a", "b"], [5.0, 5.0])
    assert "nan" not in flat
    up = re.search(r'points="([^"]+)" fill="none"', curve(["a", "b"], [1.0, 2.0]))[1].split()
    assert float(up[0].split(",")[1]) > float(up[1].split(",")[1])
