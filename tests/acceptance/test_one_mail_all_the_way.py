"""Mail on a real IMAP server becomes a stored report, a correct Vietnamese reply and a line of the digest; a second run does nothing."""

from __future__ import annotations

import io
from collections.abc import Callable
from datetime import datetime
from typing import Any

from openpyxl import load_workbook

from mailbox_ingest.demo.mails import File, Sender, compose
from mailbox_ingest.demo.papers import WORD_TYPE, Letter, word
from mailbox_ingest.demo.registry import BY_CODE
from mailbox_ingest.periods import LOCAL_ZONE

ARRIVED = datetime(2020, 8, 20, 8, 12, tzinfo=LOCAL_ZONE)
SUBJECT = "Báo cáo Bluezone huyện Vĩnh Linh"

REPLY = """LIÊN ĐOÀN LAO ĐỘNG TỈNH QUẢNG TRỊ
Ban Công tác cơ sở

Kính gửi: LĐLĐ huyện Vĩnh Linh

ĐÃ GHI NHẬN BÁO CÁO

Báo cáo đến lúc 08:12 thứ Năm, 20/8/2020 đã được tiếp nhận và ghi nhận.

BÁO CÁO CÀI ĐẶT ỨNG DỤNG BLUEZONE, tuần 34 (17/8–23/8/2020)
Đơn vị: LĐLĐ huyện Vĩnh Linh
Kết quả: đã ghi nhận. Đúng hạn (hạn: 17:00 thứ Năm, 20/8/2020).

- Tổng số đoàn viên, người lao động: 4.215
- Số đoàn viên, người lao động có điện thoại thông minh: 3.480
- Số đoàn viên, người lao động đã cài đặt Bluezone: 3.102
- Tỷ lệ đoàn viên, người lao động có điện thoại thông minh: 82,6%
- Tỷ lệ đã cài đặt Bluezone trên số có điện thoại thông minh: 89,1%

Đề nghị đơn vị đối chiếu với báo cáo đã gửi. Nếu có sai lệch, xin trả lời thư này, đính kèm báo cáo đúng và ghi rõ “thay thế”.

Kỳ báo cáo tiếp theo: tuần 35 (24/8–30/8/2020), hạn 17:00 thứ Sáu, 28/8/2020.
Trân trọng cảm ơn./.

--
Thư này được gửi tự động sau khi báo cáo được tiếp nhận. Mọi vướng mắc, xin trả lời thư này hoặc liên hệ Ban Công tác cơ sở.
Căn cứ: Công văn số 597/LĐLĐ-CTCS ngày 14/8/2020.
"""


def report(cells: tuple[str, str, str], *, number: int, at: datetime = ARRIVED, code: str = "ldld-vinh-linh") -> bytes:
    """The official form as a unit sends it, in a thread that the house did not begin."""
    unit = BY_CODE[code]
    letter = Letter(unit=unit.unit.name, place=unit.place, day=at.date(), cells=cells, signer=unit.clerk)
    return compose(
        sender=Sender(email=unit.unit.emails[0], name=unit.clerk),
        at=at,
        subject=SUBJECT,
        text="Kính gửi Ban Công tác cơ sở,\nđơn vị xin gửi báo cáo. Trân trọng.\n",
        files=(File(name="BC Bluezone.docx", content_type=WORD_TYPE, data=word(letter)),),
        headers=(("In-Reply-To", "<cong-van-597@congdoan.example>"), ("References", "<cong-van-597@congdoan.example>")),
        message_id=f"<bao-cao-{number}@congdoan.example>",
    )


def test_the_reply_is_right_word_for_word_and_header_for_header(
    installation: Any, post: Callable[..., None], ask: Callable[..., Any]
) -> None:
    post(report(("4.215", "3.480", "3.102"), number=1), time=ARRIVED)

    assert ask("poll") == [{"fetched": 1, "read": 1, "outcomes": {"accepted": 1}, "failures": []}]
    assert ask("deliver")[0]["sent"] == 1

    (mail,) = installation.smtp.mails
    assert mail.sender == "baocao.ctcs@congdoan-quangtri.example"
    assert mail.recipients == ("ldld.vinh.linh@congdoan.example",)
    found = mail.message
    assert found["Subject"] == f"Re: {SUBJECT}"
    assert found["From"] == "LĐLĐ tỉnh Quảng Trị <baocao.ctcs@congdoan-quangtri.example>"
    assert found["To"] == "Trần Văn Hải <ldld.vinh.linh@congdoan.example>"
    assert found["In-Reply-To"] == "<bao-cao-1@congdoan.example>"
    assert found["References"] == "<cong-van-597@congdoan.example> <bao-cao-1@congdoan.example>"
    assert found["Auto-Submitted"] == "auto-replied"
    assert found["Message-ID"].startswith("<receipt-1.") and found["Message-ID"].endswith("@congdoan-quangtri.example>")
    assert found["Date"] and not found["Cc"] and not found["Bcc"]
    assert found.get_body(("plain",)).get_content().replace("\r\n", "\n").strip() == REPLY.strip()
    html = found.get_body(("html",)).get_content()
    assert all(words in html for words in ("4.215", "3.480", "3.102", "89,1%", "LĐLĐ huyện Vĩnh Linh", "tuần 34 (17/8–23/8/2020)"))


