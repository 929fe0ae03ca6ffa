"""History in its forms, and what a strategy says and keeps."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from hidden_regime.exceptions import ObjectStoreError, UnsupportedError
from hidden_regime.simulator import result
from hidden_regime.simulator.comparison.facts import facts_of_folder
from hidden_regime.simulator.object_store import ObjectStore

SPY = 'self.spy = self.add_equity("SPY", Resolution.DAILY).symbol'


def test_every_form_of_history(play):
    body = SPY + '\nself.tlt = self.add_equity("TLT", Resolution.DAILY).symbol'
    hooks = """
    def on_data(self, data):
        if self.time.day != 10:
            return
        s, t, D = self.spy, self.tlt, Resolution.DAILY
        one = self.history(s, 3, D)
        assert list(one.index.names) == ["symbol", "time"] and len(one) == 3 and str(one.index[0][0]) == "SPY"
        assert list(one.columns) == ["close", "high", "low", "open", "volume"]
        assert one.loc["SPY"].equals(one.loc[s])
        two = self.history([s, "TLT"], 4, D)
        assert two["close"].unstack(level=0)["TLT"].tolist() == two.loc[t]["close"].tolist()
        assert two.close.unstack(0)[s].iloc[-1] == data.bars[s].close
        assert len(self.history(s, timedelta(days=7), D)) == len(self.history(s, datetime(2014, 1, 3, 16), datetime(2014, 1, 10, 16), D)) == 5
        bars = list(self.history[TradeBar](s, 3, D))
        assert [bar.close for bar in bars] == one["close"].tolist() and bars[-1].end_time == self.time
        assert [bar.close for bar in self.history("SPY", 3, D)] == one["close"].tolist()
        assert [bars[t].close for bars in self.history[TradeBar]([s, t], 2, D)] == two.loc[t]["close"].tolist()[-2:]
        slices = list(self.history(2, D))
        assert len(slices) == 2 and slices[-1].bars[s].close == data.bars[s].close and slices[-1].time == self.time
        assert self.history(TradeBar, s, 3, D).equals(one) and self.History(s, 3, D).equals(one)
        assert self.history(symbol=s, periods=3, resolution=D).equals(one)
        assert self.history(s, 0, D).empty and len(self.history(s, 10**6, D)) > 2000
        raw = self.history(s, 3, D, data_normalization_mode=DataNormalizationMode.RAW)
        assert (raw["close"] > one["close"]).all()
        total = self.history(s, 3, D, data_normalization_mode=DataNormalizationMode.TOTAL_RETURN)
        assert total["close"].tolist() == pytest_approx(raw["close"])
        hours = self.history(s, 8, Resolution.HOUR)
        assert [str(when.time())[:5] for _, when in hours.index] == ["16:00", "10:00", "11:00", "12:00", "13:00", "14:00", "15:00", "16:00"]
        assert len(self.history(s, datetime(2014, 1, 10), datetime(2030, 1, 1), D)) == 1
        assert self.get_last_known_price(s).close == data.bars[s].close
        self.seen.append("done")
        try:
            self.history(s)
        except TypeError as error:
            self.seen.append("number of bars" in str(error))
    """
    top = "def pytest_approx(values):\n    return list(values)"
    done = play(body, hooks, top=top)
    assert done.algorithm.seen == ["done", True]
    assert any("Request for future history modified to end now." in line for line in done.algorithm._sim.logs.lines)


def test_history_of_what_ended_goes_on_and_of_what_was_not_yet_listed_is_empty(play):
    body = 'self.d = self.add_equity("XDED", Resolution.DAILY).symbol\nself.l = self.add_equity("XLAT", Resolution.DAILY).symbol'
    hooks = """
    def on_end_of_algorithm(self):
        self.seen = [len(self.history(self.d, 5, Resolution.DAILY)), len(self.history(self.l, datetime(2012, 2, 1), datetime(2012, 3, 5), Resolution.DAILY))]
    """
    assert play(body, hooks, start="2015, 6, 1", end="2015, 7, 10").algorithm.seen == [0, 2]


def test_parameters_as_lean_reads_them(play):
    body = """
    get = self.get_parameter
    self.seen = [get("i", 1), get("f", 1.5), get("s"), get("bad", 1), get("under", 7), get("none"), get("b", False), get("i", default_value="x"), get("e", 0.5)]
    """
    done = play(
        body + SPY.join(["\n    ", ""]),
        parameters={"i": "7", "f": 2.5, "s": "text", "bad": "2.5", "under": "1_000", "b": "true", "e": "1e-3"},
    )
    assert done.algorithm.seen == [7, 2.5, "text", 1, 7, None, 0.0, "7", 0.001]


def test_the_object_store(tmp_path):
    store = ObjectStore(tmp_path / "store")
    assert store.save("a/b.json", "héllo")
    assert store.save_bytes("bytes", [1, 2, 3])
    assert (store.read("/a/b.json"), store.Read("a\\b.json"), store.read_bytes("bytes")) == ("héllo", "héllo", b"\x01\x02\x03")
    assert [kv.Key for kv in store] == store.keys == ["a/b.json", "bytes"]
    assert ObjectStore(tmp_path / "store").contains_key("bytes")
    assert not store.contains_key("A/b.json")
    path = store.get_file_path("new.txt")
    assert store.contains_key("new.txt")
    Path(path).write_text("x")
    assert store.read("new.txt") == "x"
    store.clear()
    assert len(store) == 3
    assert (store.delete("new.txt"), store.delete("new.txt")) == (True, False)
    for key in ("v1.2/x", "a:b", "a.tar.gz", "../x", "", "é", "a" * 300):
        assert not store.contains_key(key)
        with pytest.raises(ObjectStoreError):
            store.save(key, "x")
    with pytest.raises(ObjectStoreError, match="was not found in the current project"):
        store.read("nope")
    with pytest.raises(TypeError, match="expected str, got bytes"):
        store.save("a", b"x")
    with pytest.raises(UnsupportedError, match="ends the whole process"):
        store.save_json("a", {})


def test_a_store_on_disk_serves_the_next_run(play, tmp_path):
    body = SPY + '\nself.seen = [self.object_store.contains_key("n")]\nself.object_store.save("n", "1")'
    assert play(body, store=tmp_path / "s").algorithm.seen == [False]
    assert play(body, store=tmp_path / "s").algorithm.seen == [True]
    assert play(body).algorithm.seen == [False]


def test_charts_statistics_and_logs_reach_the_results(play, tmp_path):
    body = (
        SPY
        + """
