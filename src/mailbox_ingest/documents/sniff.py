"""What a file is, told from its bytes: magic numbers, OLE streams, zip entries, the look of its text. Names only break ties.

Clerks rename .docx to .doc, save HTML as .xls and attach everything as application/octet-stream; so neither name nor MIME type is believed.
"""

from __future__ import annotations

import io
import re
import zipfile
import zlib
from enum import StrEnum

import olefile

from mailbox_ingest.documents.guard import open_zip
from mailbox_ingest.errors import DocumentError


class Kind(StrEnum):
    """The kinds of file we tell apart. `IGNORABLE` are files that are no reports by nature (invites, cards, signatures, sound, film)."""

    DOCX = "docx"  # also docm, dotx
    DOC = "doc"
    RTF = "rtf"
    ODT = "odt"
    HTML = "html"
    MHT = "mht"
    OFFICE_XML = "office-xml"  # Word or Excel 2003 XML, flat OPC, flat OpenDocument
    XLSX = "xlsx"  # also xlsm
    XLSB = "xlsb"
    XLS = "xls"
    ODS = "ods"
    CSV = "csv"
    TEXT = "text"
    PDF = "pdf"
    IMAGE = "image"
    ZIP = "zip"
    RAR = "rar"
    SEVEN_ZIP = "7z"
    TAR = "tar"
    COMPRESSED = "compressed"  # gzip, bzip2 or xz of anything, often of a tar
    EML = "eml"
    MSG = "msg"
    TNEF = "tnef"
    EMPTY = "empty"
    ENCRYPTED_OLE = "encrypted-ole"
    ENVELOPE = "envelope"  # S/MIME, encrypted
    SIGNED = "signed"  # S/MIME, the message inside its signature
    IGNORABLE = "ignorable"
    UNKNOWN = "unknown"


CONTAINERS = frozenset({Kind.ZIP, Kind.RAR, Kind.SEVEN_ZIP, Kind.TAR, Kind.COMPRESSED, Kind.EML, Kind.MSG, Kind.TNEF})
FRAMES = frozenset({Kind.XLSX, Kind.XLSB, Kind.ODS, Kind.ODT})  # may be frames around pasted pages
CARRIERS = CONTAINERS | FRAMES | {Kind.DOCX}  # what may hold further files

_MAGIC: tuple[tuple[bytes, Kind], ...] = (
    (b"{\\rt", Kind.RTF),
    (b"Rar!\x1a\x07", Kind.RAR),
    (b"7z\xbc\xaf\x27\x1c", Kind.SEVEN_ZIP),
    (b"\x1f\x8b", Kind.COMPRESSED),
    (b"BZh", Kind.COMPRESSED),
    (b"\xfd7zXZ\x00", Kind.COMPRESSED),
    (b"\x78\x9f\x3e\x22", Kind.TNEF),
    (b"\xff\xd8\xff", Kind.IMAGE),
    (b"\x89PNG", Kind.IMAGE),
    (b"GIF8", Kind.IMAGE),
    (b"II*\x00", Kind.IMAGE),
    (b"MM\x00*", Kind.IMAGE),
    (b"\xdb\xa5\x2d\x00", Kind.DOC),  # Word 2
    (b"\x31\xbe\x00\x00", Kind.DOC),  # Word for DOS, Write
    (b"\x09\x00\x04\x00", Kind.XLS),  # Excel 2, 3, 4: a bare stream
    (b"\x09\x02\x06\x00", Kind.XLS),
    (b"\x09\x04\x06\x00", Kind.XLS),
    (b"\x09\x08", Kind.XLS),
    (b"BEGIN:VCALENDAR", Kind.IGNORABLE),
    (b"BEGIN:VCARD", Kind.IGNORABLE),
    (b"-----BEGIN PGP", Kind.IGNORABLE),
    (b"ID3", Kind.IGNORABLE),
    (b"OggS", Kind.IGNORABLE),
    (b"fLaC", Kind.IGNORABLE),
    (b"#!AMR", Kind.IGNORABLE),
    (b"\xff\xfb", Kind.IGNORABLE),
    (b"\xff\xf3", Kind.IGNORABLE),
    (b"\x1aE\xdf\xa3", Kind.IGNORABLE),
)
_HEIF_BRANDS = (b"heic", b"heix", b"heim", b"heis", b"hevc", b"mif1", b"msf1", b"avif")
# RFC 5652: an identifier at the start tells the kind; a detached signature names its content's type and holds no content (§5.2).
_SIGNED_DATA, _ENVELOPED_DATA = bytes.fromhex("06092a864886f70d010702"), bytes.fromhex("06092a864886f70d010703")
_NO_CONTENT = re.compile(rb"\x30(?:\x0b\x06\x09\*\x86H\x86\xf7\x0d\x01\x07\x01|\x80\x06\x09\*\x86H\x86\xf7\x0d\x01\x07\x01\x00\x00)")
_HTML = re.compile(rb"<(?:!doctype\s+html|html|head|body|table|div|meta|style|p|br|span|font)\b", re.IGNORECASE)
_HEADER = re.compile(
    rb"(?:from|to|cc|subject|date|received|return-path|delivered-to|message-id|mime-version|content-type|dkim-signature|reply-to|x-[a-z-]+)"
    rb"[ \t]*:",
    re.IGNORECASE,
)
_MAIL_SIGNS = re.compile(rb"^(?:from|subject|received|message-id|mime-version)[ \t]*:", re.IGNORECASE | re.MULTILINE)
_OFFICE_XML = (
    b"schemas.microsoft.com/office/word/2003/wordml",
    b"urn:schemas-microsoft-com:office:spreadsheet",
    b"schemas.microsoft.com/office/2006/xmlPackage",
    b"urn:oasis:names:tc:opendocument:xmlns:office",
)
_CSV_SUFFIXES = (".csv", ".tsv", ".tab")
_BINARY_CONTROLS = bytes(set(range(32)) - {7, 8, 9, 10, 11, 12, 13, 27, 31})


