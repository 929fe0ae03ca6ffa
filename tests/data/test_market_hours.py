"""Trading hours from a data folder: what LEAN's format says, and what is wrong with files."""

from __future__ import annotations

import json
from datetime import date, timedelta

import pytest

from hidden_regime.data import LeanFolder
from hidden_regime.data.market_hours import read_market_hours
from hidden_regime.exceptions import DataError

HOUR = timedelta(hours=1)


def segment(start, end, state):
    return {"start": start, "end": end, "state": state}


def entry(**changes):
    day = [
        segment("04:00:00", "09:30:00", "premarket"),
        segment("09:30:00", "16:00:00", "market"),
        segment("16:00:00", "20:00:00", "postmarket"),
    ]
    week = dict.fromkeys(("monday", "tuesday", "wednesday", "thursday", "friday"), day)
    return {
        "dataTimeZone": "America/New_York", "exchangeTimeZone": "America/New_York", **week, "saturday": [], "sunday": [],
        "holidays": ["1/1/2014", "12/25/2014"], "earlyCloses": {"7/3/2014": "13:00:00", "7/5/2014": "13:00:00"},
        "lateOpens": {"9/12/2014": "12:00:00"},
    } | changes  # fmt: skip


@pytest.fixture
def write(tmp_path):
    def write(content):
        path = tmp_path / "market-hours-database.json"
        path.write_text(content if isinstance(content, str) else json.dumps({"entries": {"Equity-usa-[*]": content}}))
        return path

    return write


def test_days_have_the_hours_of_the_database(write):
    hours = read_market_hours(write(entry()))
    usual = (9.5 * HOUR, 16 * HOUR)
    assert hours.of(date(2014, 7, 2)) == usual
    assert hours.of(date(2014, 1, 1)) is None
    assert hours.of(date(2014, 7, 3)) == (9.5 * HOUR, 13 * HOUR)
    assert hours.of(date(2014, 7, 5)) is None  # a Saturday stays closed
    assert hours.of(date(2014, 9, 12)) == (12 * HOUR, 16 * HOUR)
    other = read_market_hours(write(entry(friday=[segment("08:00", "11:00:00", "Market"), segment("12:00", "15:00", "market")])))
    assert other.of(date(2014, 7, 11)) == (8 * HOUR, 15 * HOUR)
    closed = read_market_hours(write(entry(earlyCloses={"7/3/2014": "09:00:00"}, holidays=None, lateOpens=None)))
    assert closed.of(date(2014, 7, 3)) is None
    assert closed.of(date(2014, 1, 1)) == usual


def test_a_folder_without_database_has_no_hours_of_its_own(reference_market, tmp_path):
    assert reference_market.market_hours is None
    assert read_market_hours(tmp_path / "none.json") is None


@pytest.mark.parametrize(
    ("content", "words"),
    [
        ("{", "JSONDecodeError"),
        ("[]", "TypeError"),
        ('{"entries": {}}', "Equity-usa"),
        ({"monday": []}, "tuesday"),
        (entry(holidays=["2014-01-01"]), "2014-01-01"),
        (entry(holidays="1/1/2014"), "does not match"),
        (entry(earlyCloses={"7/3/2014": "1pm"}), "'1pm'"),
        (entry(earlyCloses={"7/3/2014": 13}), "TypeError"),
        (entry(earlyCloses=["7/3/2014"]), "AttributeError"),
        (entry(monday=[segment("16:00:00", "09:30:00", "market")]), "open from 16:00:00 to 9:30:00"),
        (entry(monday=[segment("00:00:00", "24:00:00", "market")]), "1 day"),
        (entry(monday=[{"start": "09:30:00"}]), "state"),
        (entry(monday=None), "NoneType"),
    ],
)
def test_damaged_databases_are_named(write, content, words):
    path = write(content)
    with pytest.raises(DataError, match="expected LEAN's market-hours database") as caught:
        read_market_hours(path)
    assert str(path) in str(caught.value)
    assert words in str(caught.value)


def test_a_damaged_database_stops_a_folder(tmp_path):
    (tmp_path / "equity" / "usa" / "daily").mkdir(parents=True)
    (tmp_path / "market-hours").mkdir()
    (tmp_path / "market-hours" / "market-hours-database.json").write_bytes(b"\xff\xfe\x00")
    with pytest.raises(DataError, match=r"market-hours-database\.json"):
        LeanFolder(tmp_path).market_hours
