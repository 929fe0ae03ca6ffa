"""Universes that are chosen among data: who comes when, against the files that the test has written.

LEAN's rules: data of a session are known at the midnight after it; a universe is chosen at once as it is added, by the session
before; the midnight after the last day is a step of the run in which nothing is chosen.
"""

from datetime import date, datetime
from textwrap import dedent

import pytest

from hidden_regime.data import LeanFolder
from hidden_regime.data.lean_writing import zip_lines
from hidden_regime.exceptions import NoDataError, RegimeWarning, UnsupportedError

SESSIONS = [date(2014, 1, d) for d in (2, 3, 6, 7, 8, 9, 10)]
RANGE = {"start": "2014, 1, 6", "end": "2014, 1, 9"}
DAILY = "self.universe_settings.resolution = Resolution.DAILY\n"
PRICES = {"AAA": 10.0, "BBB": 20.0, "CCC": 30.0}
TOLD = """
def on_securities_changed(self, changes):
    names = [",".join(s.symbol.value for s in found) for found in (changes.added_securities, changes.removed_securities)]
    self.seen.append(f"{self.time:%d %H} +{names[0]} -{names[1]}")
"""


def volume(ticker, day):
    """Shares traded: AAA most on even days, BBB on odd ones, CCC never."""
    return {"AAA": 10_000 if day.day % 2 == 0 else 1000, "BBB": 2500, "CCC": 100}[ticker]


def text(path, lines):
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text("\n".join(lines) + "\n", encoding="utf-8")


@pytest.fixture
def folder(tmp_path):
    """folder(coarse, lists, ends): a market of three tickers, perhaps with coarse files and lists; CCC may be delisted."""

    def make(*, coarse=True, lists=None, ends="20501231", values=""):
        usa = tmp_path / "data" / "equity" / "usa"
        last = date(int(ends[:4]), int(ends[4:6]), int(ends[6:]))
        for ticker, price in PRICES.items():
            name, end = ticker.lower(), ends if ticker == "CCC" else "20501231"
            days = [day for day in SESSIONS if ticker != "CCC" or day <= last]
            rows = [
                f"{d:%Y%m%d} 00:00,{price * 1e4:.0f},{price * 1e4:.0f},{price * 1e4:.0f},{price * 1e4:.0f},{volume(ticker, d)}"
                for d in days
            ]
            (usa / "daily").mkdir(parents=True, exist_ok=True)
            zip_lines(usa / "daily" / f"{name}.zip", f"{name}.csv", rows)
            text(usa / "map_files" / f"{name}.csv", [f"19980102,{name},P", f"{end},{name},P"])
            text(usa / "factor_files" / f"{name}.csv", ["20501231,1,1,0"])
        if coarse:
            for day in SESSIONS:
                rows = [
                    f"{t} R735QTJ8XC9X,{t},{p},{volume(t, day)},{p * volume(t, day)},{t != 'CCC'},0.5,1"
                    for t, p in PRICES.items()
                ]
                text(usa / "fundamental" / "coarse" / f"{day:%Y%m%d}.csv", rows)
        for path, lines in (lists or {}).items():
            text(usa / "universes" / path, lines)
        if values:
            text(usa / "fundamental" / "values.csv", values.split("\n"))
        return LeanFolder(tmp_path / "data", synthetic=True)

    return make


def leader(day):
    return max(PRICES, key=lambda ticker: PRICES[ticker] * volume(ticker, day))


TOP = """
def choose(self, found):
    self.asked = [*getattr(self, "asked", []), f"{self.time:%d %H:%M}"]
    return [max(found, key=lambda item: item.dollar_volume).symbol]
"""


