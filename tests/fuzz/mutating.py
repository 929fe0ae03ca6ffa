"""Makes valid content invalid, or valid and absurd: bytes, texts, JSON, and what is packed in other files."""

from __future__ import annotations

import copy
import gzip
import io
import json
import lzma
import random
import re
import zipfile
from collections.abc import Callable
from typing import Any

WORDS = (
    "nan", "inf", "-inf", "-1", "0", "1e400", "1e-320", "99999999999999999999", "9" * 400, "", "  ", "é", "\x00", '"', "'", "[/b]",
    "None", "true", "0x10", "1_000", "1,000", "--", "20000101", "99999999", "00000000", "2000-13-45", "0001-01-01", "9999-12-31",
    "24:00", "\ufeff", "\ud7ff", "a" * 2000, "../../x", "/etc/passwd", "=1+1", "%s%n", "\x1b[31m", "\r", "\n", ",", ",,,,", ";", "\t",
)  # fmt: skip
VALUES: tuple[Any, ...] = (
    None, True, False, 0, -1, 1, 10**12, 10**400, -(10**30), 0.0, -0.0, 1e308, 1e-320, float("nan"), float("inf"), "", "x", "nan", "é" * 50,
    "1e400", "2000-01-01", "../../x", [], {}, [[]], [None], [[1], [2, 3]], {"": None}, "\x00", "\x1b[31m",
)  # fmt: skip
TOKEN = re.compile(rb"[\w.+-]+")
METHODS = (zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED, zipfile.ZIP_BZIP2, zipfile.ZIP_LZMA)
MOST = 3_000_000
"""Bytes of a content that mutations may grow to."""


def of_bytes(content: bytes, rng: random.Random) -> bytes:
    """Bits flipped, parts cut, doubled, moved, or of other bytes."""
    data = bytearray(content)
    for _ in range(rng.choice((1, 1, 2, 5))):
        at, length = rng.randrange(len(data) + 1), min(rng.choice((1, 4, 40, 1000, len(data))), 100_000)
        kind = rng.randrange(6)
        if kind == 0 and data:
            data[at % len(data)] ^= 1 << rng.randrange(8)
        elif kind == 1:
            del data[at : at + length]
        elif kind == 2:
            data[at:at] = data[at : at + length] * rng.choice((1, 3, 100))
        elif kind == 3:
            data[at:at] = rng.randbytes(min(length, 100))
        elif kind == 4:
            data[at : at + length] = bytes([rng.randrange(256)]) * length
        else:
            del data[at:]
        del data[MOST:]
    return bytes(data)


def of_text(content: bytes, rng: random.Random) -> bytes:
    """Words replaced, lines swapped, doubled, lengthened; sometimes bytes."""
    if rng.random() < 0.15:
        return of_bytes(content, rng)
    for _ in range(rng.choice((1, 1, 2, 6))):
        kind = rng.randrange(8)
        lines = content.split(b"\n")
        at = rng.choice((0, rng.randrange(len(lines)), len(lines) - 1))
        if kind <= 3:
            found = list(TOKEN.finditer(content))
            if found:
                place = rng.choice((found[:20], found))  # heads matter most
                match = rng.choice(place)
                content = content[: match.start()] + rng.choice(WORDS).encode() + content[match.end() :]
            continue
        if kind == 4:
            other = rng.randrange(len(lines))
            lines[at], lines[other] = lines[other], lines[at]
        elif kind == 5:
            lines[at:at] = [lines[at]] * rng.choice((1, 2, 50))
        elif kind == 6:
            lines[at] = lines[at] + b"," + rng.choice((b"1", b"x,", b"1," * 5000, lines[at]))
        else:
            lines[at] = lines[at].rpartition(b",")[0]
        content = b"\n".join(lines)[:MOST]
    return content


def of_json(content: bytes, rng: random.Random) -> bytes:
    """A value somewhere replaced, taken away or wrapped; sometimes text."""
    if rng.random() < 0.15:
        return of_text(content, rng)
    whole = {"": json.loads(content)}
    for _ in range(rng.choice((1, 1, 2, 4))):
        holder, key = rng.choice(list(_places(whole)))
        kind = rng.randrange(8)
        if kind == 0 and holder is not whole:
            del holder[key]
        elif kind == 1:
            holder[key] = [holder[key]] * rng.choice((1, 2, 3))
        elif kind == 2 and isinstance(holder, dict):
            holder[rng.choice(WORDS)] = copy.deepcopy(rng.choice(VALUES))
        elif kind == 3:
            donor, name = rng.choice(list(_places(whole)))
            holder[key] = json.loads(json.dumps(donor[name]))
        else:
            holder[key] = copy.deepcopy(rng.choice(VALUES))
    if rng.random() < 0.01:
        return b"[" * 200_000
    return json.dumps(whole.get("")).encode()


def _places(content: Any) -> Any:
    for key, value in list(content.items()) if isinstance(content, dict) else list(enumerate(content)):
        yield content, key
        if isinstance(value, (dict, list)):
            yield from _places(value)


def _zipped(members: list[tuple[str, bytes]], rng: random.Random) -> bytes:
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w") as archive:
        for name, content in members:
            archive.writestr(name, content, rng.choice(METHODS))
    return out.getvalue()


def of_zip(content: bytes, rng: random.Random) -> bytes:
    """The member's text changed, or the members, or the archive's bytes; sometimes encrypted, or of an unknown method."""
    if rng.random() < 0.2:
        return of_bytes(content, rng)
    with zipfile.ZipFile(io.BytesIO(content)) as archive:
        members = [(name, archive.read(name)) for name in archive.namelist()]
    kind = rng.randrange(12)
    if kind == 0:
        members[0:0] = [("readme.txt", b"see below\n"), ("folder/", b"")]
    elif kind == 1:
        members = [(rng.choice(WORDS[9:]).replace("\x00", "") or "x", data) for _, data in members]
    elif kind == 2:
        members = [("x.zip", content)]
    elif kind == 3:
        members = []
    elif kind == 4:
        members += [("zzz.csv", b"1,2\n")]
    elif kind == 5:
        members = [(name, data[:1] * 20_000_000 + data) for name, data in members]
    else:
        members = [(name, of_text(data, rng)) for name, data in members]
    made = _zipped(members, rng)
    if kind == 6 and members:
        for mark, place in ((b"PK\x03\x04", 6), (b"PK\x01\x02", 8)):  # flags and the method of each head
            at = made.find(mark) + place
            change = bytes([made[at] | 1]) + made[at + 1 : at + 4] if rng.random() < 0.5 else made[at : at + 2] + b"\x63\x00"
            made = made[:at] + change + made[at + 4 :]
    return made


def within(pack: Callable[[bytes], bytes], unpack: Callable[[bytes], bytes], inner: Callable[[bytes, random.Random], bytes],
           ) -> Callable[[bytes, random.Random], bytes]:  # fmt: skip
    """A mutation of what is packed in another form, whose checksum then fits; sometimes of the form's own bytes."""

    def mutate(content: bytes, rng: random.Random) -> bytes:
        return of_bytes(content, rng) if rng.random() < 0.2 else pack(inner(unpack(content), rng))

    return mutate


of_gzip = within(gzip.compress, gzip.decompress, of_text)
of_xz = within(lzma.compress, lzma.decompress, of_json)
