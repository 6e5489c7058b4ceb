"""People whose mails look as if a machine had written them. Each is the clerk of a unit of its own: `unit(n)` at `address(n)`."""

from __future__ import annotations

from mailbox_ingest.model import Unit
from mails.making import OUR_ID, OURS, Made, made

_FIGURES = "Tổng số đoàn viên: 1950\nSố có điện thoại thông minh: 1480\nSố đã cài đặt Bluezone: 1190\n"
_BODY = f"Kính gửi LĐLĐ tỉnh, em gửi báo cáo Bluezone tuần 35:\n\n{_FIGURES}"


def address(number: int) -> str:
    return f"canbo{number:02}@gmail.example"


def _person(
    number: int, name: str, *headers: str, body: str = _BODY, content_type: str = "text/plain; charset=utf-8", sender: str = ""
) -> Made:
    lines = list(headers)
    if not any(line.lower().startswith("subject:") for line in lines):
        lines.append("Subject: Báo cáo Bluezone tuần 35")
    if not any(line.lower().startswith("to:") for line in lines):
        lines.append(f"To: {OURS}")
    whose = sender or f"Cán bộ {number} <{address(number)}>"
    return made(name, None, "\n".join((f"From: {whose}", *lines, "MIME-Version: 1.0", f"Content-Type: {content_type}", "", body)))


def _with(*parts: tuple[str, str]) -> str:
    return "".join(f"--=_p\n{head}\n\n{body}\n" for head, body in parts) + "--=_p--\n"


_MIXED = 'multipart/mixed; boundary="=_p"'
_WORDS = ("Content-Type: text/plain; charset=utf-8", _BODY)

PEOPLE = (
    _person(1, "outlook-asks-for-no-answers", "X-Auto-Response-Suppress: DR, OOF, AutoReply"),
    _person(2, "suppresses-everything", "X-Auto-Response-Suppress: All", "X-MS-Has-Attach:"),
    _person(3, "not-auto-submitted", "Auto-Submitted: no"),
    _person(4, "not-auto-submitted-says-a-comment", "Auto-Submitted: no (người (thật) viết)"),
    _person(5, "x-autoreply-no", "X-Autoreply: no", "Precedence: normal"),
    _person(
        6, "wants-a-receipt", f"Disposition-Notification-To: {address(6)}", f"Return-Receipt-To: {address(6)}", "X-Confirm-Reading-To: x"
    ),
    _person(7, "has-read-a-letter", "Subject: Đã đọc công văn 597, xin gửi báo cáo"),
    _person(8, "has-read-colon", "Subject: Đã đọc: em gửi báo cáo ạ"),
    _person(9, "answers-an-absence", "Subject: Re: Trả lời tự động: Nhắc báo cáo", f"In-Reply-To: {OUR_ID}"),
    _person(10, "automatic-reply-is-broken", "Subject: Trả lời tự động không hoạt động, em gửi báo cáo bằng thư này"),
    _person(11, "a-colleague-is-away", "Subject: Thông báo vắng mặt đồng chí Lan, em gửi báo cáo thay"),
    _person(12, "out-of-office-supplies", "Subject: Out of office supplies, bao cao Bluezone"),
    _person(13, "automation", "Subject: Tự động hoá báo cáo: số liệu tuần 35"),
    _person(
        14,
        "asks-about-a-bounce",
        "Subject: Fwd: Delivery Status Notification (Failure)",
        body=f"Thư trước bị trả lại, em gửi lại:\n\n{_FIGURES}",
    ),
    _person(
        15,
        "forwards-a-bounce",
        "Subject: Thư báo cáo bị trả lại",
        content_type=_MIXED,
        body=_with(
            _WORDS,
            (
                "Content-Type: message/rfc822",
                "Return-Path: <>\nFrom: MAILER-DAEMON@mail.example\nSubject: failure notice\nAuto-Submitted: auto-replied\n"
                'Content-Type: multipart/report; report-type=delivery-status; boundary="=_q"\n\n--=_q\n'
                "Content-Type: text/plain\n\nSorry.\n--=_q\nContent-Type: message/delivery-status\n\nReporting-MTA: dns; x\n\n"
                "Final-Recipient: rfc822; a@b.example\nAction: failed\nStatus: 5.1.1\n--=_q--\n",
            ),
        ),
    ),
    _person(16, "writes-to-herself-and-puts-us-in-bcc", f"To: {address(16)}"),
    _person(
        17,
        "attaches-a-calendar-file",
        content_type=_MIXED,
        body=_with(
            _WORDS,
            (
                'Content-Type: text/calendar; name="lich-hop.ics"\nContent-Disposition: attachment; filename="lich-hop.ics"',
                "BEGIN:VCALENDAR\nMETHOD:PUBLISH\nEND:VCALENDAR",
            ),
        ),
    ),
    _person(18, "answers-our-reminder", "Subject: Re: Nhắc báo cáo Bluezone tuần 35", f"In-Reply-To: {OUR_ID}", f"References: {OUR_ID}"),
    _person(19, "priority-and-spam-marks", "X-Priority: 1", "Importance: high", "X-Spam-Status: No", "X-Mailer: Mass Mailer 2.0"),
    _person(20, "called-postmaster", sender=f'"Postmaster No-Reply" <{address(20)}>'),
    _person(
        21,
        "by-webmail-script",
        "X-PHP-Originating-Script: 1000:rcube.php",
        "Sender: www-data@may.example",
        "Return-Path: <canbo21@gmail.example>",
    ),
    _person(
        22, "quotes-an-absence", body=f"{_BODY}\nVào 08:00 ngày 27/08/2020, Lan đã viết:\n> Trả lời tự động: tôi vắng mặt đến hết tuần.\n"
    ),
    _person(23, "no-reply-within-a-name", sender="nguyennoreplyan@gmail.example"),
    _person(24, "a-boss-is-out-of-office", "Subject: Đ/c chủ tịch is out of office tuần này, em gửi báo cáo"),
)


def units() -> tuple[Unit, ...]:
    """The registry in which every one of them is registered."""
    senders = {number: address(number) for number in range(1, len(PEOPLE) + 1)} | {23: "nguyennoreplyan@gmail.example"}
    return tuple(Unit(code=f"cd-{n:02}", name=f"Công đoàn cơ sở số {n:02}", group="cơ sở", emails=(email,)) for n, email in senders.items())
