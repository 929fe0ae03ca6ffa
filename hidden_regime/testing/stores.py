"""Proof that a store of one's own keeps what it is given, for whoever opens it next."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from hidden_regime.cache.stores.base import Store
from hidden_regime.exceptions import ConformanceError, ParameterError

ONE, OTHER, NONE = ("1" * 64, "2" * 64, "3" * 64)
LARGE = bytes(range(256)) * 40
SHARE = 0.1
"""What a store may add to a content, of its size."""


def check_store(reopen: Callable[[], Any]) -> None:
    """Raise unless a store does what the cache relies on.

    Parameters
    ----------
    reopen : callable
        Opens the same, empty store anew at each call, as another process would. It is empty again afterwards.

    Raises
    ------
    ConformanceError
        Names what was done, what came, and what was expected.

    Examples
    --------
    >>> import tempfile
    >>> from hidden_regime.cache import FolderStore
    >>> from hidden_regime.testing import check_store
    >>> with tempfile.TemporaryDirectory() as folder:
    ...     check_store(lambda: FolderStore(folder))
    """
    store = reopen()
    missing = [name for name in ("get", "put", "delete", "entries", "flush", "__len__") if not hasattr(store, name)]
    if missing:
        raise ConformanceError(f"{type(store).__name__} has no {', '.join(missing)}: expected the methods of {Store.__name__}.")
    if len(store):
        raise ParameterError("reopen", store, f"an empty store; it holds {len(store)} entries")
    _expect("get of a key that was never put", store.get(NONE), None)
    store.put(ONE, b"first")
    store.put(OTHER, LARGE)
    store.put(ONE, b"second")
    store.flush()
    for who, same in (("the store that took them", store), ("the store opened anew", reopen())):
        _expect(f"get of a key that was put twice, of {who}", same.get(ONE), b"second")
        _expect(f"get of 10,240 bytes of every value, of {who}", same.get(OTHER), LARGE)
        _expect(f"len of {who}", len(same), 2)
        sizes = {kept.key: kept.size for kept in same.entries()}
        _expect(f"keys of the entries of {who}", sorted(sizes), [ONE, OTHER])
        if not len(LARGE) <= sizes[OTHER] <= (1 + SHARE) * len(LARGE):
            raise ConformanceError(
                f"entries of {who}: size = {sizes[OTHER]}: expected {len(LARGE)} bytes, or at most a tenth more."
            )
    store.delete(ONE)
    store.delete(ONE)  # what isn't there is no error
    store.flush()
    _expect("get of a deleted key, of the store opened anew", reopen().get(ONE), None)
    _expect("len after a deletion, of the store opened anew", len(reopen()), 1)
    last = reopen()
    last.delete(OTHER)
    last.flush()
    _expect("len after all deletions, of the store opened anew", len(reopen()), 0)


def _expect(what: str, came: Any, expected: Any) -> None:
    if came != expected or type(came) is not type(expected):
        raise ConformanceError(f"{what}: came {_short(came)}: expected {_short(expected)}.")


def _short(value: Any) -> str:
    text = repr(value)
    return text if len(text) <= 80 else f"{text[:60]}... ({len(value):,} of them)"
