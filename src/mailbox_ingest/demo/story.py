"""Three weeks of mail, 17/8 to 6/9/2020: who sends what, when, and what must become of it.

Week 34 is the first one (due on Thursday 20/8), weeks 35 and 36 are due on their Fridays. Every scene says what it shows and which
outcomes are right, so that a test can hold the house to it.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from datetime import datetime

from mailbox_ingest.demo.mails import File, Sender, compose
from mailbox_ingest.demo.papers import PDF_TYPE, SHEET_TYPE, WORD_TYPE, Letter, pdf, sheet, vietnamese, word
from mailbox_ingest.demo.registry import BY_CODE, MAILBOX, DemoUnit
from mailbox_ingest.periods import LOCAL_ZONE, Period

GOOD = frozenset({"accepted", "accepted_with_warnings"})
FIELDS = ("members", "smartphone_users", "installed")

Figures = tuple[int, int, int]


@dataclass(frozen=True, slots=True, kw_only=True)
class Scene:
    """One mail of the story. `figures` are what may be stored for (`unit`, `period`); None where nothing may be."""

    at: datetime
    shows: str
    raw: bytes = field(repr=False)
    outcomes: frozenset[str]
    answered: bool | None = True  # None: either is right
    unit: str | None = None
    period: Period | None = None
    figures: Figures | None = None


def figures_of(unit: DemoUnit, week: int) -> Figures:
    """What a unit really has in a week: members hardly move, installations grow."""
    spread = sum(map(ord, unit.unit.code)) % 17
    members = unit.members + (week - 34) * (spread % 3)
    phones = members * (74 + spread) // 100
    return members, phones, phones * (52 + spread + 12 * (week - 34)) // 100


def moment(day: int, month: int, hour: int, minute: int) -> datetime:
    return datetime(2020, month, day, hour, minute, tzinfo=LOCAL_ZONE)


def story() -> tuple[Scene, ...]:
    """All scenes in order of arrival."""
    return tuple(sorted((*_week_34(), *_week_35(), *_week_36()), key=lambda scene: scene.at))


# ---------------------------------------------------------------- how a clerk reports


def _letter(unit: DemoUnit, figures: Figures, at: datetime, note: str = "") -> Letter:
    first, second, third = (vietnamese(value) for value in figures)
    return Letter(unit=unit.unit.name, place=unit.place, day=at.date(), cells=(first, second, third), signer=unit.clerk, note=note)


def _as_word(letter: Letter) -> File:
    return File(name=f"BC Bluezone {letter.unit}.docx", content_type=WORD_TYPE, data=word(letter))


def _as_sheet(letter: Letter) -> File:
    return File(name="bao cao bluezone.xlsx", content_type=SHEET_TYPE, data=sheet(letter))


def _as_pdf(letter: Letter) -> File:
    return File(name=f"Bao_cao_Bluezone_{letter.day:%d%m%Y}.pdf", content_type=PDF_TYPE, data=pdf(letter))


def _sender(unit: DemoUnit) -> Sender:
    return Sender(email=unit.unit.emails[0], name=unit.clerk)


def _report(
    code: str,
    at: datetime,
    how: Callable[[Letter], File],
    *,
    shows: str = "Báo cáo đúng mẫu",
    outcomes: frozenset[str] = GOOD,
    week: int | None = None,
    figures: Figures | None = None,
    stored: bool = True,
    note: str = "",
    subject: str = "",
    sender: Sender | None = None,
    message_id: str | None = None,
) -> Scene:
    """A mail with one attachment that holds the unit's figures of the week."""
    unit = BY_CODE[code]
    period = Period(2020, week) if week else Period.at(at)
    given = figures or figures_of(unit, period.week)
    return Scene(
        at=at,
        shows=shows,
        outcomes=outcomes,
        unit=code if stored else None,
        period=period if stored else None,
        figures=given if stored else None,
        raw=compose(
            sender=sender or _sender(unit),
            at=at,
            subject=subject or f"{unit.unit.name} báo cáo cài đặt Bluezone",
            text=f"Kính gửi Ban Công tác cơ sở,\n\n{unit.unit.name} gửi báo cáo (file đính kèm). Trân trọng./.\n\n{unit.clerk}\n",
            files=(how(_letter(unit, given, at, note)),),
            message_id=message_id,
        ),
    )


