"""Who is on the market: what universes choose among, day by day."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from datetime import date, datetime
from math import nan
from typing import TYPE_CHECKING, Any

from hidden_regime.data.fundamental_values import FundamentalValues
from hidden_regime.data.lean_folder import LeanFolder
from hidden_regime.data.universe_files import CoarseRow
from hidden_regime.exceptions import NoDataError, UnsupportedError
from hidden_regime.simulator.clock import MIDNIGHT
from hidden_regime.simulator.objects.fundamental import (
    ABSENT,
    ConstituentsUniverseData,
    ETFConstituentUniverse,
    Fundamental,
)
from hidden_regime.simulator.objects.identifier import SecurityIdentifier, first_day
from hidden_regime.simulator.objects.symbol import Symbol

if TYPE_CHECKING:
    from hidden_regime.simulator.feed.catalog import Catalog

VALUES = "equity/usa/fundamental/values.csv"


class Lists:
    """Coarse data, lists and fundamental values of a run's market.

    In a LEAN folder they come from its files: `fundamental/coarse` and `universes`. Where there are no coarse files, and in other
    markets, a day's securities are those that have a daily bar.

    Parameters
    ----------
    catalog : Catalog
    known : mapping of str to Symbol
        Symbols that the run knows, by ticker.
    """

    def __init__(self, catalog: Catalog, known: Mapping[str, Symbol]) -> None:
        self._catalog, self._known = catalog, known
        self._symbols: dict[str, Symbol] = {}
        self._days: dict[date, list[tuple[str, int]]] | None = None
        self._read: tuple[date, list[CoarseRow], dict[str, CoarseRow]] | None = None
        self._values: FundamentalValues | None = None

    def renew(self) -> None:
        """Reckon days anew: the market has more than before."""
        self._days = self._read = None

    @property
    def _folder(self) -> LeanFolder | None:
        market = self._catalog.market
        return market if isinstance(market, LeanFolder) else None

    # Names ---------------------------------------------------------------------------------------------------------------
    def symbol(self, identifier: str, ticker: str) -> Symbol:
        """The symbol of an identifier of LEAN's.

        Its ticker is one under which the run knows the security already; otherwise that of the day, unless it means another
        security by now: then the last one it had.
        """
        found = self._symbols.get(identifier)
        if found is None:
            found = self._symbols[identifier] = Symbol(self._name(identifier, ticker))
            if " " in identifier:
                found.identify(SecurityIdentifier(identifier), self._catalog.definition)
        return found

    def _name(self, identifier: str, ticker: str) -> str:
        folder, begun = self._folder, first_day(identifier)
        if folder is None or begun is None:
            return ticker
        first = SecurityIdentifier(identifier).symbol
        found = folder.map_file(ticker)
        if not found.known:
            return ticker
        if found.first_day != begun or found.names()[0].ticker != first.lower():
            last = folder.named_first(first, begun)
            if last is None:
                return ticker
            ticker, found = last, folder.map_file(last)
        names = [name.ticker.upper() for name in reversed(found.names())]
        return next((name for name in names if name in self._known and folder.map_file(name).permtick == found.permtick), ticker)

    # Coarse data ---------------------------------------------------------------------------------------------------------
    def coarse(self, day: date) -> list[Fundamental]:
        """The securities of a day."""
        time = datetime.combine(day, MIDNIGHT)
        return [Fundamental(row, time, named=self.symbol, values=self.value) for row in self._rows(day)[0]]

    def fundamental(self, symbol: Symbol, day: date) -> Fundamental:
        """What is known of one of them on a day."""
        row = self._rows(day)[1].get(symbol.value)
        return Fundamental(row, datetime.combine(day, MIDNIGHT), symbol, values=self.value)

    def _rows(self, day: date) -> tuple[list[CoarseRow], dict[str, CoarseRow]]:
        if self._read is None or self._read[0] != day:
            folder = self._folder
            if folder is not None and folder.universe_files.has_coarse:
                found = folder.universe_files.coarse(day)
                by_ticker = {self.symbol(row.identifier, row.ticker).value: row for row in found}
            else:
                found = list(self._reckoned(day))
                by_ticker = {row.ticker: row for row in found}
            self._read = day, found, by_ticker
        return self._read[1], self._read[2]

    def _reckoned(self, day: date) -> Iterator[CoarseRow]:
        """A day's securities from the daily bars."""
        if self._days is None:
            self._days = {}
            for ticker in self._catalog.market.tickers():
                for place, known in enumerate(self._catalog.market.load(ticker).dates):
                    self._days.setdefault(known, []).append((ticker, place))
        for ticker, place in self._days.get(day, ()):
            asset = self._catalog.market.load(ticker)
            close, volume = float(asset.close[place]), float(asset.volume[place])
            price, split = asset.factors.factors([day])
            yield CoarseRow(
                self._catalog.identifier(ticker), ticker.upper(), close, int(volume), close * volume, False, float(price[0]),
                float(split[0]),
            )  # fmt: skip

    # Lists ---------------------------------------------------------------------------------------------------------------
    def etf(self, symbol: Symbol, day: date) -> list[ETFConstituentUniverse]:
        """Who an ETF consisted of on a day, by the file of the name that it had then."""
        folder = self._folder
        if folder is None:
            return []
        time, out = datetime.combine(day, MIDNIGHT), []
        for row in folder.universe_files.constituents("etf", folder.map_file(symbol.value).name_on(day), day):
            made = ETFConstituentUniverse(self.symbol(row.identifier, row.ticker), time)
            made.last_update = None if row.last_update is None else datetime.combine(row.last_update, MIDNIGHT)
            made.weight, made.shares_held, made.market_value = row.weight, row.shares_held, row.market_value
            out.append(made)
        return out

    def check_etf(self, symbol: Symbol) -> None:
        """Raise where nothing is known of an ETF."""
        folder = self._folder
        names = [name.ticker for name in folder.map_file(symbol.value).names()] if folder is not None else []
        if folder is None or not any(folder.universe_files.has_list("etf", name) for name in names):
            where = f"expected {folder.universe_files.folder('etf', symbol.value)} with a file a day" if folder is not None else (
                "only a LEAN data folder has such lists")  # fmt: skip
            raise NoDataError(
                f"constituents of {symbol.value}: {self._catalog.market.name} has none: {where}. Name the tickers yourself, or "
                "choose by price and volume (add_universe with a function)."
            )

    def listed(self, kind: str, name: str, day: date) -> list[ConstituentsUniverseData]:
        """Who is on a list of the user's own on a day. A list of nobody but `NONE` is empty."""
        folder = self._folder
        if folder is None:
            raise UnsupportedError(f"list {name}: only a LEAN data folder has lists. Name the tickers yourself.")
        time = datetime.combine(day, MIDNIGHT)
        rows = folder.universe_files.constituents(kind, name, day)
        return [ConstituentsUniverseData(self.symbol(row.identifier, row.ticker), time) for row in rows]

    # Fundamental values --------------------------------------------------------------------------------------------------
    def value(self, symbol: Symbol, name: str, moment: datetime) -> Any:
        """A fundamental value that was known at a moment.

        Raises
        ------
        UnsupportedError
            The folder has no such property.
        """
        folder = self._folder
        if self._values is None and folder is not None:
            self._values = FundamentalValues(folder.path / VALUES)
        known = self._values
        if known is None or name not in known.properties:
            raise UnsupportedError(ABSENT.format(name=name, file=folder.path / VALUES if folder is not None else VALUES))
        found = known.find(symbol.value, name, moment.date())
        return nan if found is None else found
