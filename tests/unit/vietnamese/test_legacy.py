"""Old Vietnamese encodings come back as the Unicode they were made from; everything else stays as it was."""

import unicodedata

import pytest

from mailbox_ingest.vietnamese import legacy_tables
from mailbox_ingest.vietnamese.legacy import Encoding, confirm, detect, font_encoding, font_shows_capitals, repair, to_unicode
from mailbox_ingest.vietnamese.mojibake import decode

LETTER = (
    "Liên đoàn Lao động huyện Vĩnh Linh báo cáo kết quả cài đặt ứng dụng Bluezone: tổng số đoàn viên, người lao động là 3.472 người, "
    "trong đó số người có điện thoại thông minh là 2.481, đã cài đặt 1.616 người, đạt tỷ lệ 65,1%."
)
ALPHABET = "aàảãáạăằẳẵắặâầẩẫấậeèẻẽéẹêềểễếệiìỉĩíịoòỏõóọôồổỗốộơờởỡớợuùủũúụưừửữứựyỳỷỹýỵđ"


def tcvn3(text: str) -> str:
    back = {letter: chr(byte) for byte, letter in legacy_tables.TCVN3.items() if byte >= 0x80}
    return "".join(back.get(char, char) for char in text)


def vni(text: str) -> str:
    back = {letter: written for written, letter in legacy_tables.VNI.items() if written.islower() or written.isupper()}
    return "".join(back.get(char, char) for char in text)


def cp1258(text: str) -> bytes:
    out = b""
    for char in text:
        marks = [mark for mark in unicodedata.normalize("NFD", char) if mark in "\u0300\u0301\u0303\u0309\u0323"]
        bare = "".join(part for part in unicodedata.normalize("NFD", char) if part not in marks)
        out += (unicodedata.normalize("NFC", bare) + "".join(marks)).encode("cp1258")
    return out


def test_every_small_letter_has_its_place_in_each_table():
    assert to_unicode(tcvn3(ALPHABET), Encoding.TCVN3) == ALPHABET
    assert to_unicode(vni(ALPHABET), Encoding.VNI) == ALPHABET
    assert to_unicode(vni(ALPHABET.upper()), Encoding.VNI) == ALPHABET.upper()


@pytest.mark.parametrize(
    ("seen", "encoding"),
    [
        (LETTER, Encoding.UNICODE),
        (unicodedata.normalize("NFD", LETTER), Encoding.UNICODE),
        (tcvn3(LETTER), Encoding.TCVN3),
        (cp1258(LETTER).decode("latin-1"), Encoding.CP1258),
        (vni(LETTER), Encoding.VNI),
        (LETTER.encode().decode("latin-1"), Encoding.MOJIBAKE),
        (LETTER.encode().decode("cp1252", "ignore"), Encoding.MOJIBAKE),
        ("Lie^n ddoa`n Lao ddo^.ng huye^.n Vi~nh Linh, to^?ng so^' ddoa`n vie^n 3472 ngu+o+`i", Encoding.VIQR),
    ],
)
def test_a_whole_text_tells_its_encoding(seen, encoding):
    assert detect(seen) is encoding


@pytest.mark.parametrize("write", [tcvn3, vni, lambda text: cp1258(text).decode("latin-1"), lambda text: text.encode().decode("latin-1")])
def test_a_text_in_an_old_encoding_comes_back_letter_for_letter(write):
    assert repair(write(LETTER)) == LETTER


def test_tcvn3_that_went_through_the_vietnamese_code_page_comes_back_too():
    raw = tcvn3(LETTER).encode("latin-1").decode("cp1258", "replace")
    assert repair(raw) == LETTER


def test_viqr_comes_back_and_its_full_stop_stays():
    assert to_unicode("Lie^n ddoa`n lao ddo^.ng ha(`ng nga`y.", Encoding.VIQR) == "Liên đoàn lao động hằng ngày."


@pytest.mark.parametrize(
    "text",
    [
        "The quick brown fox can't jump; e.g. 4.215 (of 5.000) people + a^2?",
        "4.215\t3.480\t3.102\n58,2%",
        "Les élèves ont été reçus à l'école; le café coûte 3 €.",
        "Größe · Länge × Breite → 15 m², §4 — naïve",
        "Tổng số: 4.215 người",
        "À la carte, déjà vu, crème brûlée",
        "",
    ],
)
def test_other_text_is_never_changed(text):
    assert repair(text) == text


def test_font_names_speak_for_their_letters():
    assert font_encoding(".VnTime") is Encoding.TCVN3
    assert font_encoding("VNI-Times") is Encoding.VNI
    assert font_encoding("Times New Roman") is None
    assert font_encoding("UVNTimes") is None
    assert font_shows_capitals(".VnTimeH")
    assert not font_shows_capitals(".VnTime")


def test_unicode_set_in_an_old_font_is_left_alone():
    assert confirm("Tổng số đoàn viên", Encoding.TCVN3) is Encoding.UNICODE
    assert confirm(tcvn3("Tổng số đoàn viên"), Encoding.TCVN3) is Encoding.TCVN3


@pytest.mark.parametrize("codec", ["utf-8", "utf-8-sig", "utf-16", "utf-16-le", "utf-16-be"])
def test_bytes_of_any_unicode_charset_are_read_without_a_label(codec):
    assert decode(LETTER.encode(codec)) == LETTER


def test_utf8_labelled_ascii_is_read_as_utf8():
    assert decode(LETTER.encode(), "us-ascii") == LETTER


def test_unlabelled_windows_1258_bytes_are_read_by_their_syllables():
    assert repair(decode(cp1258(LETTER))) == LETTER