@pytest.mark.parametrize("coarse", [True, False])
def test_the_most_traded_of_the_session_before_is_chosen_at_each_midnight(play, folder, coarse):
    """With coarse files and without: then they are reckoned from the daily bars."""
    done = play(DAILY + "self.add_universe(self.choose)", TOP + TOLD, market=folder(coarse=coarse), **RANGE)
    # Friday's are known on Saturday, when nothing happens: the run begins with them.
    known = {
        "06 00:00": date(2014, 1, 3),
        "07 00:00": date(2014, 1, 6),
        "08 00:00": date(2014, 1, 7),
        "09 00:00": date(2014, 1, 8),
    }
    assert done.algorithm.asked == list(known)
    chosen = [leader(day) for day in known.values()]
    assert chosen == ["BBB", "AAA", "BBB", "AAA"]
    expected, before = [], ""
    for when, name in zip(known, chosen, strict=True):
        if name != before:
            expected.append(f"{when[:5]} +{name} -{before}")
        before = name
    assert done.algorithm.seen == expected
    assert done.algorithm.time == datetime(2014, 1, 10)


def test_what_a_coarse_row_says_and_what_lean_alone_knows(play, folder):
    hooks = """
    def choose(self, found):
        if self.time.day == 7:
            item = next(item for item in found if item.symbol.value == "AAA")
            self.seen.append([item.price, item.value, item.volume, item.dollar_volume, item.price_factor, item.adjusted_price,
                              item.has_fundamental_data, f"{item.time:%d %H}", f"{item.end_time:%d %H}", str(item.symbol.id)])
            self.seen.append([item.symbol.value for item in found if item.has_fundamental_data])
        return []
    """
    market = folder()
    seen = play(DAILY + "self.add_universe(self.choose)", hooks, market=market, **RANGE).algorithm.seen
    assert seen[0] == [10.0, 10.0, 10_000, 100_000.0, 0.5, 5.0, True, "06 00", "07 00", "AAA R735QTJ8XC9X"]
    assert seen[1] == ["AAA", "BBB"]
    for asked in ("valuation_ratios.pe_ratio", "market_cap", "ValuationRatios.PERatio"):
        with pytest.raises(UnsupportedError, match=r"fundamental value (valuation_ratios|company_profile)\..*values\.csv"):
            play(
                DAILY + f"self.add_universe(lambda found: [item.symbol for item in found if item.{asked} > 1])",
                market=market,
                **RANGE,
            )


def test_fundamental_values_of_the_users_choose_and_are_known_a_day_later(play, folder):
    values = "20140101,*,valuation_ratios.pe_ratio,0\n20140106,CCC,valuation_ratios.pe_ratio,9\n20140106,AAA,valuation_ratios.pe_ratio,5"
    body = DAILY + "self.add_universe(lambda coarse: [c.symbol for c in coarse], self.fine)"
    hooks = """
    def fine(self, found):
        self.seen.append(" ".join(f"{item.symbol.value}{item.valuation_ratios.pe_ratio:g}" for item in found))
        return [max(found, key=lambda item: item.valuation_ratios.pe_ratio).symbol]

    def on_data(self, data):
        key = list(data.bars.keys())[0]
        self.seen.append(f"{key.value} {self.securities[key].fundamentals.valuation_ratios.pe_ratio:g} {self.fundamentals(key).price:g}")
    """
    seen = play(body, hooks, market=folder(values=values), **RANGE).algorithm.seen
    # CCC has no fundamental data by its coarse row, so that the second function isn't shown it. Of a security LEAN asks for the
    # day before, and on a Monday that is a Sunday, which has no prices.
    assert seen[:4] == ["AAA0 BBB0", "AAA 0 0", "AAA5 BBB0", "AAA 5 10"]


