"""Column types: aware moments, text that every database takes, 64-bit ids. Refuses naive datetimes."""

from __future__ import annotations

import json
from datetime import UTC, datetime
from typing import Any

from sqlalchemy import BigInteger, DateTime, Dialect, Integer, Text
from sqlalchemy.types import TypeDecorator

# SQLite only numbers rows by itself in a column declared exactly INTEGER; its integers are 64 bits wide all the same.
RowId = BigInteger().with_variant(Integer, "sqlite")

LARGEST_INTEGER = 2**63 - 1


class UtcDateTime(TypeDecorator[datetime]):
    """An aware moment: UTC inside and outside. Naive values are a bug of the caller: ValueError."""

    impl = DateTime(timezone=True)
    cache_ok = True

    def process_bind_param(self, value: datetime | None, dialect: Dialect) -> datetime | None:
        if value is None:
            return None
        if value.tzinfo is None:
            raise ValueError(f"naive datetime {value!r}: the store takes aware moments only")
        moment = value.astimezone(UTC)
        # SQLite has no zones: the column holds UTC, so that text order is time order.
        return moment.replace(tzinfo=None) if dialect.name == "sqlite" else moment

    def process_result_value(self, value: datetime | None, dialect: Dialect) -> datetime | None:
        if value is None:
            return None
        return value.replace(tzinfo=UTC) if value.tzinfo is None else value.astimezone(UTC)


def storable_text(value: str) -> str:
    """Text as PostgreSQL takes it: without NUL, and lone surrogates (raw 8-bit headers) as '?'. Everything else stays as it is."""
    if value.isascii():
        return value.replace("\0", "") if "\0" in value else value
    return value.replace("\0", "").encode("utf-8", "replace").decode("utf-8")


class SafeText(TypeDecorator[str]):
    """Text from outside: hostile headers must not make a row impossible to write."""

    impl = Text
    cache_ok = True

    def process_bind_param(self, value: str | None, dialect: Dialect) -> str | None:
        return None if value is None else storable_text(value)


def dump_json(value: Any) -> str:
    """JSON with Vietnamese as it is written; NUL and lone surrogates never reach the database."""
    text = json.dumps(value, ensure_ascii=False, separators=(",", ":"), default=_encode)
    if "\\u0000" in text:  # written by json for NUL, or by a sender as these six letters: only the values tell them apart
        text = json.dumps(_without_nul(value), ensure_ascii=False, separators=(",", ":"), default=_encode)
    return storable_text(text)


def _without_nul(value: Any) -> Any:
    if isinstance(value, str):
        return value.replace("\0", "")
    if isinstance(value, dict):
        return {_without_nul(key): _without_nul(item) for key, item in value.items()}
    return [_without_nul(item) for item in value] if isinstance(value, list | tuple) else value


def _encode(value: object) -> object:
    if isinstance(value, datetime):
        return value.isoformat()
    raise TypeError(f"{type(value).__name__} has no JSON form here")
