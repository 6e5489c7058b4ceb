"""Archives as members, in memory and within bounds: zip, rar, 7z, tar, and single compressed files. Links and devices are left out.

Directories are judged before anything is unpacked (guard.py). Passwords give DocumentError 'encrypted'. rar needs Debian's `unar`.
"""

from __future__ import annotations

import bz2
import gzip
import io
import lzma
import re
import struct
import subprocess
import tarfile
import zipfile
import zlib
from collections.abc import Iterator
from dataclasses import dataclass

import py7zr
import py7zr.exceptions
import py7zr.io
import rarfile

from mailbox_ingest.config import LimitsConfig
from mailbox_ingest.documents.guard import check_sizes, open_zip, read_entry
from mailbox_ingest.documents.names import clean_name, decode_name, is_housekeeping
from mailbox_ingest.documents.sniff import Kind
from mailbox_ingest.errors import DocumentError

_UNICODE_PATH = 0x7075  # Info-ZIP's extra field with the name in UTF-8
_UTF8_FLAG = 0x800
_CHUNK = 1 << 20
_DAMAGED_7Z = (py7zr.exceptions.ArchiveError, lzma.LZMAError, zlib.error, OSError, EOFError, ValueError, KeyError, IndexError, TypeError)
_DAMAGED_7Z_MORE = (AttributeError, struct.error, AssertionError, NotImplementedError, UnicodeError, RecursionError, OverflowError)


@dataclass(frozen=True, slots=True, kw_only=True)
class Member:
    """One file of an archive or message. `name` is clean; `content_id` and `referenced` are known for members of messages only."""

    name: str
    data: bytes
    content_type: str = ""
    content_id: str | None = None
    referenced: bool = False


@dataclass(slots=True)
class Budget:
    """What one attachment may still unpack, over all its levels."""

    entries: int
    unpacked_bytes: int

    @classmethod
    def of(cls, limits: LimitsConfig) -> Budget:
        return cls(entries=limits.max_container_entries, unpacked_bytes=limits.max_unpacked_bytes)

    def take(self, sizes: list[tuple[int, int]]) -> None:
        """Counts the entries of one container, as (packed, unpacked). Raises DocumentError 'too_large'."""
        if len(sizes) > self.entries:
            raise DocumentError("too_large", f"more than {self.entries} files")
        check_sizes(sizes, max_total_bytes=self.unpacked_bytes)
        self.entries -= len(sizes)
        self.unpacked_bytes -= sum(unpacked for _, unpacked in sizes)


def unpack(kind: Kind, data: bytes, name: str, budget: Budget) -> Iterator[Member]:
    """The files of an archive, in its order.

    Raises DocumentError at once for one that is out of bounds, damaged or wholly encrypted, and after the readable members for one
    whose further members are encrypted or damaged.
    """
    if kind is Kind.ZIP:
        return _zip(data, budget)
    if kind is Kind.RAR:
        return _rar(data, budget)
    if kind is Kind.SEVEN_ZIP:
        return _seven_zip(data, budget)
    if kind is Kind.TAR:
        return _tar(data, budget)
    if kind is Kind.COMPRESSED:
        return _compressed(data, name, budget)
    raise DocumentError("unsupported", f"{kind} is no archive")


def _zip(data: bytes, budget: Budget) -> Iterator[Member]:
    with open_zip(data) as archive:
        entries = [entry for entry in archive.infolist() if not entry.filename.endswith("/") and not is_housekeeping(entry.filename)]
        budget.take([(entry.compress_size, entry.file_size) for entry in entries])
        encrypted = [entry for entry in entries if entry.flag_bits & 1]
        for entry in entries:
            if not entry.flag_bits & 1:
                yield Member(name=clean_name(_zip_name(entry)), data=read_entry(archive, entry))
        if encrypted:
            raise DocumentError("encrypted", "zip with a password")


def _zip_name(entry: zipfile.ZipInfo) -> str:
    """The name as its writer meant it: zip marks UTF-8 only, and Windows writes its own code page unmarked."""
    extra = entry.extra
    while len(extra) >= 4:
        field, length = struct.unpack_from("<HH", extra)
        if field == _UNICODE_PATH and length > 5:
            return extra[9 : 4 + length].decode("utf-8", "replace")
        extra = extra[4 + length :]
    if entry.flag_bits & _UTF8_FLAG:
        return entry.filename
    try:
        return decode_name(entry.orig_filename.encode("cp437"))
    except UnicodeEncodeError:
        return entry.filename


