"""Who asks: a user, and a hash of token and time that is valid for two hours."""

from __future__ import annotations

import base64
import binascii
import hashlib
import hmac
from collections.abc import Mapping

VALID = 7_200
"""Seconds that a signature is taken, before and after its time."""
WRONG_HASH = "Hash doesn't match. Please check the API token, and that the timestamp is within two hours of the server's time."
WRONG_USER = "UserID not valid"


def signature(token: str, timestamp: str) -> str:
    """The password of a request: lower-case hexadecimal digits.

    Examples
    --------
    >>> signature("practice", "1700000000")[:16]
    'be08b544b180b666'
    """
    return hashlib.sha256(f"{token}:{timestamp}".encode()).hexdigest()


def objection(headers: Mapping[str, str], user_id: str, token: str, now: float) -> str:
    """What is wrong with the signature of a request; empty if nothing is.

    Parameters
    ----------
    headers : mapping
        With Authorization and Timestamp.
    user_id, token : str
        Whose requests are taken.
    now : float
        Seconds since 1970.
    """
    kind, _, coded = headers.get("Authorization", "").partition(" ")
    try:
        user, _, given = base64.b64decode(coded, validate=True).decode("utf-8").partition(":")
        moment = int(headers.get("Timestamp", ""))
    except (binascii.Error, ValueError):
        return WRONG_HASH
    if kind.lower() != "basic":
        return WRONG_HASH
    if user != user_id:
        return WRONG_USER
    right = hmac.compare_digest(given.encode(), signature(token, headers["Timestamp"]).encode())
    return "" if right and abs(now - moment) <= VALID else WRONG_HASH
