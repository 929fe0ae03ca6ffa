"""Digests of what a trial depends on: the strategy with what it imports, the data, this package."""

from __future__ import annotations

import ast
import hashlib
import json
from collections.abc import Iterable
from functools import cache
from pathlib import Path
from typing import Any

import hidden_regime
from hidden_regime.data.market import Asset, MarketData
from hidden_regime.data.tables import TableMarket


def digest_of(*parts: Any) -> str:
    """Digest of some plain values."""
    return hashlib.sha256(json.dumps(parts, sort_keys=True).encode()).hexdigest()


BESIDE = ("cli", "bundle", "testing", "experiments", "cloud", "local_lean", "jobs", "notebooks", "assistants", "operation")
"""Parts of the package that no run imports, but for `experiments/trials`."""


@cache
def package_digest() -> str:
    """Of this package's sources that a run may import: a trial of another version isn't this one's."""
    digest = hashlib.sha256(hidden_regime.__version__.encode())
    root = Path(hidden_regime.__file__).parent
    for path in sorted(root.rglob("*.py")):
        parts = path.relative_to(root).parts
        if parts[0] in BESIDE and parts[:2] != ("experiments", "trials"):
            continue
        digest.update(path.relative_to(root).as_posix().encode() + b"\0" + path.read_bytes())
    return digest.hexdigest()


def strategy_digest(strategy: Path, libraries: Iterable[Path] = ()) -> str:
    """Of a strategy file and of every file that it imports, directly or not, from its own folder or from its project's libraries.

    Imports are read, not run: what a file imports by a computed name isn't seen.
    """
    folders = [strategy.resolve().parent, *libraries]
    digest = hashlib.sha256()
    for path in sorted(_closure(strategy.resolve(), folders)):
        digest.update(path.name.encode() + b"\0" + hashlib.sha256(path.read_bytes()).digest())
    return digest.hexdigest()


def _closure(start: Path, folders: list[Path]) -> set[Path]:
    seen: set[Path] = set()
    waiting = [start]
    while waiting:
        path = waiting.pop()
        if path in seen:
            continue
        seen.add(path)
        for name in _imported(path):
            waiting += _files_of(name, [path.parent, *folders])
    return seen


def _imported(path: Path) -> set[str]:
    """Names of modules that a file imports, with those that may be modules of a package."""
    try:
        tree = ast.parse(path.read_bytes())
    except (SyntaxError, ValueError):  # whoever runs it says so
        return set()
    out: set[str] = set()
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            out.update(alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            base = node.module or ""
            out.add(base)
            out.update(f"{base}.{alias.name}".lstrip(".") for alias in node.names)
    return out - {""}


def _files_of(name: str, folders: list[Path]) -> list[Path]:
    """Files that stand for a dotted name, in the first folder that has its first part."""
    parts = name.split(".")
    for folder in folders:
        found = []
        for depth in range(1, len(parts) + 1):
            place = folder.joinpath(*parts[:depth])
            found += [path for path in (place.with_suffix(".py"), place / "__init__.py") if path.is_file()]
        if found:
            return [path.resolve() for path in found]
    return []


def data_digest(market: MarketData) -> str | None:
    """Of a market's bars: of what is in memory each byte, of a LEAN folder each file's path, size and time of change.

    None for a market of another kind, of which nobody knows what it holds: its trials are kept in no store.
    """
    if isinstance(market, TableMarket):
        return _of_table(market)
    folder = getattr(market, "path", None)
    if isinstance(folder, Path) and folder.is_dir():
        files = sorted(path for path in folder.rglob("*") if path.is_file())
        return digest_of([(p.relative_to(folder).as_posix(), (s := p.stat()).st_size, s.st_mtime_ns) for p in files])
    return None


def _of_table(market: TableMarket) -> str:
    digest = hashlib.sha256(
        json.dumps([market.name, market.benchmark, list(market.assets), list(market.defensive), market.synthetic]).encode()
    )
    for ticker in market.tickers():
        asset: Asset = market.load(ticker)
        digest.update(json.dumps([ticker, [day.toordinal() for day in asset.dates]]).encode())
        rows = [(row.date.toordinal(), *row[1:4]) for row in asset.factors.rows]
        digest.update(repr((rows, asset.first_day, asset.last_day, [tuple(map(str, name)) for name in asset.names])).encode())
        for column in (asset.open, asset.high, asset.low, asset.close, asset.volume, asset.adjusted_scale):
            digest.update(b"" if column is None else column.tobytes())
        for minutes in (60, 1):
            within = market.intraday(ticker, minutes)
            for day in [] if within is None else within.days:
                found = within.find(day) if within is not None else None
                if found is not None:
                    digest.update(repr((minutes, day.toordinal())).encode() + found.starts.tobytes() + found.values.tobytes())
        pair = market.pairs.find(ticker)
        if pair is not None:
            for key, (starts, values) in sorted(pair.given.items()):
                digest.update(repr((str(pair.name), key)).encode() + starts.tobytes() + values.tobytes())
    return digest.hexdigest()