def _rar(data: bytes, budget: Budget) -> Iterator[Member]:
    try:
        with rarfile.RarFile(io.BytesIO(data)) as archive:
            entries = [entry for entry in archive.infolist() if entry.is_file() and not is_housekeeping(entry.filename)]
            budget.take([(entry.compress_size, entry.file_size) for entry in entries])
            if archive.needs_password() and not entries:
                raise DocumentError("encrypted", "rar with a password")
            for entry in entries:
                if entry.needs_password():
                    raise DocumentError("encrypted", "rar with a password")
                yield Member(name=clean_name(entry.filename), data=archive.read(entry))
    except (rarfile.PasswordRequired, rarfile.RarWrongPassword, rarfile.NoCrypto) as problem:
        raise DocumentError("encrypted", f"rar: {problem}") from problem
    except rarfile.RarCannotExec as problem:
        raise DocumentError("unsupported", "rar: the program 'unar' is not installed here") from problem
    except (rarfile.Error, OSError, EOFError, ValueError, IndexError, struct.error, subprocess.SubprocessError) as problem:
        raise DocumentError("unreadable", f"rar: {problem}") from problem


def _seven_zip(data: bytes, budget: Budget) -> Iterator[Member]:
    try:
        with py7zr.SevenZipFile(io.BytesIO(data)) as archive:
            if archive.needs_password():
                raise DocumentError("encrypted", "7z with a password")
            files = [entry for entry in archive.list() if entry.is_file and not is_housekeeping(entry.filename)]
            total = sum(entry.uncompressed for entry in files)
            # Members of a solid block share its packed size: the ratio is that of the whole.
            budget.take([(max(1, len(data) * entry.uncompressed // max(total, 1)), entry.uncompressed) for entry in files])
            factory = py7zr.io.BytesIOFactory(limit=max((entry.uncompressed for entry in files), default=0) + 1)
            archive.extract(targets=[entry.filename for entry in files], factory=factory)
            contents = []
            for entry in files:
                product = factory.products.get(entry.filename)
                if product is not None:
                    product.seek(0)
                contents.append(Member(name=clean_name(entry.filename), data=b"" if product is None else product.read()))
    except py7zr.exceptions.PasswordRequired as problem:
        raise DocumentError("encrypted", "7z with a password") from problem
    except py7zr.exceptions.UnsupportedCompressionMethodError as problem:
        raise DocumentError("unsupported", f"7z: {problem}") from problem
    except (*_DAMAGED_7Z, *_DAMAGED_7Z_MORE) as problem:
        raise DocumentError("unreadable", f"7z: {problem!r}") from problem
    yield from contents


def _tar(data: bytes, budget: Budget) -> Iterator[Member]:
    try:
        with tarfile.open(fileobj=io.BytesIO(data), mode="r:") as archive:
            entries = []
            for entry in archive:
                if entry.isfile() and not is_housekeeping(entry.name):
                    entries.append(entry)
                    if len(entries) > budget.entries:
                        raise DocumentError("too_large", f"tar: more than {budget.entries} files")
            budget.take([(entry.size, entry.size) for entry in entries])
            for entry in entries:
                opened = archive.extractfile(entry)
                content = b"" if opened is None else opened.read()
                name = entry.name.encode("utf-8", "surrogateescape")
                yield Member(name=clean_name(decode_name(name)), data=content)
    except (tarfile.TarError, OSError, EOFError, ValueError, IndexError, struct.error, RecursionError) as problem:
        raise DocumentError("unreadable", f"tar: {problem}") from problem


def _compressed(data: bytes, name: str, budget: Budget) -> Iterator[Member]:
    """The one file inside gzip, bzip2 or xz; a tar in it is met by whoever sniffs the member."""
    opener = gzip.open if data.startswith(b"\x1f\x8b") else bz2.open if data.startswith(b"BZh") else lzma.open
    pieces: list[bytes] = []
    size = 0
    try:
        with opener(io.BytesIO(data), "rb") as stream:
            while piece := stream.read(_CHUNK):
                size += len(piece)
                if size > budget.unpacked_bytes:
                    raise DocumentError("too_large", f"more than {budget.unpacked_bytes} bytes unpacked")
                pieces.append(bytes(piece))
    except (OSError, EOFError, lzma.LZMAError, zlib.error, ValueError) as problem:
        raise DocumentError("unreadable", f"compressed file: {problem}") from problem
    budget.take([(len(data), size)])
    inner = re.sub(r"\.(?:gz|bz2|xz)$", "", name.rpartition("/")[2], flags=re.IGNORECASE)
    yield Member(name=clean_name(re.sub(r"\.t(?:gz|bz2?|xz)$", ".tar", inner, flags=re.IGNORECASE)), data=b"".join(pieces))
