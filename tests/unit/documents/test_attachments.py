"""An attachment gives every document inside it, a failure for every file that cannot be read, and nothing for what is no report."""

import base64
import io
import struct
import tarfile
import zipfile
import zlib
from email.message import EmailMessage

import py7zr
import pytest
from PIL import Image

from mailbox_ingest.config import LimitsConfig
from mailbox_ingest.documents.attachments import read_attachment
from mailbox_ingest.documents.pictures import Picture, is_decoration

FORM = "Tổng số đoàn viên: 12"


@pytest.fixture
def read(attach, limits):
    """(paths of documents, (path, code) of failures) of one attachment."""

    def run(data, name="tệp", bounds=limits, **more):
        documents, failures = read_attachment(attach(data, name, **more), limits=bounds)
        return [document.path for document in documents], [(failure.path, failure.code) for failure in failures]

    return run


@pytest.fixture
def word(make_word):
    return make_word(f"<w:p><w:r><w:t>{FORM}</w:t></w:r></w:p>")


def mail_of(attachments, text=FORM):
    message = EmailMessage()
    message["From"], message["Subject"] = "a@example.vn", "Báo cáo"
    message.set_content(text)
    for name, data in attachments:
        message.add_attachment(data, maintype="application", subtype="octet-stream", filename=name)
    return message.as_bytes()


def seven_zip(files, password=None):
    out = io.BytesIO()
    with py7zr.SevenZipFile(out, "w", password=password) as archive:
        for name, data in files.items():
            archive.writestr(data, name)
    return out.getvalue()


def stored_rar(name, data, *, encrypted=False):
    """A RAR 3 archive with one stored file, by the format's technical note."""

    def block(kind, flags, rest, more=b""):
        head = struct.pack("<BHH", kind, flags, 7 + len(rest)) + rest
        return struct.pack("<H", zlib.crc32(head) & 0xFFFF) + head + more

    fields = struct.pack("<IIBIIBBHI", len(data), len(data), 3, zlib.crc32(data), 0, 20, 0x30, len(name), 0x20) + name.encode()
    return (
        b"Rar!\x1a\x07\x00" + block(0x73, 0, bytes(6)) + block(0x74, 0x8000 | (4 if encrypted else 0), fields, data) + block(0x7B, 0, b"")
    )


def tar_gz(files):
    out = io.BytesIO()
    with tarfile.open(fileobj=out, mode="w:gz") as archive:
        for name, data in files.items():
            entry = tarfile.TarInfo(name)
            entry.size = len(data)
            archive.addfile(entry, io.BytesIO(data))
        link = tarfile.TarInfo("liên kết")
        link.type, link.linkname = tarfile.SYMTYPE, "/etc/passwd"
        archive.addfile(link)
    return out.getvalue()


def encrypted_zip(data):
    """The flag that says 'encrypted', set in both headers of an ordinary archive."""
    raw = bytearray(data)
    raw[raw.index(b"PK\x03\x04") + 6] |= 1
    raw[raw.rindex(b"PK\x01\x02") + 8] |= 1
    return bytes(raw)


def picture(width, height, noise=False):
    out = io.BytesIO()
    image = Image.effect_noise((width, height), 90) if noise else Image.new("RGB", (width, height), "white")
    image.save(out, "PNG")
    return out.getvalue()


def test_a_word_file_under_any_name_is_read(read, word):
    assert read(word, "bao cao.doc") == (["bao cao.doc"], [])


def test_archives_are_opened_one_in_the_other(read, word, make_zip):
    inner = make_zip({"BC tuần 34.docx": word})
    assert read(make_zip({"gửi/trong.zip": inner}), "a.zip") == (["a.zip/gửi/trong.zip/BC tuần 34.docx"], [])


@pytest.mark.parametrize(
    "pack",
    [
        lambda word: seven_zip({"bc.docx": word}),
        lambda word: stored_rar("bc.docx", word),
    ],
    ids=["7z", "rar"],
)
def test_other_archives_are_opened_too(read, word, pack):
    assert read(pack(word), "a") == (["a/bc.docx"], [])


def test_a_compressed_tar_is_two_levels_and_its_links_are_left_out(read, word):
    assert read(tar_gz({"bc.docx": word}), "a.tgz") == (["a.tgz/a.tar/bc.docx"], [])


