"""Assets that universes drop and take again, and detection that is asked for at odd hours: followed from bar to bar."""

from __future__ import annotations

import pytest

from hidden_regime.simulator.clock import TradingCalendar
from tests.quantconnect.running import HEAD, run

HELD = (
    HEAD
    + """
class Held(HiddenRegimeAlgorithm):
    def initialize(self):
        self.set_start_date(2013, 1, 2)
        self.set_end_date(2013, 3, 28)
        self.set_cash(100000)
        self.universe_settings.resolution = Resolution.DAILY
        self.add_universe("mine", self.choose)
        self.told = []

    def choose(self, when):
        return ["IWM"] if when.day in DAYS else ["SPY"]

    def on_securities_changed(self, changes):
        self.told += [("in", s.symbol.value, self.time) for s in changes.added_securities]
        self.told += [("out", s.symbol.value, self.time) for s in changes.removed_securities]
        for security in changes.added_securities:
            if security.symbol.value == "IWM" and "IWM" not in self._hr.assets:
                self.initialize_regime_detection(security.symbol, lookback_days=60)

    def on_data(self, data):
        for symbol in data.bars.keys():
            if symbol.value == "IWM" and not self.portfolio[symbol].invested and HOLDS:
                self.market_order(symbol, 10)
"""
)


def market_calendar(market):
    return TradingCalendar(market.load("IWM").dates[0], market.load("IWM").dates[-1])


def iwm(tmp_path, market, *, days, holds):
    done = run(tmp_path, market, f"DAYS, HOLDS = {days}, {holds}\n" + HELD)
    return done.algorithm, [s.time.date() for s in done.algorithm._hr.assets["IWM"].states]


@pytest.mark.parametrize("holds", [True, False])
def test_an_asset_is_followed_as_long_as_its_bars_come(tmp_path, reference_market, holds):
    """Held it goes on after the universe let it go, and is taken again without a word; sold it comes back from history."""
    algorithm, days = iwm(tmp_path, reference_market, days="(3, 4, 5, 6, 7, 8, 9, 10, 17, 18, 19, 20)", holds=holds)
    told = [kind for kind, ticker, _ in algorithm.told if ticker == "IWM"]
    assert told[:2] == ["in", "out"]
    assert ("in" in told[2:]) is not holds  # a held member that is chosen again is told to nobody
    always = iwm(tmp_path, reference_market, days="range(1, 32)", holds=False)[1]
    last = days[-1]
    assert days == [day for day in always if days[0] <= day <= last]
    assert last == always[-1] if holds else last < always[-1]


ASKED = (
    HEAD
    + """
class Asked(HiddenRegimeAlgorithm):
    def initialize(self):
        self.set_start_date(2013, 7, 1)
        self.set_end_date(2013, 7, 10)
        self.asset = self.add_equity("SPY", Resolution.RESOLUTION).symbol
        self.ready = None
        self.schedule.on(self.date_rules.on(2013, 7, DAY), self.time_rules.at(HOUR, MINUTE), self.begin)

    def begin(self):
        self.initialize_regime_detection("SPY", lookback_days=252)
        self.ready = self.regime_is_ready("SPY")
"""
)


@pytest.mark.parametrize("resolution", ["DAILY", "HOUR"])
@pytest.mark.parametrize(
    ("day", "hour", "minute"),
    [(1, 0, 0), (1, 10, 30), (2, 9, 31), (3, 12, 59), (3, 13, 0), (3, 13, 1), (3, 15, 59), (3, 16, 0), (4, 12, 0), (6, 12, 0), (8, 16, 0), (9, 20, 0)],
)  # fmt: skip
def test_detection_is_ready_when_it_is_asked_for(tmp_path, reference_market, resolution, day, hour, minute):
    """July 3 is a half day, the 4th a holiday, the 6th a Saturday: the count of bars that history gives differs with the hour."""
    text = (
        ASKED.replace("DAY)", f"{day})")
        .replace("HOUR, MINUTE", f"{hour}, {minute}")
        .replace("Resolution.RESOLUTION", f"Resolution.{resolution}")
    )
    algorithm = run(tmp_path, reference_market, text).algorithm
    assert algorithm.ready
    tracked = algorithm._hr.assets["SPY"]
    first = tracked.states[0].time.date()
    expected = [s.date for s in market_calendar(reference_market).between(first, tracked.states[-1].time.date())]
    assert [s.time.date() for s in tracked.states] == expected
    assert tracked.states[-1].time.date().isoformat() == "2013-07-10"
