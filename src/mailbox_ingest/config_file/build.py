"""A TOML table becomes a frozen dataclass: every key known, every value of its type, every complaint with key, value and expectation.

Knows dataclasses and types only; what the options mean together is checked in `check.py`.
"""

from __future__ import annotations

import types
import typing
from collections.abc import Callable, Mapping
from dataclasses import MISSING, dataclass, fields, is_dataclass
from datetime import date, datetime, time
from decimal import Decimal, InvalidOperation
from difflib import get_close_matches
from pathlib import Path
from typing import Any, TypeVar

from mailbox_ingest.config import Secret
from mailbox_ingest.errors import ConfigurationError

T = TypeVar("T")

Table = Mapping[str, Any]


@dataclass(frozen=True, slots=True, kw_only=True)
class Source:
    """Where a table comes from: the file's name for complaints, its folder for relative paths, the environment for secrets."""

    name: str
    folder: Path
    environ: Mapping[str, str]

    def wrong(self, key: str, value: object, expected: str) -> ConfigurationError:
        """The complaint of the house; `value` is never a secret."""
        return ConfigurationError(f"{self.name}: {key} = {shown(value)}: expected {expected}")

    def path(self, text: str) -> Path:
        """A path of the file, relative to the file's own folder."""
        return self.folder / Path(text).expanduser()


def shown(value: object) -> str:
    """A value as the TOML file has it, one short line."""
    if isinstance(value, bool):
        return str(value).lower()
    if isinstance(value, Mapping):
        return "{…}"
    text = repr(value) if not isinstance(value, str) else f'"{value}"'
    return text if len(text) <= 80 else f"{text[:77]}…"


def build(kind: type[T], table: object, where: str, source: Source) -> T:
    """An instance of the dataclass `kind` from a TOML table.

    `where` is the dotted key of the table ('' for the top of the file). Raises ConfigurationError.
    """
    if not isinstance(table, Mapping):
        raise source.wrong(where, table, "a table")
    hints = typing.get_type_hints(kind)
    known = {f.name: f for f in fields(kind)}  # type: ignore[arg-type]
    secrets = {name for name in known if Secret in _options(hints[name])}
    allowed = {name for name in known if name not in secrets} | {f"{name}_{way}" for name in secrets for way in ("env", "file")}
    refuse_unknown(table, allowed, where, source, secrets=frozenset(secrets))
    values: dict[str, Any] = {}
    for name, item in known.items():
        key = dotted(where, name)
        if name in secrets:
            found = secret(table, name, where, source)
            if found is not None:
                values[name] = found
        elif name in table:
            values[name] = convert(hints[name], table[name], key, source)
        if name not in values and item.default is MISSING and item.default_factory is MISSING:
            needed = f"{key}_env or {key}_file" if name in secrets else key
            raise ConfigurationError(f"{source.name}: {needed} is missing: expected {expectation(hints[name])}")
    return kind(**values)


def refuse_unknown(table: Table, allowed: set[str], where: str, source: Source, *, secrets: frozenset[str] = frozenset()) -> None:
    for key in table:
        if key in secrets:
            name = dotted(where, key)
            raise ConfigurationError(
                f"{source.name}: {name}: a secret does not belong into this file: "
                f'use {name}_env = "NAME_OF_VARIABLE" or {name}_file = "path"'
            )
        if key not in allowed:
            near = get_close_matches(key, allowed, n=1)
            hint = f" (did you mean {near[0]!r}?)" if near else ""
            one_of = ", ".join(sorted(allowed))
            raise ConfigurationError(
                f"{source.name}: {dotted(where, key)} = {shown(table[key])}: unknown option{hint}; expected one of {one_of}"
            )


def secret(table: Table, name: str, where: str, source: Source) -> Secret | None:
    """The secret that `<name>_env` or `<name>_file` points to; None when neither is there."""
    env_key, file_key = f"{name}_env", f"{name}_file"
    if env_key in table and file_key in table:
        raise ConfigurationError(f"{source.name}: {dotted(where, env_key)} and {dotted(where, file_key)}: expected only one of the two")
    if env_key in table:
        variable = convert(str, table[env_key], dotted(where, env_key), source)
        text = source.environ.get(variable)
        if not text:
            raise source.wrong(dotted(where, env_key), variable, "the name of an environment variable that is set and not empty")
        return Secret(_text=text)
    if file_key in table:
        name_of_file = convert(str, table[file_key], dotted(where, file_key), source)
        try:
            text = source.path(name_of_file).read_text(encoding="utf-8").strip()
        except (OSError, UnicodeDecodeError) as error:
            raise source.wrong(dotted(where, file_key), name_of_file, f"a readable text file ({type(error).__name__})") from error
        if not text:
            raise source.wrong(dotted(where, file_key), name_of_file, "a file that holds the secret on its first line, not an empty one")
        return Secret(_text=text.splitlines()[0])
    return None