chart = Chart("Own")
chart.add_series(Series("Dots", SeriesType.SCATTER, "%", Color.RED))
self.add_chart(chart)
self.fast = self.sma(self.spy, 3)
self.plot_indicator("Lines", True, self.fast)
"""
    )
    hooks = """
    def on_data(self, data):
        self.plot("Own", "Dots", 1)
        self.plot("Own", "Dots", self.time.day)
        self.plot("Candles", "C", data.bars[self.spy])
        self.plot("mine", 5)
        self.set_runtime_statistic("Mood", "good")
        self.set_summary_statistic("Own", 3)
        self.log("same"); self.log("same"); self.log(""); self.log({"a": 1})
    """
    done = play(body, hooks)
    result.write(done, tmp_path, "x")
    found = json.loads((tmp_path / "x.json").read_text())
    charts = found["charts"]
    assert [point["y"] for point in charts["Own"]["series"]["Dots"]["values"]][:3] == [2, 3, 6]
    assert facts_of_folder(tmp_path)["charts"]["Own"]["Dots"][0] == ["2014-01-02T21:00:00Z", 2]
    assert (charts["Own"]["series"]["Dots"]["color"], charts["Own"]["series"]["Dots"]["seriesType"]) == ("#FF0000", 1)
    assert len(charts["Candles"]["series"]["C"]["values"][0]) == 5
    assert "mine" in charts["Strategy Equity"]["series"]
    assert len(charts["Lines"]["series"]["SMA(3,SPY_day)"]["values"]) == 19
    assert (found["runtimeStatistics"]["Mood"], found["statistics"]["Own"]) == ("good", "3")
    lines = (tmp_path / "x-log.txt").read_text().splitlines()
    assert lines[0] == "2014-01-02 16:00:00 same"
    assert lines[1] == "2014-01-02 16:00:00 same"
    assert lines[2] == "2014-01-02 16:00:00 {'a': 1}"


def test_exits_and_key_errors_as_lean_tells_them(play):
    hooks = "def on_data(self, data):\n    {}"
    done = play(SPY, hooks.format("sys.exit(3)"), fails=True)
    assert done.message.startswith("2014-01-02 16:00:00 Runtime Error: 3\n  at on_data\n    sys.exit(3)\n in strategy.py: line ")
    done = play(SPY, hooks.format("{}['missing key']"), fails=True)
    assert "The key 'missing key' was not found in the collection, which raises a KeyError exception. To prevent" in done.message
    done = play(
        SPY,
        "def on_order_event(self, event):\n    1 / 0\ndef on_data(self, data):\n    self.market_order(self.spy, 1)\n    self.seen.append(self.time.day)",
        fails=True,
    )
    assert (done.algorithm.seen, done.status) == ([2], "RuntimeError")


def test_the_old_end_of_day_without_a_symbol(play):
    done = play(SPY, "def on_end_of_day(self):\n    self.seen.append(str(self.time))", end="2014, 1, 3")
    assert done.algorithm.seen == ["2014-01-02 23:58:00"]
