"""INSERT that yields to a unique key: idempotency is the database's word, not a look before the leap. Works alike on both databases."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from functools import lru_cache
from typing import Any

from sqlalchemy import Executable, Table, TextClause
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.orm import Session


def insert_unless_known(
    session: Session,
    table: Table,
    rows: Sequence[Mapping[str, Any]],
    *,
    unique: tuple[str, ...],
    returning: str,
    where: TextClause | None = None,
) -> list[Any]:
    """Inserts what no row with the same unique key forbids; gives the `returning` column of the rows written.

    `where` is the condition of a partial unique index. Unlike a caught violation this leaves the transaction usable, and under a race it
    waits for the other writer and then tells the truth.
    """
    statement = _statement(session.get_bind().dialect.name, table, unique, returning, where)
    return [row[0] for row in session.connection().execute(statement, [dict(row) for row in rows])]


@lru_cache(maxsize=64)
def _statement(dialect: str, table: Table, unique: tuple[str, ...], returning: str, where: TextClause | None) -> Executable:
    if dialect == "postgresql":
        return postgresql.insert(table).on_conflict_do_nothing(index_elements=unique, index_where=where).returning(table.c[returning])
    return sqlite.insert(table).on_conflict_do_nothing(index_elements=unique, index_where=where).returning(table.c[returning])
