"""The Vietnamese words of the desk: states, roles, notes after an act, and the filters that templates write figures and moments with."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import datetime
from typing import Any

from markupsafe import Markup

from mailbox_ingest.model import Role
from mailbox_ingest.periods import LOCAL_ZONE
from mailbox_ingest.render import wording

ROLES = {Role.VIEW: "xem", Role.DECIDE: "xử lý", Role.ADMIN: "quản trị"}

# (words, colour of the tag): a state is told by its words, the colour only helps.
MAIL_STATES = {
    "queued": ("chờ gửi", "wait"),
    "sending": ("đang gửi", "wait"),
    "sent": ("đã gửi", "good"),
    "failed": ("không gửi được", "bad"),
    "given_up": ("thôi không gửi", "bad"),
    "held": ("giữ lại", "warn"),
}
JOB_STATES = {"running": ("đang chạy", "wait"), "done": ("xong", "good"), "failed": ("lỗi", "bad")}

# What the page after an act says; addresses carry the key only.
NOTES: Mapping[str, str] = {}


def stamp(moment: datetime | None) -> str:
    """'20/8/2020 17:05' in local time; '' for none."""
    if moment is None:
        return ""
    local = moment.astimezone(LOCAL_ZONE)
    return f"{local.day}/{local.month}/{local.year} {local:%H:%M}"


def number(value: int | None) -> str:
    return "" if value is None else wording.count(value)


def tag(words: Mapping[str, tuple[str, str]]) -> Callable[[Any], Markup]:
    """A filter that writes a state as a small coloured label; a state it does not know stands as it is."""

    def written(state: Any) -> Markup:
        text, colour = words.get(str(state), (str(state), ""))
        return Markup('<span class="tag {}">{}</span>').format(colour, text)

    return written


FILTERS: dict[str, Callable[..., Any]] = {
    "stamp": stamp,
    "number": number,
    "percent": lambda value: "" if value is None else wording.percent(value),
    "week": wording.week,
    "short_week": wording.short_week,
    "moment": wording.moment,
    "capital": wording.capital,
    "one_line": wording.one_line,
    "mail_state": tag(MAIL_STATES),
    "job_state": tag(JOB_STATES),
    "role": lambda role: ROLES[role],
}
