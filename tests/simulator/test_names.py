"""What strategies from LEAN's own examples and older documentation write."""

from __future__ import annotations

import pytest

from hidden_regime.exceptions import ObjectStoreError, ParameterError, RegimeError, StrategyError, UnsupportedError
from hidden_regime.simulator import run_file
from hidden_regime.simulator.static import check_file

SPY = 'self.spy = self.add_equity("SPY", Resolution.DAILY).symbol'


def test_pascal_case_methods_take_camel_case_keywords(play):
    body = """
self.AddEquity("AAPL", Resolution.Daily, dataNormalizationMode=DataNormalizationMode.Raw, fillForward=False)
self.SetWarmUp(timeSpan=timedelta(days=5))
self.Schedule.On(dateRule=self.DateRules.MonthStart("AAPL", daysOffset=1),
                 timeRule=self.TimeRules.AfterMarketOpen("AAPL", minutesAfterOpen=30), callback=Action(self.month))
    """
    hooks = """
    def month(self):
        self.seen.append((self.time.day, str(self.time.time())))
    def on_data(self, data):
        assert isinstance(self.securities["AAPL"], Equity) and not data.ticks.count
        frame = self.History(self.Symbol("AAPL"), 2, Resolution.Daily, fillForward=True)
        assert self.is_warming_up or len(frame) == 2
    """
    done = play(body, hooks)
    assert done.error is None, done.message
    assert done.algorithm.seen[0] == (3, "10:00:00")


def test_columns_of_symbols_survive_what_pandas_does_to_them(play):
    body = SPY + '\nself.add_equity("TLT", Resolution.DAILY)'
    hooks = """
    def on_data(self, data):
        closes = self.history([self.spy, "TLT"], 20, Resolution.DAILY).close.unstack(level=0)
        changes = closes.pct_change().dropna()
        assert len(changes) == 19 and changes["TLT"].equals(changes.dropna(axis=1)["TLT"])
        assert changes.loc(axis=0)[changes.index[0]]["SPY"] == changes["SPY"].iloc[0]
        assert changes.cov().loc["SPY", "TLT"] == changes.cov().loc["TLT", "SPY"]
        self.seen.append(1)
    """
    done = play(body, hooks)
    assert done.error is None, done.message
    assert done.algorithm.seen


def test_columns_of_custom_data_are_attributes_and_values_are_numbers(play, tmp_path):
    (tmp_path / "n.csv").write_text("2014-01-06,3.5,4\n2014-01-07,4.5,5\n")
    top = f"""
class Nifty(PythonData):
    def get_source(self, config, date, live):
        return SubscriptionDataSource({str(tmp_path / "n.csv")!r}, SubscriptionTransportMedium.LOCAL_FILE)
    def reader(self, config, line, date, live):
        row, parts = Nifty(), line.split(",")
        row.symbol, row.time = config.symbol, datetime.strptime(parts[0], "%Y-%m-%d")
        row.value = parts[1]
        row["Close"] = float(parts[1])
        row.set_property("Open", float(parts[2]))
        return row
"""
    hooks = """
    def on_data(self, data):
        if data.contains_key(self.n):
            row = data[self.n]
            assert hasattr(row, "close") and not hasattr(row, "score")
            self.seen.append((row.value + 1, row.Close, row.open, row.get_property("open")))
    """
    done = play(SPY + '\nself.n = self.add_data(Nifty, "NIFTY", Resolution.DAILY).symbol', hooks, top=top)
    assert done.error is None, done.message
    assert done.algorithm.seen == [(4.5, 3.5, 4.0, 4.0), (5.5, 4.5, 5.0, 5.0)]


def test_a_scheduled_universe_as_lean_spells_it(play):
    body = """
self.universe_settings.resolution = Resolution.DAILY
self.add_universe(ScheduledUniverse(self.date_rules.every_day(), self.time_rules.at(12, 0), lambda when: ["SPY"]))
    """
    hooks = """
    def on_securities_changed(self, changes):
        self.seen.append(([s.symbol.value for s in changes.added_securities], changes.count, SecurityChanges.NONE.count))
    """
    done = play(body, hooks)
    assert done.error is None, done.message
    assert done.algorithm.seen[0] == (["SPY"], 1, 0)


def test_what_is_printed_of_lean_objects_is_the_same_in_every_run(play):
    hooks = """
    def on_data(self, data):
        self.seen.append(f"{self.portfolio!r} {self.settings!r} {self.schedule!r} {IndicatorDataPoint(self.time, 2.0)}")
        self.quit()
    """
    seen = play(SPY, hooks).algorithm.seen[0]
    assert seen == play(SPY, hooks).algorithm.seen[0]
    assert seen.startswith("<QuantConnect.Securities.SecurityPortfolioManager object at 0x")
    assert seen.endswith("T16:00:00 - 2.0")


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("import sys\nsys.exit(0)\n", "line 2 can't be imported: SystemExit: 0"),
        (
            "from AlgorithmImports import *\nclass S(QCAlgorithm):\n    def __init__(self, n):\n        self.n = n\n",
            r"can't be made into an algorithm \(S\(\)\): TypeError",
        ),
        (
            "from AlgorithmImports import *\nclass S(QCAlgorithm):\n    def __init__(self):\n        1 / 0\n",
            r"line 4 can't be made into an algorithm \(S\(\)\): ZeroDivisionError",
        ),
    ],
)
def test_a_file_that_ends_before_it_runs_is_named(tmp_path, reference_market, text, words):
    path = tmp_path / "s.py"
    path.write_text(text)
    with pytest.raises(StrategyError, match=words):
        run_file(path, reference_market)


