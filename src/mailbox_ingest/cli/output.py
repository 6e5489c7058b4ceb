"""What commands print: tables and lines for people, one JSON object a line for programs; complaints and progress go to stderr."""

from __future__ import annotations

import json
import sys
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import is_dataclass
from datetime import date, datetime, time
from decimal import Decimal
from functools import cached_property
from typing import TYPE_CHECKING, Any

from mailbox_ingest.periods import LOCAL_ZONE, Period

if TYPE_CHECKING:
    from rich.console import Console

# rich is imported where something is printed for people: programs that ask for JSON do not wait for it.
# ruff: noqa: PLC0415


class Output:
    """Where a command's result goes. `as_json` decides between the two ways."""

    def __init__(self, *, as_json: bool) -> None:
        self.as_json = as_json

    @cached_property
    def console(self) -> Console:
        from rich.console import Console

        # A pipe has no width: tables must not be folded at 80 columns there.
        return Console(highlight=False, markup=False, width=None if sys.stdout.isatty() else 200)

    @cached_property
    def errors(self) -> Console:
        from rich.console import Console

        return Console(stderr=True, highlight=False, markup=False, soft_wrap=True)

    def record(self, value: object, *, human: str | None = None) -> None:
        """One JSON object on a line of its own; for people the text instead, nothing where there is none."""
        if self.as_json:
            sys.stdout.write(json.dumps(plain(value), ensure_ascii=False) + "\n")
            sys.stdout.flush()
        elif human is not None:
            self.line(human)

    def line(self, text: str = "") -> None:
        """A line for people; nothing with --json."""
        if not self.as_json:
            from rich.text import Text

            self.console.print(Text(clean(text)), soft_wrap=True)

    def table(self, columns: Sequence[str], rows: Iterable[Sequence[object]], *, title: str = "") -> None:
        """A table for people; with --json one object a row, its keys the lower-case column names."""
        if self.as_json:
            for row in rows:
                self.record({name.lower().replace(" ", "_"): value for name, value in zip(columns, row, strict=True)})
            return
        from rich.table import Table
        from rich.text import Text

        table = Table(title=title or None, title_justify="left", show_edge=False, pad_edge=False)
        for index, name in enumerate(columns):
            table.add_column(name, overflow="fold", no_wrap=index == 0)
        for row in rows:
            table.add_row(*(Text(shown(cell)) for cell in row))
        self.console.print(table)

    def complain(self, text: str) -> None:
        from rich.text import Text

        self.errors.print(Text(f"mailbox-ingest: {clean(text)}"))

    @contextmanager
    def progress(self, label: str, total: int | None) -> Iterator[Any]:
        """A bar on a terminal, else nothing; gives a function that moves it by one."""
        if self.as_json or not sys.stderr.isatty():
            yield lambda: None
            return
        from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeElapsedColumn

        columns = (TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn(), TimeElapsedColumn())
        with Progress(*columns, console=self.errors, transient=True) as bar:
            task = bar.add_task(label, total=total)
            yield lambda: bar.advance(task)


def plain(value: object) -> Any:
    """A value as JSON holds it: dataclasses become objects, moments ISO 8601, decimals text."""
    if is_dataclass(value) and not isinstance(value, type):
        if isinstance(value, Period):
            return str(value)
        return {name: plain(inner) for name, inner in ((f, getattr(value, f)) for f in value.__dataclass_fields__)}
    if isinstance(value, Mapping):
        return {str(key): plain(inner) for key, inner in value.items()}
    if isinstance(value, str | int | float | bool) or value is None:
        return str(value) if isinstance(value, str) else value
    if isinstance(value, datetime | date | time):
        return value.isoformat()
    if isinstance(value, Decimal):
        return str(value)
    if isinstance(value, bytes):
        return f"{len(value)} bytes"
    if isinstance(value, Iterable):
        return [plain(inner) for inner in value]
    return str(value)


def shown(cell: object) -> str:
    """A cell for people: local time, '-' for nothing."""
    if cell is None or cell == "":
        return "-"
    if isinstance(cell, datetime):
        return f"{cell.astimezone(LOCAL_ZONE):%d/%m/%Y %H:%M}"
    if isinstance(cell, tuple | list):
        return ", ".join(shown(item) for item in cell)
    return clean(str(cell))


def clean(text: str) -> str:
    """Outside text without control characters: a subject must not repaint the operator's terminal."""
    return "".join(c if c.isprintable() or c in "\n\t" else "\ufffd" for c in text)
