"""Log lines: one event a line, fields that cannot be forged, secrets that stay secret."""

from __future__ import annotations

import json
import logging

from mailbox_ingest.config import Secret
from mailbox_ingest.logs import EventFormatter


def line(*, as_json: bool = False, **fields: object) -> str:
    record = logging.LogRecord("mailbox_ingest.reading", logging.INFO, "x.py", 1, "message_read", None, None)
    vars(record).update(fields)
    return EventFormatter(as_json=as_json).format(record)


def test_a_line_is_its_event_and_its_fields() -> None:
    assert line(ledger_id=7, outcome="accepted").endswith("Z INFO message_read ledger_id=7 outcome=accepted")


def test_text_from_outside_cannot_forge_a_line_or_a_field() -> None:
    found = line(reason="x\n2020-01-01 INFO message_read outcome=accepted")
    assert "\n" not in found
    assert 'reason="x\\n2020-01-01 INFO message_read outcome=accepted"' in found


def test_json_lines_hold_the_same() -> None:
    found = json.loads(line(as_json=True, ledger_id=7, reason="trễ hạn"))
    assert (found["event"], found["level"], found["ledger_id"], found["reason"]) == ("message_read", "INFO", 7, "trễ hạn")


def test_secrets_are_masked_and_long_texts_cut() -> None:
    assert "hunter2" not in line(password=Secret(_text="hunter2"))
    assert len(line(reason="x" * 5000)) < 700