def test_any_exception_of_a_hook_is_the_strategys(play):
    done = play(SPY, "    def on_data(self, data):\n        raise BaseException('out')\n", fails=True)
    assert (done.status, str(done.error)) == ("RuntimeError", "out")


@pytest.mark.parametrize(
    "wrong",
    [
        {"path": 5},
        {"market": "folder"},
        {"start": "2014-01-01"},
        {"end": 5},
        {"cash": -1},
        {"cash": "x"},
        {"cash": float("nan")},
        {"parameters": [1]},
    ],
)
def test_arguments_of_run_file_are_named(tmp_path, reference_market, wrong):
    path = tmp_path / "s.py"
    path.write_text("from AlgorithmImports import *\nclass S(QCAlgorithm):\n    def initialize(self):\n        pass\n")
    given = {"path": path, "market": reference_market} | wrong
    with pytest.raises(ParameterError, match=f"{next(iter(wrong))} = "):
        run_file(given.pop("path"), given.pop("market"), **given)


@pytest.mark.parametrize(
    ("line", "words"),
    [
        ('self.add_equity("SPY", "daily")', "resolution = 'daily': expected a Resolution"),
        ("self.consolidate(self.spy, Resolution.DAILY, 5)", "No method matches given arguments for consolidate"),
        ("self.consolidate(self.spy, Resolution.DAILY)", "The following overloads are available"),
        ("self.schedule.on(self.date_rules.today, lambda: None)", "schedule.on = "),
        ("self.add_universe(3, self.initialize)", r"add_universe\(3, initialize\): the embedded engine has"),
        ("self.x = Market.CBOE", r"Market\.CBOE exists in LEAN only"),
    ],
)
def test_wrong_arguments_of_members_are_named(play, line, words):
    with pytest.raises((RegimeError, AttributeError, TypeError), match=words):
        play(SPY + "\n" + line)


@pytest.mark.parametrize(
    ("name", "words"),
    [
        ("time", "property is read-only"),
        ("statistics", "property is read-only"),
        ("portfolio", "'int' value cannot be converted to QuantConnect.Securities.SecurityPortfolioManager"),
        ("benchmark", "'int' value cannot be converted to QuantConnect.Benchmarks.IBenchmark"),
        ("universe", "cannot be converted"),
        ("tags", "cannot be converted"),
        ("risk_management", "cannot be converted"),
    ],
)
def test_properties_of_lean_refuse_what_they_cannot_hold(play, name, words):
    with pytest.raises(TypeError, match=words):
        play(SPY + f"\nself.{name} = 5")


def test_names_of_methods_are_free_and_two_properties_believe_what_they_are_told(play):
    body = SPY + "\nself.history = []\nself.project_id = 7\nself.sma = 5\nself.warm = self.is_warming_up"
    hooks = """
    def on_data(self, data):
        self.history.append(data.bars[self.spy].close)
        self.seen.append((self.project_id, self.sma))
    """
    done = play(body, hooks)
    assert done.algorithm.seen[0] == (7, 5)
    assert len(done.algorithm.history) == len(done.algorithm.seen)
    with pytest.raises(UnsupportedError, match=r"QCAlgorithm\.trading_calendar exists in LEAN only"):
        play(SPY + "\nx = self.trading_calendar")


def test_a_key_that_the_store_lacks_fails_the_run_in_initialize_too(play):
    done = play(SPY + '\nself.object_store.read("zz")', fails=True)
    assert (done.status, type(done.error)) == ("RuntimeError", ObjectStoreError)
    assert "During the algorithm initialization" in done.message


TAKEN = ["hidden_regime", "AlgorithmImports", "numpy", "pandas", "json", "random", "QuantConnect"]


@pytest.mark.parametrize("name", TAKEN)
def test_a_file_with_the_name_of_a_module_that_is_needed_is_to_be_renamed(tmp_path, reference_market, name):
    path = tmp_path / f"{name}.py"
    path.write_text("from AlgorithmImports import *\n\n\nclass S(QCAlgorithm):\n    pass\n", encoding="utf-8")
    with pytest.raises(StrategyError, match=f"{name}.py has the name of a module that is needed, '{name}': rename the file"):
        run_file(path, reference_market)
    assert any("rename the file" in finding.message for finding in check_file(path) if finding.kind == "error")
    free = path.rename(tmp_path / f"my_{name}.py")
    assert check_file(free) == []


def test_none_is_a_key_of_no_dictionary_and_copies_are_pythons(play):
    hooks = """
    def on_data(self, data):
        if self.seen:
            return
        for found in (data, data.bars, self.securities, self.portfolio):
            self.seen.append((found.contains_key(None), found.get(None), found.get(self.spy) is not None))
        self.seen.append((type(self.portfolio.copy()), list(self.securities.copy()) == [self.spy]))
    """
    *dictionaries, copies = play(SPY, hooks).algorithm.seen
    assert dictionaries == [(False, None, True)] * 4
    assert copies == (dict, True)
