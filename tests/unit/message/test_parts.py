"""Every leaf ends up somewhere: as the body, as an attachment, inside a forwarded message."""

from __future__ import annotations

import base64
import binascii
from collections.abc import Callable

import pytest

from mailbox_ingest.message import parse
from mailbox_ingest.message.names import UniquePaths, harmless
from mailbox_ingest.model import IncomingMessage, Mailbox

Make = Callable[..., IncomingMessage]
WORD = "application/vnd.openxmlformats-officedocument.wordprocessingml.document"
BYTES = bytes(range(256)) * 3


def base64_part(head: str, data: bytes = BYTES) -> tuple[str, bytes]:
    return f"{head}\nContent-Transfer-Encoding: base64", base64.encodebytes(data)


@pytest.mark.parametrize(
    ("head", "name"),
    [
        ('Content-Type: application/pdf\nContent-Disposition: attachment; filename="bc.pdf"', "bc.pdf"),
        ('Content-Type: application/octet-stream; name="bc.pdf"', "bc.pdf"),
        ('Content-Type: application/pdf\nContent-Disposition: inline; filename="bc.pdf"', "bc.pdf"),
        ("Content-Type: application/pdf\nContent-Disposition: attachment; filename*=UTF-8''B%C3%A1o%20c%C3%A1o.pdf", "Báo cáo.pdf"),
        (
            "Content-Type: application/pdf\nContent-Disposition: attachment;\n filename*0*=UTF-8''B%C3%A1o;\n filename*1*=%20c%C3%A1o.pdf",
            "Báo cáo.pdf",
        ),
        ('Content-Type: application/pdf; name="=?UTF-8?B?QsOhbyBjw6FvLnBkZg==?="', "Báo cáo.pdf"),
        ('Content-Type: application/pdf\nContent-Disposition: attachment; filename="Báo cáo.pdf"', "Báo cáo.pdf"),
        ('Content-Type: application/pdf\nContent-Disposition: attachment; filename="B%C3%A1o%20c%C3%A1o.pdf"', "Báo cáo.pdf"),
        ("Content-Type: application/pdf\nContent-Disposition: attachment; filename=Bao cao tuan 34.pdf", "Bao cao tuan 34.pdf"),
        ('Content-Type: application/pdf\nContent-Disposition: attachment; filename="Giảm 50% quý 3.pdf"', "Giảm 50% quý 3.pdf"),
    ],
)
def test_a_file_keeps_its_name_and_its_bytes(multipart: Make, head: str, name: str) -> None:
    (found,) = multipart(("Content-Type: text/plain; charset=utf-8", "Kính gửi"), base64_part(head)).attachments
    assert (found.name, found.path, found.data) == (name, name, BYTES)


def test_nameless_parts_of_any_type_are_attachments(multipart: Make) -> None:
    read = multipart(
        ("Content-Type: text/plain", "Kinh gui"),
        base64_part("Content-Type: application/octet-stream"),
        base64_part("Content-Type: image/jpeg\nContent-Disposition: inline"),
        base64_part(f"Content-Type: {WORD}"),
        ("Content-Type: text/csv; charset=utf-8", "don vi;so\n"),
        ("Content-Type: text/html\nContent-Disposition: attachment", "<p>1</p>"),
        base64_part("Content-Type: application/ms-tnef"),
    )
    assert [(item.path, item.name) for item in read.attachments] == [
        ("tệp đính kèm 1", None),
        ("tệp đính kèm 2.jpg", None),
        ("tệp đính kèm 3.docx", None),
        ("tệp đính kèm 4.csv", None),
        ("tệp đính kèm 5.html", None),
        ("tệp đính kèm 6.dat", None),
    ]
    assert read.own_text == "Kinh gui"


def test_binary_parts_keep_every_byte() -> None:
    part = b"--R\r\nContent-Type: application/pdf\r\nContent-Transfer-Encoding: binary\r\n\r\n"
    head = b"Content-Type: multipart/mixed; boundary=R\r\n\r\n" + part
    data = b"PK\x03\x04" + BYTES.replace(b"\r", b"").replace(b"\n", b"\r\n")
    assert parse(head + data + b"\r\n--R--\r\n").attachments[0].data == data


