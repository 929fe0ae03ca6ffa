"""Who comes and goes, when it takes effect, and by which names securities are found: LEAN's answers on the same market."""

from __future__ import annotations

from datetime import date, datetime, timedelta

import pandas as pd
import pytest

from hidden_regime.data import TableMarket
from hidden_regime.simulator import run_file
from hidden_regime.simulator.clock import TradingCalendar
from hidden_regime.simulator.failures import InvalidOperationException, KeyNotFoundException
from hidden_regime.simulator.objects.identifier import SecurityIdentifier
from hidden_regime.simulator.settings import UniverseSettings
from hidden_regime.simulator.universes.universe import Member, Universe

SPY = 'self.spy = self.add_equity("SPY", Resolution.DAILY).symbol'
DAILY = "self.universe_settings.resolution = Resolution.DAILY\n"
TOLD = """
def on_securities_changed(self, changes):
    names = [",".join(s.symbol.value for s in found) for found in (changes.added_securities, changes.removed_securities)]
    self.seen.append(f"{self.time:%m-%d %H} +{names[0]} -{names[1]}")
"""
BARS = """
def on_data(self, data):
    self.seen.append(f"{self.time:%m-%d %H} " + " ".join(f"{k.value}{'~' if v.is_fill_forward else ''}" for k, v in sorted(data.bars.items(), key=lambda kv: kv[0].value)))
"""


def told(seen):
    return [line for line in seen if "+" in line]


# Pending removals -----------------------------------------------------------------------------------------------------------
def test_a_member_that_is_held_stays_and_comes_back_untold(play):
    body = DAILY + (
        "self.k, self.members = -1, []\n"
        "self.plan = {0: ['SPY', 'IWM'], 3: ['IWM'], 6: ['SPY', 'IWM'], 9: ['IWM'], 14: ['SPY', 'IWM'], 17: [], 20: ['SPY'], 22: ['QQQ'], 26: ['SPY'], 29: ['SPY', 'QQQ']}\n"
        "self.add_universe('mine', self.select)"
    )
    hooks = (
        TOLD
        + """
def select(self, when):
    self.k += 1
    self.members = self.plan.get(self.k, self.members)
    return self.members
def on_data(self, data):
    self.seen.append(f"{self.time:%m-%d} {sorted(s.value for s in data.bars.keys())} {len(self.active_securities)}")
    for symbol in sorted(data.bars.keys()):
        if self.k in (0, 1, 14, 20) and not self.portfolio[symbol].invested:
            self.market_order(symbol, 10)
    if self.k in (10, 24):
        self.liquidate()
"""
    )
    seen = play(body, hooks, start="2013, 1, 7", end="2013, 3, 15").algorithm.seen
    assert told(seen) == [
        "01-07 00 +IWM,SPY -", "01-10 00 + -SPY", "01-18 00 + -SPY", "01-28 00 +SPY -", "01-31 00 + -IWM,SPY", "02-07 00 +QQQ -SPY",
        "02-13 00 +SPY -QQQ", "02-19 00 +QQQ -",
    ]  # fmt: skip
    # Sold on the 22nd, it goes at the first choice after its order was filled.
    assert [line for line in seen if line[:5] in ("01-23", "01-24", "02-12", "02-13")] == [
        "01-23 ['IWM', 'SPY'] 2", "01-24 ['IWM'] 1", "02-12 ['IWM', 'QQQ', 'SPY'] 3", "02-13 00 +SPY -QQQ", "02-13 ['SPY'] 1",
    ]  # fmt: skip


