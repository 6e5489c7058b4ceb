"""What a server's refusal says of the address it refused: dead, full, or nothing certain. Pure; used for SMTP answers and bounces alike."""

from __future__ import annotations

import re

from mailbox_ingest.model import ContactState
from mailbox_ingest.vietnamese.fold import fold

# Not a piece of an IP address or of a version: RFC 3463 codes stand by themselves.
ENHANCED = re.compile(r"(?<![\d.])([245])\.(\d{1,3})\.(\d{1,3})(?![\d.]*\d)")
_REPLY_CODE = re.compile(r"(?<![\d.])[45]\d\d(?![\d.])")
_NO_SUCH_USER = re.compile(
    r"user unknown|unknown (?:user|recipient|mailbox|address|local part)|user (?:is |was )?(?:not known|not found|doesn ?t exist|invalid)"
    r"|(?:recipient|address|mailbox|account|user)\b.{0,60}(?:does ?n[o ]t exist|does not exist|not exist|not found|is disabled|inactive)"
    r"|(?:recipient|email|mail) address rejected|no (?:such|mailbox|valid) (?:user|mailbox|recipient|address|person|here)"
    r"|no mailbox (?:here )?by that name|invalid (?:recipient|mailbox|user|address)|doesn ?t have an? .{1,40} account|not listed in"
    r"|recipient not found|mailbox unavailable|host (?:or domain name )?(?:unknown|not found)|domain (?:name )?(?:not found|does not exist)"
    r"|name service error|khong tim thay dia chi|khong ton tai|nguoi nhan khong xac dinh"
)
_FULL = re.compile(
    r"quota|(?:mailbox|inbox|mail box|mail folder) (?:is |size |)(?:full|exceeded|limit)|out of storage|storage (?:space|limit|allocation)"
    r"|insufficient (?:system )?(?:storage|disk)|is full|too full|exceeds? .{0,40}(?:storage|mailbox size)|hop thu .{0,60}\bday\b"
    r"|het dung luong"
)
_ABOUT_THE_SENDER = re.compile(r"sender|mail from|from address|spf|dkim|dmarc|blocked|blacklist|blocklist|spam|policy|reputation")
_BUSY = re.compile(r"at a rate|too quickly|rate that prevents")
_CHARACTERS = 2_000


def enhanced_status(text: str) -> str | None:
    """The first enhanced status code (RFC 3463) in a text that reports a failure or a delay: '5.1.1'."""
    found = next((m for m in ENHANCED.finditer(text[:_CHARACTERS]) if m[1] != "2"), None)
    return f"{found[1]}.{int(found[2])}.{int(found[3])}" if found else None


def is_permanent(text: str) -> bool:
    """Whether the reply code of an SMTP answer is 5xx, as far as it shows one."""
    found = _REPLY_CODE.search(text)
    return found is not None and found[0].startswith("5")


def refused_state(status: str | None, text: str) -> ContactState | None:
    """DEAD or MAILBOX_FULL where a refusal for good says so of the address; None where it says something else, or nothing.

    The code is asked before the words. X.1.n is about the address (but X.1.7 and X.1.8 about ours), 5.2.1 a mailbox that was closed, X.2.2
    a full one. 5.7.n means that our mail was not wanted, and the address lives.
    """
    words = fold(text[:_CHARACTERS])
    code = status or enhanced_status(text)
    if code is None:
        return _by_words(words)
    kind, subject, detail = (int(number) for number in code.split("."))
    if (subject, detail) == (2, 2):
        return ContactState.MAILBOX_FULL
    if kind == 4:
        return ContactState.MAILBOX_FULL if _FULL.search(words) and subject in (0, 2, 3) else None
    if kind != 5 or subject == 7:
        return None
    if subject == 1:
        return None if detail in (7, 8) else ContactState.DEAD
    if (subject, detail) == (2, 1):
        return None if _BUSY.search(words) else ContactState.MAILBOX_FULL if _FULL.search(words) else ContactState.DEAD
    if (subject, detail) in ((4, 4), (4, 310)):
        return ContactState.DEAD  # the domain has no server, or is none
    if (subject, detail) == (4, 1):
        return ContactState.DEAD if "recipient address rejected" in words else None  # Exchange Online's "no such recipient"
    return _by_words(words) if subject in (0, 2, 3, 5) else None


def _by_words(words: str) -> ContactState | None:
    if _FULL.search(words):
        return ContactState.MAILBOX_FULL
    if _ABOUT_THE_SENDER.search(words):
        return None
    return ContactState.DEAD if _NO_SUCH_USER.search(words) else None
