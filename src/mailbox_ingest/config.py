"""The configuration as a frozen tree. What it holds is here; how a TOML file becomes it, and what is refused, is in `config_file.py`."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date, datetime, time
from decimal import Decimal


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
class FieldConfig:
    """One number of a form.

    A text is the field's label when every phrase of one alternative in `labels` occurs in it (accents, case and punctuation do not
    matter; a phrase list is an 'and') and none of `excludes` does. `part_of` names the field that can never be smaller (installed
    is part of smartphone_users is part of members).
    """

    name: str
    title: str  # as written in replies and digests
    labels: tuple[tuple[str, ...], ...]
    excludes: tuple[str, ...] = ()
    unit: str = "người"
    part_of: str | None = None
    short_title: str = ""
    part_code: str = "part_exceeds_whole"  # the finding's code when it exceeds `part_of`
    form_label: str = ""  # as printed on the blank form; the title where empty
    optional: bool = False  # a report that never names it is complete without it; named and blank it is missing


@dataclass(frozen=True, slots=True, kw_only=True)
class RateConfig:
    """A rate shown in digests: numerator field / denominator field, with a target in percent or None."""

    name: str
    title: str
    numerator: str
    denominator: str
    target_percent: Decimal | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class RulesConfig:
    """Thresholds of the checks. A change is large when it exceeds both the relative band and the absolute floor."""

    large_change_ratio: Decimal = Decimal("0.30")
    large_change_floor: int = 30
    percentage_tolerance_points: Decimal = Decimal("0.6")
    min_confidence: float = 0.85
    hold_large_change_ratio: Decimal = Decimal("0.60")  # beyond this band a human looks first
    max_value: int = 5_000_000
    same_numbers_weeks: int = 3  # so many weeks with exactly the same figures make the digest ask; 0: never


@dataclass(frozen=True, slots=True, kw_only=True)
class CalendarConfig:
    """When reports are due. `due_overrides` maps a period such as '2020-W34' to an aware moment.

    `holidays` is the country whose public holidays count ('VN'; '' for none); `holiday_rule` says where a deadline on one goes: the working
    day 'before' or 'after', or 'keep'.
    """

    due_weekday: int = 5  # 1 = Monday … 7 = Sunday
    due_time: time = time(17, 0)
    due_overrides: Mapping[str, datetime] = field(default_factory=dict)
    late_days_after_week_end: int = 4
    first_period: str | None = None
    holidays: str = ""
    holiday_rule: str = "before"
    extra_holidays: tuple[date, ...] = ()  # days off of our own, or announced for one year only


@dataclass(frozen=True, slots=True, kw_only=True)
class FormConfig:
    """A named set of fields with labels, rules and calendar. Nothing in the code knows a form's fields."""

    name: str
    title: str
    fields: tuple[FieldConfig, ...]
    rates: tuple[RateConfig, ...] = ()
    rules: RulesConfig = RulesConfig()
    calendar: CalendarConfig = CalendarConfig()
    legal_basis: str = ""  # 'Công văn số 597/LĐLĐ-CTCS ngày 14/8/2020'
    keywords: tuple[str, ...] = ()  # words that show that a mail is about this form ('bluezone')
    other_keywords: tuple[str, ...] = ()  # what other reports are about ('NCOVI'): their titles and labels are not this form's
    label_words: tuple[str, ...] = ()  # further words that may stand in a label without changing what it names
    hold_words: tuple[str, ...] = ()  # words by which a sender doubts or takes back figures: a person looks first
    correction_words: tuple[str, ...] = ("thay thế", "đính chính", "bổ sung", "điều chỉnh")
    headline_rate: str | None = None
    signer: str = "THỦ TRƯỞNG ĐƠN VỊ"  # who signs the blank form

    def field(self, name: str) -> FieldConfig:
        """Raises KeyError for a name the form does not have."""
        for item in self.fields:
            if item.name == name:
                return item
        raise KeyError(name)


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


@dataclass(frozen=True, slots=True, kw_only=True)
class ScheduleConfig:
    poll_minutes: int = 5
    deliver_minutes: int = 1
    misfire_grace_hours: int = 12


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


@dataclass(frozen=True, slots=True, kw_only=True)
class ConsoleConfig:
    """The web desk. `hosts` are the names browsers may ask for it by; `https` says that people reach it through TLS (a reverse proxy)."""

    host: str = "127.0.0.1"
    port: int = 8650
    hosts: tuple[str, ...] = ("127.0.0.1", "localhost")
    https: bool = False
    trusted_proxies: tuple[str, ...] = ()  # whose X-Forwarded-For is believed
    idle_minutes: int = 60
    session_hours: int = 12


@dataclass(frozen=True, slots=True, kw_only=True)
class AlarmMailConfig:
    """Alarms by mail, through an account of its own: the outbox may be what is in trouble. `security` as in [smtp]."""

    host: str
    sender: str
    recipients: tuple[str, ...]
    user: str | None = None
    password: Secret | None = None
    port: int = 587
    security: str = "starttls"
    timeout_seconds: float = 20.0


@dataclass(frozen=True, slots=True, kw_only=True)
class AlarmsConfig:
    """When the operator is told of a trouble, and by which channels besides the log."""

    webhook_url: Secret | None = None  # such addresses carry a token
    webhook_text_only: bool = False  # only {"text": …}, for services that refuse other fields
    webhook_timeout_seconds: float = 10.0
    patience_minutes: int = 15  # what often passes by itself (no connection, a busy database) is told after so long
    remind_hours: int = 24  # an alarm that stays open is told again; 0: never
    quiet_minutes: int = 60  # one that comes and goes is not told to have opened more often
    no_poll_minutes: int = 60  # so long without one successful look into a mailbox is an alarm
    expected_mail: bool = True  # on a day when reports are due, no mail at all until `expected_mail_by` is an alarm
    expected_mail_by: time = time(15, 0)
    unread_messages_per_hour: int = 5  # so many mails that could not be read after three attempts are an alarm
    smtp: AlarmMailConfig | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class MonitoringConfig:
    """/healthz and /metrics, served by `run`. Other hosts than this machine only with `allow_remote`: there is no password."""

    port: int
    host: str = "127.0.0.1"
    allow_remote: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class BackupConfig:
    """The daily copy of the database that `run` makes."""

    folder: str
    at: time = time(2, 30)
    keep: int = 14


@dataclass(frozen=True, slots=True, kw_only=True)
class Config:
    """Everything the service needs to run."""

    store_url: str
    forms: tuple[FormConfig, ...]
    organisation: OrganisationConfig = OrganisationConfig()
    mailboxes: tuple[ImapConfig, ...] = ()
    smtp: SmtpConfig | None = None
    outbox: OutboxConfig = OutboxConfig()
    google: GoogleConfig | None = None
    digests: tuple[DigestConfig, ...] = ()
    reminders: tuple[ReminderConfig, ...] = ()
    upward: tuple[UpwardConfig, ...] = ()
    schedule: ScheduleConfig = ScheduleConfig()
    admission: AdmissionConfig = AdmissionConfig()
    limits: LimitsConfig = LimitsConfig()
    console: ConsoleConfig | None = None  # None: `run` starts no web desk
    alarms: AlarmsConfig = AlarmsConfig()
    monitoring: MonitoringConfig | None = None
    backup: BackupConfig | None = None
    units_file: str | None = None
    templates_dir: str | None = None  # overrides the templates that ship

    def form(self, name: str) -> FormConfig:
        """Raises KeyError for a form that is not configured."""
        for item in self.forms:
            if item.name == name:
                return item
        raise KeyError(name)
