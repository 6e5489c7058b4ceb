"""What is sent on schedule: digests, the report to the body above, reminders; and whose letterhead they carry."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime, time


@dataclass(frozen=True, slots=True, kw_only=True)
class OrganisationConfig:
    """Who we write for: names in replies and digests, and the superior bodies that letterheads name but that are no units."""

    name: str = "Liên đoàn Lao động tỉnh Quảng Trị"
    short_name: str = "LĐLĐ tỉnh Quảng Trị"
    department: str = "Ban Công tác cơ sở"
    phone: str = ""
    place: str = "Quảng Trị"
    document_symbol: str = "BC-LĐLĐ"  # after the number of official papers: 'Số: …/BC-LĐLĐ'
    signatory: str = "TM. BAN THƯỜNG VỤ"  # who signs them
    superiors: tuple[str, ...] = (
        "Liên đoàn Lao động tỉnh Quảng Trị",
        "Tổng Liên đoàn Lao động Việt Nam",
    )


@dataclass(frozen=True, slots=True, kw_only=True)
class DigestConfig:
    """One digest: to whom, of which form, when. `weekday` counts 1 = Monday … 7 = Sunday."""

    name: str
    form: str
    recipients: tuple[str, ...]
    weekday: int = 5
    at: time = time(17, 30)
    groups: tuple[str, ...] = ()  # empty: all
    template: str = "digest-weekly"  # a folder of templates


@dataclass(frozen=True, slots=True, kw_only=True)
class UpwardConfig:
    """One report to the body above us: of the reports of `since` to `until`, due at `due`, drafted at `draft_at`.

    `release`: 'human' (the draft waits until somebody releases it) or 'automatic' (it goes out when it is drafted).
    """

    name: str
    form: str
    recipients: tuple[str, ...]
    to: str  # 'Tổng Liên đoàn Lao động Việt Nam (qua Ban Tuyên giáo)'
    since: date
    until: date
    due: datetime
    draft_at: datetime
    basis: str = ""  # the letter that asks for it; the form's where empty
    about: str = ""  # what it is about, within a sentence
    groups: tuple[str, ...] = ()  # empty: all
    template: str = "upward"
    release: str = "human"


@dataclass(frozen=True, slots=True, kw_only=True)
class ReminderConfig:
    """Reminders of one form to the units that owe it.

    `offsets_hours` count from the deadline: negative before it, 0 at it, positive after it. A reminder that nobody could send within
    `grace_hours` is dropped. Units silent for `escalate_after_weeks` weeks in a row (0: never) are named to `escalate_to`.
    """

    form: str
    offsets_hours: tuple[int, ...] = (-32, 0, 64)
    grace_hours: int = 24
    working_days_only: bool = True
    attach_blank_form: bool = True
    escalate_after_weeks: int = 0
    escalate_to: tuple[str, ...] = ()
