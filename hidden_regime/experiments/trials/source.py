"""The data of a study: a name, a path or a market, opened once in each process."""

from __future__ import annotations

from functools import lru_cache
from pathlib import Path

from hidden_regime.data.market import MarketData
from hidden_regime.data.packaged import DEFAULT, names, open_market
from hidden_regime.experiments.trials.digests import digest_of
from hidden_regime.files.paths import given_path

Data = str | Path | MarketData | None


def stamp_of(data: Data) -> str:
    """What tells states of a file or folder apart: each file's size and time of change; empty for what doesn't change."""
    if not isinstance(data, (str, Path)) or str(data) in names():
        return ""
    path = given_path("data", data)
    files = sorted(p for p in path.rglob("*") if p.is_file()) if path.is_dir() else [path] if path.is_file() else []
    return digest_of([(p.as_posix(), (s := p.stat()).st_size, s.st_mtime_ns) for p in files])


@lru_cache(maxsize=4)
def _opened(name: str, stamp: str) -> MarketData:
    del stamp  # of another state there is another market
    return open_market(name)


@lru_cache(maxsize=4)
def _first(key: str) -> list[MarketData]:
    return []


def open_source(data: Data, stamp: str | None = None, key: str = "") -> MarketData:
    """The market; the same one each time, so that what it has read is read once.

    Parameters
    ----------
    data : str, Path or MarketData, optional
        Default: the packaged stocks.
    stamp : str, optional
        What `stamp_of` gave, where that is known.
    key : str
        Digest of a market that was sent here: the first that came with it stands for all.
    """
    if data is None:
        return _opened(DEFAULT, "")
    if isinstance(data, (str, Path)):
        return _opened(str(data), stamp_of(data) if stamp is None else stamp)
    if not key:
        return data
    kept = _first(key)
    if not kept:
        kept.append(data)
    return kept[0]