def test_text_around_an_attachment_is_all_body(multipart: Make) -> None:
    read = multipart(
        ("Content-Type: text/plain", "truoc"), base64_part("Content-Type: application/pdf"), ("Content-Type: text/plain", "sau")
    )
    assert read.own_text == "truoc\n\nsau"


def test_a_mail_that_is_nothing_but_a_file(mail: Make) -> None:
    read = mail(base64.encodebytes(BYTES), "Content-Type: application/pdf; name=bc.pdf", "Content-Transfer-Encoding: base64")
    assert [(item.name, item.data) for item in read.attachments] == [("bc.pdf", BYTES)]


def test_a_missing_closing_boundary_loses_nothing(mail: Make) -> None:
    body = b"--R\r\nContent-Type: text/plain\r\n\r\nchao\r\n--R\r\nContent-Type: application/pdf; name=a.pdf\r\n\r\nPDF"
    read = mail(body, "Content-Type: multipart/mixed; boundary=R")
    assert (read.own_text, read.attachments[0].data) == ("chao", b"PDF")
    assert "CloseBoundaryNotFoundDefect" in read.defects


@pytest.mark.parametrize("charset", ["utf-8", "us-ascii"])
def test_html_alone_is_the_letter(mail: Make, charset: str) -> None:
    read = mail("<p>Tổng số: <b>1.950</b></p>", f"Content-Type: text/html; charset={charset}")
    assert (read.own_text, read.html) == ("Tổng số: 1.950", "<p>Tổng số: <b>1.950</b></p>")


def test_pictures_that_the_html_shows_are_marked(multipart: Make) -> None:
    read = multipart(
        ("Content-Type: text/html", '<p>chao<img src="cid:logo@x"></p>'),
        base64_part("Content-Type: image/png; name=logo.png\nContent-ID: <logo@x>"),
        base64_part("Content-Type: image/jpeg; name=scan.jpg\nContent-ID: <scan@x>"),
        subtype="related",
    )
    assert [(item.name, item.content_id, item.referenced_by_html) for item in read.attachments] == [
        ("logo.png", "logo@x", True),
        ("scan.jpg", "scan@x", False),
    ]


def test_the_signature_of_a_signed_mail_is_no_document(multipart: Make) -> None:
    read = multipart(
        ("Content-Type: text/plain", "chao"), base64_part("Content-Type: application/pkcs7-signature; name=smime.p7s"), subtype="signed"
    )
    assert (read.own_text, read.attachments) == ("chao", ())


@pytest.mark.parametrize("ending", ["end\r\n", ""])
def test_uuencoded_files_in_the_text_are_attachments(mail: Make, ending: str) -> None:
    lines = b"".join(binascii.b2a_uu(BYTES[i : i + 45]) for i in range(0, len(BYTES), 45))
    body = b"Gui bao cao\r\n\r\nbegin 644 Bao cao.docx\r\n" + lines.replace(b"\n", b"\r\n") + b"`\r\n" + ending.encode() + b"\r\nChao\r\n"
    read = mail(body, "Content-Type: text/plain")
    assert [(item.name, item.data) for item in read.attachments] == [("Bao cao.docx", BYTES)]
    assert read.own_text == "Gui bao cao\n\nChao"


def test_a_sentence_that_begins_with_begin_is_text(mail: Make) -> None:
    assert mail("begin 644 la gi?\nbegin 644 x\n").own_text == "begin 644 la gi?\nbegin 644 x"


# ---------------------------------------------------------------- forwarded as attachment

INNER = (
    "From: =?utf-8?q?Nguy=E1=BB=85n_Lan?= <lan@donvi.example>\r\nSubject: BC\r\nMIME-Version: 1.0\r\n"
    'Content-Type: multipart/mixed; boundary="B"\r\n\r\n--B\r\nContent-Type: text/plain; charset=utf-8\r\n\r\n'
    "Tổng số: 308\r\n\r\nVào Th 5, 27 thg 8, 2020 lúc 16:05 Ban CTCS <x@y.example> đã viết:\r\n> Tổng số: 309\r\n"
    "--B\r\nContent-Type: application/pdf; name=bc.pdf\r\n\r\nPDF\r\n--B--\r\n"
)