def test_going_is_told_though_another_universe_or_a_hand_keeps_it(play):
    body = DAILY + (
        "self.tlt = self.add_equity('TLT', Resolution.DAILY).symbol\nself.a = self.b = -1\n"
        "self.add_universe('a', self.first)\nself.add_universe('b', self.second)"
    )
    hooks = (
        TOLD
        + """
def first(self, when):
    self.a += 1
    return ["SPY", "IWM"] if self.a < 2 else ["IWM", "TLT"] if self.a < 4 else ["IWM"]
def second(self, when):
    self.b += 1
    return ["SPY"] if self.b < 3 else []
def on_data(self, data):
    self.seen.append(f"{self.time:%m-%d} {sorted(s.value for s in data.bars.keys())}")
"""
    )
    seen = play(body, hooks, start="2013, 1, 7", end="2013, 1, 11").algorithm.seen
    assert seen == [
        "01-07 00 +IWM,SPY,TLT -", "01-07 ['IWM', 'SPY', 'TLT']", "01-08 ['IWM', 'SPY', 'TLT']", "01-09 00 + -SPY",
        "01-09 ['IWM', 'SPY', 'TLT']", "01-10 00 + -SPY", "01-10 ['IWM', 'TLT']", "01-11 00 + -TLT", "01-11 ['IWM', 'TLT']",
    ]  # fmt: skip


class Held:
    is_delisted = False


@pytest.mark.parametrize(
    ("least", "inside", "may"),
    [
        (timedelta(days=1), timedelta(hours=12), False), (timedelta(days=1), timedelta(hours=12, seconds=1), True),
        (timedelta(days=2), timedelta(hours=36), True), (timedelta(hours=5), timedelta(hours=4, minutes=30), False),
        (timedelta(hours=5), timedelta(hours=4, minutes=31), True), (timedelta(0), timedelta(0), True),
    ],
)  # fmt: skip
def test_the_least_time_of_a_member_is_rounded_half_to_even(least, inside, may):
    settings = UniverseSettings()
    settings.minimum_time_in_universe = least
    universe = Universe("u", lambda when: [], settings)
    universe.securities["X"] = Member(Held(), datetime(2013, 7, 8, 12))
    assert universe.may_leave("X", datetime(2013, 7, 8, 12) + inside) is may


# When it takes effect -------------------------------------------------------------------------------------------------------
def test_what_is_added_when_bars_end_gets_its_bars_from_the_next_on(play):
    body = 'self.add_equity("SPY", Resolution.HOUR)'
    hooks = (
        TOLD
        + """
def on_data(self, data):
    if self.time.hour in (10, 16) or self.time.day == 8:
        self.seen.append(f"{self.time:%m-%d %H} " + " ".join(sorted(k.value for k in data.bars.keys())))
    if (self.time.day, self.time.hour) == (5, 16):
        self.add_equity("GLD", Resolution.DAILY)
    if (self.time.day, self.time.hour) == (8, 12):
        self.add_equity("QQQ", Resolution.HOUR)
"""
    )
    seen = play(body, hooks, start="2013, 7, 5", end="2013, 7, 9").algorithm.seen
    assert seen == [
        "07-05 00 +SPY -", "07-05 10 SPY", "07-05 16 SPY", "07-05 16 +GLD -", "07-08 10 SPY", "07-08 11 SPY", "07-08 12 SPY",
        "07-08 12 +QQQ -", "07-08 13 QQQ SPY", "07-08 14 QQQ SPY", "07-08 15 QQQ SPY", "07-08 16 GLD QQQ SPY",
        "07-09 10 GLD QQQ SPY", "07-09 16 GLD QQQ SPY",
    ]  # fmt: skip


def test_an_event_takes_effect_at_the_end_of_the_next_step(play):
    body = """
    self.add_equity("SPY", Resolution.HOUR)
    self.schedule.on(self.date_rules.on(2013, 7, 10), self.time_rules.at(20, 0), lambda: self.add_equity("QQQ", Resolution.HOUR))
    self.schedule.on(self.date_rules.on(2013, 7, 11), self.time_rules.at(12, 0), lambda: self.remove_security("QQQ"))
    """
    seen = play(body, TOLD + BARS, start="2013, 7, 10", end="2013, 7, 11").algorithm.seen
    assert seen[8:] == [
        "07-11 10 SPY", "07-11 10 +QQQ -", "07-11 11 QQQ SPY", "07-11 12 QQQ SPY", "07-11 12 + -QQQ", "07-11 13 SPY",
        "07-11 14 SPY", "07-11 15 SPY", "07-11 16 SPY",
    ]  # fmt: skip


