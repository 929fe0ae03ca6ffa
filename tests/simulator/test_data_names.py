"""Names, packed texts, and symbols of custom data, against LEAN's tables and the zip module."""

import io
import textwrap
import zipfile
from datetime import datetime, timedelta

import pytest

from hidden_regime.simulator.enums import MarketDataType, Resolution, TickType
from hidden_regime.simulator.failures import InvalidOperationException
from hidden_regime.simulator.helpers.lean_data import Compression, LeanData
from hidden_regime.simulator.models.risk_free import ConstantRiskFreeRateInterestRateModel, FuncRiskFreeRateInterestRateModel
from hidden_regime.simulator.objects import QuoteBar, Symbol, TradeBar
from hidden_regime.simulator.symbol_cache import SymbolCache

DAY = datetime(2013, 10, 7)


@pytest.mark.parametrize(
    ("resolution", "kind", "path", "entry"),
    [
        (Resolution.DAILY, TickType.TRADE, "daily/spy.zip", "spy.csv"),
        (Resolution.HOUR, TickType.TRADE, "hour/spy.zip", "spy.csv"),
        (Resolution.MINUTE, TickType.TRADE, "minute/spy/20131007_trade.zip", "20131007_spy_minute_trade.csv"),
        (Resolution.SECOND, TickType.QUOTE, "second/spy/20131007_quote.zip", "20131007_spy_second_quote.csv"),
        (Resolution.TICK, TickType.TRADE, "tick/spy/20131007_trade.zip", "20131007_spy_tick_trade.csv"),
    ],
)
def test_names_of_leans_files(resolution, kind, path, entry):
    spy = Symbol("SPY")
    assert LeanData.generate_zip_file_path("data", spy, DAY, resolution, kind) == f"data/equity/usa/{path}"
    assert LeanData.GenerateZipFileName(spy, DAY, resolution, kind) == path.rpartition("/")[2]
    assert LeanData.generate_zip_entry_name(spy, DAY, resolution, kind) == entry


def test_packing():
    packed = Compression.zip_bytes(list(b"1,2\n3,4\n"), "data.csv")
    with zipfile.ZipFile(io.BytesIO(packed)) as archive:
        assert (archive.namelist(), archive.read("data.csv")) == (["data.csv"], b"1,2\n3,4\n")
    assert packed == Compression.ZipBytes(b"1,2\n3,4\n", "data.csv")
    assert Compression.unzip_data(packed) == {"data.csv": "1,2\n3,4\n"}


def test_rates_and_kinds_of_data():
    assert ConstantRiskFreeRateInterestRateModel(0.02).get_interest_rate(DAY) == 0.02
    assert FuncRiskFreeRateInterestRateModel(lambda when: when.year / 1000).GetInterestRate(DAY) == 2.013
    bar = TradeBar(DAY, Symbol("SPY"), 1, 2, 0.5, 1.5, 10, timedelta(minutes=1))
    bar.period = timedelta(hours=1)
    assert (bar.end_time, bar.data_type) == (datetime(2013, 10, 7, 1), MarketDataType.TRADE_BAR)
    quote = QuoteBar(DAY, Symbol("SPY"), None, 0, None, 0)
    quote.period = timedelta(hours=1)
    assert (quote.end_time, quote.data_type) == (datetime(2013, 10, 7, 1), MarketDataType.QUOTE_BAR)


def test_tickers_that_a_run_knows(play):
    body = """
    spy = self.add_equity("SPY", Resolution.DAILY).symbol
    self.seen += [SymbolCache.get_symbol("SPY") == spy, SymbolCache.try_get_symbol("NOPE")[0]]
    configs = self.subscription_manager.subscription_data_config_service.get_subscription_data_configs(spy)
    self.seen += [configs[0].symbol == spy, configs[0].resolution, len(configs)]
    """
    assert play(body).algorithm.seen == [True, False, True, Resolution.DAILY, 1]
    with pytest.raises(InvalidOperationException, match="unable to locate the ticker 'NOPE'"):
        SymbolCache.get_symbol("NOPE")


CUSTOM = """
class Line(PythonData):
    def get_source(self, config, date, is_live):
        return SubscriptionDataSource("{name}", SubscriptionTransportMedium.OBJECT_STORE, FileFormat.CSV)

    def reader(self, config, line, date, is_live):
        when, value = line.split(",")
        made = Line()
        made.symbol, made.time, made.value = config.symbol, datetime.strptime(when, "%Y%m%d"), float(value)
        made.end_time = made.time + timedelta(days=1)
        return made
"""


def test_custom_data_from_a_zipped_object_and_of_a_universe(play):
    body = """
    self.object_store.save_bytes("lines.zip", Compression.zip_bytes(b"20140106,1.5\\n20140107,2.5\\n", "lines.csv"))
    self.line = self.add_data(Line, "LINE", Resolution.DAILY).symbol
    spy = self.add_equity("SPY", Resolution.DAILY).symbol
    self.own = Symbol.create_base(Line, spy, Market.USA)
    assert self.own.has_underlying_symbol(spy) and self.own.underlying == spy
    self.universe_settings.resolution = Resolution.DAILY
    self.add_universe("mine", Resolution.DAILY, lambda when: ["TLT"])
    """
    hooks = """
    def on_data(self, data):
        if data.contains_key(self.line):
            self.seen.append((self.time.day, data[self.line].value))
    """
    done = play(body, hooks, top=CUSTOM.format(name="lines.zip"))
    assert done.algorithm.seen == [(7, 1.5), (8, 2.5)]
    broken = "\n".join(['self.object_store.save_bytes("lines.zip", b"no zip")', *textwrap.dedent(body).strip().splitlines()[1:]])
    failed = play(broken, hooks, top=CUSTOM.format(name="lines.zip"), fails=True)
    assert "expected a zip with a text in it" in str(failed.error)
