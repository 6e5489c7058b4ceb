"""What a channel carries, and what a channel is. A notice is complete in itself: no database is needed to tell it."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Any, Protocol

from mailbox_ingest.alarms.notices import CLEARED, OPENED, REMINDER, TEST
from mailbox_ingest.alarms.words import WORDS
from mailbox_ingest.model.alarms import Alarm
from mailbox_ingest.periods import LOCAL_ZONE

_MARKS = {OPENED: "CẢNH BÁO", REMINDER: "NHẮC LẠI CẢNH BÁO", CLEARED: "ĐÃ HẾT", TEST: "THỬ KÊNH CẢNH BÁO"}


@dataclass(frozen=True, slots=True, kw_only=True)
class Notice:
    """One alarm as it is told. `event`: 'opened', 'reminder', 'cleared' or 'test'; `who` names the office, `host` the machine."""

    event: str
    alarm: Alarm | None  # None for a test
    who: str
    host: str
    at: datetime

    @property
    def title(self) -> str:
        what = "Kênh cảnh báo hoạt động" if self.alarm is None else WORDS[self.alarm.kind][0]
        of = "" if self.alarm is None or ":" not in self.alarm.key else f" ({self.alarm.key.partition(':')[2]})"
        return f"[{_MARKS[self.event]}] {what}{of} – {self.who}"

    @property
    def text(self) -> str:
        """The whole notice for people."""
        alarm = self.alarm
        if alarm is None:
            return f"{self.title}\nĐây là thư thử do người vận hành gửi; không cần làm gì.\nMáy: {self.host}"
        lines = [self.title, f"Chi tiết: {alarm.detail}", f"Bắt đầu: {_moment(alarm.opened_at or alarm.first_seen_at)}"]
        if alarm.cleared_at is not None:
            lines.append(f"Kết thúc: {_moment(alarm.cleared_at)}")
        else:
            lines += [f"Gần nhất: {_moment(alarm.last_seen_at)}, {alarm.count} lần", f"Việc cần làm: {WORDS[alarm.kind][1]}"]
        return "\n".join([*lines, f"Máy: {self.host}"])

    def fields(self) -> dict[str, Any]:
        """For programs: `text` as chat services want it, and every fact on its own."""
        alarm = self.alarm
        facts: dict[str, Any] = {"text": self.text, "event": self.event, "title": self.title, "organisation": self.who, "host": self.host}
        facts["at"] = self.at.isoformat()
        if alarm is not None:
            moments = ("first_seen_at", "opened_at", "last_seen_at", "cleared_at")
            facts |= {"key": alarm.key, "kind": alarm.kind.value, "detail": alarm.detail, "count": alarm.count}
            facts |= {name: None if (moment := getattr(alarm, name)) is None else moment.isoformat() for name in moments}
        return facts


class Channel(Protocol):
    """A way to reach the operator that does not lead through the outbox."""

    @property
    def name(self) -> str: ...

    def send(self, notice: Notice) -> None:
        """Raises NoticeNotSent."""


def _moment(moment: datetime) -> str:
    return f"{moment.astimezone(LOCAL_ZONE):%H:%M ngày %d/%m/%Y}"