def test_an_event_between_daily_bars_takes_effect_at_the_benchmarks_step(play):
    body = (
        SPY
        + '\nself.schedule.on(self.date_rules.on(2013, 7, 10), self.time_rules.at(12, 30), lambda: self.add_equity("TLT", Resolution.DAILY))'
    )
    seen = play(body, TOLD + BARS, start="2013, 7, 10", end="2013, 7, 10").algorithm.seen
    assert seen == ["07-10 00 +SPY -", "07-10 13 +TLT -", "07-10 16 SPY TLT"]


def test_removed_and_added_in_one_step_goes_on_untold(play):
    body = 'self.add_equity("SPY", Resolution.HOUR)\nself.iwm = self.add_equity("IWM", Resolution.DAILY).symbol'
    hooks = (
        TOLD
        + """
def on_data(self, data):
    if self.time.day == 3 and self.time.hour == 10:
        self.remove_security(self.iwm)
        again = self.add_equity("IWM", Resolution.DAILY)
        self.seen.append(again.has_data and again.is_tradable)
    elif self.time.day == 3:
        self.seen.append(len(data.bars))
"""
    )
    seen = play(body, hooks, start="2013, 7, 2", end="2013, 7, 3").algorithm.seen
    assert seen == ["07-02 00 +IWM,SPY -", True, 2, 2, 2]


def test_a_change_of_the_finest_bars_ends_repeats_until_the_next_own_bar(play):
    body = """
    self.add_equity("IWM", Resolution.DAILY)
    self.universe_settings.resolution = Resolution.HOUR
    self.universe_settings.minimum_time_in_universe = timedelta(0)
    self.add_universe(ScheduledUniverse(self.date_rules.every_day(), self.time_rules.every(timedelta(hours=3)), self.select))
    """
    hooks = (
        TOLD
        + BARS
        + """
def select(self, utc):
    return {12: ["QQQ"], 15: ["SPY"]}.get(self.time.hour, Universe.UNCHANGED)
"""
    )
    seen = play(body, hooks, start="2013, 7, 8", end="2013, 7, 9").algorithm.seen
    # At 15:00 QQQ's hours go before SPY's come: for a moment days are the finest, and IWM begins anew.
    assert seen == [
        "07-08 00 +IWM -", "07-08 12 +QQQ -", "07-08 12 QQQ", "07-08 13 QQQ", "07-08 14 QQQ", "07-08 15 +SPY -QQQ", "07-08 15 SPY",
        "07-08 16 IWM SPY", "07-09 10 IWM~ SPY", "07-09 11 IWM~ SPY", "07-09 12 +QQQ -SPY", "07-09 12 QQQ", "07-09 13 QQQ",
        "07-09 14 QQQ", "07-09 15 +SPY -QQQ", "07-09 15 SPY", "07-09 16 IWM SPY",
    ]  # fmt: skip


# Times ----------------------------------------------------------------------------------------------------------------------
def test_a_universe_of_hours_is_chosen_when_an_hour_touches_market_hours(play):
    body = DAILY + "self.add_universe('u', Resolution.HOUR, self.select)"
    hooks = "def select(self, when):\n    self.seen.append(f'{when:%d %H}')\n    return []"
    seen = play(body, hooks, start="2013, 7, 2", end="2013, 7, 3").algorithm.seen
    assert seen == ["02 00", *(f"02 {h:02}" for h in range(9, 16)), *(f"03 {h:02}" for h in range(9, 13))]


