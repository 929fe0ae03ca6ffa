"""Python's garbage collector during a run."""

from __future__ import annotations

import gc
from collections.abc import Iterator
from contextlib import contextmanager

ALLOCATIONS = 200_000


@contextmanager
def calm_collector() -> Iterator[None]:
    """Inside the block Python looks for garbage cycles less often.

    A run makes many small objects that reference counting frees at once, and holds a market that is no garbage; looking
    through it again and again cost a third of a large run.
    """
    before = gc.get_threshold()
    gc.set_threshold(max(ALLOCATIONS, before[0]), *before[1:])
    try:
        yield
    finally:
        gc.set_threshold(*before)
