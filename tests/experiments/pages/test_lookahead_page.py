"""The page of a check for look-ahead: the verdict first, the line that did it, nothing from outside as markup."""

from __future__ import annotations

import re
from datetime import datetime

import pytest

from hidden_regime.experiments.lookahead.finding import Finding, Lookahead, Moment
from tests.experiments.pages.test_pages import EVIL, HOSTILE, MOST, read, text_of

NOON = datetime(2020, 3, 2, 12)
SPEC = {"parameters": {"assets": "SPY"}, "first": "2020-01-02", "last": "2020-12-31", "cash": None, "cuts": 2, "seed": 0}
GUILTY = Finding("look-ahead", NOON, "SPY", "market 100", "nothing", "mine.py line 7", "self.buy()", 301.5, NOON,
                 datetime(2020, 3, 3, 16), 1, ("up.csv",))  # fmt: skip
START_UP = Finding("start-up", NOON, "SPY", "market 100", "market 99", known=datetime(2020, 1, 15))


def check(verdict, findings=(), start_up=(), strategy="mine"):
    moments = (Moment(NOON, 12, len(findings)), Moment(datetime(2020, 9, 1), 40, 0))
    return Lookahead(strategy, SPEC, verdict, tuple(findings), tuple(start_up), moments, 44, ("a note",), "id")


CHECKS = {
    "clean": check("clean", start_up=[START_UP]),
    "guilty": check("looks ahead", [GUILTY]),
    "not repeatable": check("not repeatable", [Finding("not repeatable", NOON, "SPY", "market 1", "market 2")]),
    "undecided": Lookahead("mine", SPEC, "undecided"),
    "hostile": check("looks ahead", [Finding("look-ahead", NOON, HOSTILE, EVIL[1], EVIL[2], EVIL[3], HOSTILE, sources=(EVIL[1],))],
                     strategy=EVIL[1]),
}  # fmt: skip


@pytest.mark.parametrize("name", CHECKS)
def test_equal_checks_have_equal_pages_that_open_by_themselves(name):
    page = CHECKS[name].to_html()
    assert page == CHECKS[name].to_html()
    assert len(page.encode()) < MOST
    assert not {"link", "iframe", "img"} & set(read(page).tags)


def test_texts_from_outside_are_never_markup():
    assert set(read(CHECKS["hostile"].to_html()).tags) <= set(read(CHECKS["guilty"].to_html()).tags)
    assert EVIL[1] in "".join(read(CHECKS["hostile"].to_html()).texts)


def test_the_verdict_comes_first_and_the_line_after_it():
    text = text_of(CHECKS["guilty"])
    heads = ["It looks ahead", "Looks ahead: SPY on 2020-03-02 12:00", "mine.py line 7", "self.buy()", "market 100", "301.5",
             "2020-03-03 16:00 is enough, 1 trading day after the decision", "up.csv", "Moments", "a note"]  # fmt: skip
    assert [text.index(head) for head in heads] == sorted(text.index(head) for head in heads)
    clean = text_of(CHECKS["clean"])
    assert clean.index("none of 40 decisions changed in 4 runs") < clean.index("This is no look-ahead")
    colours = {name: re.search(r'<div class="verdict (\w+)">', found.to_html())[1] for name, found in CHECKS.items()}
    assert colours == {"clean": "robust", "guilty": "fragile", "not repeatable": "undecided", "undecided": "undecided",
                       "hostile": "fragile"}  # fmt: skip


def test_sentences():
    assert str(GUILTY) == (
        "2020-03-02 12:00 SPY: market 100 by mine.py line 7: self.buy(). It saw SPY at 301.5. With another future: nothing. It "
        "depends on what becomes known of up.csv by 2020-03-03 16:00, 1 session later."
    )
    assert str(START_UP) == "2020-03-02 12:00 SPY: market 100. With data that begin later: market 99."
    assert "two equal runs" in CHECKS["not repeatable"].summary()
    assert "no trading day" in CHECKS["undecided"].summary()
    assert Finding.from_dict(GUILTY.to_dict()) == GUILTY
