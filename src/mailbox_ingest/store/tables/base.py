"""The base of all tables: naming convention, column types by annotation, and the CHECK of enumerated text."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime
from typing import Any

from sqlalchemy import JSON, CheckConstraint, Index, LargeBinary, MetaData, Table
from sqlalchemy.orm import DeclarativeBase

from mailbox_ingest.store.database.types import SafeText, UtcDateTime

NAMES = {
    "ix": "ix_%(table_name)s_%(column_0_N_name)s",
    "uq": "uq_%(table_name)s_%(column_0_N_name)s",
    "ck": "ck_%(table_name)s_%(constraint_name)s",
    "fk": "fk_%(table_name)s_%(column_0_N_name)s",
    "pk": "pk_%(table_name)s",
}


class Base(DeclarativeBase):
    metadata = MetaData(naming_convention=NAMES)
    type_annotation_map = {  # noqa: RUF012  # SQLAlchemy reads a plain dict
        str: SafeText(),
        datetime: UtcDateTime(),
        bytes: LargeBinary(),
        dict[str, Any]: JSON(none_as_null=True),
        list[Any]: JSON(none_as_null=True),
    }


def one_of(column: str, values: Iterable[str]) -> CheckConstraint:
    """An enumeration as text: readable in any client, changed by a migration, refused by the database when wrong."""
    listed = ", ".join(f"'{value}'" for value in values)
    return CheckConstraint(f"{column} IN ({listed})", name=f"{column}_known")


def table(model: type[Base]) -> Table:
    """The Core table of a model: verbs write through it, because the unit of work costs more than the statement."""
    found = model.__table__
    assert isinstance(found, Table)
    return found


__all__ = ["Base", "Index", "one_of", "table"]
