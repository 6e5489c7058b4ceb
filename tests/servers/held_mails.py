"""Mails for the desk: a first week that is accepted, then ten of the second that a person must look at, each for its own reason."""

from __future__ import annotations

import io
from dataclasses import dataclass
from datetime import datetime

import numpy as np
import pypdfium2
from PIL import Image, ImageFilter
from reportlab.lib.pdfencrypt import StandardEncryption
from reportlab.pdfgen.canvas import Canvas

from mailbox_ingest.demo.mails import File, Sender, compose
from mailbox_ingest.demo.papers import PDF_TYPE, WORD_TYPE, Letter, pdf, vietnamese, word
from mailbox_ingest.demo.registry import BY_CODE, DemoUnit
from mailbox_ingest.demo.story import figures_of, moment

STRANGER = Sender(email="nguyenthimoi1990@thu-rieng.example", name="Nguyễn Thị Mới")


@dataclass(frozen=True, slots=True, kw_only=True)
class HeldMail:
    """`shows` names the reason; `unit` is whose report it is in truth, None where nobody's."""

    shows: str
    at: datetime
    raw: bytes
    unit: str | None


def first_week() -> list[tuple[datetime, bytes]]:
    """Accepted reports of week 34: what the second week is compared with."""
    codes = ("ldld-vinh-linh", "ldld-dong-ha", "ldld-gio-linh", "ldld-hai-lang", "cdn-y-te", "cdvc-tinh", "cd-dien-luc")
    return [(at, _mail(code, at)) for number, code in enumerate(codes) for at in (moment(19, 8, 8, number),)]


def accepted_second_week() -> list[tuple[datetime, bytes]]:
    codes = ("ldld-dong-ha", "cdvc-tinh")
    return [(at, _mail(code, at)) for number, code in enumerate(codes) for at in (moment(26, 8, 8, number),)]


def ten_held() -> list[HeldMail]:
    """In order of arrival."""
    mails = [
        _scan("ldld-vinh-linh", moment(26, 8, 9, 0)),
        _conflict("ldld-hai-lang", moment(26, 8, 9, 10)),
        _unknown_unit(moment(26, 8, 9, 20)),
        _stranger("ldld-cam-lo", moment(26, 8, 9, 30)),
        _encrypted("cdn-y-te", moment(26, 8, 9, 40)),
        _question("cd-cuc-thue", moment(26, 8, 9, 50)),
        _drop("ldld-gio-linh", moment(26, 8, 10, 0)),
        _other_units_letter("cdn-xay-dung", "cdn-giao-thong", moment(26, 8, 10, 10)),
        _doubtful("cd-dien-luc", moment(26, 8, 10, 20)),
        _unknown_word("cd-buu-dien", moment(26, 8, 10, 30)),
    ]
    return [HeldMail(shows=shows, at=at, raw=raw, unit=unit) for shows, at, raw, unit in mails]


def hostile(at: datetime) -> bytes:
    """Markup wherever a sender can write: name, subject, file name, body, document."""
    bad = "<script>window.hacked=1</script><img src=x onerror=window.hacked=1>"
    letter = Letter(unit=f"LĐLĐ {bad}", place=bad, day=at.date(), cells=("10", "9", f"8 {bad}"), signer=bad)
    return compose(
        sender=Sender(email="xau@thu-rieng.example", name=f'"Xấu" {bad}'),
        at=at,
        subject=f"Báo cáo Bluezone {bad} '\"{{{{7*7}}}}",
        text=f"Báo cáo Bluezone: {bad}\n- Tổng số đoàn viên, người lao động: 10 {bad}\n",
        html=f"<p>Báo cáo Bluezone {bad}</p><iframe src='javascript:parent.hacked=1'></iframe>",
        files=(
            File(name="bc <script>window.hacked=1</script>.docx", content_type=WORD_TYPE, data=word(letter)),
            File(name="..\\..\\..\\etc\\passwd.html", content_type="text/html", data=f"<html><body>Bluezone {bad}</body></html>".encode()),
        ),
    )


# ---------------------------------------------------------------- one a reason


_Made = tuple[str, datetime, bytes, str | None]


def _letter(unit: DemoUnit, at: datetime, *, cells: tuple[str, str, str] | None = None, note: str = "") -> Letter:
    given = cells or tuple(vietnamese(value) for value in figures_of(unit, 34 if at.day < 24 else 35))
    return Letter(unit=unit.unit.name, place=unit.place, day=at.date(), cells=(given[0], given[1], given[2]), signer=unit.clerk, note=note)


def _mail(
    code: str,
    at: datetime,
    *,
    letter: Letter | None = None,
    sender: Sender | None = None,
    text: str = "",
    files: tuple[File, ...] | None = None,
) -> bytes:
    unit = BY_CODE[code]
    paper = letter or _letter(unit, at)
    given = (File(name="Bao cao Bluezone.docx", content_type=WORD_TYPE, data=word(paper)),) if files is None else files
    return compose(
        sender=sender or Sender(email=unit.unit.emails[0], name=unit.clerk),
        at=at,
        subject=f"{unit.unit.name} báo cáo cài đặt Bluezone",
        text=text or f"Kính gửi Ban Công tác cơ sở,\n\n{unit.unit.name} gửi báo cáo (file đính kèm). Trân trọng./.\n\n{unit.clerk}\n",
        files=given,
    )


