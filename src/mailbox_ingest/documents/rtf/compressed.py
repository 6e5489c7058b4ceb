"""Compressed RTF, as Outlook keeps the bodies of mails, to plain RTF bytes. Refuses damage: a checksum tells.

Source: MS-OXRTFCP, §2.1 (header), §2.2 (LZFu, a ring of 4096 bytes that begins with a known text).
"""

from __future__ import annotations

import struct
import zlib

from mailbox_ingest.errors import DocumentError

_HEADER = struct.Struct("<4I")  # size of what follows it, size unpacked, type, checksum
_LZFU, _STORED = 0x75465A4C, 0x414C454D
_RING = 4096
_MAX_BYTES = 30_000_000
_START = (
    rb"{\rtf1\ansi\mac\deff0\deftab720{\fonttbl;}{\f0\fnil \froman \fswiss \fmodern \fscript \fdecor MS Sans SerifSymbolArial"
    rb"Times New RomanCourier{\colortbl\red0\green0\blue0" + b"\r\n" + rb"\par \pard\plain\f0\fs20\b\i\u\tab\tx"
)


def decompress(data: bytes) -> bytes:
    """The RTF. Raises DocumentError 'unreadable' or 'too_large'."""
    if len(data) < _HEADER.size:
        raise DocumentError("unreadable", "compressed rtf: no header")
    packed, size, kind, checksum = _HEADER.unpack_from(data)
    if size > _MAX_BYTES:
        raise DocumentError("too_large", f"compressed rtf: {size} bytes")
    if kind == _STORED:
        return data[_HEADER.size : _HEADER.size + size]
    if kind != _LZFU:
        raise DocumentError("unreadable", f"compressed rtf: type {kind:#x}")
    data = data[: packed + 4]  # what follows is padding
    # Damage would show as other figures: §2.1.3.2, the checksum is that of zip without its inversions.
    if zlib.crc32(data[_HEADER.size :], 0xFFFFFFFF) ^ 0xFFFFFFFF != checksum:
        raise DocumentError("unreadable", "compressed rtf: wrong checksum")
    return _unpacked(data, size)[:size]


def _unpacked(data: bytes, size: int) -> bytes:
    ring = bytearray(_START.ljust(_RING, b" "))
    write = len(_START)
    out = bytearray()
    at = _HEADER.size
    while at < len(data):
        control = data[at]
        at += 1
        for bit in range(8):
            if at >= len(data):
                break
            start = None
            length = 1
            if control >> bit & 1:
                token = int.from_bytes(data[at : at + 2], "big")
                start, length = token >> 4, (token & 15) + 2
                if start == write:
                    return bytes(out)
            for step in range(length):  # byte by byte: a reference may run into what it is writing
                byte = data[at] if start is None else ring[(start + step) % _RING]
                ring[write] = byte
                write = (write + 1) % _RING
                out.append(byte)
            at += 1 if start is None else 2
            if len(out) > size:
                return bytes(out)
    return bytes(out)
