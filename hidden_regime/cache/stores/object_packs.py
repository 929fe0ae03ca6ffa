"""Many entries in few objects, for stores where each object is dear."""

from __future__ import annotations

import base64
import hashlib
import re
from collections.abc import Iterator
from typing import Any, Protocol

from hidden_regime.cache.stores.base import DamagedError, Kept
from hidden_regime.exceptions import ObjectStoreError, ParameterError

PACK_BYTES = 1_000_000
"""Size at which a pack is full and another begins."""

WAIT = 256
"""Entries that are written together."""

NAME = re.compile(r"[A-Za-z0-9_\-]+")


class Objects(Protocol):
    """What is used of LEAN's object store, and of the embedded engine's."""

    def contains_key(self, key: str) -> bool:
        """Whether there is such an object."""

    def read(self, key: str) -> str:
        """Its text."""

    def save(self, key: str, text: str) -> bool:
        """Keep a text."""

    def delete(self, key: str) -> bool:
        """Drop an object."""


class ObjectPacks:
    """Entries in LEAN's object store: texts of up to a megabyte, because each save there scans all objects and bytes are slow.

    Entries wait in memory until there are some hundred, or until `flush`; an algorithm of ours flushes at its end. A pack
    has a checksum: whatever one that is damaged may have held counts as damaged, and what is written next takes its place.

    Parameters
    ----------
    objects : object
        `self.object_store` of an algorithm.
    name : str
        Beginning of the objects' keys: letters, digits, - and _. Two algorithms that run at once need two names.
    """

    def __init__(self, objects: Objects, name: str = "hidden-regime-models") -> None:
        if not isinstance(name, str) or not NAME.fullmatch(name):
            raise ParameterError("name", name, "letters, digits, - and _", "LEAN's keys take one dot at most and no : + @ ( ) ,")
        self._objects: Any = objects
        self.name = name
        self._packs: list[dict[str, str]] | None = None
        self._damaged: dict[int, str] = {}
        self._waiting: dict[str, str] = {}

    def __repr__(self) -> str:
        return f"ObjectPacks({self.name!r})"

    def _key(self, number: int) -> str:
        return f"{self.name}-{number}.txt"

    def _do(self, work: Any) -> Any:
        try:
            return work()
        except (OSError, ObjectStoreError, UnicodeDecodeError):
            raise
        except Exception as error:
            raise OSError(f"object store: {type(error).__name__}: {error}") from error

    def _loaded(self) -> list[dict[str, str]]:
        if self._packs is None:
            packs: list[dict[str, str]] = []
            damaged: dict[int, str] = {}
            while self._do(lambda: self._objects.contains_key(self._key(len(packs)))):
                try:
                    packs.append(_opened(str(self._do(lambda: self._objects.read(self._key(len(packs)))))))
                except UnicodeDecodeError:
                    damaged[len(packs)] = "it is no text"
                    packs.append({})
                except DamagedError as problem:
                    damaged[len(packs)] = str(problem)
                    packs.append({})
            self._packs, self._damaged = packs, damaged
        return self._packs

    def damaged(self) -> dict[str, str]:
        """What is wrong with which object."""
        self._loaded()
        return {self._key(number): text for number, text in self._damaged.items()}

    def get(self, key: str) -> bytes | None:
        """Content of a key, or None."""
        packs = self._loaded()
        text = self._waiting.get(key) or next((pack[key] for pack in reversed(packs) if key in pack), None)
        if text is None:
            for name, problem in self.damaged().items():
                raise DamagedError(f"{name}: {problem}")
            return None
        try:
            return base64.b64decode(text, validate=True)
        except ValueError as error:
            raise DamagedError(f"entry {key[:12]} is no base64") from error

    def put(self, key: str, content: bytes) -> None:
        """Keep a content."""
        self._waiting[key] = base64.b64encode(content).decode()
        if len(self._waiting) >= WAIT:
            self.flush()

    def flush(self) -> None:
        """Write what waits to be written."""
        if not self._waiting:
            return
        packs = self._loaded()
        changed = set(self._damaged)
        for key, text in self._waiting.items():
            if not packs or sum(map(len, packs[-1].values())) > PACK_BYTES:
                packs.append({})
            packs[-1][key] = text
            changed.add(len(packs) - 1)
        self._waiting = {}
        for number in sorted(changed):
            self._write(number)

    def _write(self, number: int) -> None:
        if not self._do(lambda: self._objects.save(self._key(number), _closed(self._loaded()[number]))):
            raise OSError(f"object store: {self._key(number)} could not be saved")
        self._damaged.pop(number, None)

    def sweep(self) -> int:
        """Put empty packs in the place of those that are damaged; how many. The numbers of the others can't have a gap."""
        self._loaded()
        numbers = sorted(self._damaged)
        for number in numbers:
            self._write(number)
        return len(numbers)

    def delete(self, key: str) -> None:
        """Forget a key, if it is there; or all of a pack that is damaged, by the name of its object."""
        packs = self._loaded()
        for number in [n for n in self._damaged if self._key(n) == key]:
            self._write(number)
        self._waiting.pop(key, None)
        for number, pack in enumerate(packs):
            if pack.pop(key, None) is not None:
                self._write(number)

    def entries(self) -> Iterator[Kept]:
        """What is kept."""
        for pack in [*self._loaded(), self._waiting]:
            for key, text in pack.items():
                yield Kept(key, len(text) * 3 // 4, None)

    def __len__(self) -> int:
        return len({entry.key for entry in self.entries()})


def _closed(pack: dict[str, str]) -> str:
    body = "".join(f"{key} {text}\n" for key, text in pack.items())
    return f"hidden-regime pack {hashlib.sha256(body.encode()).hexdigest()}\n{body}"


def _opened(text: str) -> dict[str, str]:
    head, _, body = text.partition("\n")
    if head != f"hidden-regime pack {hashlib.sha256(body.encode(errors='replace')).hexdigest()}":
        raise DamagedError("its checksum is wrong")
    pairs = [line.split(" ") for line in body.split("\n")[:-1]]
    if any(len(pair) != 2 for pair in pairs):
        raise DamagedError("it holds no pairs of keys and contents")
    return {pair[0]: pair[1] for pair in pairs}