def sniff(data: bytes, name: str | None = None) -> Kind:
    """The kind of a file. Never raises. `name` is looked at only where the bytes leave it open: a text with commas called .csv."""
    head = data[:4096]
    if not head.strip(b" \t\r\n\x00\xef\xbb\xbf") and not data.strip(b" \t\r\n\x00\xef\xbb\xbf"):
        return Kind.EMPTY
    if head.startswith((b"PK\x03\x04", b"PK\x05\x06", b"PK\x07\x08")):
        return _zip_kind(data)
    if head.startswith(olefile.MAGIC):
        return _ole_kind(data)
    for magic, kind in _MAGIC:
        if head.startswith(magic):
            return kind
    if b"%PDF-" in head[:1100]:
        return Kind.PDF
    if head[4:8] == b"ftyp":
        return Kind.IMAGE if head[8:12] in _HEIF_BRANDS else Kind.IGNORABLE
    if head.startswith(b"RIFF"):
        return Kind.IMAGE if head[8:12] == b"WEBP" else Kind.IGNORABLE
    if head.startswith(b"BM") and len(data) > 54 and int.from_bytes(head[14:18], "little") in (12, 40, 52, 56, 64, 108, 124):
        return Kind.IMAGE
    if data[257:262] == b"ustar":
        return Kind.TAR
    if head[:1] == b"\x30" and _ENVELOPED_DATA in head[:64]:
        return Kind.ENVELOPE
    if head[:1] == b"\x30" and _SIGNED_DATA in head[:64]:
        return Kind.IGNORABLE if _NO_CONTENT.search(head[:400]) else Kind.SIGNED
    return _text_kind(data, name)


