"""Custom data: classes of the user's own that say where their data are and how a line reads."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from hidden_regime.exceptions import UnsupportedError
from hidden_regime.simulator.enums import FileFormat, SubscriptionTransportMedium
from hidden_regime.simulator.managed import Managed
from hidden_regime.simulator.objects.bars import BaseData
from hidden_regime.simulator.spelling import TwoSpellings


class SubscriptionDataSource(TwoSpellings):
    """Where a day of custom data is."""

    def __init__(self, source: str, transport_medium: SubscriptionTransportMedium = SubscriptionTransportMedium.LOCAL_FILE,
                 format: FileFormat = FileFormat.CSV, *rest: Any) -> None:  # fmt: skip
        self.source, self.transport_medium, self.format = str(source), transport_medium, format

    def __str__(self) -> str:
        return f"{self.transport_medium.to_string()}: {self.format.to_string()} {self.source}"


class PythonData(BaseData, metaclass=Managed):
    """Base of custom data. Override `get_source` and `reader`; columns are set with `row["name"] = value`."""

    def __init__(self) -> None:
        super().__init__()
        self._columns: dict[str, Any] = {}

    def get_source(self, config: Any, date: datetime, is_live_mode: bool) -> SubscriptionDataSource:
        """Where the data of a date are."""
        raise UnsupportedError(f"{type(self).__name__}.get_source: expected the class to say where its data are. Define it.")

    def reader(self, config: Any, line: str, date: datetime, is_live_mode: bool) -> Any:
        """The data of one line, or None."""
        raise UnsupportedError(f"{type(self).__name__}.reader: expected the class to read a line. Define it.")

    def is_sparse_data(self) -> bool:
        """Whether missing days are expected."""
        return True

    @property
    def value(self) -> float:
        """The value: what a reader assigns becomes a number, as LEAN's decimals do."""
        return self._value

    @value.setter
    def value(self, number: Any) -> None:
        self._value = float(number)

    def __setitem__(self, name: str, value: Any) -> None:
        if name.lower() == "value":
            self.value = value = float(value)
        self._columns[name.lower()] = value

    def __getattr__(self, name: str) -> Any:
        columns = self.__dict__.get("_columns", {})
        return columns[name.lower()] if name.lower() in columns else super().__getattr__(name)

    def __getitem__(self, name: str) -> Any:
        try:
            return self._columns[name.lower()]
        except KeyError:
            raise KeyError(
                f"PythonData does not have a property '{name}': expected one of {sorted(self._columns)}, as its reader sets them."
            ) from None

    def get_property(self, name: str) -> Any:
        """A column."""
        return self[name]

    def set_property(self, name: str, value: Any) -> Any:
        """Set a column."""
        self[name] = value
        return value

    @property
    def columns(self) -> dict[str, Any]:
        """Columns that the reader set, by their names in lower case."""
        return dict(self._columns)
