"""The TOML file becomes a `Config`: read once, refused whole when anything in it is wrong, secrets only by reference.

    load(path) ── tomllib ── forms (built in, files, inline) ── build ── check ──▶ Config

Relative paths in the file, SQLite's too, are relative to the file itself.
"""

from __future__ import annotations

import os
import tomllib
from collections.abc import Mapping
from dataclasses import fields, replace
from pathlib import Path
from typing import Any

from mailbox_ingest.config import Config, FormConfig, GoogleConfig
from mailbox_ingest.config_file.build import Source, Table, build, convert, dotted, refuse_unknown, secret
from mailbox_ingest.config_file.check import check_config, check_form
from mailbox_ingest.config_file.operations import check_operations
from mailbox_ingest.config_file.values import is_loopback
from mailbox_ingest.errors import ConfigurationError
from mailbox_ingest.resources import builtin_form as builtin_form_path

__all__ = ["builtin_form", "is_loopback", "load", "parse_form", "secret_files"]

_SQLITE = "sqlite:///"
_OWN_KEYS = {"form_files", "store_url_env", "store_url_file"}  # keys of the file that are no fields of Config


def load(path: Path | str, *, environ: Mapping[str, str] | None = None) -> Config:
    """The configuration in `path`. Raises ConfigurationError (exit code 2); its text never holds a secret."""
    path = Path(path)
    source = Source(name=str(path), folder=path.parent, environ=os.environ if environ is None else environ)
    table = _read(path, source.name)
    refuse_unknown(table, {item.name for item in fields(Config)} | _OWN_KEYS, "", source)
    plain = {key: value for key, value in table.items() if key not in _OWN_KEYS | {"forms", "store_url"}}
    # `forms` and `store_url` have more ways to be written than their types show: they are made first, then put in.
    config = replace(
        build(Config, {**plain, "forms": [], "store_url": _store_url(table, source)}, "", source),
        forms=_forms(table, source),
    )
    check_config(config, source)
    check_operations(config, source)
    return _settled(config, source)


def builtin_form(name: str) -> FormConfig:
    """A form that ships with the program. Raises ConfigurationError for a name that does not."""
    path = builtin_form_path(name)
    if "/" in name or "\\" in name or not path.is_file():
        shipped = ", ".join(sorted(other.stem for other in path.parent.glob("*.toml"))) if path.parent.is_dir() else ""
        raise ConfigurationError(f'forms = ["{name}"]: expected the name of a form that ships ({shipped}) or a [[forms]] table')
    return parse_form(_read(path, path.name), name=path.name)


def parse_form(table: Table, *, name: str = "form", where: str = "") -> FormConfig:
    """A form from its TOML table; `name` and `where` say in complaints which one. Raises ConfigurationError."""
    source = Source(name=name, folder=Path(), environ={})
    form = build(FormConfig, table, where, source)
    check_form(form, where or "form", source)
    return form


def secret_files(path: Path | str) -> tuple[Path, ...]:
    """The files that the configuration's secrets live in, for `doctor` to look at their permissions."""
    path = Path(path)
    found: list[Path] = []

    def walk(value: object) -> None:
        if isinstance(value, Mapping):
            for key, inner in value.items():
                if key in ("password_file", "store_url_file", "webhook_url_file") and isinstance(inner, str):
                    found.append(path.parent / Path(inner).expanduser())
                walk(inner)
        elif isinstance(value, list):
            for inner in value:
                walk(inner)

    walk(_read(path, str(path)))
    return tuple(found)


def _read(path: Path, name: str) -> dict[str, Any]:
    try:
        return tomllib.loads(path.read_text(encoding="utf-8-sig"))
    except FileNotFoundError as error:
        raise ConfigurationError(f"{name}: there is no such file: copy config.example.toml, or name another with --config") from error
    except (OSError, UnicodeDecodeError) as error:
        raise ConfigurationError(f"{name}: expected a readable file of UTF-8 text: {error}") from error
    except tomllib.TOMLDecodeError as error:
        raise ConfigurationError(f"{name}: expected valid TOML: {error}") from error


