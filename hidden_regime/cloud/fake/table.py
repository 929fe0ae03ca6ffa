"""A table of a database that holds one class of records, a column for each field."""

from __future__ import annotations

import json
import sqlite3
from dataclasses import fields
from typing import Any, Generic, TypeVar, get_origin, get_type_hints

Record = TypeVar("Record")
JSON = (dict, list)


class Table(Generic[Record]):
    """Records by their key.

    Parameters
    ----------
    connection : sqlite3.Connection
        Whoever uses the table holds the lock that belongs to it.
    record : type
        A dataclass; lists and dicts are kept as JSON.
    *key : str
        Fields that tell records apart; by default the first.
    """

    def __init__(self, connection: sqlite3.Connection, record: type[Record], *key: str) -> None:
        self._connection, self._record = connection, record
        self._names = [one.name for one in fields(record)]  # type: ignore[arg-type]
        hints = get_type_hints(record)
        self._coded = {name for name in self._names if get_origin(hints[name]) in JSON or hints[name] in JSON}
        self._flags = {name for name in self._names if hints[name] is bool}
        self._key = key or (self._names[0],)
        self.name = record.__name__.lower()

    def create(self) -> None:
        """Make the table unless it is there."""
        columns, key = ", ".join(self._names), ", ".join(self._key)
        self._connection.execute(f"CREATE TABLE IF NOT EXISTS {self.name} ({columns}, PRIMARY KEY ({key}))")

    def get(self, *key: Any) -> Record | None:
        """The record of a key."""
        found = self.find(**dict(zip(self._key, key, strict=True)))
        return found[0] if found else None

    def find(self, *, most: int = -1, newest_first: bool = False, **equal: Any) -> list[Record]:
        """Records with these values, in the order in which they came."""
        where, values = self._where(equal)
        order = "DESC" if newest_first else "ASC"
        query = f"SELECT {', '.join(self._names)} FROM {self.name}{where} ORDER BY rowid {order} LIMIT ?"
        return [self._read(row) for row in self._connection.execute(query, (*values, most))]

    def count(self, **equal: Any) -> int:
        """How many records have these values."""
        where, values = self._where(equal)
        found: int = self._connection.execute(f"SELECT count(*) FROM {self.name}{where}", values).fetchone()[0]
        return found

    def put(self, record: Record) -> None:
        """Keep a record instead of the one with its key, in whose place it stands."""
        marks = ", ".join("?" for _ in self._names)
        change = ", ".join(f"{name} = excluded.{name}" for name in self._names)
        self._connection.execute(
            f"INSERT INTO {self.name} ({', '.join(self._names)}) VALUES ({marks}) "
            f"ON CONFLICT ({', '.join(self._key)}) DO UPDATE SET {change}",
            [self._written(name, getattr(record, name)) for name in self._names],
        )

    def remove(self, **equal: Any) -> None:
        """Forget the records with these values."""
        where, values = self._where(equal)
        self._connection.execute(f"DELETE FROM {self.name}{where}", values)

    def _where(self, equal: dict[str, Any]) -> tuple[str, list[Any]]:
        if not equal:
            return "", []
        return " WHERE " + " AND ".join(f"{name} = ?" for name in equal), list(equal.values())

    def _written(self, name: str, value: Any) -> Any:
        return json.dumps(value) if name in self._coded else value

    def _read(self, row: tuple[Any, ...]) -> Record:
        told = {}
        for name, value in zip(self._names, row, strict=True):
            told[name] = json.loads(value) if name in self._coded else bool(value) if name in self._flags else value
        return self._record(**told)
