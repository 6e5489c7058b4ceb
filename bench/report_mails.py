"""1,000 report mails for the bench: 250 units, four weeks, a quarter each Word, Excel, PDF and plain text; every one acceptable."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta
from itertools import product

from mailbox_ingest.demo.mails import File, Sender, compose
from mailbox_ingest.demo.papers import LABELS, PDF_TYPE, SHEET_TYPE, WORD_TYPE, Letter, pdf, sheet, vietnamese, word
from mailbox_ingest.model import Unit
from mailbox_ingest.periods import LOCAL_ZONE

KINDS = ("Trường Mầm non", "Trường Tiểu học", "Trường THCS", "Trạm Y tế", "Ủy ban nhân dân xã")
_PLACE_NAMES = (
    "Cam An,Cam Chính,Cam Hiếu,Cam Nghĩa,Cam Thành,Cam Thủy,Gio An,Gio Châu,Gio Hải,Gio Mai,Gio Mỹ,Gio Sơn,Hải An,Hải Ba,Hải Chánh,"
    "Hải Dương,Hải Khê,Hải Lâm,Hải Phú,Hải Quế,Hướng Hiệp,Hướng Linh,Hướng Phùng,Hướng Sơn,Hướng Tân,Mò Ó,Tà Long,Tà Rụt,Ba Lòng,"
    "Húc Nghì,Triệu Ái,Triệu An,Triệu Độ,Triệu Giang,Triệu Hòa,Triệu Lăng,Triệu Long,Triệu Tài,Triệu Trạch,Triệu Vân,Vĩnh Chấp,"
    "Vĩnh Giang,Vĩnh Hà,Vĩnh Hòa,Vĩnh Khê,Vĩnh Lâm,Vĩnh Long,Vĩnh Ô,Vĩnh Sơn,Vĩnh Thủy"
)
PLACES = tuple(_PLACE_NAMES.split(","))
FIRST = datetime(2020, 8, 19, 8, 0, tzinfo=LOCAL_ZONE)


@dataclass(frozen=True, slots=True, kw_only=True)
class BenchMail:
    raw: bytes
    at: datetime
    kind: str


def units() -> tuple[Unit, ...]:
    return tuple(
        Unit(code=f"cdcs-{number:03}", name=f"CĐCS {kind} {place}", group=kind, emails=(f"cdcs{number:03}@congdoan.example",))
        for number, (kind, place) in enumerate(product(KINDS, PLACES))
    )


def figures(number: int) -> tuple[int, int, int]:
    """What the mail of that number reports."""
    registered = len(KINDS) * len(PLACES)
    members = 40 + number * 7 % registered
    phones = members * 88 // 100
    return members, phones, phones * (60 + 8 * (number // registered)) // 100


def mails(count: int = 1000) -> Iterator[BenchMail]:
    """In order of arrival."""
    registry = units()
    for number in range(count):
        unit, week = registry[number % len(registry)], number // len(registry)
        at = FIRST + timedelta(days=7 * week, seconds=60 * (number % len(registry)))
        first, second, third = (vietnamese(value) for value in figures(number))
        place = PLACES[number % len(PLACES)]  # as units() pairs them: every kind at every place, the place changing first
        letter = Letter(unit=unit.name, place=place, day=at.date(), cells=(first, second, third), number=number + 1)
        kind = ("docx", "xlsx", "pdf", "text")[number % 4]
        text = f"Kính gửi Ban Công tác cơ sở,\n{unit.name} gửi báo cáo cài đặt Bluezone.\nTrân trọng./.\n"
        files: tuple[File, ...] = ()
        if kind == "docx":
            files = (File(name="BC Bluezone.docx", content_type=WORD_TYPE, data=word(letter)),)
        elif kind == "xlsx":
            files = (File(name="BC Bluezone.xlsx", content_type=SHEET_TYPE, data=sheet(letter)),)
        elif kind == "pdf":
            files = (File(name="BC Bluezone.pdf", content_type=PDF_TYPE, data=pdf(letter)),)
        else:
            labels = (
                LABELS[0],
                "Số đoàn viên, người lao động có điện thoại thông minh",
                "Số đoàn viên, người lao động đã cài đặt Bluezone",
            )
            lines = "".join(f"- {label}: {value}\n" for label, value in zip(labels, letter.cells, strict=True))
            text = f"Kính gửi Ban Công tác cơ sở,\n{unit.name} báo cáo kết quả cài đặt Bluezone:\n{lines}Trân trọng./.\n"
        sender = Sender(email=unit.emails[0], name="Nguyễn Văn Minh")
        yield BenchMail(raw=compose(sender=sender, at=at, subject="Báo cáo cài đặt Bluezone", text=text, files=files), at=at, kind=kind)
