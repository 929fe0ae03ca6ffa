"""The files that a strategy opens by itself: each that has dates is handed to it without what is hidden."""

from __future__ import annotations

import bz2
import gzip
import importlib
import io
import lzma
import os
import zipfile
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import replace
from datetime import datetime
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import hidden_regime
from hidden_regime.data.unpacking import ODD
from hidden_regime.experiments.lookahead import decisions
from hidden_regime.experiments.lookahead.decisions import callers, is_own
from hidden_regime.experiments.lookahead.frames import hidden_frame
from hidden_regime.experiments.lookahead.future import CloseOf, Future
from hidden_regime.experiments.lookahead.markets import without_future
from hidden_regime.experiments.lookahead.pairs import end_of_utc_day, in_utc
from hidden_regime.experiments.lookahead.texts import hidden_text

PACKED: dict[str, tuple[Callable[[bytes], bytes], Callable[[bytes], bytes]]] = {
    ".gz": (gzip.decompress, lambda content: gzip.compress(content, mtime=0)),
    ".bz2": (bz2.decompress, bz2.compress),
    ".xz": (lzma.decompress, lzma.compress),
}
BY_NAME = (("numpy", "loadtxt"), ("numpy", "genfromtxt"), ("pyarrow.parquet", "read_table"), ("pyarrow.parquet", "ParquetFile"),
           ("pyarrow.feather", "read_table"), ("pyarrow.feather", "read_feather"))  # fmt: skip
"""Readers that open a file in a way of their own: they get the path of a copy."""
AS_FRAMES = ("read_parquet", "read_feather", "read_orc", "read_pickle", "read_excel", "read_hdf", "read_sql", "read_sql_query",
             "read_sql_table")  # fmt: skip
"""Readers of pandas whose files hold no text: what they make is changed."""
TABLES = {".parquet": ("read_parquet", "to_parquet"), ".feather": ("read_feather", "to_feather")}
"""Files that pyarrow opens by itself, and what of pandas reads and writes them."""
MARKETS = tuple(
    (module, name)
    for name, home in (("make_market", "synthetic"), ("make_bitcoin", "bitcoin"))
    for module in ("hidden_regime.data", "hidden_regime.data.packaged", f"hidden_regime.data.{home}")
)
"""Where a strategy may have a synthetic market from."""
PAIRS = {"crypto", "forex"}
"""Folders of LEAN's data whose times are UTC."""
DATABASE = "sqlite3"
EVENTS = ("factor_files", "map_files", "market-hours", "symbol-properties", "interest-rate")
"""Folders of LEAN's data whose dates are no prices: what adjusts prices knows the future in LEAN, too."""
_PACKAGE = str(Path(hidden_regime.__file__).parent)
ENGINE = (f"{_PACKAGE}{os.sep}simulator{os.sep}", f"{_PACKAGE}{os.sep}experiments{os.sep}")
FOR_THE_STRATEGY = tuple(f"{_PACKAGE}{os.sep}simulator{os.sep}{name}" for name in (f"feed{os.sep}custom", "object_store"))
"""Parts of the engine that read what the strategy names."""
HERE = (__file__, decisions.__file__)
_BEGINNING = datetime(1800, 1, 1)
SYNTHETIC = "the synthetic market"
SOURCES = (".py", ".pyc", ".pyd", ".so", ".dll", ".ipynb", ".pem", ".toml")


class Reads:
    """What a strategy read by itself.

    Attributes
    ----------
    dated : set of str
        Files with dates, which can be hidden.
    other : set of str
        Files in which no date was found, or that nobody here can read.
    """

    def __init__(self) -> None:
        self.dated: set[str] = set()
        self.other: set[str] = set()


@contextmanager
def files_without_future(folder: Path, future: Future | None, close_of: CloseOf) -> Iterator[Reads]:
    """Inside, files that are opened by the code of a folder, or on its behalf, have no future. Files that it writes are its own.

    With no future nothing is hidden, and what is read is noted.
    """
    reads = Reads()
    with TemporaryDirectory() as place, ExitStack() as stack:
        desk = _Desk(Path(place), str(folder), future, close_of, reads)
        plain = io.open

        def opened(file: Any, mode: str = "r", *rest: Any, **named: Any) -> Any:
            # A mode that only reads, of a path: descriptors and what is written belong to whoever has them.
            if isinstance(file, (str, bytes, os.PathLike)) and not set(mode) & set("wax+") and desk.asked():
                file = desk.copy_of(file, plain)
            return plain(file, mode, *rest, **named)

        stack.enter_context(_replaced("builtins", "open", lambda _: opened))
        stack.enter_context(_replaced("io", "open", lambda _: opened))
        for module, name in BY_NAME:
            stack.enter_context(_replaced(module, name, lambda call: _with_copy(call, desk, plain)))
        for name in AS_FRAMES:
            stack.enter_context(_replaced("pandas", name, lambda call: _with_frame(call, desk)))
        for module, name in MARKETS:
            stack.enter_context(_replaced(module, name, lambda call: _with_market(call, desk)))
        stack.enter_context(_replaced(DATABASE, "connect", lambda call: _noting(call, desk)))
        yield reads


