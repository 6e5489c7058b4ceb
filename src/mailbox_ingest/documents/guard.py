"""Bounds that are checked before anything is unpacked or parsed: zip directories, XML parts, pixels. Refuses with DocumentError.

The danger of a hostile office file is size, not entities alone: a parser that resolves nothing still builds four gigabytes of tree from
one megabyte of zip. Everything here looks at directories and headers only, in microseconds.
"""

from __future__ import annotations

import io
import lzma
import re
import struct
import zipfile
import zlib
from collections.abc import Iterable

from mailbox_ingest.config import LimitsConfig
from mailbox_ingest.errors import DocumentError

MAX_PART_BYTES = 64_000_000
MAX_PARTS = 3_000
MAX_RATIO = 300  # deflate cannot exceed 1032; real office parts stay below 60
RATIO_FREE_BYTES = 1_000_000  # small parts may compress as well as they like
_END_OF_DIRECTORY = b"PK\x05\x06"
_DECLARATION = re.compile(rb"""^<\?xml[^>]*?encoding\s*=\s*["']([A-Za-z0-9._-]+)["']""")
_UTF8 = frozenset({b"utf-8", b"utf8", b"us-ascii", b"ascii"})


def open_zip(data: bytes) -> zipfile.ZipFile:
    """The archive with its directory read, nothing unpacked.

    Raises DocumentError 'unreadable' for a damaged directory and 'too_large' for one with absurdly many entries.
    """
    end = data.rfind(_END_OF_DIRECTORY, max(0, len(data) - 65_600))
    if end < 0 or len(data) - end < 22:
        raise DocumentError("unreadable", "zip: no central directory (truncated?)")
    (entries,) = struct.unpack_from("<H", data, end + 10)
    (directory_bytes,) = struct.unpack_from("<L", data, end + 12)
    # An entry takes 46 bytes and a name; zip64 hides its count as 0xFFFF, so the directory's size is looked at as well.
    if entries > MAX_PARTS or (directory_bytes != 0xFFFFFFFF and directory_bytes > MAX_PARTS * 600):
        raise DocumentError("too_large", f"zip: {entries} entries")
    try:
        return zipfile.ZipFile(io.BytesIO(data))
    except (zipfile.BadZipFile, NotImplementedError, ValueError, OSError, struct.error, UnicodeError) as problem:
        raise DocumentError("unreadable", f"zip: {problem}") from problem


def check_sizes(sizes: Iterable[tuple[int, int]], *, max_total_bytes: int, max_part_bytes: int = MAX_PART_BYTES) -> None:
    """`sizes` are (packed, unpacked) of each entry as declared. Raises DocumentError 'too_large'."""
    total = 0
    for packed, unpacked in sizes:
        total += unpacked
        if unpacked > max_part_bytes:
            raise DocumentError("too_large", f"an entry of {unpacked} bytes")
        if unpacked > RATIO_FREE_BYTES and unpacked > MAX_RATIO * max(packed, 1):
            raise DocumentError("too_large", f"an entry of {unpacked} bytes packed into {packed}")
        if total > max_total_bytes:
            raise DocumentError("too_large", f"more than {max_total_bytes} bytes unpacked")


def open_office_zip(data: bytes, limits: LimitsConfig) -> zipfile.ZipFile:
    """A zip-based office file, its directory within bounds. Raises DocumentError 'too_large', 'encrypted' or 'unreadable'."""
    archive = open_zip(data)
    entries = archive.infolist()
    if len(entries) > MAX_PARTS:
        raise DocumentError("too_large", f"zip: {len(entries)} parts")
    if any(entry.flag_bits & 1 for entry in entries):
        raise DocumentError("encrypted", "zip: encrypted parts")
    check_sizes(((e.compress_size, e.file_size) for e in entries), max_total_bytes=limits.max_unpacked_bytes)
    return archive


def read_part(archive: zipfile.ZipFile, name: str) -> bytes | None:
    """The bytes of one part, None where there is none. Raises DocumentError 'unreadable' for a damaged one."""
    entry = archive.NameToInfo.get(name)
    return None if entry is None else read_entry(archive, entry)


def read_entry(archive: zipfile.ZipFile, entry: zipfile.ZipInfo) -> bytes:
    """The bytes of one entry. Raises DocumentError 'unreadable' for a damaged one.

    zipfile stops at the declared size, so a directory that lies cannot unpack more than `check_sizes` allowed.
    """
    try:
        return archive.read(entry)
    except (zipfile.BadZipFile, zlib.error, lzma.LZMAError, EOFError, OSError, NotImplementedError, RuntimeError, ValueError) as problem:
        raise DocumentError("unreadable", f"zip part {entry.filename}: {problem}") from problem


def check_xml(part: bytes) -> bytes:
    """The same bytes, fit for a parser: UTF-8, no document type, no entities of its own. Raises DocumentError 'unreadable'.

    Another encoding would hide a document type from the byte search; office programs write UTF-8 only.
    """
    if part[:2] in (b"\xff\xfe", b"\xfe\xff") or b"\x00" in part[:200]:
        raise DocumentError("unreadable", "XML in another encoding than UTF-8")
    declared = _DECLARATION.match(part.removeprefix(b"\xef\xbb\xbf")[:200])
    if declared and declared[1].lower() not in _UTF8:
        raise DocumentError("unreadable", f"XML in {declared[1].decode('ascii')}")
    if b"<!DOCTYPE" in part or b"<!ENTITY" in part:
        raise DocumentError("unreadable", "XML with a document type or entities")
    return part


def check_pixels(width: int, height: int, limits: LimitsConfig) -> None:
    """Raises DocumentError 'too_large' for a picture whose decoded size is out of bounds."""
    if width * height > limits.max_pixels:
        raise DocumentError("too_large", f"a picture of {width} x {height} pixels")
