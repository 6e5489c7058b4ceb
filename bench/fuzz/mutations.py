"""Ways to damage a file: bytes changed, cut, repeated and spliced; sizes that lie; zips whose entries are whole but say something else."""

from __future__ import annotations

import io
import random
import re
import zipfile
import zlib
from collections.abc import Callable

_LIES = (b"\xff\xff\xff\xff", b"\xff\xff\xff\x7f", b"\x00\x00\x00\x80", b"\x00\x00\x00\x00", b"\x01\x00\x00\x00")
_NUMBERS = (b"0", b"-1", b"99999999", b"4294967296", b"1e308", b"NaN", b"", b"18446744073709551616")
_STREAM = re.compile(rb"stream\r?\n(.*?)\r?\nendstream", re.DOTALL)

Damage = Callable[[bytes, random.Random], bytes]


def mutated(data: bytes, chance: random.Random, others: tuple[bytes, ...] = ()) -> bytes:
    """The file damaged in one of the ways that suit it."""
    ways: list[Damage] = [scattered, scattered, cut, repeated, lying, renumbered]
    if data.startswith(b"PK"):
        ways += [rezipped] * 6  # damage to the packed bytes hardly gets past the checksums
    if b"FlateDecode" in data:
        ways += [restreamed] * 3
    if others and chance.random() < 0.1:
        return spliced(data, chance, chance.choice(others))
    return chance.choice(ways)(data, chance)


def scattered(data: bytes, chance: random.Random) -> bytes:
    """A few bytes changed, removed or put in."""
    spoiled = bytearray(data)
    for _ in range(chance.choice((1, 1, 2, 8, 30))):
        if not spoiled:
            break
        at = chance.randrange(len(spoiled))
        match chance.randrange(4):
            case 0:
                spoiled[at] = chance.randrange(256)
            case 1:
                spoiled[at] ^= 1 << chance.randrange(8)
            case 2:
                del spoiled[at : at + chance.randrange(1, 20)]
            case _:
                spoiled[at:at] = chance.randbytes(chance.randrange(1, 20))
    return bytes(spoiled)


def cut(data: bytes, chance: random.Random) -> bytes:
    """Broken off, as uploads break off."""
    return data[: chance.randrange(len(data))]


def repeated(data: bytes, chance: random.Random) -> bytes:
    """A piece of the file many times over: nesting and counts grow."""
    start = chance.randrange(len(data))
    piece = data[start : start + chance.choice((3, 40, 700))]
    return data[:start] + piece * chance.choice((2, 30, 400)) + data[start:]


def lying(data: bytes, chance: random.Random) -> bytes:
    """Sizes, offsets and counts that promise too much or nothing."""
    spoiled = bytearray(data)
    for _ in range(chance.choice((1, 2, 4))):
        at = chance.randrange(max(1, len(spoiled) - 4))
        lie = chance.choice(_LIES)[: chance.choice((2, 4))]
        spoiled[at : at + len(lie)] = lie
    return bytes(spoiled)


def renumbered(data: bytes, chance: random.Random) -> bytes:
    """A written number replaced by one that nobody expects."""
    found = list(re.finditer(rb"\d+", data[:200_000]))
    if not found:
        return scattered(data, chance)
    match = chance.choice(found)
    return data[: match.start()] + chance.choice(_NUMBERS) + data[match.end() :]


def spliced(data: bytes, chance: random.Random, other: bytes) -> bytes:
    """The head of one file on the tail of another."""
    return data[: chance.randrange(1, len(data))] + other[chance.randrange(len(other)) :]


def rezipped(data: bytes, chance: random.Random) -> bytes:
    """A zip whose entries are damaged before they are packed, dropped, or swapped: the damage gets past the checksums."""
    out = io.BytesIO()
    try:
        with zipfile.ZipFile(io.BytesIO(data)) as before, zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as after:
            entries = before.infolist()
            victims = set(chance.sample(range(len(entries)), k=min(len(entries), chance.choice((1, 1, 2, 5)))))
            for number, entry in enumerate(entries):
                content = before.read(entry)
                if number in victims:
                    if chance.random() < 0.1:
                        continue
                    if chance.random() < 0.1:
                        content = before.read(chance.choice(entries))
                    content = chance.choice((scattered, cut, repeated, renumbered))(content, chance) if content else chance.randbytes(9)
                after.writestr(entry.filename, content)
    except (zipfile.BadZipFile, NotImplementedError, OSError, zlib.error):
        return scattered(data, chance)
    return out.getvalue()


def restreamed(data: bytes, chance: random.Random) -> bytes:
    """A PDF with one of its compressed streams damaged inside."""
    found = [match for match in _STREAM.finditer(data) if match[1][:1] == b"\x78"]
    if not found:
        return scattered(data, chance)
    match = chance.choice(found)
    try:
        plain = zlib.decompress(match[1])
    except zlib.error:
        return scattered(data, chance)
    packed = zlib.compress(chance.choice((scattered, cut, repeated, renumbered))(plain, chance)) if plain else b""
    return data[: match.start(1)] + packed + data[match.end(1) :]
