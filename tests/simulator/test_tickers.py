"""Tickers that change and tickers without files, on handwritten folders. What LEAN does is in its MappingEventProvider,
AlgorithmManager and SubscriptionDataReader."""

from __future__ import annotations

import zipfile

import pytest

from hidden_regime.data import LeanFolder
from hidden_regime.exceptions import NoDataError, RegimeWarning

DAYS = ["20090803", "20090804", "20090805", "20090806"]
RANGE = {"start": "2009, 8, 3", "end": "2009, 8, 6"}


def pack(path, rows):
    path.parent.mkdir(parents=True, exist_ok=True)
    with zipfile.ZipFile(path, "w") as archive:
        archive.writestr(f"{path.stem}.csv", "\n".join(f"{time},{p}0000,{p}0000,{p}0000,{p}0000,100" for time, p in rows))


def listed(usa, ticker, rows):
    for kind, text in (("map_files", rows), ("factor_files", "19980101,1,1,0\n20501231,1,1,0\n")):
        (usa / kind).mkdir(parents=True, exist_ok=True)
        (usa / kind / f"{ticker}.csv").write_text(text)


@pytest.fixture
def folder(tmp_path):
    """WM was WMI until 4 August 2009; the file wm.zip has bars of another company before."""
    usa = tmp_path / "equity" / "usa"
    listed(usa, "wm", "19980102,wmi\n20090804,wmi\n20501231,wm\n")
    listed(usa, "spy", "19980102,spy\n20501231,spy\n")
    for key, prices in (("wm", (1, 1, 28, 29)), ("wmi", (30, 31, 99, 99)), ("spy", (100, 101, 102, 103))):
        pack(usa / "daily" / f"{key}.zip", [(f"{day} 00:00", p) for day, p in zip(DAYS, prices, strict=True)])
    return LeanFolder(tmp_path)


def test_bars_and_the_change_of_a_ticker(play, folder):
    hooks = """
    def on_data(self, data):
        self.seen.append((str(self.time), [bar.close for bar in data.bars.values()], data.symbol_changed_events.count))
        if self.time.day == 3:
            self.limit_order("WM", 1, 1.0)

    def on_symbol_changed_events(self, changed):
        event = changed["WM"]
        self.seen.append((str(event.time), event.old_symbol, event.new_symbol, str(event), self.portfolio["WM"].price))
        self.log(f"{self.transactions.get_open_orders()[0].status}")
    """
    run = play('self.add_equity("WM", Resolution.DAILY)', hooks, market=folder, **RANGE)
    assert run.algorithm.seen == [
        ("2009-08-03 16:00:00", [30.0], 0),
        ("2009-08-04 16:00:00", [31.0], 0),
        ("2009-08-05 00:00:00", "WMI", "WM", "08/05/2009 00:00:00 WMI->WM", 31.0),
        ("2009-08-05 00:00:00", [], 1),
        ("2009-08-05 16:00:00", [28.0], 0),
        ("2009-08-06 16:00:00", [29.0], 0),
    ]
    order = run.algorithm._sim.book.orders[1]
    assert (order.status.name, order.tag) == ("CANCELED", "Open order cancelled on symbol changed event")


def test_a_change_before_the_subscription_is_not_told(play, folder):
    hooks = """
    def on_symbol_changed_events(self, changed):
        self.seen.append(changed)
    """
    options = {"start": "2009, 8, 5", "end": "2009, 8, 6"}
    assert play('self.add_equity("WM", Resolution.DAILY)', hooks, market=folder, **options).algorithm.seen == []


ADDED = 'self.add_equity("NOPE", Resolution.DAILY)'
CHOSEN = """
self.universe_settings.resolution = Resolution.DAILY
self.add_universe("u", lambda time: ["WM", "NOPE"])
"""


ASKED = 'self.history([Symbol.create("NOPE", SecurityType.EQUITY, Market.USA)], 2, Resolution.DAILY)'


@pytest.mark.parametrize("line", [ADDED, CHOSEN, 'self.set_benchmark("NOPE")', ASKED])
def test_a_ticker_without_files_is_told_of_once(play, folder, line):
    hooks = """
    def on_data(self, data):
        self.seen += [data.bars["SPY"].close] if data.bars.count else []
    """
    with pytest.warns(RegimeWarning) as caught:
        run = play('self.add_equity("SPY", Resolution.DAILY)\n' + line, hooks, market=folder, **RANGE)
    assert run.algorithm.seen == [100.0, 101.0, 102.0, 103.0]
    said = [str(w.message) for w in caught]
    assert len(said) == 1
    for words in ("NOPE has no bars", "nope.zip", "it has SPY, WM, WMI", "The run goes on without its bars"):
        assert words in said[0]


def test_the_only_asset_must_have_bars(play, folder):
    with pytest.raises(NoDataError, match=r"SPYY has no bars in .*spyy\.zip; it has SPY, WM, WMI\. Did you mean SPY\?"):
        play('self.add_equity("SPYY", Resolution.DAILY)', market=folder, **RANGE)
    with pytest.raises(NoDataError, match=r"no MINUTE bars \(add_equity's default\).*it has DAILY\. Pass Resolution\.DAILY"):
        play('self.add_equity("SPY")', market=folder, **RANGE)


def test_minute_bars_outside_the_range(play, folder):
    pack(folder.path / "equity/usa/minute/spy/20090803_trade.zip", [("34200000", 100)])
    body = 'self.add_equity("SPY", Resolution.MINUTE)'
    later = {"start": "2009, 8, 4", "end": "2009, 8, 6"}
    said = "SPY has no MINUTE bars between 2009-08-04 and 2009-08-06: it has 2009-08-03 to 2009-08-03"
    with pytest.raises(NoDataError, match=said):
        play(body, market=folder, **later)
    with pytest.warns(RegimeWarning, match=said):
        play(body + '\nself.add_equity("WM", Resolution.DAILY)', market=folder, **later)
    assert play(body, market=folder, **RANGE).error is None


def test_a_name_without_its_file(play, folder):
    (folder.path / "equity/usa/daily/wmi.zip").unlink()
    with pytest.warns(RegimeWarning, match=r"wmi\.zip is missing: it holds the bars of days on which WM had another name"):
        play('self.add_equity("WM", Resolution.DAILY)', market=folder, **RANGE)
