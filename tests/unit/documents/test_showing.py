"""A mail as people see it at the desk: all of it, also what is not read."""

from __future__ import annotations

from mailbox_ingest.config import LimitsConfig
from mailbox_ingest.documents.body import BODY_PATH
from mailbox_ingest.model import Evidence
from mailbox_ingest.reading.show_document import show_document

DASHES = "-- "  # RFC 3676 section 4.3
MAIL = f"""From: a@x.example
To: b@y.example
Subject: =?utf-8?q?B=C3=A1o_c=C3=A1o?=
Content-Type: text/plain; charset=utf-8

Đã cài đặt Bluezone: 3.102

{DASHES}
Trần Văn Hải
Điện thoại 0233.3000.000

Vào 08:00, 20/8/2020, LĐLĐ tỉnh <b@y.example> đã viết:
> Đề nghị đơn vị gửi lại số liệu: 2.999
"""
READ = Evidence(document=BODY_PATH, place="dòng 1", raw="Đã cài đặt Bluezone: 3.102", method="sentence")


def test_signature_and_history_are_shown_after_the_senders_words_and_nothing_is_marked_in_them() -> None:
    shown = show_document(MAIL.encode(), BODY_PATH, [(1, READ)], LimitsConfig(), frozenset())
    texts = [block.text or block.heading for block in shown.blocks]
    heading = next(index for index, block in enumerate(shown.blocks) if block.heading)
    assert texts[:heading] == ["Đã cài đặt Bluezone: 3.102"]
    assert "không đọc số liệu" in texts[heading]
    assert any("0233.3000.000" in text for text in texts[heading:]) and any("2.999" in text for text in texts[heading:])
    assert [block.marks for block in shown.blocks[heading:] if block.marks] == []


def test_a_mail_of_own_words_only_has_no_such_heading() -> None:
    shown = show_document(MAIL.partition(DASHES)[0].encode(), BODY_PATH, (), LimitsConfig(), frozenset())
    assert [block.heading for block in shown.blocks] == [""]
