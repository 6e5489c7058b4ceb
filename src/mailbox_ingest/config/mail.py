"""Mailboxes in and out, what is let in, and how much of it."""

from __future__ import annotations

from dataclasses import dataclass, field


@dataclass(frozen=True, slots=True, kw_only=True)
class Secret:
    """A password or token. Its text never shows in repr, logs or errors; call `reveal()` at the network's edge only."""

    _text: str = field(repr=False)

    def reveal(self) -> str:
        return self._text

    def __str__(self) -> str:
        return "********"


@dataclass(frozen=True, slots=True, kw_only=True)
class ImapConfig:
    """One mailbox that is polled. `security`: 'tls', 'starttls' or 'plain' (loopback only); `auth`: 'password' or 'oauth2'."""

    name: str
    host: str
    user: str
    address: str  # the mailbox's own address: mail from it is ours
    auth: str = "password"
    password: Secret | None = None
    port: int = 993
    security: str = "tls"
    folders: tuple[str, ...] = ("INBOX", "\\Junk")  # names, or a special use (RFC 6154) with its backslash
    connect_timeout_seconds: float = 20.0
    read_timeout_seconds: float = 60.0
    batch_messages: int = 200
    max_message_bytes: int = 36_000_000
    download_budget_bytes_24h: int = 2_300_000_000  # Gmail suspends IMAP at 2,500 MB a day
    idle: bool = False  # a connection that only wakes the poll up (RFC 2177)
    filing: str = "labels"  # outcomes as 'labels' (Gmail only), 'keywords' (any server), or 'off'
    authserv_id: str = "mx.google.com"  # whose Authentication-Results are believed


@dataclass(frozen=True, slots=True, kw_only=True)
class SmtpConfig:
    """Outgoing mail. `security`: 'tls', 'starttls' or 'plain' (loopback only)."""

    host: str
    sender: str
    sender_name: str
    user: str | None = None
    auth: str = "password"  # or 'oauth2'
    password: Secret | None = None
    port: int = 587
    security: str = "starttls"
    timeout_seconds: float = 30.0
    budget_24h_recipients: int = 400
    reserved_for_digest: int = 20
    reserved_for_receipts: int = 100  # reminders leave that many for the answers to what they bring in
    sent_folder: str | None = "\\Sent"  # looked into after a crash between send and commit


@dataclass(frozen=True, slots=True, kw_only=True)
class OutboxConfig:
    """What stops the outbox. The breaker stops replies when more than `breaker_replies` receipts, or `breaker_same_reply` to one address
    with one subject, went out within `breaker_minutes`; None: 200, or the number of units where that is more. `when_uncertain`: 'hold' or
    'resend' a mail that may have gone out before a crash, where no folder of sent mails can tell."""

    breaker_replies: int | None = None
    breaker_same_reply: int = 12
    breaker_minutes: int = 60
    pause_minutes: int = 60
    when_uncertain: str = "hold"


@dataclass(frozen=True, slots=True, kw_only=True)
class GoogleConfig:
    """OAuth2 at Google, for mailboxes and outgoing mail with auth = 'oauth2': the client made in the console, and where tokens are kept."""

    client_file: str  # the JSON file of an OAuth client of type 'Desktop app'
    tokens_dir: str = "google-tokens"  # one 0600 file an account
    timeout_seconds: float = 20.0


@dataclass(frozen=True, slots=True, kw_only=True)
class AdmissionConfig:
    """`unknown_senders`: 'accept' (may fill a gap, never supersedes) or 'hold'. `unproven_senders`: 'hold' or 'accept' (as if proven)."""

    unknown_senders: str = "accept"
    unproven_senders: str = "hold"
    own_addresses: tuple[str, ...] = ()
    max_replies_per_address_24h: int = 10
    max_replies_per_thread_24h: int = 6
    max_error_replies_24h: int = 4


@dataclass(frozen=True, slots=True, kw_only=True)
class LimitsConfig:
    """What one document may cost."""

    workers: int = 2
    document_seconds: float = 20.0
    ocr_seconds: float = 90.0
    memory_bytes: int = 2_000_000_000
    max_attachment_bytes: int = 40_000_000
    max_container_entries: int = 200
    max_container_depth: int = 4
    max_unpacked_bytes: int = 256_000_000
    max_pages: int = 20
    max_pixels: int = 120_000_000
