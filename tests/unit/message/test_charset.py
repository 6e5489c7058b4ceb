"""Bytes of mail into the text that was meant."""

from __future__ import annotations

import unicodedata

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mailbox_ingest.message.charset import decode

TEXT = "Tổng số đoàn viên, người lao động của LĐLĐ huyện Hướng Hóa: 3.308"


def cp1258(text: str) -> bytes:
    """As Windows writes Vietnamese: base letter, then the tone as a character of its own."""
    out = ""
    for letter in text:
        parts = unicodedata.normalize("NFD", letter)
        tone = "".join(c for c in parts if c in "\u0300\u0301\u0303\u0309\u0323")
        out += unicodedata.normalize("NFC", "".join(c for c in parts if c not in tone)) + tone
    return out.encode("cp1258")


@pytest.mark.parametrize(
    "declared", ["utf-8", "UTF8", "us-ascii", "iso-8859-1", "windows-1252", "windows-1258", "", None, "unknown-8bit", "khong-co"]
)
def test_utf8_is_read_right_whatever_the_label_says(declared: str | None) -> None:
    assert decode(TEXT.encode(), declared) == TEXT


@pytest.mark.parametrize("declared", ["windows-1258", "cp1258", "us-ascii", None, "utf-8", "iso-8859-1"])
def test_windows_vietnamese_is_read_right_whatever_the_label_says(declared: str | None) -> None:
    assert decode(cp1258(TEXT), declared) == TEXT


def test_western_text_stays_western() -> None:
    assert decode("Übung à Genève – «oui»".encode("cp1252"), None) == "Übung à Genève – «oui»"


def test_letters_of_old_fonts_come_through_one_to_one() -> None:
    """TCVN3 is recognised later by its letters: its bytes must not be taken for cp1258, nor its 'ư' (a soft hyphen) be cleaned away."""
    tcvn3 = b"Li\xaan \xae\xb5n Lao \xae\xe9ng, ng\xad\xeai lao \xae\xe9ng"
    assert decode(tcvn3, None).encode("latin-1") == tcvn3


def test_a_byte_order_mark_outranks_the_label() -> None:
    assert decode(b"\xef\xbb\xbf" + TEXT.encode(), "windows-1252") == TEXT
    assert decode(TEXT.encode("utf-16"), "utf-8") == TEXT


def test_decomposed_letters_are_composed() -> None:
    assert decode(unicodedata.normalize("NFD", TEXT).encode(), "utf-8") == TEXT


def test_utf8_with_one_damaged_byte_stays_utf8() -> None:
    damaged = (TEXT * 3).encode().replace("ổ".encode(), b"\xe1\xbb", 1)
    assert decode(damaged, "utf-8").endswith(TEXT)


def test_control_characters_and_nul_go() -> None:
    assert decode(b"a\x00b\x08c\td\ne", "utf-8") == "abc\td\ne"


@given(
    st.binary(max_size=200),
    st.sampled_from(["utf-8", "utf-7", "utf-16", "cp1258", "hex", "rot13", "idna", "x\0y", "iso-2022-jp", "", None]),
)
def test_no_bytes_and_no_label_make_it_fail_and_the_result_can_be_stored(data: bytes, declared: str | None) -> None:
    text = decode(data, declared)
    assert "\x00" not in text
    text.encode("utf-8")
