"""One sound file of every kind that is read, small, with the things in it that readers find hard: spans, formulas, notes, legacy fonts."""

from __future__ import annotations

import binascii
import bz2
import gzip
import io
import lzma
import shutil
import struct
import tarfile
import zipfile
from datetime import date, datetime
from functools import cache

import openpyxl
import py7zr
from openpyxl.comments import Comment
from PIL import Image, ImageDraw

from mailbox_ingest.config import LimitsConfig
from mailbox_ingest.demo.mails import File, Sender, compose
from mailbox_ingest.demo.papers import PDF_TYPE, SHEET_TYPE, WORD_TYPE, Letter, pdf, sheet, word
from mailbox_ingest.documents import office
from mailbox_ingest.periods import LOCAL_ZONE

LETTER = Letter(unit="LĐLĐ huyện Vĩnh Linh", place="Vĩnh Linh", day=date(2020, 8, 20), cells=("4.215", "3.540", "2.194"))
ROWS = (("Tổng số đoàn viên, người lao động", "4.215"), ("Có điện thoại thông minh", "3.540"), ("Đã cài đặt Bluezone", "2.194"))
BY_OFFICE = ("doc", "xls", "odt-office", "ods-office", "rtf-office")  # made by LibreOffice, where it is installed
RTF = (
    r"{\rtf1\ansi\ansicpg1258\deff0{\fonttbl{\f0 Times New Roman;}{\f1 .VnTime;}}{\info{\author x}}{\header dau trang 9.999\par}"
    r"\pard T\u7893?ng s\u7889?: {\deleted 3.480}{\strike 1}4.215\par{\f1 C\'ab}\par{\*\shpinst{\shptxt khung 321\par}}"
    r"\trowd\cellx3000\clvmgf\cellx6000\intbl TT\cell 4.215\cell\row\trowd\cellx3000\clvmrg\cellx6000\intbl 2\cell\cell\row"
    r"\pard{\field{\*\fldinst SUM}{\fldrslt 5.678}}{\footnote ghi chu}\par}"
)

_NAMES = " ".join(
    f'xmlns:{short}="urn:oasis:names:tc:opendocument:xmlns:{short}:1.0"' for short in ("office", "text", "table", "style", "script")
)
_ODF_ROW = (
    '<table:table-row table:number-rows-repeated="1"><table:table-cell office:value-type="float" office:value="{n}"><text:p>{n}</text:p>'
    '</table:table-cell><table:table-cell table:number-columns-spanned="2"><text:p>{label}</text:p></table:table-cell>'
    '<table:covered-table-cell/><table:table-cell table:formula="of:=SUM([.A1:.A2])"><text:p>{value}</text:p></table:table-cell>'
    "</table:table-row>"
)
_ODF_TABLE = (
    '<table:table table:name="BC"><table:table-column table:number-columns-repeated="3"/>'
    + "".join(_ODF_ROW.format(n=n, label=label, value=value) for n, (label, value) in enumerate(ROWS, 1))
    + "</table:table>"
)


@cache
def samples(by_office: tuple[str, ...] = BY_OFFICE) -> dict[str, bytes]:
    """Kind -> bytes. Without LibreOffice its kinds are missing."""
    made = {
        "docx": word(LETTER),
        "xlsx": _workbook(),
        "pdf": pdf(LETTER),
        "rtf": RTF.encode(),
        "html": _html().encode(),
        "mht": _mht(),
        "odt": _open_document("text", f"<text:p>Báo cáo<text:note>x</text:note></text:p>{_ODF_TABLE}"),
        "ods": _open_document("spreadsheet", _ODF_TABLE),
        "csv": "".join(f'{n};"{label}";{value}\n' for n, (label, value) in enumerate(ROWS, 1)).encode("utf-8-sig"),
        "txt": "\n".join(f"{label}: {value} người." for label, value in ROWS).encode("utf-16"),
        "tcvn3": b"C\xabng \xaeo\xb5n ng\xb5nh Y t\xd5: 4.215\n" * 4,
        **{f"image-{form.lower()}": _picture(form) for form in ("PNG", "JPEG", "TIFF", "GIF", "BMP", "WEBP")},
    }
    if shutil.which("soffice"):
        for kind in by_office:
            target = kind.partition("-")[0]
            source = "xlsx" if target in ("xls", "ods") else "docx"
            made[kind] = office.convert(made[source], source=source, target=target, limits=LimitsConfig())
    made["zip"] = _zip({"BC tuần 34.docx": made["docx"], "bảng.csv": made["csv"]})
    made["7z"] = _seven_zip(made["docx"])
    made["tar"] = _tar(made["docx"])
    made["gz"], made["bz2"], made["xz"] = gzip.compress(made["docx"], mtime=0), bz2.compress(made["csv"]), lzma.compress(made["csv"])
    made["rar"] = _rar("bang.csv", made["csv"])
    made["tnef"] = _tnef("bang.csv", made["csv"])
    made["eml"] = mail(("BC.docx", WORD_TYPE, made["docx"]), ("BC.xlsx", SHEET_TYPE, made["xlsx"]), ("BC.pdf", PDF_TYPE, made["pdf"]))
    return made


