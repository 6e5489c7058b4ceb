"""Who owes reports: units, their addresses, and the roster of a closed period. Units are retired, never deleted."""

from __future__ import annotations

from datetime import date, datetime
from typing import Any

from sqlalchemy import ForeignKey, Index, LargeBinary, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from mailbox_ingest.store.database.types import RowId
from mailbox_ingest.store.tables.base import Base


class UnitRow(Base):
    __tablename__ = "units"

    code: Mapped[str] = mapped_column(primary_key=True)
    name: Mapped[str]
    group_name: Mapped[str]
    position: Mapped[int]  # the order of the registry file: people expect to find it again in the digest
    aliases: Mapped[list[Any]]
    active: Mapped[bool]
    created_at: Mapped[datetime]
    changed_at: Mapped[datetime]
    opened_on: Mapped[date | None]  # owes nothing before this day
    closed_on: Mapped[date | None]  # owes nothing from this day on


class UnitAddressRow(Base):
    """One address of one unit; an address may serve several units."""

    __tablename__ = "unit_addresses"
    __table_args__ = (Index(None, "email"),)

    unit: Mapped[str] = mapped_column(ForeignKey("units.code"), primary_key=True)
    email: Mapped[str] = mapped_column(primary_key=True)
    position: Mapped[int]


class RegistryRow(Base):
    """The registry as mails were judged with it: units, names, addresses. One row for each that was ever in force while mail was read."""

    __tablename__ = "registries"
    __table_args__ = (UniqueConstraint("sha256"),)

    id: Mapped[int] = mapped_column(RowId, primary_key=True)
    sha256: Mapped[bytes] = mapped_column(LargeBinary(32))
    first_used_at: Mapped[datetime]
    data: Mapped[bytes]


class RosterRow(Base):
    """A unit that owes `form` in `period`, as it stood when the period closed. `group_name` is frozen with it."""

    __tablename__ = "roster_entries"

    form: Mapped[str] = mapped_column(primary_key=True)
    period: Mapped[str] = mapped_column(primary_key=True)
    unit: Mapped[str] = mapped_column(ForeignKey("units.code"), primary_key=True)
    name: Mapped[str]
    group_name: Mapped[str]
    position: Mapped[int]
    frozen_at: Mapped[datetime]


class UnitExemptionRow(Base):
    """A unit that does not owe `form` for `period`, and why."""

    __tablename__ = "unit_exemptions"

    form: Mapped[str] = mapped_column(primary_key=True)
    unit: Mapped[str] = mapped_column(ForeignKey("units.code"), primary_key=True)
    period: Mapped[str] = mapped_column(primary_key=True)
    reason: Mapped[str]
    who: Mapped[str]
    recorded_at: Mapped[datetime]