def test_a_universe_that_is_added_late_is_chosen_after_that_step_and_a_day_later(play):
    hooks = """
    def on_data(self, data):
        if self.time.day == 3:
            self.add_universe("late", lambda when: self.seen.append(f"{when:%d %H}") or [])
    """
    # A day from Friday 16:00 on touches no market hours, one from Sunday 16:00 on does.
    assert play(SPY, hooks, end="2014, 1, 7").algorithm.seen == ["03 16", "05 16", "06 16", "07 16"]


def test_intervals_touch_sessions():
    days = [date(2014, 1, 2), date(2014, 1, 3), date(2014, 1, 6)]
    calendar = TradingCalendar(date(2014, 1, 1), date(2014, 1, 31), days)
    universe = Universe("u", lambda when: [], None)
    found = list(universe.times(datetime(2014, 1, 1), datetime(2014, 1, 31), calendar))
    assert found == [datetime(2014, 1, 1), *(datetime(d.year, d.month, d.day) for d in days)]


def test_every_day_is_every_day_and_the_first_choice_finds_nobody_active(play):
    body = (
        DAILY
        + SPY
        + "\nself.add_universe(ScheduledUniverse(self.date_rules.every_day(), self.time_rules.every(timedelta(hours=12)), self.select))"
    )
    hooks = "def select(self, utc):\n    self.seen.append((f'{self.time:%d %H}', len(self.active_securities)))\n    return []"
    seen = play(body, hooks, start="2014, 1, 3", end="2014, 1, 6").algorithm.seen
    assert seen == [(f"{d:02} {h:02}", int((d, h) != (3, 0))) for d in range(3, 7) for h in (0, 12)]


def test_the_universe_of_what_was_added_by_hand_chooses_first_where_its_bars_are_finer(play):
    body = DAILY + "self.add_equity('SPY', Resolution.HOUR)\nself.add_universe('u', self.select)"
    hooks = "def select(self, when):\n    self.seen.append(sorted(s.value for s in self.active_securities.keys()))\n    return []"
    assert play(body, hooks, end="2014, 1, 2").algorithm.seen == [["SPY"]]


def test_a_second_universe_of_a_name_is_never_chosen(play):
    body = DAILY + "self.add_universe('u', lambda when: ['SPY'])\nself.add_universe('u', lambda when: ['TLT'])"
    assert play(body, TOLD, end="2014, 1, 3").algorithm.seen == ["01-02 00 +SPY -"]


# Names ----------------------------------------------------------------------------------------------------------------------
TRY = """
def tried(self, call):
    try:
        self.seen.append(call())
    except Exception as error:
        self.seen.append(type(error).__name__)
"""


def test_members_of_universes_are_not_known_by_ticker(play):
    body = DAILY + "self.add_universe('u', lambda when: ['SPY'])"
    hooks = (
        TRY
        + """
def on_data(self, data):
    key = next(iter(data.bars.keys()))
    for found in (self.portfolio, self.securities, data, data.bars):
        self.tried(lambda: found["SPY"])
        self.seen.append((found.contains_key("SPY"), "SPY" in found, found.get("SPY"), found.contains_key(key)))
    self.tried(lambda: self.symbol("SPY"))
    self.seen.append((len(self.history(["SPY"], 3, Resolution.DAILY)), list(self.history[TradeBar]("SPY", 3)), len(self.history([key], 3))))
    self.quit()
"""
    )
    seen = play(body, hooks).algorithm.seen
    assert seen[:8] == ["KeyNotFoundException", (False, False, None, True)] * 4
    assert seen[8:] == ["InvalidOperationException", (0, [], 3)]


