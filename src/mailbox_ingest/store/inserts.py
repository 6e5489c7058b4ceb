"""INSERT that yields to a unique key: idempotency is the database's word, not a look before the leap. Works alike on both databases."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from sqlalchemy import ColumnElement, Table, TextClause
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.orm import Session


def insert_unless_known(
    session: Session,
    table: Table,
    rows: Sequence[Mapping[str, Any]],
    *,
    unique: tuple[str, ...],
    returning: str,
    where: TextClause | ColumnElement[bool] | None = None,
) -> list[Any]:
    """Inserts what no row with the same unique key forbids; gives the `returning` column of the rows written.

    Unlike a caught violation it leaves the transaction usable, and under a race it waits for the other writer and then tells the truth.
    """
    if session.get_bind().dialect.name == "postgresql":
        pg = postgresql.insert(table).on_conflict_do_nothing(index_elements=unique, index_where=where).returning(table.c[returning])
        return list(session.scalars(pg, [dict(row) for row in rows]))
    lite = sqlite.insert(table).on_conflict_do_nothing(index_elements=unique, index_where=where).returning(table.c[returning])
    return list(session.scalars(lite, [dict(row) for row in rows]))
