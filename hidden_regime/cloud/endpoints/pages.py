"""What comes a page at a time, and first has to be loaded: nothing is taken twice, and nothing that is left out stays unsaid."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, TypeVar

from hidden_regime.cloud.errors import ServerError
from hidden_regime.cloud.reading import UNREADABLE, integer
from hidden_regime.cloud.records.backtests import LogPage

T = TypeVar("T")


def is_loaded(reply: Mapping[str, Any]) -> bool:
    """Whether a reply has what was asked for; while the server still loads it, it says so instead."""
    return str(reply.get("status", "")).lower() != "loading"


@dataclass
class Collection:
    """What has come of something with ids, page by page.

    Attributes
    ----------
    endpoint : str
    span : int
        How many are asked for at once.
    n : int
        How many have come, each once.
    """

    endpoint: str
    span: int
    n: int = 0
    seen: set[Any] = field(default_factory=set)
    before: Sequence[Any] = ()

    def take(self, page: Sequence[T]) -> list[T]:
        """What of a page has not come before. What has no id is always new, unless the whole page is the one before."""
        new = []
        for one in () if page == self.before else page:
            id = one.id  # type: ignore[attr-defined]
            if id in (None, "") or id not in self.seen:
                new.append(one)
                self.seen.add(id)
        self.before, self.n = page, self.n + len(new)
        return new

    def is_whole(self, reply: Mapping[str, Any], new: Sequence[Any]) -> bool:
        """Whether the page that was just taken is the last one.

        Raises
        ------
        ServerError
            The server has more, and doesn't give them.
        """
        length = length_of(reply)
        # A full page is not the last one even where `length` says so: documents have it of the page as well as of all.
        if new and (len(self.before) >= self.span or (length is not None and self.n < length)):
            return False
        if length is not None and self.n < length:
            raise ServerError(
                f"{self.endpoint}: the server has {length:,} and gave {self.n:,} of them. Ask again later.", self.endpoint
            )
        return True


def log_lines(read: Callable[[int], Mapping[str, Any]], span: int) -> Iterator[str]:
    """Lines of a log.

    Parameters
    ----------
    read : callable
        The reply that begins with a line.
    span : int
        How many lines it asks for.
    """
    start, before = 0, tuple[str, ...]()
    while True:
        page = LogPage.read(read(start))
        if before and page.lines == before:
            raise ServerError(f"a log: the server gives the same {len(before)} lines whatever is asked for. Ask again later.")
        if "lines" in page.unread or (not page.lines and start < (page.length or 0)):
            of = f" of {page.length:,}" if page.length else ""
            raise ServerError(f"a log: the server gave {start:,}{of} lines and then none that can be read. Ask again later.")
        yield from page.lines
        start += len(page.lines)
        if not page.lines or (start >= page.length if page.length is not None else len(page.lines) < span):
            return
        before = page.lines


def length_of(reply: Mapping[str, Any]) -> int | None:
    """How many there are in all, where the server says so."""
    try:
        return integer(reply.get("length"))
    except UNREADABLE:
        return None
