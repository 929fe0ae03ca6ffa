"""Shortable providers: how many shares can be sold short, and what that costs."""

from __future__ import annotations

from datetime import date, datetime
from pathlib import Path
from typing import Any, NamedTuple

from hidden_regime.data.map_files import day_of, is_file_name
from hidden_regime.exceptions import DataError
from hidden_regime.simulator.globals import Globals
from hidden_regime.simulator.managed import Managed
from hidden_regime.simulator.spelling import TwoSpellings

LINE = "yyyyMMdd,quantity[,rebate rate,fee rate]"


class NullShortableProvider(TwoSpellings, metaclass=Managed):
    """As many as one likes, free of charge: the default."""

    def shortable_quantity(self, symbol: Any, local_time: datetime) -> Any:
        """None: no limit."""
        return None

    def fee_rate(self, symbol: Any, local_time: datetime) -> float:
        """Nothing is charged."""
        return 0.0

    def rebate_rate(self, symbol: Any, local_time: datetime) -> float:
        """Nothing is paid."""
        return 0.0


class Shortable(NamedTuple):
    """What can be sold short on a day, and the rates of a year as fractions."""

    quantity: int | None
    rebate: float
    fee: float


class LocalDiskShortableProvider(TwoSpellings, metaclass=Managed):
    """What a broker's files in the data folder say: `equity/usa/shortable/BROKER/symbols/TICKER.csv`.

    A day without a line, and a ticker without a file, has no limit and no rates, as in LEAN.
    """

    data_provider: Any = None

    def __init__(self, brokerage: str) -> None:
        self.brokerage = brokerage.lower()
        self._known: dict[str, dict[date, Shortable]] = {}

    def _find(self, symbol: Any, moment: datetime) -> Shortable:
        name = str(getattr(symbol, "value", symbol)).lower()
        if name not in self._known:
            self._known[name] = self._read(name)
        return self._known[name].get(moment.date(), Shortable(None, 0.0, 0.0))

    def _read(self, name: str) -> dict[date, Shortable]:
        folder = Path(Globals.data_folder) / "equity" / "usa" / "shortable" / self.brokerage / "symbols"
        path = folder / f"{name}.csv"
        if not is_file_name(name) or not path.exists():
            return {}
        found = {}
        try:
            lines = path.read_text(encoding="utf-8-sig").splitlines()
        except (ValueError, OSError) as error:
            raise DataError(f"{path} can't be read as text ({error}): expected lines '{LINE}'.") from None
        for number, line in enumerate(lines, 1):
            if not line.strip() or line.startswith("#"):
                continue
            parts = line.split(",")
            try:
                quantity = int(parts[1]) if parts[1].strip() else None
                rates = [float(text) / 100.0 if text.strip() else 0.0 for text in (*parts[2:4], "", "")[:2]]
                found[day_of(parts[0])] = Shortable(quantity, *rates)
            except (ValueError, IndexError):
                raise DataError(f"{path} line {number}: {line!r}: expected '{LINE}', the rates in percent.") from None
        return found

    def shortable_quantity(self, symbol: Any, local_time: datetime) -> Any:
        """Shares that can be sold short on a day; None: no limit."""
        return self._find(symbol, local_time).quantity

    def fee_rate(self, symbol: Any, local_time: datetime) -> float:
        """What short positions pay, a year."""
        return self._find(symbol, local_time).fee

    def rebate_rate(self, symbol: Any, local_time: datetime) -> float:
        """What long positions get, a year."""
        return self._find(symbol, local_time).rebate