def _forms(table: Table, source: Source) -> tuple[FormConfig, ...]:
    """`forms` holds names of built-in forms, or whole forms as tables; `form_files` names further files."""
    given = table.get("forms", [])
    if not isinstance(given, list):
        raise source.wrong("forms", given, 'a list such as ["bluezone"], or [[forms]] tables')
    found: list[FormConfig] = []
    for index, item in enumerate(given):
        if isinstance(item, str):
            found.append(builtin_form(item))
        elif isinstance(item, Mapping):
            found.append(parse_form(_extended(item, f"forms[{index}]", source), name=source.name, where=f"forms[{index}]"))
        else:
            raise source.wrong(f"forms[{index}]", item, "the name of a form that ships, or a table")
    for name in convert(tuple[str, ...], table.get("form_files", []), "form_files", source):
        path = source.path(name)
        found.append(parse_form(_read(path, str(path)), name=str(path)))
    return tuple(found)


def _extended(table: Table, where: str, source: Source) -> dict[str, Any]:
    """`extends = "bluezone"` starts from a form that ships; `calendar` and `rules` are merged key by key, the rest replaces."""
    if "extends" not in table:
        return dict(table)
    name = convert(str, table["extends"], dotted(where, "extends"), source)
    builtin_form(name)  # for its complaint
    base = _read(builtin_form_path(name), name)
    own = {key: value for key, value in table.items() if key != "extends"}
    for key in ("calendar", "rules"):
        if key in own and isinstance(own[key], Mapping):
            own[key] = {**base.get(key, {}), **own[key]}
            if key == "calendar" and isinstance(own[key].get("due_overrides"), Mapping):
                own[key]["due_overrides"] = {**base.get(key, {}).get("due_overrides", {}), **own[key]["due_overrides"]}
    return {**base, **own}


def _store_url(table: Table, source: Source) -> str:
    """The database's address. One with a password in it is a secret and comes from the environment or a file."""
    given = [key for key in ("store_url", "store_url_env", "store_url_file") if key in table]
    if len(given) != 1:
        raise ConfigurationError(
            f"{source.name}: expected exactly one of store_url, store_url_env, store_url_file; found {', '.join(given) or 'none'}"
        )
    if given[0] != "store_url":
        found = secret(table, "store_url", "", source)
        url = found.reveal() if found else ""
    else:
        url = convert(str, table["store_url"], "store_url", source)
        if "@" in url and ":" in url.partition("://")[2].rpartition("@")[0]:
            raise ConfigurationError(
                f"{source.name}: store_url: a secret does not belong into this file: use store_url_env or store_url_file, or PGPASSFILE"
            )
    if not url.startswith((_SQLITE, "postgresql+psycopg://")):
        scheme = url.partition(":")[0]
        raise source.wrong(given[0], f"{scheme}:…", "an address that begins with sqlite:/// or postgresql+psycopg://")
    if url.startswith(_SQLITE) and url != f"{_SQLITE}:memory:":
        return f"{_SQLITE}{source.path(url.removeprefix(_SQLITE))}"
    return url


def _settled(config: Config, source: Source) -> Config:
    """Addresses in lower case, paths absolute enough to open from anywhere."""
    return replace(
        config,
        mailboxes=tuple(replace(box, address=box.address.lower()) for box in config.mailboxes),
        admission=replace(config.admission, own_addresses=tuple(address.lower() for address in config.admission.own_addresses)),
        google=None if config.google is None else _google_settled(config.google, source),
        units_file=None if config.units_file is None else str(source.path(config.units_file)),
        backup=None if config.backup is None else replace(config.backup, folder=str(source.path(config.backup.folder))),
        templates_dir=None if config.templates_dir is None else str(source.path(config.templates_dir)),
    )


def _google_settled(google: GoogleConfig, source: Source) -> GoogleConfig:
    return replace(google, client_file=str(source.path(google.client_file)), tokens_dir=str(source.path(google.tokens_dir)))
