"""Makes a mail of a text: CRLF line ends, and the fields that the receiving provider puts on top."""

from __future__ import annotations

import re
from dataclasses import dataclass
from textwrap import dedent

OURS = "baocao@congdoan-qt.example"
OUR_ID = "<reminder-bluezone-2020-W35.5f0c1d2e3a4b5c6d@congdoan-qt.example>"
CLERK = "camlo@gmail.example"


@dataclass(frozen=True, slots=True)
class Made:
    """A mail with its name; `kind` is why it counts as a machine's, None for a person's."""

    name: str
    raw: bytes
    kind: str | None


def made(name: str, kind: str | None, text: str, *, provider: bool = True) -> Made:
    """`text` is the mail as its sender wrote it, indented as one likes; a Message-ID of its own where it has none."""
    text = dedent(text).strip("\n") + "\n"
    head = ""
    if not re.search(r"(?im)^message-id:", text.split("\n\n", 1)[0]):
        head += f"Message-ID: <{name}@may-chu.example>\n"
    if provider:
        sender = re.search(r"(?im)^from:.*?@([a-z0-9.-]+)", text)
        domain = sender[1] if sender else "may-chu.example"
        results = f"Authentication-Results: mx.google.com;\n       dkim=pass header.i=@{domain};\n       dmarc=pass header.from={domain}\n"
        head = f"Delivered-To: {OURS}\n{results}{head}"
    return Made(name, (head + text).replace("\n", "\r\n").encode(), kind)


def form_mail(name: str, sender: str, unit: str, *headers: str, installed: int = 1190) -> bytes:
    """The form as a file, under the letterhead of `unit`."""
    table = (
        f"<table><tr><td><p>LIÊN ĐOÀN LAO ĐỘNG TỈNH QUẢNG TRỊ</p><p>{unit}</p></td><td></td></tr>"
        "<tr><td>Số: 12/BC-CĐ</td><td>Quảng Trị, ngày 28 tháng 8 năm 2020</td></tr></table>"
        "<p>BÁO CÁO</p><p>Về việc cài đặt ứng dụng Bluezone</p>"
        "<table><tr><td>TT</td><td>NỘI DUNG</td><td>ĐVT (người)</td></tr>"
        "<tr><td>1</td><td>Tổng số đoàn viên, người lao động</td><td>1.950</td></tr>"
        "<tr><td>2</td><td>Số đoàn viên, người lao động có điện thoại thông minh</td><td>1.480</td></tr>"
        f"<tr><td></td><td>Số đoàn viên, người lao động đã cài đặt Bluezone</td><td>{installed}</td></tr></table>"
    )
    head = "\n".join(
        (
            f"From: {sender}",
            f"To: {OURS}",
            "Subject: Báo cáo Bluezone",
            "Date: Fri, 28 Aug 2020 09:00:00 +0700",
            *headers,
            "MIME-Version: 1.0",
        )
    )
    body = (
        'Content-Type: multipart/mixed; boundary="=_f"\n\n--=_f\nContent-Type: text/plain; charset=utf-8\n\nGửi báo cáo.\n'
        '--=_f\nContent-Type: text/html; charset=utf-8; name="bc.html"\n'
        f'Content-Disposition: attachment; filename="bc.html"\n\n{table}\n--=_f--\n'
    )
    return made(name, None, f"{head}\n{body}").raw
