"""The configuration as a frozen tree. What it holds is here; how a TOML file becomes it, and what is refused, is in `config_file/`."""

from __future__ import annotations

from dataclasses import dataclass, field

from mailbox_ingest.config.forms import CalendarConfig, FieldConfig, FormConfig, RateConfig, RulesConfig
from mailbox_ingest.config.mail import AdmissionConfig, GoogleConfig, ImapConfig, LimitsConfig, OutboxConfig, Secret, SmtpConfig
from mailbox_ingest.config.mailings import DigestConfig, OrganisationConfig, ReminderConfig, UpwardConfig
from mailbox_ingest.config.service import AlarmMailConfig, AlarmsConfig, BackupConfig, ConsoleConfig, MonitoringConfig, ScheduleConfig

__all__ = [
    "AdmissionConfig",
    "AlarmMailConfig",
    "AlarmsConfig",
    "BackupConfig",
    "CalendarConfig",
    "Config",
    "ConsoleConfig",
    "DigestConfig",
    "FieldConfig",
    "FormConfig",
    "GoogleConfig",
    "ImapConfig",
    "LimitsConfig",
    "MonitoringConfig",
    "OrganisationConfig",
    "OutboxConfig",
    "RateConfig",
    "ReminderConfig",
    "RulesConfig",
    "ScheduleConfig",
    "Secret",
    "SmtpConfig",
    "UpwardConfig",
]


@dataclass(frozen=True, slots=True, kw_only=True)
class Config:
    """Everything the service needs to run."""

    store_url: str
    forms: tuple[FormConfig, ...]
    organisation: OrganisationConfig = field(default_factory=OrganisationConfig)
    mailboxes: tuple[ImapConfig, ...] = ()
    smtp: SmtpConfig | None = None
    outbox: OutboxConfig = field(default_factory=OutboxConfig)
    google: GoogleConfig | None = None
    digests: tuple[DigestConfig, ...] = ()
    reminders: tuple[ReminderConfig, ...] = ()
    upward: tuple[UpwardConfig, ...] = ()
    schedule: ScheduleConfig = field(default_factory=ScheduleConfig)
    admission: AdmissionConfig = field(default_factory=AdmissionConfig)
    limits: LimitsConfig = field(default_factory=LimitsConfig)
    console: ConsoleConfig | None = None  # None: `run` starts no web desk
    alarms: AlarmsConfig = field(default_factory=AlarmsConfig)
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