def _in_body(code: str, at: datetime) -> Scene:
    """The three lines of the form written into the mail itself."""
    unit = BY_CODE[code]
    members, phones, installed = figures_of(unit, Period.at(at).week)
    text = (
        f"Kính gửi LĐLĐ tỉnh,\n{unit.unit.name} báo cáo kết quả cài đặt Bluezone:\n"
        f"- Tổng số đoàn viên, người lao động: {vietnamese(members)}\n"
        f"- Số đoàn viên, người lao động có điện thoại thông minh: {vietnamese(phones)}\n"
        f"- Số đoàn viên, người lao động đã cài đặt Bluezone: {vietnamese(installed)}\nTrân trọng./.\n\n{unit.clerk}\n"
    )
    return Scene(
        at=at,
        shows="Số liệu viết ngay trong thư",
        outcomes=GOOD,
        unit=code,
        period=Period.at(at),
        figures=(members, phones, installed),
        raw=compose(sender=_sender(unit), at=at, subject="Bao cao cai dat Bluezone", text=text),
    )


def _as_html(code: str, at: datetime) -> Scene:
    """A table in an HTML body."""
    unit = BY_CODE[code]
    members, phones, installed = figures_of(unit, Period.at(at).week)
    rows = (("Tổng số đoàn viên, người lao động", members), ("Số có điện thoại thông minh", phones), ("Số đã cài đặt Bluezone", installed))
    cells = "".join(f"<tr><td>{n}</td><td>{label}</td><td>{vietnamese(value)}</td></tr>" for n, (label, value) in enumerate(rows, start=1))
    html = (
        f"<html><body><p>Kính gửi: Ban Công tác cơ sở</p><p>{unit.unit.name} báo cáo:</p>"
        f"<table border=1><tr><th>TT</th><th>Nội dung</th><th>Số người</th></tr>{cells}</table></body></html>"
    )
    return Scene(
        at=at,
        shows="Bảng trong thư HTML",
        outcomes=GOOD,
        unit=code,
        period=Period.at(at),
        figures=(members, phones, installed),
        raw=compose(
            sender=_sender(unit),
            at=at,
            subject="Báo cáo Bluezone",
            text=f"{unit.unit.name} báo cáo số liệu Bluezone (bảng kèm theo).\n",
            html=html,
        ),
    )


def _wrong(code: str, at: datetime, cells: tuple[str, str, str], *, shows: str, how: Callable[[Letter], File] = _as_word) -> Scene:
    """The form with something in it that no one may count."""
    unit = BY_CODE[code]
    letter = Letter(unit=unit.unit.name, place=unit.place, day=at.date(), cells=cells, signer=unit.clerk)
    return Scene(
        at=at,
        shows=shows,
        outcomes=frozenset({"rejected", "needs_review"}),
        raw=compose(
            sender=_sender(unit),
            at=at,
            subject="Báo cáo Bluezone",
            text=f"{unit.unit.name} gửi báo cáo. {unit.clerk}\n",
            files=(how(letter),),
        ),
    )


# ---------------------------------------------------------------- the weeks