def _scan(code: str, at: datetime) -> _Made:
    """A photographed page: blurred, noisy, a little askew."""
    page = pypdfium2.PdfDocument(pdf(_letter(BY_CODE[code], at)))[0].render(scale=1.7).to_pil().convert("L")
    page = page.rotate(0.7, expand=True, fillcolor=255, resample=Image.Resampling.BICUBIC).filter(ImageFilter.GaussianBlur(1.25))
    grain = np.random.default_rng(7).normal(0, 16, (page.height, page.width))
    pixels = np.clip(np.asarray(page, dtype=float) * 0.8 + 25 + grain, 0, 255).astype(np.uint8)
    out = io.BytesIO()
    Image.fromarray(pixels).save(out, "JPEG", quality=60, dpi=(120, 120))
    photo = File(name="IMG_20200826.jpg", content_type="image/jpeg", data=out.getvalue())
    return "bản chụp mờ", at, _mail(code, at, files=(photo,), text="Gửi ban báo cáo Bluezone (ảnh chụp).\n"), code


def _conflict(code: str, at: datetime) -> _Made:
    return "thư và tệp nói khác nhau", at, _mail(code, at, text=_in_text(code, installed=90)), code


def _in_text(code: str, *, installed: int = 0, of_whom: str = "") -> str:
    """The figures of week 35 in the mail itself, `installed` more than there are."""
    unit = BY_CODE[code]
    members, phones, really = figures_of(unit, 35)
    return (
        f"Kính gửi LĐLĐ tỉnh,\n{unit.unit.name} báo cáo kết quả cài đặt Bluezone:\n"
        f"- Tổng số đoàn viên, người lao động: {vietnamese(members)}\n"
        f"- Số đoàn viên, người lao động có điện thoại thông minh: {vietnamese(phones)}\n"
        f"- Số đoàn viên, người lao động{of_whom} đã cài đặt Bluezone: {vietnamese(really + installed)}\nTrân trọng./.\n"
    )


def _unknown_unit(at: datetime) -> _Made:
    letter = Letter(unit="LĐLĐ huyện Lệ Thủy", place="Lệ Thủy", day=at.date(), cells=("1.200", "900", "700"), signer="Trần Văn Lạ")
    raw = compose(
        sender=Sender(email="lethuy@congdoan-khac.example", name="LĐLĐ Lệ Thủy"),
        at=at,
        subject="Báo cáo Bluezone",
        text="Gửi báo cáo Bluezone.\n",
        files=(File(name="BC.docx", content_type=WORD_TYPE, data=word(letter)),),
    )
    return "đơn vị lạ", at, raw, None


def _stranger(code: str, at: datetime) -> _Made:
    return "địa chỉ chưa đăng ký", at, _mail(code, at, sender=STRANGER), code


def _encrypted(code: str, at: datetime) -> _Made:
    out = io.BytesIO()
    canvas = Canvas(out, encrypt=StandardEncryption("mat-khau", "chu", canPrint=0))
    canvas.drawString(100, 700, "Bao cao Bluezone")
    canvas.save()
    locked = File(name="Bao cao Bluezone.pdf", content_type=PDF_TYPE, data=out.getvalue())
    return "tệp có mật khẩu", at, _mail(code, at, files=(locked,), text=_in_text(code, installed=0)), code


def _question(code: str, at: datetime) -> _Made:
    text = "Kính gửi Ban CTCS, báo cáo Bluezone có tính cả người lao động hợp đồng ngắn hạn không ạ? Xin cảm ơn.\n"
    return "một câu hỏi", at, _mail(code, at, files=(), text=text), None


def _drop(code: str, at: datetime) -> _Made:
    members, phones, _ = figures_of(BY_CODE[code], 35)
    letter = _letter(BY_CODE[code], at, cells=(vietnamese(members), vietnamese(phones), "160"))
    return "giảm hơn 60 %", at, _mail(code, at, letter=letter), code


def _other_units_letter(code: str, other: str, at: datetime) -> _Made:
    return "văn bản của đơn vị khác", at, _mail(code, at, letter=_letter(BY_CODE[other], at)), other


def _doubtful(code: str, at: datetime) -> _Made:
    letter = _letter(BY_CODE[code], at, note="Số liệu trên chưa bao gồm 3 công đoàn cơ sở.")
    return "chính đơn vị ghi chưa đủ", at, _mail(code, at, letter=letter), code


def _unknown_word(code: str, at: datetime) -> _Made:
    return "tên chỉ tiêu có từ lạ", at, _mail(code, at, files=(), text=_in_text(code, of_whom=" và người thân")), code
