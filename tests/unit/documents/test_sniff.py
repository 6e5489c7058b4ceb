"""A file's kind is told by its bytes; its name only breaks ties."""

import bz2
import gzip
import io
import lzma
import tarfile

import pytest
from PIL import Image

from mailbox_ingest.documents.registry import READABLE, reader_for
from mailbox_ingest.documents.sniff import CONTAINERS, Kind, sniff
from mailbox_ingest.errors import DocumentError


def picture(form):
    out = io.BytesIO()
    Image.new("RGB", (8, 8)).save(out, form)
    return out.getvalue()


def tar():
    out = io.BytesIO()
    with tarfile.open(fileobj=out, mode="w") as archive:
        archive.addfile(tarfile.TarInfo("a.txt"))
    return out.getvalue()


MAIL = b"From: a@b.vn\r\nSubject: x\r\nMIME-Version: 1.0\r\n\r\nnoi dung"
MHT = b"MIME-Version: 1.0\r\nSubject: x\r\nContent-Type: multipart/related; boundary=b\r\n\r\n--b\r\nContent-Location: file:///a.htm\r\n\r\n<html>"


@pytest.mark.parametrize(
    ("data", "kind"),
    [
        (b"", Kind.EMPTY),
        (b" \r\n", Kind.EMPTY),
        (b"{\\rtf1 x}", Kind.RTF),
        (b"%PDF-1.7", Kind.PDF),
        (b"\x00\x00junk%PDF-1.4", Kind.PDF),
        (b"Rar!\x1a\x07\x01\x00", Kind.RAR),
        (b"7z\xbc\xaf\x27\x1c\x00", Kind.SEVEN_ZIP),
        (gzip.compress(b"x", mtime=0), Kind.COMPRESSED),
        (bz2.compress(b"x"), Kind.COMPRESSED),
        (lzma.compress(b"x"), Kind.COMPRESSED),
        (tar(), Kind.TAR),
        (b"\x78\x9f\x3e\x22rest", Kind.TNEF),
        (picture("JPEG"), Kind.IMAGE),
        (picture("PNG"), Kind.IMAGE),
        (picture("GIF"), Kind.IMAGE),
        (picture("BMP"), Kind.IMAGE),
        (picture("TIFF"), Kind.IMAGE),
        (picture("WEBP"), Kind.IMAGE),
        (b"\x00\x00\x00\x18ftypheic....", Kind.IMAGE),
        (b"\x00\x00\x00\x18ftypmp42....", Kind.IGNORABLE),
        (b"BEGIN:VCALENDAR\r\n", Kind.IGNORABLE),
        (b"\r\nBEGIN:VCARD\r\n", Kind.IGNORABLE),
        (MAIL, Kind.EML),
        (MHT, Kind.MHT),
        ("<html><body>Báo cáo".encode(), Kind.HTML),
        (b'<html xmlns:x="urn:schemas-microsoft-com:office:excel"><table>', Kind.HTML),
        (b'<?xml version="1.0"?><Workbook xmlns="urn:schemas-microsoft-com:office:spreadsheet"><Table>', Kind.OFFICE_XML),
        (b'<?xml version="1.0"?><invoice><p>1</p></invoice>', Kind.HTML),
        (b'<?xml version="1.0"?><invoice><total>1</total></invoice>', Kind.UNKNOWN),
        ("\ufeff<table><tr><td>1".encode("utf-16-le"), Kind.HTML),
        ("Tổng số: 4.215".encode(), Kind.TEXT),
        ("Tổng số: 4.215".encode("utf-16"), Kind.TEXT),
        ("Tổng số: 4.215, LĐLĐ".encode("utf-16-le"), Kind.TEXT),
        ("TT;Nội dung;Số\n1;Tổng;4\n".encode(), Kind.CSV),
        ("Kính gửi; trân trọng\nsố; liệu; đây".encode(), Kind.TEXT),
        (b"\x7fELF\x02\x01\x01" + bytes(200), Kind.UNKNOWN),
    ],
)
def test_bytes_tell_the_kind(data, kind):
    assert sniff(data) is kind


@pytest.mark.parametrize(
    ("files", "kind"),
    [
        ({"[Content_Types].xml": "", "word/document.xml": ""}, Kind.DOCX),
        ({"[Content_Types].xml": "", "xl/workbook.xml": ""}, Kind.XLSX),
        ({"[Content_Types].xml": "", "xl/workbook.bin": ""}, Kind.XLSB),
        ({"[Content_Types].xml": "", "ppt/presentation.xml": ""}, Kind.UNKNOWN),
        ({"mimetype": "application/vnd.oasis.opendocument.text"}, Kind.ODT),
        ({"mimetype": "application/vnd.oasis.opendocument.spreadsheet"}, Kind.ODS),
        ({"word/bao cao.docx": ""}, Kind.ZIP),
    ],
)
def test_entries_tell_the_kind_of_a_zip(make_zip, files, kind):
    assert sniff(make_zip(files), "ten.doc") is kind


def test_a_cut_word_file_is_still_a_word_file(make_word):
    assert sniff(make_word("<w:p/>" * 5000)[:300]) is Kind.DOCX


def test_a_name_decides_only_between_table_and_text():
    assert sniff(b"Tong so,4215", "a.csv") is Kind.CSV
    assert sniff(b"Tong so,4215", "a.txt") is Kind.TEXT
    assert sniff(b"%PDF-1.4", "a.csv") is Kind.PDF


def test_every_kind_has_a_reader_or_is_dealt_with_elsewhere():
    elsewhere = {Kind.EMPTY, Kind.ENCRYPTED_OLE, Kind.ENVELOPE, Kind.SIGNED, Kind.IGNORABLE, Kind.UNKNOWN}
    assert set(Kind) == READABLE | CONTAINERS | elsewhere


def test_a_kind_without_a_reader_is_unsupported():
    with pytest.raises(DocumentError) as caught:
        reader_for(Kind.UNKNOWN)
    assert caught.value.code == "unsupported"
