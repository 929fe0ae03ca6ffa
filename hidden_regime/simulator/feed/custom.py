"""Custom data: the user's class says where a day's lines are and what each means."""

from __future__ import annotations

import urllib.request
import warnings
from collections.abc import Callable, Iterator
from datetime import datetime
from http.client import HTTPException
from pathlib import Path
from typing import Any

from hidden_regime.data.unpacking import ODD, read_member, unpack_member
from hidden_regime.exceptions import DataError, NoDataError, ObjectStoreError, RegimeWarning
from hidden_regime.simulator.clock import MIDNIGHT
from hidden_regime.simulator.enums import FileFormat, Resolution, SecurityType, SubscriptionTransportMedium, TickType
from hidden_regime.simulator.lengths import DAY, LENGTHS, MINUTE
from hidden_regime.simulator.objects.symbol import Symbol
from hidden_regime.simulator.spelling import TwoSpellings

MOST = 256_000_000
"""Bytes that an address may answer."""
FAILED = "Error invoking {symbol} data reader. Line: {line!r} Error: {error}"


class SubscriptionDataConfig(TwoSpellings):
    """What a custom class is told about its subscription. Its times are New York's, at whatever market its security is."""

    exchange_time_zone = data_time_zone = "America/New_York"

    def __init__(self, kind: type, symbol: Symbol, resolution: Resolution) -> None:
        self.type, self.symbol, self.resolution = kind, symbol, resolution
        self.ticker = self.mapped_symbol = symbol.value
        self.increment = LENGTHS.get(resolution, MINUTE)
        self.is_custom_data = True
        self.tick_type, self.market = TickType.TRADE, "usa"
        self.security_type = SecurityType.BASE
        self.fill_data_forward = False


def _fetched(where: str) -> str:
    """Text from the network; whatever is no text counts as no data."""
    try:
        with urllib.request.urlopen(where, timeout=60) as answer:
            content: bytes = answer.read(MOST + 1)
        if len(content) > MOST:
            raise NoDataError(f"{where} answers more than {MOST:,} bytes")
        return content.decode("utf-8-sig")
    except (ValueError, HTTPException) as error:
        raise NoDataError(f"{where}: {error}") from error


def _kept(key: str, store: Callable[[str], bytes]) -> list[str]:
    """Lines of an object, unpacked where its key says that it is a zip."""
    content = store(key)
    is_packed = key.lower().endswith(".zip")
    try:
        return (unpack_member(content, key) if is_packed else content).decode("utf-8-sig").splitlines()
    except ODD as error:
        wanted = "a zip with a text in it" if is_packed else "text"
        raise DataError(f"object {key!r} can't be read ({error}): expected {wanted}.") from error


def _read(source: Any, symbol: Symbol, store: Callable[[str], bytes]) -> list[str]:
    where = source.source
    if source.transport_medium == SubscriptionTransportMedium.OBJECT_STORE:
        return _kept(where, store)
    if source.transport_medium in (SubscriptionTransportMedium.REMOTE_FILE, SubscriptionTransportMedium.REST):
        return _fetched(where).splitlines()
    name, _, entry = where.partition("#")
    path = Path(name)
    if not path.is_file():
        raise NoDataError(f"{symbol}: get_source names {where!r}: expected an existing file. Give its full path.")
    if path.suffix == ".zip":
        try:
            return read_member(path, entry, exactly=bool(entry)).decode("utf-8-sig").splitlines()
        except DataError:
            raise
        except ODD as error:
            raise DataError(f"{symbol}: {where!r} can't be read ({error}): expected a zip with a text in it.") from error
    try:
        return path.read_text(encoding="utf-8-sig").splitlines()
    except ValueError as error:
        raise DataError(f"{symbol}: {where!r} can't be read ({error}): expected text in UTF-8.") from error


class CustomFeed:
    """Rows of a custom class, in order of their ends.

    Parameters
    ----------
    kind : type
        The user's class.
    store : callable
        Bytes of an object of the object store.
    """

    def __init__(self, kind: type, symbol: Symbol, resolution: Resolution, store: Callable[[str], bytes]) -> None:
        self.kind, self.symbol, self.resolution = kind, symbol, resolution
        self.config = SubscriptionDataConfig(kind, symbol, resolution)
        self._store = store
        self._waiting: Iterator[Any] | None = None
        self._next: Any = None

    def rows(self, first: datetime, last: datetime) -> Iterator[Any]:
        """Rows that end from `first` on and begin by `last`. Those out of order are left out, as in LEAN."""
        previous, before = None, datetime.min
        maker = self.kind()
        day = first.date()
        while day <= last.date():
            moment = datetime.combine(day, MIDNIGHT)
            source = maker.get_source(self.config, moment, False)
            day += DAY
            if source is None or (previous is not None and source.source == previous):
                continue
            previous = source.source
            for row in self._parse(maker, source, moment):
                if row.end_time < before or row.end_time < first:
                    continue
                if row.time > last:
                    return
                before = row.end_time
                yield row

    def _parse(self, maker: Any, source: Any, moment: datetime) -> Iterator[Any]:
        read = maker.reader
        if source.format in (FileFormat.UNFOLDING_COLLECTION, FileFormat.FOLDING_COLLECTION):
            found = read(self.config, "\n".join(self._lines(source)), moment, False)
            yield from (found or [])
            return
        for line in self._lines(source):
            try:
                row = read(self.config, line, moment, False)
            except Exception as error:
                raise DataError(FAILED.format(symbol=self.symbol, line=line, error=error)) from error
            if row is not None:
                row.symbol = self.symbol
                yield row

    def _lines(self, source: Any) -> list[str]:
        """Lines of a source. One that isn't there has none, as in LEAN, but not without a word."""
        try:
            return _read(source, self.symbol, self._store)
        except (NoDataError, ObjectStoreError, OSError) as error:
            warnings.warn(RegimeWarning(f"hidden_regime: {self.symbol}: {source.source}: no data ({error})."), stacklevel=2)
            return []

    def start(self, first: datetime, last: datetime) -> None:
        """Begin to deliver."""
        self._waiting = self.rows(first, last)
        self._next = next(self._waiting, None)

    def rename(self, symbol: Symbol) -> None:
        """Make rows of another object of an equal symbol."""
        self.symbol = self.config.symbol = symbol
        if self._next is not None:
            self._next.symbol = symbol

    def until(self, end: datetime) -> list[Any]:
        """Rows that end before a time and haven't been delivered."""
        out: list[Any] = []
        while self._next is not None and self._next.end_time < end:
            out.append(self._next)
            assert self._waiting is not None
            self._next = next(self._waiting, None)
        return out

    @property
    def pending(self) -> datetime | None:
        """End of the next row, if there is one."""
        return None if self._next is None else self._next.end_time


class NoFeed:
    """Data of a ticker that nobody added: none."""

    pending: datetime | None = None

    def rename(self, symbol: Symbol) -> None:
        """No rows."""

    def start(self, first: datetime, last: datetime) -> None:
        """Nothing to begin."""

    def until(self, end: datetime) -> list[Any]:
        """No rows."""
        return []

    def rows(self, first: datetime, last: datetime) -> Iterator[Any]:
        """No rows."""
        return iter(())