def test_dates_of_a_schedule_choose_by_the_latest_data(play, folder):
    body = DAILY + "self.add_universe(self.date_rules.on(datetime(2014, 1, 4), datetime(2014, 1, 8)), self.choose)"
    done = play(body, TOP + TOLD, market=folder(), **RANGE)
    # The date before the beginning counts as the beginning; on the 8th the session of the 7th is known.
    assert done.algorithm.asked == ["06 00:00", "08 00:00"]
    assert done.algorithm.seen == ["06 00 +BBB -"]
    settings = "self.universe_settings.schedule.on(self.date_rules.on(datetime(2014, 1, 9)))\n"
    other = play(
        DAILY + settings + "self.add_universe(FundamentalUniverse.usa(self.choose))", TOP + TOLD, market=folder(), **RANGE
    )
    assert (other.algorithm.asked, other.algorithm.seen) == (["09 00:00"], ["09 00 +AAA -"])


ETF = {
    "etf/ccc/20140103.csv": ["AAA,AAA R735QTJ8XC9X,20140102,0.75,10,100.5", "BBB,BBB R735QTJ8XC9X,20140102,,,"],
    "etf/ccc/20140107.csv": ["BBB,BBB R735QTJ8XC9X,20140106,1,,"],
}


def test_an_etf_consists_of_what_its_latest_file_says_until_it_is_delisted(play, folder):
    body = DAILY + 'self.add_universe(self.universe.etf("CCC", self.universe_settings, self.choose))'
    hooks = """
    def choose(self, found):
        self.seen.append(" ".join(f"{item.symbol.value}:{item.weight}:{item.market_value}" for item in found))
        return [item.symbol for item in found]

    def on_data(self, data):
        for symbol in data.bars.keys():
            cache = self.securities[symbol].cache
            self.seen.append(f"{symbol.value} {cache.has_data(ETFConstituentUniverse)} {cache.get_data(ETFConstituentUniverse).weight}")
    """
    done = play(body, dedent(hooks) + TOLD, market=folder(lists=ETF, ends="20140108"), **RANGE)
    assert done.algorithm.seen == [
        "AAA:0.75:100.5 BBB:None:None", "06 00 +AAA,BBB -", "AAA True 0.75", "BBB True None", "AAA True 0.75", "BBB True None",
        "BBB:1.0:None", "08 00 + -AAA", "BBB True 1.0", "09 00 + -BBB",
    ]  # fmt: skip
    with pytest.raises(NoDataError, match=r"constituents of ZZZ: data has none: expected .*etf.zzz with a file a day"):
        play(DAILY + 'self.add_universe(self.universe.etf("ZZZ"))', market=folder(lists=ETF), **RANGE)


def test_a_list_of_the_users_own_and_models_that_choose(play, folder):
    lists = {"daily/mine/20140106.csv": ["CCC,CCC R735QTJ8XC9X"], "daily/mine/20140107.csv": ["NONE,NONE 0"]}
    body = DAILY + (
        'key = Symbol(SecurityIdentifier.generate_constituent_identifier("x-mine", SecurityType.EQUITY, Market.USA), "x-mine")\n'
        "self.add_universe(ConstituentsUniverse(key, self.universe_settings))"
    )
    assert play(body, TOLD, market=folder(lists=lists), **RANGE).algorithm.seen == ["07 00 +CCC -", "08 00 + -CCC"]
    top = """
    class Top(FundamentalUniverseSelectionModel):
        def select(self, algorithm, fundamental):
            return [item.symbol for item in fundamental if item.symbol.value == "CCC"]
    """
    models = {
        "Top()": "CCC", 'ETFConstituentsUniverseSelectionModel("CCC")': "AAA,BBB",
        "CoarseFundamentalUniverseSelectionModel(lambda found: [found[0].symbol])": "AAA",
        "FineFundamentalUniverseSelectionModel(lambda c: [x.symbol for x in c], lambda f: [f[1].symbol])": "BBB",
        'InceptionDateUniverseSelectionModel("born", {"CCC": datetime(2014, 1, 6), "AAA": datetime(2014, 2, 1)})': "CCC",
    }  # fmt: skip
    for model, expected in models.items():
        made = play(DAILY + f"self.set_universe_selection({model})", TOLD, top=top, market=folder(lists=ETF), **RANGE)
        assert made.algorithm.seen[0] == f"06 00 +{expected} -", model
    assert (
        play(DAILY + "self.add_universe(self.universe.top(2))", TOLD, market=folder(), **RANGE).algorithm.seen[0]
        == "06 00 +AAA,BBB -"
    )