@pytest.mark.parametrize(
    "data",
    [
        lambda word: encrypted_zip(zip_with(word)),
        lambda word: seven_zip({"bc.docx": word}, password="x"),
        lambda word: stored_rar("bc.docx", word, encrypted=True),
    ],
    ids=["zip", "7z", "rar"],
)
def test_an_archive_with_a_password_is_encrypted(read, word, data):
    assert read(data(word), "a") == ([], [("a", "encrypted")])


def zip_with(word):
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w") as archive:
        archive.writestr("bc.docx", word)
    return out.getvalue()


@pytest.mark.parametrize(
    ("name", "raw"),
    [
        ("Báo cáo.docx", "Báo cáo.docx".encode()),
        ("Bảng tổng hợp.docx", b"Ba\xd2ng t\xf4\xd2ng h\xf5\xf2p.docx"),
    ],
    ids=["utf-8", "windows-1258"],
)
def test_names_in_a_zip_are_read_though_nobody_marked_their_charset(read, word, name, raw):
    entry = zipfile.ZipInfo("x" * len(raw))
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w") as archive:
        archive.writestr(entry, word)
    assert read(out.getvalue().replace(b"x" * len(raw), raw), "a.zip") == ([f"a.zip/{name}"], [])


def test_names_never_lead_anywhere(read, word, make_zip):
    assert read(make_zip({"../../etc/passwd.docx": word}), "a.zip") == (["a.zip/etc/passwd.docx"], [])


def test_a_member_without_a_name_is_read_all_the_same(read):
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w") as archive:
        archive.writestr(zipfile.ZipInfo(""), FORM)
    assert read(out.getvalue(), "a.zip") == (["a.zip/không tên"], [])


def test_what_systems_leave_in_archives_is_passed_over(read, word, make_zip):
    files = {"__MACOSX/._bc.docx": b"\x00\x05\x16\x07", "Thumbs.db": b"\xd0\xcf", "~$bc.docx": b"\x05Lan", "bc.docx": word}
    assert read(make_zip(files), "a.zip") == (["a.zip/bc.docx"], [])


def test_one_bad_member_does_not_cost_the_others(read, word, make_zip):
    documents, failures = read(make_zip({"a.docx": word[:400], "b.docx": word}), "a.zip")
    assert documents == ["a.zip/b.docx"]
    assert failures == [("a.zip/a.docx", "unreadable")]


def test_too_many_files_and_too_deep_nesting_are_too_large(read, word, make_zip):
    assert read(make_zip({f"{n}.txt": "a" for n in range(300)}), "a.zip") == ([], [("a.zip", "too_large")])
    nested = word
    for _ in range(6):
        nested = make_zip({"z": nested})
    documents, failures = read(nested, "a.zip")
    assert (documents, [code for _, code in failures]) == ([], ["too_large"])


def test_a_bomb_is_refused_unopened(read, make_zip):
    assert read(make_zip({"a.txt": b"0" * 70_000_000}), "a.zip") == ([], [("a.zip", "too_large")])


def test_the_budget_holds_over_all_levels(read, make_zip):
    bounds = LimitsConfig(max_unpacked_bytes=1_500_000)
    inner = make_zip({"a.txt": b"1 2\n" * 250_000})
    documents, failures = read(make_zip({"1.zip": inner, "2.zip": inner}), "a.zip", bounds)
    assert documents == ["a.zip/1.zip/a.txt"]
    assert failures == [("a.zip/2.zip", "too_large")]


def test_a_message_in_an_archive_gives_its_body_and_its_files(read, word, make_zip):
    data = make_zip({"thư.eml": mail_of([("bc.docx", word)])})
    assert read(data, "a.zip") == (["a.zip/thư.eml/thân thư", "a.zip/thư.eml/bc.docx"], [])


def test_quoted_history_in_an_attached_message_is_not_read(attach, limits, texts):
    data = mail_of([], text="Tổng số: 12\n\nVào Th 5, 20 thg 8, 2020 lúc 16:05 A <a@b.vn> đã viết:\n> Tổng số: 99\n")
    documents, _ = read_attachment(attach(data, "thư.eml"), limits=limits)
    assert texts(documents[0]) == ["Tổng số: 12"]