def _week_34() -> Iterator[Scene]:
    """The first week: due on Thursday 20/8 at 17:00."""
    yield _report("ldld-vinh-linh", moment(19, 8, 8, 12), _as_word)
    yield _report("cdn-y-te", moment(19, 8, 9, 40), _as_pdf)
    yield _report("ldld-dong-ha", moment(19, 8, 14, 5), _as_sheet)
    yield _in_body("cd-buu-dien", moment(19, 8, 15, 30))
    yield _report("ldld-gio-linh", moment(20, 8, 7, 55), _as_word)
    yield _as_html("cd-kho-bac", moment(20, 8, 8, 20))
    yield _report("cdvc-tinh", moment(20, 8, 9, 2), _as_word)
    yield _report("ldld-hai-lang", moment(20, 8, 10, 31), _as_pdf)
    yield _report("cdcs-tinh-bot-san", moment(20, 8, 10, 50), _as_word, shows="Tên đơn vị nằm trong tên đơn vị khác")
    yield _wrong("cdn-xay-dung", moment(20, 8, 14, 15), ("1.105", "804", "912"), shows="Số cài đặt lớn hơn số điện thoại")
    yield _report("cdn-xay-dung", moment(20, 8, 16, 20), _as_word, shows="Gửi lại sau khi được hướng dẫn sửa")
    yield _out_of_office(moment(20, 8, 16, 40))
    yield _report("ldld-huong-hoa", moment(21, 8, 8, 30), _as_word, shows="Trễ hạn (hạn 20/8)")
    yield _report("ldld-tx-quang-tri", moment(21, 8, 9, 10), _as_sheet, shows="Thị xã Quảng Trị, không phải tỉnh; trễ hạn")


def _week_35() -> Iterator[Scene]:
    """The second week: due on Friday 28/8 at 17:00."""
    yield _report("ldld-vinh-linh", moment(26, 8, 8, 3), _as_word)
    yield _report("ldld-dong-ha", moment(26, 8, 9, 15), _as_sheet)
    first = _report("cdn-y-te", moment(26, 8, 10, 20), _as_pdf)
    yield first
    yield Scene(
        at=moment(26, 8, 10, 26),
        shows="Gửi hai lần cùng một thư",
        raw=first.raw,
        outcomes=frozenset({"duplicate"}),
        answered=None,
    )
    old = tuple(value - 40 for value in figures_of(BY_CODE["cdvc-tinh"], 35))
    yield _report(
        "cdvc-tinh", moment(26, 8, 14, 0), _as_word, figures=(old[0], old[1], old[2]), shows="Báo cáo sẽ được thay thế", stored=False
    )
    yield _report(
        "cdvc-tinh",
        moment(27, 8, 8, 45),
        _as_word,
        shows="Đính chính, thay thế báo cáo trước",
        note="Báo cáo này thay thế báo cáo ngày 26/8/2020.",
        subject="Đính chính báo cáo Bluezone - CĐ Viên chức tỉnh",
    )
    yield _in_body("cd-buu-dien", moment(27, 8, 9, 30))
    yield _as_html("cd-kho-bac", moment(27, 8, 10, 5))
    yield _wrong("cd-dien-luc", moment(27, 8, 14, 40), ("624", "", "371"), shows="Thiếu một số liệu")
    yield _question(moment(27, 8, 15, 12))
    yield _report("ldld-gio-linh", moment(28, 8, 8, 22), _as_word)
    yield _report("ldld-hai-lang", moment(28, 8, 9, 35), _as_pdf)
    yield _report("cdn-xay-dung", moment(28, 8, 11, 0), _as_sheet)
    yield _wrong("ldld-cam-lo", moment(28, 8, 13, 50), ("khoảng hai nghìn", "1.560", "1.012"), shows="Không phải là số")
    yield _report("ldld-huong-hoa", moment(28, 8, 16, 58), _as_word, shows="Hai phút trước hạn")


