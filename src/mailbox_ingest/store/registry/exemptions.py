"""Exemptions of a unit for a period, with their reason. The key (form, unit, period) is unique: a second one replaces the reason."""

from __future__ import annotations

from sqlalchemy import delete, insert, select
from sqlalchemy.orm import Session

from mailbox_ingest.periods import Period
from mailbox_ingest.store.registry.records import Exemption
from mailbox_ingest.store.tables import UNIT_EXEMPTIONS


def exempt_unit(session: Session, exemption: Exemption) -> None:
    """Records an exemption; one of the same form, unit and period is replaced. The unit must be in the registry."""
    lift_exemption(session, exemption.form, exemption.unit, exemption.period)
    session.execute(
        insert(UNIT_EXEMPTIONS).values(
            form=exemption.form,
            unit=exemption.unit,
            period=str(exemption.period),
            reason=exemption.reason,
            who=exemption.who,
            recorded_at=exemption.recorded_at,
        )
    )


def lift_exemption(session: Session, form: str, unit: str, period: Period) -> bool:
    """True where there was one."""
    table = UNIT_EXEMPTIONS.c
    gone = delete(UNIT_EXEMPTIONS).where(table.form == form, table.unit == unit, table.period == str(period))
    return session.execute(gone.returning(table.unit)).first() is not None


def list_exemptions(session: Session, form: str, period: Period | None = None) -> tuple[Exemption, ...]:
    """Of one period or all, by period and unit."""
    table = UNIT_EXEMPTIONS.c
    query = select(UNIT_EXEMPTIONS).where(table.form == form).order_by(table.period, table.unit)
    if period is not None:
        query = query.where(table.period == str(period))
    return tuple(
        Exemption(
            form=row.form, unit=row.unit, period=Period.parse(row.period), reason=row.reason, who=row.who, recorded_at=row.recorded_at
        )
        for row in session.execute(query)
    )
