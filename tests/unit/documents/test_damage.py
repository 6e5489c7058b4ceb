"""Damaged files of every kind in this room give documents or failures, never another exception. Seeds are fixed: a failure repeats."""

import io
import random
import zipfile

import py7zr
import pytest

from mailbox_ingest.documents.attachments import read_attachment
from mailbox_ingest.documents.sniff import Kind, sniff

ROUNDS = 60
MAIL = b"""From: a@example.vn
Subject: x
MIME-Version: 1.0
Content-Type: multipart/mixed; boundary=b

--b

Tong so: 1
--b
Content-Type: text/html; charset=utf-8
Content-Disposition: attachment; filename=a.htm

<table><tr><td>1</table>
--b--
"""


def damaged(data, chance):
    """The bytes cut short, or with a few of them changed, removed or inserted."""
    if chance.random() < 0.15:
        return data[: chance.randrange(len(data))]
    spoiled = bytearray(data)
    for _ in range(chance.choice((1, 2, 8, 30))):
        at = chance.randrange(len(spoiled))
        match chance.randrange(3):
            case 0:
                spoiled[at] = chance.randrange(256)
            case 1:
                del spoiled[at : at + chance.randrange(1, 20)]
            case _:
                spoiled[at:at] = chance.randbytes(chance.randrange(1, 20))
        if not spoiled:
            break
    return bytes(spoiled)


def rezipped(data, chance):
    """A zip whose entries are whole but say something else: the damage gets past the checksums."""
    out = io.BytesIO()
    with zipfile.ZipFile(io.BytesIO(data)) as before, zipfile.ZipFile(out, "w") as after:
        for entry in before.infolist():
            content = before.read(entry)
            after.writestr(entry.filename, damaged(content, chance) if content and chance.random() < 0.7 else content)
    return out.getvalue()


@pytest.fixture
def samples(make_word, make_zip):
    cell = '<w:tc><w:tcPr><w:gridSpan w:val="2"/><w:vMerge/></w:tcPr><w:p><w:r><w:t>4.215</w:t></w:r></w:p></w:tc>'
    field = '<w:p><w:r><w:fldChar w:fldCharType="begin"/><w:instrText>x</w:instrText><w:fldChar w:fldCharType="end"/></w:r></w:p>'
    word = make_word(f"<w:tbl><w:tr>{cell}{cell}</w:tr><w:tr>{cell}</w:tr></w:tbl>{field}", styles="<a/>")
    seven = io.BytesIO()
    with py7zr.SevenZipFile(seven, "w") as archive:
        archive.writestr(word, "bc.docx")
    return {
        "docx": word,
        "zip": make_zip({"bc.docx": word, "a.csv": "TT;Số\n1;2\n"}),
        "7z": seven.getvalue(),
        "eml": MAIL.replace(b"\n", b"\r\n"),
        "html": "<html><table><tr><td rowspan=3 colspan=2>Tổng<td>4.215<tr><td>7</table><p style='x'>Hết".encode(),
        "csv": 'TT;Nội dung;Số\n1;"Tổng; số";4.215\n'.encode(),
    }


@pytest.mark.parametrize("kind", ["docx", "zip", "7z", "eml", "html", "csv"])
def test_damage_never_surprises(samples, attach, limits, kind):
    chance = random.Random(597)
    for number in range(ROUNDS):
        data = damaged(samples[kind], chance)
        if kind in ("docx", "zip") and number % 2:
            data = rezipped(samples[kind], chance)
        documents, failures = read_attachment(attach(data, f"a.{kind}"), limits=limits)
        assert documents or failures or sniff(data, f"a.{kind}") in (Kind.IGNORABLE, Kind.EML, Kind.IMAGE)
