"""The object store: texts and bytes under keys, kept in a folder from run to run."""

from __future__ import annotations

import re
import shutil
import tempfile
import weakref
from collections.abc import Iterable, Iterator
from pathlib import Path

from hidden_regime.exceptions import ObjectStoreError, UnsupportedError
from hidden_regime.files.paths import given_path
from hidden_regime.files.whole import WRITING, write_file
from hidden_regime.simulator.objects.dictionaries import KeyValuePair
from hidden_regime.simulator.spelling import TwoSpellings

_KEY = re.compile(r"^\.?[a-zA-Z0-9\\/_#\-$= ]+\.?[a-zA-Z0-9]*$")
LONGEST = 240
NOT_SUPPORTED = (
    "LocalObjectStore: path is not supported: '{key}'. LEAN takes letters, digits, '/ _ - # $ =' and spaces, and one dot for an "
    "extension."
)
MISSING = (
    "Object with path '{key}' was not found in the current project. Please use ObjectStore.ContainsKey(key) to check if an "
    "object exists before attempting to read."
)
JSON = (
    "object_store.{name}: in LEAN it ends the whole process when called from Python. Use json.dumps with save, and json.loads "
    "with read."
)


class ObjectStore(TwoSpellings):
    """Texts and bytes under keys.

    Parameters
    ----------
    folder : str or Path, optional
        Where to keep them; by default a folder that goes with the run.
    """

    def __init__(self, folder: str | Path | None = None) -> None:
        self._given = None if folder is None else given_path("store", folder)
        self._own: Path | None = None
        self._registered: set[str] = set()

    def _root(self) -> Path:
        if self._given is not None:
            self._given.mkdir(parents=True, exist_ok=True)
            return self._given
        if self._own is None:
            self._own = Path(tempfile.mkdtemp(prefix="hidden-regime-store-"))
            weakref.finalize(self, shutil.rmtree, self._own, ignore_errors=True)
        return self._own

    @staticmethod
    def _clean(key: str) -> str:
        if not isinstance(key, str):
            raise TypeError(f"object store key: expected str, got {type(key).__name__}")
        plain = key.removeprefix(".").lstrip("/\\").replace("\\", "/")
        if not plain or ".." in key or _KEY.match(key.removeprefix("./")) is None:
            raise ObjectStoreError(NOT_SUPPORTED.format(key=key))
        if len(plain) > LONGEST:
            raise ObjectStoreError(
                f"object store key of {len(plain)} letters: expected at most {LONGEST}: LEAN loses longer ones."
            )
        return plain

    def _path(self, key: str) -> Path:
        return self._root() / self._clean(key)

    def contains_key(self, key: str) -> bool:
        """Whether there is such an object; False for keys that can't be."""
        try:
            path = self._path(key)
        except ObjectStoreError:
            return False
        return path.is_file() or self._clean(key) in self._registered

    __contains__ = contains_key

    def read_bytes(self, key: str) -> bytes:
        """Content of an object."""
        path = self._path(key)
        if not path.is_file():
            raise ObjectStoreError(MISSING.format(key=key))
        return path.read_bytes()

    def read(self, key: str, encoding: object = None) -> str:
        """Content of an object, as text."""
        return self.read_bytes(key).decode()

    read_string = read

    def save_bytes(self, key: str, content: bytes | bytearray | memoryview | Iterable[int]) -> bool:
        """Keep bytes."""
        if isinstance(content, str) or not isinstance(content, (bytes, bytearray, memoryview, list, tuple)):
            raise TypeError(f"object_store.save_bytes: argument 2 ('contents') expected bytes, got {type(content).__name__}")
        path = self._path(key)
        path.parent.mkdir(parents=True, exist_ok=True)
        write_file(path, bytes(content))
        return True

    def save(self, key: str, text: str | None = None, encoding: object = None) -> bool:
        """Keep a text. Without one: keep what was written at `get_file_path`."""
        if text is None:
            return self.contains_key(key)
        if not isinstance(text, str):
            raise TypeError(f"object_store.save: argument 2 ('text') expected str, got {type(text).__name__}")
        return self.save_bytes(key, text.encode())

    save_string = save

    def delete(self, key: str) -> bool:
        """Drop an object; False if there is none."""
        path = self._path(key)
        self._registered.discard(self._clean(key))
        if not path.is_file():
            return False
        path.unlink()
        return True

    def clear(self) -> None:
        """Nothing is dropped: LEAN forgets what it holds in memory, and the files stay."""

    def get_file_path(self, key: str) -> str:
        """Where an object's file is; a new key counts as existing from now on, as in LEAN."""
        path = self._path(key)
        path.parent.mkdir(parents=True, exist_ok=True)
        self._registered.add(self._clean(key))
        return str(path)

    @property
    def keys(self) -> list[str]:
        """Keys of all objects."""
        root = self._root()
        found = {
            path.relative_to(root).as_posix() for path in root.rglob("*") if path.is_file() and not path.name.startswith(WRITING)
        }
        return sorted(found | self._registered)

    def __iter__(self) -> Iterator[KeyValuePair]:
        return (KeyValuePair(key, self.read_bytes(key) if self._path(key).is_file() else None) for key in self.keys)

    def __len__(self) -> int:
        return len(self.keys)

    def save_json(self, key: str, *_: object) -> None:
        """Refused: LEAN can't be called like that from Python."""
        raise UnsupportedError(JSON.format(name="save_json"))

    def read_json(self, key: str, *_: object) -> None:
        """Refused: LEAN can't be called like that from Python."""
        raise UnsupportedError(JSON.format(name="read_json"))