def _week_36() -> Iterator[Scene]:
    """The third week: due on Friday 4/9 at 17:00; one report of week 35 still comes in on Monday."""
    yield _report("ldld-tx-quang-tri", moment(31, 8, 8, 10), _late_sheet, week=35, shows="Báo cáo tuần 35 gửi sáng thứ Hai: trễ")
    yield _report("ldld-vinh-linh", moment(1, 9, 8, 0), _as_word)
    yield _report("ldld-dong-ha", moment(1, 9, 9, 45), _as_sheet)
    yield _report("cdn-y-te", moment(3, 9, 8, 31), _as_pdf)
    yield _report("cdvc-tinh", moment(3, 9, 9, 5), _as_word)
    members, phones, _ = figures_of(BY_CODE["ldld-gio-linh"], 36)
    yield _report(
        "ldld-gio-linh",
        moment(3, 9, 9, 50),
        _as_word,
        figures=(members, phones, 160),
        shows="Số cài đặt giảm hơn 60 %: người xem trước",
        outcomes=frozenset({"needs_review"}),
        stored=False,
    )
    yield _report(
        "ldld-hai-lang",
        moment(3, 9, 10, 15),
        _as_pdf,
        sender=Sender(email="nguyenthimoi1990@thu-rieng.example", name="Nguyễn Thị Mới"),
        shows="Địa chỉ chưa đăng ký, thư công ghi rõ đơn vị",
        outcomes=GOOD | {"needs_review"},
    )
    yield _in_body("cd-buu-dien", moment(3, 9, 14, 20))
    yield _as_html("cd-kho-bac", moment(3, 9, 15, 0))
    yield _bounce(moment(3, 9, 15, 30))
    yield _report("cdn-xay-dung", moment(4, 9, 8, 40), _as_sheet)
    yield _report("cd-dien-luc", moment(4, 9, 9, 20), _as_word)
    yield _report("ldld-huong-hoa", moment(4, 9, 17, 20), _as_word, shows="Hai mươi phút sau hạn")


def _late_sheet(letter: Letter) -> File:
    """Written for week 35, dated on its last day of work."""
    dated = Letter(
        unit=letter.unit,
        place=letter.place,
        day=moment(28, 8, 0, 0).date(),
        cells=letter.cells,
        signer=letter.signer,
        note="Số liệu tuần 35 (từ ngày 24/8 đến 28/8/2020)",
    )
    return _as_sheet(dated)


def _out_of_office(at: datetime) -> Scene:
    unit = BY_CODE["cd-hai-quan"]
    return Scene(
        at=at,
        shows="Trả lời tự động của người vắng mặt",
        outcomes=frozenset({"ignored"}),
        answered=False,
        raw=compose(
            sender=_sender(unit),
            at=at,
            subject="Trả lời tự động: Đẩy mạnh cài đặt Bluezone",
            text="Tôi đi công tác đến hết ngày 25/8/2020, sẽ trả lời sau. Việc gấp xin gọi 0233.3000.000.\n",
            headers=(("Auto-Submitted", "auto-replied"),),
        ),
    )


def _question(at: datetime) -> Scene:
    unit = BY_CODE["cd-cuc-thue"]
    return Scene(
        at=at,
        shows="Một câu hỏi, không phải báo cáo",
        outcomes=frozenset({"needs_review", "rejected"}),
        answered=None,
        raw=compose(
            sender=_sender(unit),
            at=at,
            subject="Hỏi về báo cáo Bluezone",
            text=f"Kính gửi Ban CTCS, đơn vị có tính cả người lao động hợp đồng ngắn hạn không ạ? Xin cảm ơn.\n{unit.clerk}\n",
        ),
    )


def _bounce(at: datetime) -> Scene:
    return Scene(
        at=at,
        shows="Thư báo không gửi được",
        outcomes=frozenset({"ignored"}),
        answered=False,
        raw=compose(
            sender=Sender(email="mailer-daemon@congdoan.example", name="Mail Delivery Subsystem"),
            at=at,
            subject="Delivery Status Notification (Failure)",
            text=f"Thư từ {MAILBOX} đến cdn.giao.duc@congdoan.example không gửi được: hộp thư đã đầy.\n",
            headers=(("Return-Path", "<>"), ("Auto-Submitted", "auto-generated")),
        ),
    )