CUSTOM = """
class Picks(PythonData):
    def get_source(self, config, date, is_live):
        return SubscriptionDataSource(FILE)

    def reader(self, config, line, date, is_live):
        day, names = line.split(" ")
        made = Picks()
        made.symbol, made.time = config.symbol, datetime.strptime(day, "%Y%m%d")
        made.end_time = made.time + timedelta(days=1)
        made["names"] = names.split(",")
        return made
"""


def test_rows_of_a_custom_class_choose_and_are_history(play, folder, tmp_path):
    (tmp_path / "picks.txt").write_text("20140103 AAA\n20140105 BBB\n20140107 AAA,CCC\n20140108 CCC\n")
    top = CUSTOM.replace("FILE", repr(str(tmp_path / "picks.txt")))
    body = DAILY + (
        'self.u = self.add_universe(Picks, "picks", lambda found: [name for item in found for name in item["names"]])\n'
        "frame = self.history(self.u, 3)\n"
        'self.kept = (list(frame["names"]), [len(list(self.history[Picks](self.u.symbol, 3))), frame.index.names[0]])'
    )
    done = play(body, TOLD, top=top, market=folder(), **RANGE)
    assert done.algorithm.seen == ["06 00 +BBB -", "08 00 +AAA,CCC -BBB", "09 00 + -AAA"]
    assert done.algorithm.kept == ([["AAA"], ["BBB"]], [2, "symbol"])


def test_history_of_a_universe_is_of_the_days_before(play, folder):
    body = DAILY + (
        "self.u = self.add_universe(lambda found: [])\n"
        "flat = self.history(self.u, timedelta(days=3), flatten=True)\n"
        'self.seen.append([len(flat), sorted({f"{t:%d}" for t in flat.index.get_level_values("time")}), flat["dollarvolume"].sum()])\n'
        "days = list(self.history[self.u.data_type]([self.u.symbol], 2))\n"
        "self.seen.append([type(item).__name__ for item in days[0][self.u.symbol]])\n"
        "self.seen.append(len(self.history(self.u, 2)))"
    )
    seen = play(body, market=folder(), **RANGE).algorithm.seen
    friday = sum(PRICES[t] * volume(t, date(2014, 1, 3)) for t in PRICES)
    assert seen == [[3, ["04"], friday], ["Fundamental"] * 3, 2]
    with pytest.raises(UnsupportedError, match=r"self\.fundamentals\(symbol\)"):
        play("self.add_equity('AAA', Resolution.DAILY)\nself.history(Fundamental, timedelta(days=2))", market=folder(), **RANGE)


def test_many_members_without_bars_are_told_of_once(play, folder):
    lists = {"etf/ccc/20140103.csv": [f"N{i},N{i} R735QTJ8XC9X,20140102,0.1,," for i in range(40)]}
    with pytest.warns(RegimeWarning, match=r"40 members of a universe have no bars \(N0, N1, N10, \.\.\.\)") as told:
        play(DAILY + 'self.add_universe(self.universe.etf("CCC"))', market=folder(lists=lists), **RANGE)
    assert len(told) == 1


def test_a_text_of_an_address_is_the_file_of_its_name(play, folder):
    market = folder()
    text(market.path / "downloads" / "list a.csv", ["AAA", "BBB"])
    body = "self.seen.append(self.download('https://example.com/x/list%20a.csv?dl=1').split())\nself.add_equity('AAA', Resolution.DAILY)"
    assert play(body, market=market, **RANGE).algorithm.seen == [["AAA", "BBB"]]
    with pytest.raises(UnsupportedError, match=r"a backtest has no network.*downloads.other\.csv and run again"):
        play("self.download('https://example.com/other.csv')", market=market, **RANGE)
