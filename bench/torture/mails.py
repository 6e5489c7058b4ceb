"""The mails of a torture run: reports in every form, corrections, wrong and forged ones, copies, machines; what must become of each."""

from __future__ import annotations

import random
from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from email.parser import BytesHeaderParser

from bench.report_mails import BenchMail, figures, mails, units
from mailbox_ingest.demo.mails import Sender, compose
from mailbox_ingest.demo.papers import LABELS
from mailbox_ingest.model import Unit

GOOD = frozenset({"accepted", "accepted_with_warnings"})
WEEKS = 4
HELD = frozenset({"needs_review", "rejected"})
INBOX, JUNK = "INBOX", "Thư rác"  # as the Dovecot of the tests calls them
_SHARES = {"report": 52, "correction": 14, "wrong": 8, "question": 6, "forged": 4, "copy": 8, "machine": 8}


@dataclass(frozen=True, slots=True, kw_only=True)
class TortureMail:
    """One mail to append. `outcomes` are the right ones; `answered`: whether it gets a reply."""

    raw: bytes
    at: datetime
    folder: str
    kind: str
    outcomes: frozenset[str]
    answered: bool

    @property
    def message_id(self) -> str:
        return str(BytesHeaderParser().parsebytes(self.raw)["Message-ID"]).strip()


def stream(seed: int) -> Iterator[TortureMail]:
    """Mails in order of arrival, with up to a thousand reports. The same seed gives the same mails."""
    rng = random.Random(seed)
    registry = units()
    sent: list[TortureMail] = []  # reports that may be copied
    for number, report in enumerate(mails(len(registry) * WEEKS)):
        mail = TortureMail(raw=report.raw, at=report.at, folder=INBOX, kind="report", outcomes=GOOD, answered=True)
        yield mail
        sent.append(mail)
        kind = rng.choices(list(_SHARES), list(_SHARES.values()))[0]
        if kind == "copy":
            folder = rng.choice((INBOX, JUNK))
            yield replace(rng.choice(sent[-8:]), folder=folder, kind=kind, outcomes=frozenset({"duplicate"}), answered=False)
        elif kind != "report":
            yield _other(kind, registry[number % len(registry)], report, number, rng)


def _other(kind: str, unit: Unit, report: BenchMail, number: int, rng: random.Random) -> TortureMail:
    """Another mail of the report's sender, some seconds after it."""
    at = report.at + timedelta(seconds=rng.randrange(2, 50))
    subject = f"Báo cáo Bluezone ({number + 1})"
    headers: tuple[tuple[str, str], ...] = ()
    outcomes, answered = HELD, True
    members, phones, installed = figures(number)
    if kind == "correction":
        subject = f"Đính chính báo cáo Bluezone ({number + 1})"
        text, outcomes = f"{unit.name} báo cáo kết quả cài đặt Bluezone:\n{_lines(members, phones, installed - 1)}", GOOD
    elif kind == "wrong":
        text = f"{unit.name} báo cáo kết quả cài đặt Bluezone:\n{_lines(members, phones, phones + 3)}"
    elif kind == "question":
        subject, text = f"Hỏi về báo cáo Bluezone ({number + 1})", "Kính gửi Ban CTCS, đơn vị có tính cả hợp đồng ngắn hạn không ạ?\n"
    elif kind == "forged":
        text, answered = f"{unit.name} báo cáo kết quả cài đặt Bluezone:\n{_lines(members, phones, installed - 2)}", False
        domain = unit.emails[0].partition("@")[2]
        headers = (("Authentication-Results", f"mx.google.com; dkim=fail; spf=fail; dmarc=fail header.from={domain}"),)
    else:
        subject, text = f"Trả lời tự động ({number + 1})", "Tôi đi công tác, sẽ trả lời sau.\n"
        headers, outcomes, answered = (("Auto-Submitted", "auto-replied"),), frozenset({"ignored"}), False
    sender = Sender(email=unit.emails[0], name="Nguyễn Văn Minh")
    raw = compose(sender=sender, at=at, subject=subject, text=f"Kính gửi Ban CTCS,\n{text}Trân trọng./.\n", headers=headers)
    return TortureMail(raw=raw, at=at, folder=INBOX, kind=kind, outcomes=outcomes, answered=answered)


def _lines(members: int, phones: int, installed: int) -> str:
    labels = (LABELS[0], "Số đoàn viên, người lao động có điện thoại thông minh", "Số đoàn viên, người lao động đã cài đặt Bluezone")
    return "".join(f"- {label}: {value}\n" for label, value in zip(labels, (members, phones, installed), strict=True))
