from __future__ import annotations

from dataclasses import replace

import pytest

from mailbox_ingest.model import LetterContent, Mailbox, OutgoingKind
from mailbox_ingest.render.outgoing import announcement, reply_mail

OURS = Mailbox(email="baocao@qt.example", name="Tiếp nhận báo cáo")
LETTER = LetterContent(subject="Re: Báo cáo", text="…")


def test_a_reply_goes_to_the_sender_alone_and_stays_in_the_thread(incoming) -> None:
    mail = reply_mail(ledger_id=7, incoming=incoming, content=LETTER, sender=OURS)

    assert [m.email for m in mail.to] == ["vinhlinh@gmail.example"]
    assert mail.key == "receipt:7" and mail.in_answer_to == 7
    assert mail.in_reply_to == "<bc35@gmail.example>"
    assert mail.references == ("<root@gmail.example>", "<bc35@gmail.example>")
    assert mail.auto_submitted == "auto-replied"


def test_a_message_id_names_its_key_and_our_domain_and_cannot_be_guessed(incoming) -> None:
    first = reply_mail(ledger_id=7, incoming=incoming, content=LETTER, sender=OURS).message_id
    second = reply_mail(ledger_id=7, incoming=incoming, content=LETTER, sender=OURS).message_id

    assert first.startswith("<receipt-7.") and first.endswith("@qt.example>")
    assert first != second


def test_a_long_thread_keeps_its_root_and_its_latest_mails(incoming) -> None:
    long = replace(incoming, references=tuple(f"<{n}@x.example>" for n in range(300)))
    references = reply_mail(ledger_id=1, incoming=long, content=LETTER, sender=OURS).references

    assert len(references) == 20
    assert references[0] == "<0@x.example>" and references[-2:] == ("<299@x.example>", "<bc35@gmail.example>")


def test_ids_and_names_from_outside_cannot_start_a_header_line(incoming) -> None:
    hostile = replace(
        incoming,
        message_id="<a@b>\r\nBcc: all@example.com",
        references=("<x y@z>", "<ổ@z>", "not an id at all", "<ok@z>"),
        sender=Mailbox(email="vinhlinh@gmail.example", name="Hải\r\nBcc: all@example.com"),
    )
    mail = reply_mail(ledger_id=1, incoming=hostile, content=LETTER, sender=OURS)

    assert mail.in_reply_to == "<a@b>"
    assert mail.references == ("<ok@z>", "<a@b>")
    assert mail.to[0].name == "Hải Bcc: all@example.com"


def test_a_mail_without_an_id_is_answered_outside_any_thread(incoming) -> None:
    mail = reply_mail(ledger_id=1, incoming=replace(incoming, message_id=None, references=()), content=LETTER, sender=OURS)

    assert mail.in_reply_to is None and mail.references == ()


def test_a_mail_without_a_sender_cannot_be_answered(incoming) -> None:
    with pytest.raises(ValueError, match="From"):
        reply_mail(ledger_id=1, incoming=replace(incoming, sender=None), content=LETTER, sender=OURS)


def test_an_announcement_says_that_a_machine_made_it() -> None:
    mail = announcement(key="digest:lanh-dao:2020-W35", kind=OutgoingKind.DIGEST, to=(OURS,), content=LETTER, sender=OURS)

    assert mail.auto_submitted == "auto-generated" and mail.in_reply_to is None
