"""A source that is asked for bars: a class of one's own with one method, or an address that answers with a table."""

from __future__ import annotations

import urllib.error
import urllib.parse
import urllib.request
from collections.abc import Sequence
from datetime import date, datetime
from http.client import HTTPException
from io import BytesIO
from typing import TYPE_CHECKING, Protocol

from hidden_regime.data.intraday import IntradayBars
from hidden_regime.data.market import Asset
from hidden_regime.data.tables import TableMarket
from hidden_regime.exceptions import MissingDependencyError, NoDataError, ParameterError, RegimeError
from hidden_regime.operation.errors import FeedError
from hidden_regime.operation.sources.cutting import cut, cut_intraday
from hidden_regime.simulator.clock import TradingCalendar
from hidden_regime.simulator.feed.catalog import EARLIEST, LATEST

if TYPE_CHECKING:
    import pandas as pd

DAILY = 24 * 60
LARGEST = 64_000_000
"""Bytes that an address may answer."""
PATIENCE = 30.0
"""Seconds that an address may take."""


class BarFeed(Protocol):
    """What a class of one's own has to have. `assets` and `benchmark`, tickers, may be attributes of it.

    Examples
    --------
    A broker's client that answers with a frame by date::

        class MyFeed:
            assets = ("SPY", "TLT")

            def bars(self, ticker, minutes, since):
                return client.bars(ticker, minutes=minutes, start=since)
    """

    def bars(self, ticker: str, minutes: int, since: datetime | None) -> pd.DataFrame | None:
        """Bars of 1, 60 or 1440 minutes.

        Parameters
        ----------
        ticker : str
        minutes : int
            1440 for days.
        since : datetime or None
            New York's time: bars that began earlier are known. None: as many as there are, the first time.

        Returns
        -------
        DataFrame or None
            Open, high, low, close and volume by date, or by the time at which each bar starts; raw prices. None or an empty
            frame where there are none.
        """


class AskedSource:
    """Bars of whatever has a method `bars`.

    Parameters
    ----------
    feed : BarFeed
    name, origin : str
    """

    def __init__(self, feed: BarFeed, *, name: str, origin: str) -> None:
        if not callable(getattr(feed, "bars", None)):
            raise ParameterError("feed", feed, "an object with a method bars(ticker, minutes, since)")
        self._feed, self.name, self.origin = feed, name, origin
        self.synthetic = False
        self.assets: Sequence[str] = tuple(getattr(feed, "assets", ()))
        self.benchmark = str(getattr(feed, "benchmark", "") or (self.assets[0] if self.assets else "SPY"))
        self.defensive: Sequence[str] = tuple(getattr(feed, "defensive", ()))
        self.calendar = TradingCalendar(EARLIEST, LATEST)
        self._frames: dict[tuple[str, int], pd.DataFrame] = {}

    def _market(self, ticker: str, minutes: int) -> TableMarket | None:
        """What is known of a ticker by now, after asking for more."""
        import pandas as pd

        key = (ticker.upper(), minutes)
        known = self._frames.get(key)
        since = None if known is None else known.index[-1].to_pydatetime()
        try:
            found = self._feed.bars(ticker, minutes, since)
        except RegimeError:
            raise
        except Exception as error:
            raise FeedError(f"{self.name}: bars of {ticker} failed: {type(error).__name__}: {error}") from error
        if found is not None and not isinstance(found, pd.DataFrame):
            raise ParameterError(f"{self.name}.bars({ticker!r})", found, "a DataFrame or None")
        if found is not None and len(found):
            # Its own reading says what is wrong with columns and times, before anything is joined.
            TableMarket({ticker: found}, name=self.name)
            if not isinstance(found.index, pd.DatetimeIndex):
                raise ParameterError(f"{self.name}.bars({ticker!r})", found, "a frame with a DatetimeIndex")
            if known is not None:
                found = pd.concat([known, found[found.index > known.index[-1]]])
            self._frames[key] = found
        whole = self._frames.get(key)
        return None if whole is None else TableMarket({ticker: whole}, name=self.name)

    def asset(self, ticker: str, until: datetime) -> Asset:
        """Daily bars of sessions that are over."""
        market = self._market(ticker, DAILY)
        if market is None:
            raise NoDataError(f"{self.name} has no daily bars of {ticker}: expected some before a strategy starts.")
        return cut(market.load(ticker), until, self.calendar)

    def intraday(self, ticker: str, minutes: int, until: datetime) -> IntradayBars | None:
        """Hourly or minute bars that are over."""
        market = self._market(ticker, minutes)
        return None if market is None else cut_intraday(market.intraday(ticker, minutes), until)

    def tickers(self) -> list[str]:
        """Those that it says it has."""
        return list(self.assets)

    def interest_rates(self) -> list[tuple[date, float]]:
        """Empty."""
        return []


class Address:
    """Tables of prices at an address that grow.

    Parameters
    ----------
    address : str
        With {ticker}, and {minutes} where it has other bars than days: "https://example.org/prices/{ticker}.csv".
    """

    def __init__(self, address: str) -> None:
        if "{ticker}" not in address:
            raise ParameterError("data", address, "an address with {ticker}, such as https://example.org/{ticker}.csv")
        self._address = address
        self._has_lengths = "{minutes}" in address

    def bars(self, ticker: str, minutes: int, since: datetime | None) -> pd.DataFrame | None:
        """The table of a ticker, whole."""
        import pandas as pd

        if minutes != DAILY and not self._has_lengths:
            return None
        where = self._address.replace("{ticker}", urllib.parse.quote(ticker, safe="")).replace("{minutes}", str(minutes))
        try:
            with urllib.request.urlopen(where, timeout=PATIENCE) as answer:
                content = answer.read(LARGEST + 1)
        except urllib.error.HTTPError as error:
            if error.code == 404:
                return None
            raise FeedError(f"{where} answers {error.code} {error.reason}.") from error
        except (OSError, HTTPException, ValueError) as error:
            raise FeedError(f"{where} can't be read ({getattr(error, 'reason', None) or error}).") from error
        if len(content) > LARGEST:
            raise FeedError(f"{where} answers more than {LARGEST:,} bytes: expected a table of one asset.")
        try:
            table = pd.read_parquet(BytesIO(content)) if content[:4] == b"PAR1" else pd.read_csv(BytesIO(content))
        except ImportError as error:
            raise MissingDependencyError("reading Parquet needs pyarrow: pip install 'hidden-regime[parquet]'.") from error
        except Exception as error:  # pandas raises whatever its parts do for text that is no table
            raise FeedError(f"{where} answers no table ({type(error).__name__}).") from error
        if len(table.columns) and not isinstance(table.index, pd.DatetimeIndex):
            first = table.columns[0]
            when = pd.to_datetime(table[first], errors="coerce")
            if when.isna().any():
                raise FeedError(
                    f"{where}: its first column, {first!r}, has {table[first][when.isna()].iloc[0]!r}: expected dates."
                )
            table = table.drop(columns=first).set_index(pd.DatetimeIndex(when, name="date"))
        return table