def test_a_second_run_does_nothing_new(installation: Any, post: Callable[..., None], ask: Callable[..., Any]) -> None:
    post(report(("4.215", "3.480", "3.102"), number=1), time=ARRIVED)
    ask("poll")
    ask("deliver")
    before = ask("status")[0]["messages"]

    assert ask("poll") == [{"fetched": 0, "read": 0, "outcomes": {}, "failures": []}]
    assert ask("deliver")[0]["sent"] == 0
    assert ask("status")[0]["messages"] == before
    assert len(installation.smtp.mails) == 1


def test_the_same_mail_in_another_folder_is_recorded_and_answered_once(
    installation: Any, post: Callable[..., None], ask: Callable[..., Any]
) -> None:
    raw = report(("4.215", "3.480", "3.102"), number=1)
    post(raw, time=ARRIVED)
    post(raw, "Thư rác", ARRIVED)
    ask("poll")
    ask("deliver")

    assert sorted(message["outcome"] for message in ask("status")[0]["messages"]) == ["accepted", "duplicate"]
    assert len(installation.smtp.mails) == 1


def test_a_wrong_report_comes_back_and_the_mended_one_counts(installation: Any, post: Callable[..., None], ask: Callable[..., Any]) -> None:
    post(report(("4.215", "3.480", "3.802"), number=1), time=ARRIVED)
    ask("poll")
    post(report(("4.215", "3.480", "3.102"), number=2, at=ARRIVED.replace(hour=10)), time=ARRIVED.replace(hour=10))
    ask("poll")
    ask("deliver")

    first, second = ask("explain", "1")[0], ask("explain", "2")[0]
    assert (first["outcome"], second["outcome"]) == ("rejected", "accepted")
    assert [finding["code"] for finding in first["reports"][0]["findings"]] == ["installed_exceeds_smartphones"]
    assert second["reports"][0]["values"] == {"members": 4215, "smartphone_users": 3480, "installed": 3102}
    evidence = second["details"]["reports"][0]["evidence"]["installed"][0]
    assert (evidence["document"], evidence["raw"]) == ("BC Bluezone.docx", "3.102")
    assert "3.802" in installation.smtp.mails[0].message.get_body(("plain",)).get_content()


def test_a_held_mail_is_decided_by_a_person_and_the_sender_hears_of_it(
    installation: Any, post: Callable[..., None], ask: Callable[..., Any]
) -> None:
    post(report(("4.215", "3.480", "3.102"), number=1), time=ARRIVED)
    later = ARRIVED.replace(day=27)
    post(report(("4.215", "3.480", "310"), number=2, at=later), time=later)
    ask("poll")
    (held,) = ask("review", "list")
    assert held["number"] == 2

    code, _ = installation.run("review", "correct", "2", "--set", "installed=4000", "--who", "chị Hà")
    assert code == 1  # more installations than telephones: nobody may accept that
    ask("review", "correct", "2", "--set", "installed=3110", "--who", "chị Hà", "--reason", "Đơn vị đã xác nhận qua điện thoại.")
    ask("deliver")

    assert ask("explain", "2")[0]["reports"][0]["values"]["installed"] == 3110
    assert ask("review", "list") == []
    decision = installation.smtp.mails[-1].message
    assert decision["In-Reply-To"] == "<bao-cao-2@congdoan.example>"
    assert "3.110" in decision.get_body(("plain",)).get_content()
    assert installation.run("review", "reject", "2", "--reason", "x")[0] == 1  # decided is decided


def test_the_digest_is_frozen_and_sent_once(installation: Any, post: Callable[..., None], ask: Callable[..., Any]) -> None:
    post(report(("4.215", "3.480", "3.102"), number=1), time=ARRIVED)
    ask("poll")
    assert ask("digest", "send", "--period", "2020-W34")[0] == {"name": "lanh-dao", "period": "2020-W34", "new": True, "queued": True}
    assert ask("digest", "send", "--period", "2020-W34")[0]["queued"] is False
    ask("deliver")

    (mail,) = (found.message for found in installation.smtp.mails if found.recipients == ("lanhdao@congdoan-quangtri.example",))
    assert mail["Auto-Submitted"] == "auto-generated"
    text = mail.get_body(("plain",)).get_content()
    assert "3.102" in text and "LĐLĐ huyện Cam Lộ" in text  # what was reported, and who did not report
    kinds = [part.get_content_type() for part in mail.walk()]
    assert "image/png" in kinds
    (book,) = [part for part in mail.walk() if part.get_content_type().endswith("spreadsheetml.sheet")]
    sheets = load_workbook(io.BytesIO(book.get_content()))
    assert any(cell.value == 3102 for sheet in sheets for row in sheet.iter_rows() for cell in row)


def test_doctor_finds_a_working_installation_healthy_and_a_broken_one_not(installation: Any) -> None:
    code, checks = installation.run("doctor")
    assert code == 0, checks
    assert {"database", "mailbox bao-cao", "outgoing mail", "units", "clock"} <= {check["name"] for check in checks}

    (installation.folder / "imap-password").write_text("falsch", encoding="utf-8")
    code, checks = installation.run("doctor")
    assert code == 1
    assert [check["name"] for check in checks if check["state"] == "failed"] == ["mailbox bao-cao"]


def test_an_unreachable_mailbox_is_said_and_stops_nothing_else(installation: Any, ask: Callable[..., Any]) -> None:
    path = installation.folder / "config.toml"
    text = path.read_text(encoding="utf-8")
    path.write_text(text.replace("[[mailboxes]]", "[[mailboxes]]\nconnect_timeout_seconds = 0.5", 1).replace("port = ", "port = 1 # ", 1))
    code, printed = installation.run("poll")
    assert code == 1 and printed[0]["failures"]
    assert ask("status")[0]["polls"]["bao-cao"]["failure"]