class _Desk:
    """Hands out copies of files."""

    def __init__(self, place: Path, folder: str, future: Future | None, close_of: CloseOf, reads: Reads) -> None:
        self.place, self.folder, self.future, self.close_of, self.reads = place, folder, future, close_of, reads
        self._copies: dict[tuple[str, int], str] = {}
        self.busy = False

    def asked(self) -> bool:
        """Whether it is the strategy that reads, and not the engine under it."""
        if self.busy:
            return False
        for name, _ in callers():
            if name in HERE:
                continue
            if name.startswith(FOR_THE_STRATEGY):
                return True
            if name.startswith(ENGINE) or name == "<frozen importlib._bootstrap_external>":
                return False
            if is_own(name, self.folder):
                return True
        return False

    def copy_of(self, file: Any, plain: Callable[..., Any]) -> Any:
        path = Path(os.fsdecode(file))
        if (
            path.suffix in SOURCES
            or set(path.parts) & set(EVENTS)
            or not path.is_file()
            or str(path).startswith(("/proc/", "/dev/", "/sys/"))
        ):
            return file
        key = (os.path.realpath(path), path.stat().st_mtime_ns)
        if key not in self._copies:
            with plain(path, "rb") as stream:
                content = stream.read()
            new = self._hidden(path, content)
            if new is not None and new != content:
                copy = self.place / str(len(self._copies)) / path.name
                copy.parent.mkdir()
                with plain(copy, "wb") as stream:
                    stream.write(new)
                self._copies[key] = str(copy)
            else:
                self._copies[key] = os.fsdecode(file)
        return self._copies[key]

    def _hidden(self, path: Path, content: bytes) -> bytes | None:
        """Content without what is hidden, and a note of what was read."""
        source = str(path)
        try:
            if path.suffix in TABLES:
                new = self._hidden_table(path)
            elif path.suffix == ".zip":
                new = self._hidden_zip(content, source)
            elif path.suffix in PACKED:
                unpack, pack = PACKED[path.suffix]
                found = self._hidden_text(unpack(content), source)
                new = None if found is None else pack(found)
            else:
                new = self._hidden_text(content, source)
        except (*ODD, OSError, EOFError, ValueError):
            self.reads.other.add(source)
            return None
        return new

    def _hidden_text(self, content: bytes, source: str) -> bytes | None:
        everything = Future(_BEGINNING)
        has_dates = hidden_text(content, source, everything, self.close_of) is not None
        (self.reads.dated if has_dates else self.reads.other).add(source)
        future, close_of = self._of(source)
        return hidden_text(content, source, future, close_of) if has_dates and future is not None else None

    def _of(self, source: str) -> tuple[Future | None, CloseOf]:
        """What is hidden of a file, by the clock of its times, and when its days become known by it."""
        future = None if self.future is None else self.future.of(source)
        if future is None or not set(Path(source).parts) & PAIRS:
            return future, self.close_of
        return in_utc(future), end_of_utc_day

    def _hidden_table(self, path: Path) -> bytes | None:
        import pandas as pd

        read, write = TABLES[path.suffix]
        self.busy = True
        try:
            found = getattr(pd, read)(path)
        finally:
            self.busy = False
        new = self.frame(found, str(path))
        out = io.BytesIO()
        getattr(new, write)(out)
        return None if new is found else out.getvalue()

    def frame(self, found: Any, source: str) -> Any:
        """A frame without what is hidden, and a note of what was read."""
        everything = hidden_frame(found, source, Future(_BEGINNING), self.close_of)
        (self.reads.dated if everything is not found else self.reads.other).add(source)
        future, close_of = self._of(source)
        return found if future is None else hidden_frame(found, source, future, close_of)

    def _hidden_zip(self, content: bytes, source: str) -> bytes | None:
        out, touched = io.BytesIO(), False
        with zipfile.ZipFile(io.BytesIO(content)) as old, zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as new:
            for name in old.namelist():
                member = old.read(name)
                found = self._hidden_text(member, source)
                touched |= found is not None
                new.writestr(zipfile.ZipInfo(name), member if found is None else found)
        return out.getvalue() if touched else None


def _with_copy(call: Callable[..., Any], desk: _Desk, plain: Callable[..., Any]) -> Callable[..., Any]:
    def wrapped(file: Any, *rest: Any, **named: Any) -> Any:
        mine = isinstance(file, (str, os.PathLike)) and desk.asked()
        return call(desk.copy_of(file, plain) if mine else file, *rest, **named)

    return wrapped


def _with_frame(call: Callable[..., Any], desk: _Desk) -> Callable[..., Any]:
    def wrapped(file: Any, *rest: Any, **named: Any) -> Any:
        import pandas as pd

        if not desk.asked():
            return call(file, *rest, **named)
        desk.busy = True
        try:
            found = call(file, *rest, **named)
        finally:
            desk.busy = False
        source = str(file) if isinstance(file, (str, os.PathLike)) else call.__name__
        if not isinstance(found, pd.DataFrame):
            desk.reads.other.add(source)
            return found
        return desk.frame(found, source)

    return wrapped


def _with_market(call: Callable[..., Any], desk: _Desk) -> Callable[..., Any]:
    def wrapped(*rest: Any, **named: Any) -> Any:
        made = call(*rest, **named)
        if not desk.asked():
            return made
        desk.reads.dated.add(SYNTHETIC)
        future = None if desk.future is None else desk.future.of(SYNTHETIC)
        if future is None:
            return made
        return replace(made, market=without_future(made.market, replace(future, only=""), desk.close_of))

    return wrapped


def _noting(call: Callable[..., Any], desk: _Desk) -> Callable[..., Any]:
    def wrapped(*rest: Any, **named: Any) -> Any:
        if desk.asked():
            desk.reads.other.add(str(rest[0] if rest else named.get("database", DATABASE)))
        return call(*rest, **named)

    return wrapped


@contextmanager
def _replaced(module: str, name: str, by: Callable[[Callable[..., Any]], Callable[..., Any]]) -> Iterator[None]:
    try:
        before = getattr(owner := importlib.import_module(module), name, None)
    except ImportError:  # it isn't installed, so no strategy has it
        before = None
    if before is None:
        yield
        return
    setattr(owner, name, by(before))
    try:
        yield
    finally:
        setattr(owner, name, before)
