"""Tickers by their history: the rules are those of LEAN's SecurityIdentifier and MapFileResolver."""

from __future__ import annotations

import zipfile
from datetime import date
from pathlib import Path

import pytest

from hidden_regime.data import LeanFolder
from hidden_regime.data.checking import check_folder
from hidden_regime.data.listings import check_match, read_factors
from hidden_regime.data.map_files import MapFile, MapFiles, Name, read_map
from hidden_regime.exceptions import DataError, NoDataError, RegimeWarning

WASTE = "19980102,uw,N\n19980716,uw,N\n20090804,wmi,N\n20501231,wm,N\n"


def write(path: Path, text: str) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(text)


def pack(path: Path, rows: list[str]) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    with zipfile.ZipFile(path, "w") as archive:
        archive.writestr(f"{path.stem}.csv", "\n".join(rows))


def bars(price: int, *days: str) -> list[str]:
    return [f"{day},{price}0000,{price}0000,{price}0000,{price}0000,100" for day in days]


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """WM was Washington Mutual's name until 2008, and is Waste Management's, which was WMI, from 5 August 2009 on."""
    usa = tmp_path / "equity" / "usa"
    write(usa / "map_files" / "wm.csv", WASTE)
    write(usa / "factor_files" / "wm.csv", "20090803,0.5,1,30\n20501231,1,1,0\n")
    pack(usa / "daily" / "wm.zip", bars(1, "20080915 00:00", "20090804 00:00") + bars(28, "20090805 00:00"))
    pack(usa / "daily" / "wmi.zip", bars(30, "20090803 00:00", "20090804 00:00", "20090805 00:00"))
    pack(usa / "hour" / "wm.zip", bars(28, "20090804 10:00", "20090805 10:00"))
    pack(usa / "hour" / "wmi.zip", bars(30, "20090804 10:00", "20090805 10:00"))
    for name in ("wm", "wmi"):
        for day in ("20090804", "20090805"):
            pack(usa / "minute" / name / f"{day}_trade.zip", bars(28 if name == "wm" else 30, "34200000"))
    return tmp_path


def test_names_have_their_last_days(tmp_path: Path) -> None:
    write(tmp_path / "wm.csv", WASTE)
    found = read_map(tmp_path / "wm.csv")
    assert found.name_on(date(1998, 7, 16)) == "uw"
    assert found.name_on(date(1998, 7, 17)) == "wmi"
    assert found.name_on(date(2009, 8, 4)) == "wmi"
    assert found.name_on(date(2009, 8, 5)) == "wm"
    assert (found.first_day, found.last_day) == (date(1998, 1, 2), None)
    assert found.names() == [
        Name("uw", date(1998, 1, 2), date(1998, 7, 16)),
        Name("wmi", date(1998, 7, 17), date(2009, 8, 4)),
        Name("wm", date(2009, 8, 5), date.max),
    ]


def test_a_ticker_is_of_who_had_it_last(tmp_path: Path) -> None:
    write(tmp_path / "googl.csv", "20040819,goog,Q\n20140402,goog,Q\n20501231,googl,Q\n")
    write(tmp_path / "goog.csv", "20140327,goocv,Q\n20140402,goocv,Q\n20501231,goog,Q\n")
    write(tmp_path / "tfcfa.csv", "20041112,nwsa,Q\n20130628,nwsa,Q\n20190318,foxa,Q\n20190320,tfcfa,Q\n")
    write(tmp_path / "aaa.1.csv", "20020522,aaa,N\n20070518,aaa,N\n")
    write(tmp_path / "broken.csv", "nothing\n")
    maps = MapFiles(tmp_path)
    asked = ("goog", "GOOGL", "foxa", "nwsa", "tfcfa", "AAA.1", "aaa", "other")
    assert [maps.resolve(ticker).permtick for ticker in asked] == [
        "goog", "googl", "tfcfa", "tfcfa", "tfcfa", "aaa.1", "aaa.1", "other",
    ]  # fmt: skip
    assert maps.resolve("AAA.1").name_on(date(2005, 1, 3)) == "aaa"
    assert maps.resolve("AAA.1").last_day == date(2007, 5, 18)
    assert not maps.resolve("other").known
    assert maps.resolve("other").name_on(date(2005, 1, 3)) == "other"
    with pytest.raises(DataError, match="expected lines"):
        maps.resolve("broken")