@pytest.mark.parametrize(
    ("data", "code"),
    [
        (b"", "unreadable"),
        (b"\x7fELF" + bytes(range(256)), "unsupported"),
        (b"Rar!\x1a\x07\x00broken", "unreadable"),
        (b"7z\xbc\xaf\x27\x1cbroken", "unreadable"),
        (b"\x1f\x8bbroken", "unreadable"),
        (b"\x78\x9f\x3e\x22broken", "unreadable"),
        (b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + "EncryptedPackage".encode("utf-16-le"), "encrypted"),
        (b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + "__properties_version1.0".encode("utf-16-le"), "unreadable"),
    ],
)
def test_what_cannot_be_read_fails_with_its_reason(read, data, code):
    assert read(data, "a") == ([], [("a", code)])


@pytest.mark.parametrize(
    ("data", "name"),
    [
        (b"BEGIN:VCALENDAR\r\nEND:VCALENDAR", "invite.ics"),
        (b"BEGIN:VCARD\r\n", "a.vcf"),
        (b"ID3\x03rest", "a.mp3"),
        (bytes.fromhex("3082010006092a864886f70d010702a0820100308201000201013100300b06092a864886f70d010701") + bytes(300), "smime.p7s"),
        (base64.b64encode(b"signature"), "signature.asc"),
        (picture(180, 60), "logo.png"),
    ],
)
def test_what_is_no_report_gives_nothing(read, data, name):
    assert read(data, name) == ([], [])


@pytest.mark.parametrize(
    ("width", "height", "size", "referenced", "decoration"),
    [
        (180, 60, 4_000, False, True),
        (1600, 200, 90_000, False, True),
        (400, 300, 90_000, True, True),
        (1240, 1754, 300_000, False, False),
        (1240, 1754, 30_000, False, False),
        (1080, 1920, 200_000, True, False),
        (900, 600, 25_000, False, False),
    ],
)
def test_logos_are_decoration_and_pages_are_not(width, height, size, referenced, decoration):
    assert is_decoration(Picture(width=width, height=height, size_bytes=size), referenced=referenced) is decoration


def test_a_picture_with_too_many_pixels_is_refused_from_its_header(read):
    bounds = LimitsConfig(max_pixels=10_000)
    assert read(picture(400, 400, noise=True), "scan.png", bounds) == ([], [("scan.png", "too_large")])


def test_a_file_larger_than_allowed_is_too_large(read, word):
    assert read(word, "a.docx", LimitsConfig(max_attachment_bytes=10)) == ([], [("a.docx", "too_large")])


def test_a_workbook_embedded_in_a_word_file_is_read_as_well(read, make_zip, make_word):
    inner = make_word(f"<w:p><w:r><w:t>{FORM}</w:t></w:r></w:p>")
    kind = "http://schemas.openxmlformats.org/officeDocument/2006/relationships/package"
    relation = f'<Relationship Id="r1" Type="{kind}" Target="embeddings/bang.docx"/>'
    outer = make_zip(
        {
            "[Content_Types].xml": "<Types/>",
            "word/document.xml": zipfile.ZipFile(io.BytesIO(inner)).read("word/document.xml"),
            "word/embeddings/bang.docx": inner,
            "word/_rels/document.xml.rels": f"<Relationships>{relation}</Relationships>",
        }
    )
    assert read(outer, "bc.docx") == (["bc.docx", "bc.docx/bang.docx"], [])


def der(tag, *parts):
    content = b"".join(parts)
    length = bytes([len(content)]) if len(content) < 128 else b"\x82" + len(content).to_bytes(2, "big")
    return bytes([tag]) + length + content


def cms(kind, *content):
    """RFC 5652: ContentInfo around version, digest algorithms and what is signed or sealed."""
    inner = der(0x30, der(0x06, bytes.fromhex("2a864886f70d010701")), *content)
    return der(0x30, der(0x06, bytes.fromhex("2a864886f70d0107") + bytes([kind])), der(0xA0, der(0x30, b"\x02\x01\x01", der(0x31), inner)))


@pytest.mark.parametrize(
    ("data", "codes"),
    [
        (cms(2), []),  # a detached signature
        (cms(2, der(0xA0, der(0x04, b"Content-Type: text/plain\r\n\r\nTong so: 12"))), ["unsupported"]),
        (cms(3, der(0x80, bytes(300))), ["encrypted"]),
    ],
)
def test_a_message_inside_its_signature_or_envelope_is_never_passed_over(attach, limits, data, codes):
    documents, failures = read_attachment(attach(data, "smime.p7m"), limits=limits)
    assert documents == ()
    assert [failure.code for failure in failures] == codes
