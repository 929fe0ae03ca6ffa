"""Where bars come from: files that grow, an address, one's own class. Whatever it is, the run is the backtest's."""

from __future__ import annotations

import threading
from dataclasses import replace
from datetime import date, datetime, timedelta
from functools import partial
from http.server import SimpleHTTPRequestHandler, ThreadingHTTPServer

import numpy as np
import pandas as pd
import pytest

from hidden_regime.data import open_market
from hidden_regime.exceptions import NoDataError, ParameterError
from hidden_regime.operation.clocks import InstantClock
from hidden_regime.operation.deploying import deploy
from hidden_regime.operation.errors import FeedError
from hidden_regime.operation.journal import journal_of
from hidden_regime.operation.sources.asked import Address, AskedSource
from hidden_regime.operation.sources.cutting import cut
from hidden_regime.operation.sources.growing import GrowingFiles
from hidden_regime.operation.sources.opening import kind_of, open_source
from hidden_regime.operation.sources.playback import Playback
from tests.conftest import CASES
from tests.operation.strategies import TURNING
from tests.operation.worlds import NOW, START, WALL, journaled, runner, strategy_at
from tests.operation.worlds import backtest as backtest_of

END = date(2012, 1, 31)
STOCKS = ("AAPL", "IBM", "MSFT")


@pytest.fixture(scope="module")
def frames():
    market = open_market("us_stocks")
    return {ticker: market.load(ticker).frame(adjusted=False).loc["2011-11":"2012-02"] for ticker in STOCKS}


class Writing(InstantClock):
    """A clock at whose evenings somebody writes the day's bars."""

    def __init__(self, begin, folder, frames):
        super().__init__(begin)
        self.folder, self.frames = folder, frames
        self.write(begin)

    def write(self, now):
        last = now.date() if now.hour >= 16 else now.date() - timedelta(days=1)
        for ticker, frame in self.frames.items():
            aside = self.folder / f"{ticker}.csv.new"
            frame.loc[: str(last)].to_csv(aside)
            aside.replace(self.folder / f"{ticker}.csv")

    def wait(self, until, most):
        super().wait(until, most)
        self.write(self.now())


def deployed_on(tmp_path, data, kind):
    journal = journal_of(tmp_path)
    path = strategy_at(tmp_path / "mine", TURNING)
    deploy(journal, "one", path, data=data, now=NOW, at=WALL, start=START, end=END)
    assert journal.deployment("one").spec.feed == kind
    return journal, path


def test_a_folder_that_grows(tmp_path, frames):
    folder = tmp_path / "prices"
    folder.mkdir()
    clock = Writing(datetime(2012, 1, 3), folder, frames)
    journal, path = deployed_on(tmp_path, str(folder), "files")
    assert runner(journal, clock=clock).run() == "ended"
    assert journaled(journal).orders == backtest_of(path, str(folder), end=END).orders
    assert len(journaled(journal).orders) > 25


def test_an_address_that_grows(tmp_path, frames):
    folder = tmp_path / "prices"
    folder.mkdir()
    clock = Writing(datetime(2012, 1, 3), folder, frames)

    class Quiet(SimpleHTTPRequestHandler):
        def log_message(self, *_):
            pass

    with ThreadingHTTPServer(("127.0.0.1", 0), partial(Quiet, directory=str(folder))) as server:
        threading.Thread(target=server.serve_forever, daemon=True).start()
        journal, path = deployed_on(tmp_path, f"http://127.0.0.1:{server.server_port}/{{ticker}}.csv", "address")
        # The address says nothing of a benchmark: SPY isn't there, and isn't needed.
        assert runner(journal, clock=clock).run() == "ended"
        server.shutdown()
    assert journaled(journal).orders == backtest_of(path, str(folder), end=END).orders


def test_a_class_of_ones_own(tmp_path, frames):
    for ticker, frame in frames.items():
        frame.to_csv(tmp_path / f"{ticker}.csv")
    (tmp_path / "feed.py").write_text(
        "import pandas as pd\nfrom pathlib import Path\n\n\nclass Feed:\n    assets = ('AAPL', 'IBM', 'MSFT')\n\n"
        "    def bars(self, ticker, minutes, since):\n        if minutes != 1440:\n            return None\n"
        "        table = pd.read_csv(Path(__file__).parent / f'{ticker}.csv', index_col=0, parse_dates=True)\n"
        "        return table if since is None else table[table.index > since]\n",
        encoding="utf-8",
    )
    journal, path = deployed_on(tmp_path, f"{tmp_path / 'feed.py'}:Feed", "class")
    assert runner(journal, clock=InstantClock(datetime(2012, 1, 3))).run() == "ended"
    folder = tmp_path / "prices"
    folder.mkdir()
    for ticker, frame in frames.items():
        frame.to_csv(folder / f"{ticker}.csv")
    assert journaled(journal).orders == backtest_of(path, str(folder), end=END).orders


