"""Log lines: one event name and its fields a line, to stderr, as key=value or JSON. No bodies, no secrets, no line breaks from outside.

Everybody logs through the standard library: `logging.getLogger(__name__).info("message_read", extra={"ledger_id": 7})`.
"""

from __future__ import annotations

import json
import logging
import sys
from datetime import UTC, datetime
from typing import Any

_STANDARD = frozenset(vars(logging.makeLogRecord({}))) | {"message", "asctime", "taskName"}
_BARE = frozenset("abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789._-:/+@<>")
_MAX_VALUE_CHARACTERS = 500


class EventFormatter(logging.Formatter):
    """`2020-08-21T10:00:00Z INFO message_read ledger_id=7 outcome=accepted`, or the same as one JSON object."""

    def __init__(self, *, as_json: bool = False) -> None:
        super().__init__()
        self.as_json = as_json

    def format(self, record: logging.LogRecord) -> str:
        moment = datetime.fromtimestamp(record.created, UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")
        extra = {key: _plain(value) for key, value in vars(record).items() if key not in _STANDARD}
        if record.exc_info and record.exc_info[0] is not None:
            extra |= {"error": record.exc_info[0].__name__, "traceback": self.formatException(record.exc_info)}
        event = record.getMessage()
        if self.as_json:
            line = {"time": moment, "level": record.levelname, "event": event, "logger": record.name, **extra}
            return json.dumps(line, ensure_ascii=False)
        words = [moment, record.levelname, event if " " not in event else _quoted(event)]
        return " ".join(words + [f"{key}={_quoted(value)}" for key, value in extra.items()])


def set_up_logging(*, level: str = "INFO", as_json: bool = False) -> None:
    """Sends our log lines to stderr; called once by the command line, never at import."""
    handler = logging.StreamHandler(sys.stderr)
    handler.setFormatter(EventFormatter(as_json=as_json))
    root = logging.getLogger()
    for old in list(root.handlers):
        root.removeHandler(old)
    root.addHandler(handler)
    root.setLevel(logging.WARNING)
    logging.getLogger("mailbox_ingest").setLevel(level)
    logging.captureWarnings(capture=True)


def _plain(value: Any) -> Any:
    """A field as JSON can hold it; a Secret's text is its mask, long texts are cut."""
    if value is None or isinstance(value, bool | int | float):
        return value
    text = str(value)
    return text if len(text) <= _MAX_VALUE_CHARACTERS else f"{text[:_MAX_VALUE_CHARACTERS]}…"


def _quoted(value: Any) -> str:
    """Bare where that is unambiguous, else as a JSON string, so that a subject cannot forge a second line or field."""
    text = str(value)
    return text if text and set(text) <= _BARE else json.dumps(text, ensure_ascii=False)
