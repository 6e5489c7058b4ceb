"""Who owes what: exemptions of a unit for a week, and the days from and until which a unit owes reports. A closed week is never touched."""

from __future__ import annotations

from datetime import date, datetime

from sqlalchemy.orm import Session, sessionmaker

from mailbox_ingest.config import Config, FormConfig
from mailbox_ingest.errors import ConfigurationError, DecisionRefused
from mailbox_ingest.periods import Period
from mailbox_ingest.store.people.audit import record_act
from mailbox_ingest.store.registry.exemptions import exempt_unit, lift_exemption
from mailbox_ingest.store.registry.records import Exemption, StoredUnit
from mailbox_ingest.store.registry.units import list_units, set_term
from mailbox_ingest.store.reports.rosters import find_roster


def form_named(config: Config, name: str | None) -> FormConfig:
    """The form of that name, or the only one there is. Raises ConfigurationError."""
    if name is None and len(config.forms) == 1:
        return config.forms[0]
    found = next((form for form in config.forms if form.name == name), None)
    if found is None:
        known = ", ".join(form.name for form in config.forms)
        told = f"--form {name or '(no name given)'}: expected one of the configured forms ({known})"
        raise ConfigurationError(told, code="form_unknown")
    return found


def exempt(
    sessions: sessionmaker[Session], config: Config, code: str, period: Period, *, form: str | None, reason: str, who: str, now: datetime
) -> None:
    """Records the exemption and the act. Raises ConfigurationError, DecisionRefused."""
    named = form_named(config, form).name
    if not reason.strip():
        raise ConfigurationError(
            "--reason: expected why the unit need not report, in words for the leadership", code="exemption_reason_missing"
        )
    with sessions.begin() as session:
        _unit(session, code)
        _refuse_closed(session, named, period)
        exempt_unit(session, Exemption(form=named, unit=code, period=period, reason=reason.strip(), who=who, recorded_at=now))
        after = {"form": named, "period": str(period)}
        record_act(session, who=who, action="exempt", subject=f"unit:{code}", now=now, after=after, note=reason.strip())


def lift(sessions: sessionmaker[Session], config: Config, code: str, period: Period, *, form: str | None, who: str, now: datetime) -> None:
    """Takes an exemption back. Raises ConfigurationError, DecisionRefused."""
    named = form_named(config, form).name
    with sessions.begin() as session:
        _unit(session, code)
        _refuse_closed(session, named, period)
        if not lift_exemption(session, named, code, period):
            raise ConfigurationError(f"{code} is not exempt for {period}: nothing to lift", code="not_exempt", unit=code, period=period)
        before = {"form": named, "period": str(period)}
        record_act(session, who=who, action="exemption_lifted", subject=f"unit:{code}", now=now, before=before)


def set_term_of(
    sessions: sessionmaker[Session], code: str, *, opened_on: date | None, closed_on: date | None, who: str, now: datetime
) -> None:
    """Sets both days (None: no limit). Raises ConfigurationError."""
    if opened_on is not None and closed_on is not None and closed_on <= opened_on:
        raise ConfigurationError(f"--closed {closed_on}: expected a day after --opened {opened_on}", code="term_reversed")
    with sessions.begin() as session:
        known = _unit(session, code)
        set_term(session, code, opened_on=opened_on, closed_on=closed_on, now=now)
        days = [
            {"opened_on": None if opened is None else str(opened), "closed_on": None if closed is None else str(closed)}
            for opened, closed in ((known.opened_on, known.closed_on), (opened_on, closed_on))
        ]
        record_act(session, who=who, action="term", subject=f"unit:{code}", now=now, before=days[0], after=days[1])


def _unit(session: Session, code: str) -> StoredUnit:
    found = next((item for item in list_units(session) if item.unit.code == code), None)
    if found is None:
        told = f"unit {code}: expected the code of a unit in the registry ('mailbox-ingest units list' shows them)"
        raise ConfigurationError(told, code="unit_gone", unit=code)
    return found


def _refuse_closed(session: Session, form: str, period: Period) -> None:
    if find_roster(session, form, period) is not None:
        told = f"{period} is closed: who owed reports for it is frozen, and its digest has been sent"
        raise DecisionRefused(told, code="week_closed", period=period)