def test_what_is_cut_holds_nothing_later():
    source = Playback(open_market(CASES / "data"))
    whole = source.market.load("AAPL")
    for until in (datetime(2014, 6, 6, 15, 59), datetime(2014, 6, 6, 16), datetime(2014, 6, 7, 7, 59), datetime(2014, 6, 7, 8)):
        found = cut(whole, until, source.calendar)
        last = date(2014, 6, 6) if until >= datetime(2014, 6, 6, 16) else date(2014, 6, 5)
        assert found.dates[-1] == last and len(found.close) == len(found.dates)
        # A row of factors says what follows the close of its day, and is known on the morning after it; one more row, which
        # says nothing by itself, gives the last one its meaning.
        told = [row for row in found.factors.rows if row.date <= (until - timedelta(hours=8)).date()]
        assert len(found.factors.rows) <= len(told) + 1


def test_within_the_day_only_ended_bars_are_there():
    source = Playback(open_market(CASES / "data"))
    found = source.intraday("SPY", 60, datetime(2014, 6, 6, 12, 30))
    assert found.days[-1] == date(2014, 6, 6)
    assert [row[0] + 60 for row in found.rows(date(2014, 6, 6))][-1] == 12 * 60


def test_kinds_of_data():
    assert kind_of("us_stocks", played=True) == "playback"
    assert kind_of("https://example.org/{ticker}.csv", played=False) == "address"
    assert kind_of("feed.py:Feed", played=False) == "class"
    assert kind_of("prices", played=False) == "files"
    with pytest.raises(ParameterError, match="--speed"):
        kind_of("us_stocks", played=False)


@pytest.mark.parametrize(
    ("data", "error", "says"),
    [
        ("https://example.org/prices.csv", ParameterError, "{ticker}"),
        ("nowhere.py:Feed", ParameterError, "existing file"),
    ],
)
def test_data_that_can_not_be_opened(data, error, says):
    with pytest.raises(error, match=says):
        open_source(kind_of(data, played=False), data)


class Answers:
    """A feed that answers with what it is given."""

    def __init__(self, answer):
        self.answer = answer

    def bars(self, ticker, minutes, since):
        if isinstance(self.answer, Exception):
            raise self.answer
        return self.answer


@pytest.mark.parametrize(
    ("answer", "error", "says"),
    [
        (ConnectionError("gone"), FeedError, "ConnectionError: gone"),
        (None, NoDataError, "no daily bars of SPY"),
        ([1, 2], ParameterError, "DataFrame"),
        (pd.DataFrame({"close": [1.0]}), Exception, "dates"),
        (pd.DataFrame({"close": [np.nan]}, index=pd.DatetimeIndex(["2020-01-02"])), Exception, "no value"),
    ],
)
def test_an_answer_that_is_none(answer, error, says):
    source = AskedSource(Answers(answer), name="mine", origin="mine")
    with pytest.raises(error, match=says):
        source.asset("SPY", datetime(2020, 1, 3))


def test_an_address_that_answers_something_else(tmp_path):
    (tmp_path / "SPY.csv").write_text("<html>not found</html>", encoding="utf-8")

    class Quiet(SimpleHTTPRequestHandler):
        def log_message(self, *_):
            pass

    with ThreadingHTTPServer(("127.0.0.1", 0), partial(Quiet, directory=str(tmp_path))) as server:
        threading.Thread(target=server.serve_forever, daemon=True).start()
        feed = Address(f"http://127.0.0.1:{server.server_port}/{{ticker}}.csv")
        assert feed.bars("TLT", 1440, None) is None
        assert feed.bars("SPY", 60, None) is None
        with pytest.raises(Exception, match=r"SPY|dates|prices"):
            AskedSource(feed, name="x", origin="x").asset("SPY", datetime(2020, 1, 3))
        port = server.server_port
        server.shutdown()
    with pytest.raises(FeedError, match="can't be read"):
        Address(f"http://127.0.0.1:{port}/{{ticker}}.csv").bars("SPY", 1440, None)


def test_a_file_that_is_gone_for_a_moment_is_told_and_read_again(tmp_path, frames):
    folder = tmp_path / "prices"
    folder.mkdir()
    frames["IBM"].to_csv(folder / "IBM.csv")
    source = GrowingFiles(folder)
    until = datetime(2012, 1, 6, 17)
    before = source.asset("IBM", until)
    (folder / "IBM.csv").write_text("date,close\n2012-01-03,", encoding="utf-8")
    with pytest.raises(Exception, match=r"IBM\.csv|no value"):
        source.asset("IBM", until)
    frames["IBM"].to_csv(folder / "IBM.csv")
    assert replace(source.asset("IBM", until), adjusted_scale=None).dates == before.dates