def mail(*files: tuple[str, str, bytes]) -> bytes:
    """A whole mail with these attachments (name, type, bytes), a text and an HTML body."""
    return compose(
        sender=Sender(email="ldld.vinh.linh@congdoan.example", name="LĐLĐ Vĩnh Linh"),
        at=datetime(2020, 8, 20, 9, 0, tzinfo=LOCAL_ZONE),
        subject="Báo cáo cài đặt Bluezone tuần 34",
        text="\n".join(f"{label}: {value} người." for label, value in ROWS),
        html=_html(),
        files=tuple(File(name=name, content_type=kind, data=data) for name, kind, data in files),
    )


def _workbook() -> bytes:
    book = openpyxl.load_workbook(io.BytesIO(sheet(LETTER)))
    page = book.worksheets[0]
    page["D10"], page["D11"] = "=SUM(C10:C11)", "=C10/C11"
    page["D10"].comment = Comment("ghi chú", "x")
    page.merge_cells("A14:C14")
    page["E10"], page["E11"] = date(2020, 8, 20), 0.582
    page["E11"].number_format = "0.0%"
    page.row_dimensions[12].hidden = True
    book.create_sheet("Tuần trước")["A1"] = 1
    out = io.BytesIO()
    book.save(out)
    return out.getvalue()


def _open_document(kind: str, body: str) -> bytes:
    style = '<style:style style:name="s" style:family="text"><style:text-properties style:text-line-through-style="solid"/></style:style>'
    content = f"<office:document-content {_NAMES}><office:automatic-styles>{style}</office:automatic-styles><office:body><office:{kind}>"
    return _zip(
        {
            "mimetype": f"application/vnd.oasis.opendocument.{kind}".encode(),
            "content.xml": f"{content}{body}</office:{kind}></office:body></office:document-content>".encode(),
            "META-INF/manifest.xml": b"<manifest/>",
        }
    )


def _html() -> str:
    rows = "".join(f"<tr><td rowspan=1>{n}<td colspan=2>{label}<td><s>1</s>{value}" for n, (label, value) in enumerate(ROWS, 1))
    return f"<html><meta charset=utf-8><style>.a{{display:none}}</style><body><p class=a>ẩn<table border>{rows}</table><p>Hết&nbsp;&#7893;"


def _mht() -> bytes:
    head = 'MIME-Version: 1.0\r\nContent-Type: multipart/related; boundary="b"; type="text/html"\r\n\r\n--b\r\n'
    part = "Content-Type: text/html; charset=utf-8\r\nContent-Location: file:///C:/bc.htm\r\n\r\n"
    return f"{head}{part}{_html()}\r\n--b--\r\n".encode()


def _picture(form: str) -> bytes:
    image = Image.new("RGB", (420, 360), "white")
    draw = ImageDraw.Draw(image)
    for row in range(4):
        draw.rectangle((20, 20 + row * 60, 400, 80 + row * 60), outline="black", width=2)
        draw.text((30, 40 + row * 60), f"Tong so {row}", fill="black", font_size=24)
        draw.text((300, 40 + row * 60), f"{row}.215", fill="black", font_size=24)
    out = io.BytesIO()
    image.save(out, form)
    return out.getvalue()


# ---------------------------------------------------------------- containers


def _zip(files: dict[str, bytes]) -> bytes:
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, data in files.items():
            archive.writestr(zipfile.ZipInfo(name), data)
    return out.getvalue()


def _seven_zip(data: bytes) -> bytes:
    out = io.BytesIO()
    with py7zr.SevenZipFile(out, "w") as archive:
        archive.writestr(data, "BC.docx")
    return out.getvalue()


def _tar(data: bytes) -> bytes:
    out = io.BytesIO()
    with tarfile.open(fileobj=out, mode="w:gz") as archive:
        entry = tarfile.TarInfo("BC.docx")
        entry.size = len(data)
        archive.addfile(entry, io.BytesIO(data))
    return out.getvalue()


def _rar(name: str, data: bytes) -> bytes:
    """RAR 2.9 with one stored file: marker, archive header, file header (its checksum over all but itself), data."""

    def block(kind: int, flags: int, body: bytes) -> bytes:
        head = struct.pack("<BHH", kind, flags, 7 + len(body)) + body
        return struct.pack("<H", binascii.crc32(head) & 0xFFFF) + head

    sizes = struct.pack("<IIBIIBBHI", len(data), len(data), 3, binascii.crc32(data), 0, 29, 0x30, len(name), 0o644)
    return b"Rar!\x1a\x07\x00" + block(0x73, 0, bytes(6)) + block(0x74, 0x8000, sizes + name.encode()) + data + block(0x7B, 0x4000, b"")


def _tnef(name: str, data: bytes) -> bytes:
    """winmail.dat (MS-OXTNEF) with one attachment: rendering data, title, contents."""
    out = struct.pack("<IH", 0x223E9F78, 1)
    for number, content in ((0x00069002, bytes(14)), (0x00018010, name.encode() + b"\0"), (0x0006800F, data)):
        out += struct.pack("<BII", 2, number, len(content)) + content + struct.pack("<H", sum(content) & 0xFFFF)
    return out