def test_a_name_for_good_reads_one_file(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    write(tmp_path / "wm.csv", WASTE)
    monkeypatch.setattr(MapFiles, "_index", lambda self: pytest.fail("every map file is read"))
    assert MapFiles(tmp_path).resolve("WM").permtick == "wm"


def test_each_day_is_read_from_the_file_of_its_name(folder: Path) -> None:
    market = LeanFolder(folder)
    asset = market.load("WM")
    assert asset.dates == [date(2009, 8, 3), date(2009, 8, 4), date(2009, 8, 5)]
    assert asset.close.tolist() == [30.0, 30.0, 28.0]
    for minutes in (60, 1):
        found = market.intraday("WM", minutes)
        assert found is not None
        assert [(day, found.rows(day)[0][4]) for day in found.days] == [(date(2009, 8, 4), 30.0), (date(2009, 8, 5), 28.0)]
    hourly = market.hourly("WM")
    assert hourly is not None
    assert hourly[1].tolist() == [30.0, 28.0]
    assert market.minute_files("WM", "quote") == {}


def test_an_old_name_means_the_same_with_its_factors(folder: Path) -> None:
    asset = LeanFolder(folder).load("wmi")
    assert (asset.ticker, asset.close.tolist()) == ("WMI", [30.0, 30.0, 28.0])
    assert [row.price_factor for row in asset.factors.rows] == [0.5, 1.0]


def test_files_that_a_name_lacks(folder: Path) -> None:
    market = LeanFolder(folder)
    assert market.missing("daily", "WM", date(1998, 1, 1), date(2010, 1, 1)) == [folder / "equity/usa/daily/uw.zip"]
    assert market.missing("daily", "WM", date(2000, 1, 1), date(2010, 1, 1)) == []


def test_a_ticker_without_files_is_an_asset_without_bars(folder: Path) -> None:
    market = LeanFolder(folder)
    asset = market.listing("wmx")
    assert (asset.ticker, asset.dates, len(asset.close)) == ("WMX", [], 0)
    with pytest.raises(NoDataError, match=r"expected .*wmx\.zip; it has WM, WMI\. Did you mean WM or WMI\?"):
        market.load("WMX")


def test_a_listing_without_a_file_has_one_name() -> None:
    assert MapFile("spy").names() == [Name("spy", date.min, date.max)]


def test_lean_own_first_row_tells_no_price(tmp_path: Path, recwarn: pytest.WarningsRecorder) -> None:
    path = tmp_path / "spy.csv"
    path.write_text("19980102,0.7,1,1\n19980105,0.8,1,97\n20501231,1,1,0\n")
    check_match(path, read_factors(path), [date(1998, 1, 2), date(1998, 1, 5)], [97.3, 97.0])
    assert not recwarn.list
    with pytest.warns(RegimeWarning, match="a close of 97 on 1998-01-05, the bars have 50"):
        check_match(path, read_factors(path), [date(1998, 1, 2), date(1998, 1, 5)], [97.3, 50.0])


def test_the_folder_check_too(folder: Path) -> None:
    assert not [f for f in check_folder(folder) if f.path.name == "wmi.csv"], "an old name needs no files of its own"
    write(folder / "equity/usa/map_files/wmi.csv", "19980101,wmi\n20501231,wmi\n")
    write(folder / "equity/usa/factor_files/wmi.csv", "20090803,0.7,1,1\n20090804,0.8,1,31\n20501231,1,1,0\n")
    said = [f"{finding.path.name} {finding.message}" for finding in check_folder(folder)]
    prices = [text for text in said if text.startswith("wmi.csv") and "is it of other bars" in text]
    assert prices == ["wmi.csv a close of 31 on 2009-08-04, the bars have 30: is it of other bars?"]