def _zip_kind(data: bytes) -> Kind:
    try:
        with open_zip(data) as archive:
            names = archive.namelist()
            mimetype = archive.read("mimetype")[:100] if "mimetype" in names and archive.getinfo("mimetype").file_size < 200 else b""
    except (DocumentError, zipfile.BadZipFile, zlib.error, RuntimeError, NotImplementedError, OSError, EOFError, ValueError):
        # A damaged directory: the local headers at the front still tell what it was, so that its reader can say 'unreadable'.
        names = [
            found.decode("ascii", "replace") for found in re.findall(rb"PK\x03\x04.{26}([\x21-\x7e/\[\]]{1,80})", data[:65536], re.DOTALL)
        ]
        mimetype = data[38:90] if data[30:38] == b"mimetype" else b""
    if b"opendocument.text" in mimetype:
        return Kind.ODT
    if b"opendocument.spreadsheet" in mimetype:
        return Kind.ODS
    if mimetype.startswith(b"application/"):
        return Kind.UNKNOWN  # presentations, drawings, e-books
    lower = [name.replace("\\", "/").lower() for name in names]
    if any(name.startswith("[content_types].xml") for name in lower) or any(name.startswith("_rels/.rels") for name in lower):
        if any(name.startswith("word/") for name in lower):
            return Kind.DOCX
        if "xl/workbook.bin" in lower:
            return Kind.XLSB
        if any(name.startswith("xl/") for name in lower):
            return Kind.XLSX
        return Kind.UNKNOWN
    return Kind.ZIP


def _ole_kind(data: bytes) -> Kind:
    try:
        with olefile.OleFileIO(io.BytesIO(data)) as ole:
            streams = {"/".join(entry).lower() for entry in ole.listdir()}
    except (OSError, ValueError, IndexError, TypeError, AttributeError, KeyError, OverflowError, RecursionError):
        # A damaged directory: names stand in it as UTF-16 all the same.
        streams = {
            name.lower()
            for name in ("EncryptedPackage", "WordDocument", "Workbook", "Book", "__properties_version1.0")
            if name.encode("utf-16-le") in data
        }
    for stream, kind in (
        ("encryptedpackage", Kind.ENCRYPTED_OLE),
        ("worddocument", Kind.DOC),
        ("workbook", Kind.XLS),
        ("book", Kind.XLS),
        ("__properties_version1.0", Kind.MSG),
    ):
        if stream in streams:
            return kind
    return Kind.UNKNOWN


def _text_kind(data: bytes, name: str | None) -> Kind:
    if data.startswith((b"\xff\xfe", b"\xfe\xff")):
        plain = data[:65536].replace(b"\x00", b"")[2:]  # good enough to look for ASCII marks
    else:
        plain = data[:65536].removeprefix(b"\xef\xbb\xbf")
        if b"\x00" in plain:
            nulls = plain[1::2].count(0), plain[::2].count(0)
            if max(nulls) < len(plain) * 0.3 or min(nulls) > len(plain) * 0.05:
                return Kind.UNKNOWN
            plain = plain.replace(b"\x00", b"")  # UTF-16 without its mark
        elif len(plain.translate(None, _BINARY_CONTROLS)) < len(plain) * 0.98:
            return Kind.UNKNOWN
    start = plain.lstrip()
    if start.startswith(b"{\\rt"):
        return Kind.RTF
    for mark in (b"BEGIN:VCALENDAR", b"BEGIN:VCARD", b"-----BEGIN PGP"):
        if start[:20].upper().startswith(mark):
            return Kind.IGNORABLE
    if _HEADER.match(start) and len(_MAIL_SIGNS.findall(start[:16384])) >= 2:
        top = start[:16384].lower()
        return (
            Kind.MHT if b"multipart/related" in top and (b"content-location:" in top or b"snapshot-content-location" in top) else Kind.EML
        )
    if start[:1] == b"<" and any(mark in start[:8192] for mark in _OFFICE_XML):
        return Kind.OFFICE_XML
    if start[:1] == b"<" or _HTML.search(start[:4096]):
        if _HTML.search(start[:4096]):
            return Kind.HTML
        if start.startswith(b"<?xml"):
            return Kind.UNKNOWN  # electronic invoices and the like: nobody reads them as text
    suffix = (name or "").lower().rstrip()
    if suffix.endswith(_CSV_SUFFIXES):
        return Kind.CSV
    return Kind.CSV if _is_tabular(start) else Kind.TEXT


def _is_tabular(text: bytes) -> bool:
    """Every line has the same number, two or more, of tabs or semicolons: a table that was saved as text."""
    lines = [line for line in text[:16384].splitlines()[:50] if line.strip()]
    if len(text) > 16384:
        lines = lines[:-1]
    if len(lines) < 2:
        return False
    return any(len(counts) == 1 and min(counts) >= 2 for counts in ({line.count(mark) for line in lines} for mark in (b"\t", b";")))