def convert(hint: Any, value: object, key: str, source: Source) -> Any:
    """`value` as the type `hint`; raises ConfigurationError."""
    origin = typing.get_origin(hint)
    if origin in (types.UnionType, typing.Union):
        return convert(_options(hint)[0], value, key, source)
    if origin is tuple:
        if not isinstance(value, list):
            raise source.wrong(key, value, expectation(hint))
        item = typing.get_args(hint)[0]
        return tuple(convert(item, element, f"{key}[{index}]", source) for index, element in enumerate(value))
    if origin is Mapping:
        if not isinstance(value, Mapping):
            raise source.wrong(key, value, expectation(hint))
        item = typing.get_args(hint)[1]
        return {str(name): convert(item, element, f'{key}."{name}"', source) for name, element in value.items()}
    if is_dataclass(hint):
        return build(typing.cast("type[Any]", hint), value, key, source)
    try:
        return _SCALARS[hint](value)
    except (TypeError, ValueError, InvalidOperation) as error:
        raise source.wrong(key, value, expectation(hint)) from error


def expectation(hint: Any) -> str:
    """What a value of this type looks like, for people."""
    origin = typing.get_origin(hint)
    if origin in (types.UnionType, typing.Union):
        return expectation(_options(hint)[0])
    if origin is tuple:
        return f"a list, each element {expectation(typing.get_args(hint)[0])}"
    if origin is Mapping:
        return f"a table whose values are {expectation(typing.get_args(hint)[1])}"
    return _WORDS.get(hint, "a table")


def dotted(where: str, name: str) -> str:
    return f"{where}.{name}" if where else name


def _options(hint: Any) -> tuple[Any, ...]:
    """The members of `X | None` without None; `(hint,)` for anything else."""
    if typing.get_origin(hint) in (types.UnionType, typing.Union):
        return tuple(option for option in typing.get_args(hint) if option is not types.NoneType)
    return (hint,)


def _text(value: object) -> str:
    if not isinstance(value, str):
        raise TypeError
    return value


def _integer(value: object) -> int:
    if isinstance(value, bool) or not isinstance(value, int):
        raise TypeError
    return value


def _number(value: object) -> float:
    if isinstance(value, bool) or not isinstance(value, int | float):
        raise TypeError
    return float(value)


def _boolean(value: object) -> bool:
    if not isinstance(value, bool):
        raise TypeError
    return value


def _decimal(value: object) -> Decimal:
    if isinstance(value, bool) or not isinstance(value, int | float | str):
        raise TypeError
    number = Decimal(str(value))
    if not number.is_finite():
        raise ValueError
    return number


def _time(value: object) -> time:
    found = time.fromisoformat(value) if isinstance(value, str) else value
    if not isinstance(found, time) or found.tzinfo is not None:
        raise TypeError
    return found


def _day(value: object) -> date:
    found = date.fromisoformat(value) if isinstance(value, str) else value
    if not isinstance(found, date) or isinstance(found, datetime):
        raise TypeError
    return found


def _moment(value: object) -> datetime:
    found = datetime.fromisoformat(value) if isinstance(value, str) else value
    if not isinstance(found, datetime) or found.tzinfo is None:
        raise TypeError
    return found


_SCALARS: dict[Any, Callable[[object], Any]] = {
    str: _text,
    int: _integer,
    float: _number,
    bool: _boolean,
    Decimal: _decimal,
    time: _time,
    date: _day,
    datetime: _moment,
}
_WORDS: dict[Any, str] = {
    str: "a text",
    int: "a whole number",
    float: "a number",
    bool: "true or false",
    Decimal: 'a decimal number such as "0.30"',
    time: 'a time of day such as "17:00"',
    date: 'a day such as "2020-09-02"',
    datetime: 'a moment with its offset such as "2020-08-20T17:00:00+07:00"',
    Secret: "the name of an environment variable or of a file that holds the secret",
}