@pytest.mark.parametrize(
    "line",
    [
        "self.add_equity('SPY', Resolution.DAILY)", "self.date_rules.every_day('SPY')", "self.time_rules.after_market_open('SPY', 5)",
        "self.set_universe_selection(ManualUniverseSelectionModel([Symbol.create('SPY', SecurityType.EQUITY, Market.USA)]))",
    ],
)  # fmt: skip
def test_a_ticker_that_is_added_or_named_by_a_rule_is_known(play, line):
    body = DAILY + line + "\nself.add_universe('u', lambda when: ['SPY'])"
    hooks = "def on_data(self, data):\n    self.seen.append((data.bars['SPY'].close, self.symbol('SPY').value, self.portfolio['SPY'].invested))\n    self.quit()"
    done = play(body, hooks)
    close, *rest = done.algorithm.seen[0]
    assert close > 0 and rest == ["SPY", False]
    warned = "Warning: no existing symbol found for ticker SPY, it will be created with Equity type."
    assert any(warned in text for text in done.algorithm._sim.logs.lines) is ("rules" in line)


def test_an_order_by_such_a_ticker_does_not_trade(play):
    body = DAILY + "self.add_universe('u', lambda when: ['SPY'])"
    hooks = (
        "def on_data(self, data):\n    self.seen.append((self.market_order('SPY', 5).quantity, self.set_holdings('SPY', 0.5)))"
    )
    done = play(body, hooks, end="2014, 1, 3")
    assert done.algorithm.seen == [(5.0, []), (5.0, [])]
    assert not done.algorithm._sim.book.orders


def test_texts_are_leans(play):
    with pytest.raises(KeyNotFoundException) as missing:
        play(SPY, "def on_data(self, data):\n    data['TLT']")
    assert str(missing.value).startswith(
        "The ticker TLT was not found in the SymbolCache. Use the Symbol object as key instead. Acc"
    )
    with pytest.raises(InvalidOperationException) as lost:
        play(SPY, "def on_data(self, data):\n    self.symbol('TLT')")
    assert str(lost.value).startswith("We were unable to locate the ticker 'TLT'.\n   at QuantConnect.SymbolCache.GetSymbol")


def test_what_has_gone_is_found_by_its_key_and_an_order_brings_it_back(play):
    hooks = (
        TOLD
        + """
def on_data(self, data):
    security = self.securities[self.spy]
    self.seen.append((self.time.day, len(self.securities), len(self.portfolio), security.price > 0, security.is_tradable))
    if self.time.day == 3:
        self.remove_security(self.spy)
    if self.time.day == 7:
        self.market_order(self.spy, 7)
"""
    )
    done = play(DAILY + SPY + "\nself.add_equity('TLT', Resolution.DAILY)", hooks, end="2014, 1, 9")
    assert done.algorithm.seen == [
        "01-02 00 +SPY,TLT -", (2, 2, 2, True, True), (3, 2, 2, True, True), "01-03 16 + -SPY", (6, 1, 1, False, False),
        (7, 1, 1, False, False), "01-07 16 +SPY -", (8, 2, 2, True, True), (9, 2, 2, True, True),
    ]  # fmt: skip
    assert [(order.quantity, str(order.status)) for order in done.algorithm._sim.book.orders.values()] == [(7.0, "FILLED")]


def test_a_member_removed_by_hand_stays_with_its_bars_untraded(play):
    body = DAILY + "self.add_universe('u', lambda when: ['SPY'])"
    hooks = (
        TOLD
        + """
def on_data(self, data):
    key = next(iter(data.bars.keys()))
    self.seen.append((self.time.day, self.securities[key].is_tradable, self.remove_security(key), self.remove_security("NOPE")))
"""
    )
    assert play(body, hooks, end="2014, 1, 3").algorithm.seen == [
        "01-02 00 +SPY -",
        (2, True, True, False),
        (3, False, True, False),
    ]


