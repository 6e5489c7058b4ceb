"""What the commands share: which configuration counts, and an opened house to work in."""

from __future__ import annotations

from argparse import Namespace
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path

from mailbox_ingest.app import App, open_app
from mailbox_ingest.config import Config
from mailbox_ingest.config_file import builtin_form, load
from mailbox_ingest.errors import ConfigurationError
from mailbox_ingest.periods import Period

DEFAULT_CONFIG = "config.toml"


def configuration(arguments: Namespace) -> Config:
    """The file's configuration; with --database and no --config, the built-in form and nothing else.

    Raises ConfigurationError.
    """
    if arguments.database and not arguments.config:
        return Config(store_url=arguments.database, forms=(builtin_form("bluezone"),))
    config = load(Path(arguments.config or DEFAULT_CONFIG))
    return replace(config, store_url=arguments.database) if arguments.database else config


@contextmanager
def opened(arguments: Namespace) -> Iterator[App]:
    """The house with its database at this version's schema; an empty database gets its tables."""
    with open_app(configuration(arguments)) as app:
        yield app


def week(text: str) -> Period:
    """The week of --period. Raises ConfigurationError."""
    try:
        return Period.parse(text)
    except ValueError as error:
        raise ConfigurationError(f"--period {text or '(none given)'}: expected a week such as 2020-W34") from error
