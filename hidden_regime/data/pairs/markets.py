"""Facts of the markets of pairs: from a data folder's own databases, and where it has none from our small table."""

from __future__ import annotations

import re
from collections.abc import Mapping
from datetime import date, datetime, timedelta
from pathlib import Path
from typing import Any

from hidden_regime.data.offers import offered
from hidden_regime.data.pairs import own
from hidden_regime.data.pairs.hours import PairHours, Pieces
from hidden_regime.data.pairs.properties import KINDS, Key, PairProperties, pairs_of, read_properties
from hidden_regime.data.unpacking import read_json
from hidden_regime.exceptions import DataError, UnknownDataError

WEEK = ("monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday")
_TIME = re.compile(r"(?:(\d+)\.)?(\d{1,2}):(\d{2})(?::(\d{2}))?")


class PairMarkets:
    """What is known of markets and their pairs.

    Parameters
    ----------
    folder : Path, optional
        A LEAN data folder, whose `market-hours` and `symbol-properties` say all where they are there.
    """

    def __init__(self, folder: Path | None = None) -> None:
        self._folder = folder
        self._pairs: Mapping[Key, PairProperties] | None = None
        self._hours: Mapping[str, Any] | None = None
        self._made: dict[Key, PairHours] = {}
        self._read = False

    @property
    def pairs(self) -> Mapping[Key, PairProperties]:
        """Facts of pairs by kind, market and ticker."""
        if self._pairs is None:
            found = None
            if self._folder is not None:
                found = read_properties(self._folder / "symbol-properties" / "symbol-properties-database.csv")
            self._pairs = own.PAIRS if found is None else found
        return self._pairs

    @property
    def is_own(self) -> bool:
        """Whether the facts are those of our table."""
        return self.pairs is own.PAIRS

    def find(self, kind: str, market: str, ticker: str) -> PairProperties | None:
        """Facts of a pair; None where nobody knows them."""
        return self.pairs.get((kind, market.lower(), ticker.upper()))

    def of(self, kind: str, market: str, ticker: str) -> PairProperties:
        """Facts of a pair.

        Raises
        ------
        UnknownDataError
            Nobody knows them.
        """
        found = self.find(kind, market, ticker)
        if found is None:
            known = pairs_of(self.pairs, kind, market.lower())
            where = f"the package's table of {own.AS_OF}" if self.is_own else f"{self._folder}/symbol-properties"
            raise UnknownDataError(
                f"{kind} {ticker.upper()} at {market}: its lot, tick and currencies aren't in {where}; "
                f"{offered(ticker.upper(), known)} Name a pair and its market, or add LEAN's symbol-properties and "
                "market-hours to the data folder."
            )
        return found

    def hours(self, kind: str, market: str, ticker: str) -> PairHours:
        """Hours of a pair's market, or of the pair itself where it has its own.

        Raises
        ------
        UnknownDataError, DataError
        """
        key = kind, market.lower(), ticker.upper()
        if key not in self._made:
            self._made[key] = self._find_hours(*key)
        return self._made[key]

    def _find_hours(self, kind: str, market: str, ticker: str) -> PairHours:
        entries = self._entries()
        if entries is None:
            known = own.HOURS.get((kind, market))
            if known is None:
                raise UnknownDataError(
                    f"{kind} at {market}: its hours aren't in the package's table of {own.AS_OF}: it has "
                    f"{', '.join(where for _, where in own.HOURS)}. Add LEAN's market-hours to the data folder."
                )
            return known
        title = kind.capitalize()
        entry = entries.get(f"{title}-{market}-{ticker}", entries.get(f"{title}-{market}-[*]"))
        path = self._path
        if entry is None:
            raise UnknownDataError(f"{kind} at {market}: {path} has no entry '{title}-{market}-[*]': expected its hours.")
        try:
            return _hours_of(entry)
        except (ValueError, LookupError, TypeError, AttributeError, OverflowError) as error:
            raise DataError(
                f"{path}, entry '{title}-{market}': {type(error).__name__}: {error}: expected LEAN's market hours: zones, lists "
                "of segments 'start', 'end', 'state' for each day, 'holidays', 'earlyCloses' and 'lateOpens'."
            ) from None

    @property
    def _path(self) -> Path:
        assert self._folder is not None
        return self._folder / "market-hours" / "market-hours-database.json"

    def _entries(self) -> Mapping[str, Any] | None:
        if not self._read and self._folder is not None and self._path.exists():
            try:
                self._hours = read_json(self._path)["entries"]
                if not isinstance(self._hours, Mapping):
                    raise TypeError(f"entries are {self._hours!r:.40}")
            except (ValueError, LookupError, TypeError, OSError) as error:
                raise DataError(f"{self._path}: {error}: expected LEAN's market-hours database.") from error
        self._read = True
        return self._hours

    def of_ticker(self, kind: str, ticker: str) -> list[str]:
        """Markets that know a ticker."""
        return [market for found, market, name in self.pairs if found == kind and name == ticker.upper()]


def _hours_of(entry: Mapping[str, Any]) -> PairHours:
    return PairHours(
        str(entry["exchangeTimeZone"]), str(entry["dataTimeZone"]), tuple(_pieces(entry[day]) for day in WEEK),
        frozenset(_date(text) for text in entry.get("holidays") or ()),
        {_date(text): _time(at) for text, at in (entry.get("earlyCloses") or {}).items()},
        {_date(text): _time(at) for text, at in (entry.get("lateOpens") or {}).items()},
    )  # fmt: skip


def _pieces(segments: Any) -> Pieces:
    return tuple((_time(s["start"]), _time(s["end"])) for s in segments if str(s["state"]).lower() == "market")


def _date(text: str) -> date:
    return datetime.strptime(text, "%m/%d/%Y").date()


def _time(text: str) -> timedelta:
    found = _TIME.fullmatch(text)
    if found is None:
        raise ValueError(f"a time of {text!r}")
    days, hours, minutes, seconds = (int(part or 0) for part in found.groups())
    return timedelta(days=days, hours=hours, minutes=minutes, seconds=seconds)


__all__ = ["KINDS", "PairMarkets"]