# Dates ----------------------------------------------------------------------------------------------------------------------
def test_without_an_end_date_a_run_ends_with_the_data(tmp_path, reference_market):
    path = tmp_path / "open.py"
    path.write_text(
        "from AlgorithmImports import *\nclass Open(QCAlgorithm):\n    def initialize(self):\n        self.before = self.time\n"
        "        self.set_start_date(2020, 12, 28); self.add_equity('SPY', Resolution.DAILY); self.seen = []\n"
        "    def on_data(self, data):\n        self.seen.append(self.time)\n"
    )
    done = run_file(path, reference_market)
    days = reference_market.load("SPY").dates
    assert done.algorithm.before == datetime(1997, 12, 31, 19)
    assert done.algorithm.seen[-1].date() == days[-1] == done.algorithm.end_date.date()
    assert len(done.algorithm.seen) == sum(day >= date(2020, 12, 28) for day in days)


def test_without_a_start_date_the_clock_stands_at_1998_in_utc(tmp_path):
    path = tmp_path / "early.py"
    path.write_text(
        "from AlgorithmImports import *\nclass Early(QCAlgorithm):\n    def initialize(self):\n        self.set_end_date(1998, 1, 9); self.add_equity('OLD', Resolution.DAILY)\n"
    )
    days = [date(1998, 1, d) for d in (2, 5, 6, 7, 8, 9)]
    prices = pd.DataFrame(dict.fromkeys(("open", "high", "low", "close", "volume"), 10.0), index=pd.DatetimeIndex(days))
    done = run_file(path, TableMarket({"OLD": prices}))
    samples = [when for when, _ in done.sampler.samples.equity]
    assert samples[:2] == [datetime(1998, 1, 1), datetime(1998, 1, 1, 5)]


def test_a_run_that_is_subscribed_to_nothing_sees_no_benchmark_at_first(play):
    values = [value for _, value in play("pass", end="2014, 1, 3").sampler.samples.benchmark]
    others = [value for _, value in play(SPY, end="2014, 1, 3").sampler.samples.benchmark]
    assert values[0] == 0.0 < others[0] and values[1:] == others[1:]


def test_a_run_that_lives_by_universes_sees_no_benchmark_before_the_first_is_chosen(play):
    rule = "self.add_universe(ScheduledUniverse(self.date_rules.on(2014, 1, 6), self.time_rules.at(9, 0), lambda utc: []))"
    values = dict(play(rule, end="2014, 1, 8").sampler.samples.benchmark)
    others = dict(play(SPY, end="2014, 1, 8").sampler.samples.benchmark)
    assert [value == 0.0 for value in values.values()] == [True] * 5 + [False] * (len(values) - 5)
    assert all(others[when] == value for when, value in values.items() if value)


def test_members_of_universes_are_told_by_their_identifiers(play):
    body = DAILY + "self.add_universe('u', lambda when: ['SPY', Symbol.create('TLT', SecurityType.EQUITY, Market.USA)])"
    hooks = """
    def on_data(self, data):
        keys = list(data.bars.keys())
        self.seen.append([str(key) for key in keys])
        self.seen.append([str(key.id) for key in keys] + [key.value for key in keys])
        self.seen.append([str(data.bars[keys[0]]).partition(":")[0], self.sma(keys[0], 3).name, str(self.securities[keys[1]])])
        if self.time.day == 2:
            self.add_equity("SPY", Resolution.DAILY)
            self.seen.append([str(keys[0]), str(self.symbol("SPY")), str(keys[1]), sorted(keys)[0].value])
            self.ticket = self.market_order(keys[1], 1)
        else:
            self.seen.append([event.to_string() for event in self.ticket.order_events][0].split("Symbol: ")[1].split()[0])
            self.quit()
    """
    seen = play(body, hooks).algorithm.seen
    both = [*(str(SecurityIdentifier.of_equity(ticker, date(2004, 1, 2))) for ticker in ("SPY", "TLT")), "SPY", "TLT"]
    assert seen[:3] == [both[:2], both, [both[0], f"SMA(3,{both[0]}_day)", both[1]]]
    assert seen[3] == ["SPY", "SPY", both[1], "SPY"]
    assert seen[4:] == [["SPY", both[1]], both, ["SPY", "SMA(3,SPY_day)", both[1]], "TLT"]
