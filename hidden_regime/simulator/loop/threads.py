"""Threads of a strategy's own."""

from __future__ import annotations

import sys
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

PAUSE = 0.001


def _begin_late(*_: Any) -> None:
    sys.setprofile(None)
    time.sleep(PAUSE)


@contextmanager
def late_threads() -> Iterator[None]:
    """Inside the block a new thread begins its work a moment after `start` has returned, as it does in LEAN.

    Otherwise it is a matter of luck whether a pool of threads hands its second task to the first thread or starts another,
    and a strategy that looks (`threading.active_count()`) doesn't give the same answer twice.
    """
    before = getattr(threading, "_profile_hook", None)
    threading.setprofile(_begin_late)
    try:
        yield
    finally:
        threading.setprofile(before)