@pytest.mark.parametrize(
    "part",
    [
        ("Content-Type: message/rfc822", INNER),
        base64_part("Content-Type: message/rfc822", INNER.encode()),
        base64_part('Content-Type: application/octet-stream; name="FW.eml"', INNER.encode()),
    ],
)
def test_a_message_inside_gives_its_author_its_words_and_its_files(multipart: Make, part: tuple[str, str]) -> None:
    read = multipart(("Content-Type: text/plain", "Kinh chuyen"), part)
    assert read.authors == (Mailbox(email="lan@donvi.example", name="Nguyễn Lan"),)
    body, file = read.attachments
    assert (body.path, body.content_type, body.data.decode("utf-8-sig")) == (
        "thư chuyển tiếp/nội dung thư.txt",
        "text/plain",
        "Tổng số: 308",
    )
    assert (file.path, file.name) == ("thư chuyển tiếp/bc.pdf", "bc.pdf")
    assert read.own_text == "Kinh chuyen"


def test_our_own_message_sent_back_as_an_attachment_is_not_read(multipart: Make) -> None:
    read = multipart(("Content-Type: message/rfc822", INNER), headers=("Delivered-To: lan@donvi.example",))
    assert read.attachments == ()
    assert read.authors[0].email == "lan@donvi.example"


def test_a_table_in_a_forwarded_message_stays_a_table(multipart: Make) -> None:
    inner = "From: a@b.example\r\nContent-Type: text/html; charset=utf-8\r\n\r\n<table><tr><td>Tổng số</td><td>308</td></tr></table>"
    (body,) = multipart(("Content-Type: message/rfc822", inner)).attachments
    assert body.content_type == "text/html"
    assert "<td>308</td>" in body.data.decode("utf-8-sig")


# ---------------------------------------------------------------- names


@pytest.mark.parametrize(
    ("name", "expected"),
    [
        ("../../etc/passwd.docx", "passwd.docx"),
        ("C:\\Users\\Lan\\bc.docx", "bc.docx"),
        ("bc\x00\r\n.docx", "bc.docx"),
        ("bc\u202excod.exe", "bcxcod.exe"),
        ("...", ""),
        (" . ", ""),
        ("Báo cáo.docx", "Báo cáo.docx"),
        ("x" * 400 + ".docx", "x" * 145 + ".docx"),
    ],
)
def test_names_are_harmless(name: str, expected: str) -> None:
    assert harmless(name) == expected


def test_paths_are_unique_within_a_message() -> None:
    paths = UniquePaths()
    assert [paths.take(name) for name in ("bc.docx", "bc.docx", "BC.docx", "bc (2).docx")] == [
        "bc.docx",
        "bc (2).docx",
        "BC (3).docx",
        "bc (2) (2).docx",
    ]


# ---------------------------------------------------------------- hostile


def nested(levels: int) -> bytes:
    heads = b"".join(b"Content-Type: multipart/mixed; boundary=b%d\r\n\r\n--b%d\r\n" % (n, n) for n in range(levels))
    return b"From: a@b.example\r\n" + heads + b"Content-Type: text/plain\r\n\r\nTong so: 308\r\n"


@pytest.mark.parametrize("levels", [60, 300])
def test_hundreds_of_multiparts_around_a_text_are_unwrapped(levels: int) -> None:
    read = parse(nested(levels))
    assert (read.own_text, "mime-limits" in read.defects) == ("Tong so: 308", False)


def test_what_lies_beyond_the_limits_is_named_as_a_defect() -> None:
    assert "mime-limits" in parse(nested(3000)).defects
    assert "mime-limits" in parse(b"Content-Type: multipart/mixed; boundary=b\r\n\r\n" + b"--b\r\n\r\nx\r\n" * 50_000).defects
    assert "mime-limits" in parse(b"X: y\r\n" * 200_000 + b"\r\nchao").defects


def test_messages_within_messages_end_somewhere() -> None:
    assert "mime-limits" in parse(b"Content-Type: message/rfc822\r\n\r\nFrom: x@y.example\r\n" * 2000 + b"\r\nchao").defects


@pytest.mark.parametrize("raw", [b"", b"\r\n", b"\x00", b"chao", b"From: \xff\xfe\r\n\r\n\xff", b"Content-Type: multipart/mixed\r\n\r\nx"])
def test_rubbish_is_a_message_too(raw: bytes) -> None:
    assert isinstance(parse(raw), IncomingMessage)
