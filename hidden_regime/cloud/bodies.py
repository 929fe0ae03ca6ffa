"""What comes back over the wire: as much as is sensible, in the time that this may take."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING

from hidden_regime.cloud.errors import ServerError

if TYPE_CHECKING:
    import httpx

LARGEST = 100 * 1024 * 1024
"""Bytes of a reply, unpacked. The largest that are known, optimisations with all their curves, have a tenth of it."""
PACKED = ("", "identity", "gzip", "deflate")
"""Forms that are read. Each unpacks a piece at a time to a thousandfold at most; of others nobody knows."""
WHOLE = 600.0
"""Seconds for a reply, however steadily it comes; those between two pieces of it are the request's."""


class Unfit(ServerError):
    """A reply that came as the server wants it, and that nobody wants to read: asking again changes nothing."""


def read_body(
    reply: httpx.Response, what: str, endpoint: str, clock: Callable[[], float], *, largest: int = LARGEST, whole: float = WHOLE,
) -> bytes:  # fmt: skip
    """The body of a reply that is being received.

    Parameters
    ----------
    reply : httpx.Response
        Not read yet.
    what, endpoint : str
        For the message.
    clock : callable
        Seconds.
    largest : int
        Bytes.
    whole : float
        Seconds.

    Raises
    ------
    Unfit
        It is larger, or packed in another way.
    ServerError
        It takes longer.
    """
    packed = reply.headers.get("content-encoding", "").strip().lower()
    if packed not in PACKED:
        raise Unfit(f"{what} is packed as {packed!r}: expected one of gzip, deflate or none.", endpoint)
    until = clock() + whole
    pieces, size = [], 0
    for piece in reply.iter_bytes():
        pieces.append(piece)
        size += len(piece)
        if size > largest:
            raise Unfit(f"{what} has more than {largest:,} bytes, unpacked. Nothing of it was read.", endpoint)
        if clock() > until:
            raise ServerError(f"{what} isn't whole after {whole:,.0f} s, of which {size:,} bytes came.", endpoint)
    return b"".join(pieces)
