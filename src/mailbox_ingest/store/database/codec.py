"""Evidence, findings and mailed files between dataclasses and what columns hold. Reads what earlier versions wrote."""

from __future__ import annotations

import sys
from collections.abc import Mapping, Sequence
from typing import Any

from mailbox_ingest.model import Box, Evidence, Finding, OutgoingAttachment, Severity

if sys.version_info >= (3, 14):
    from compression import zstd
else:
    from backports import zstd

RAW_CODEC = "zstd"
_LEVEL = 1  # measured on the corpus: 0.13 ms a mail and as small as zlib -6 at 1.66 ms; mail is mostly base64


def pack(raw: bytes) -> bytes:
    return zstd.compress(raw, _LEVEL)


def unpack(data: bytes) -> bytes:
    return zstd.decompress(data)


def evidence_to_json(evidence: Evidence) -> dict[str, Any]:
    found: dict[str, Any] = {"document": evidence.document, "place": evidence.place, "raw": evidence.raw, "method": evidence.method}
    found["confidence"] = evidence.confidence
    if evidence.box is not None:
        box = evidence.box
        found["box"] = [box.page, box.left, box.top, box.width, box.height]
    if evidence.reader:
        found["reader"] = evidence.reader
    if evidence.label:
        found["label"] = evidence.label
    if evidence.message is not None:
        found["message"] = evidence.message
    return found


def evidence_from_json(data: Mapping[str, Any]) -> Evidence:
    box = data.get("box")
    return Evidence(
        document=data["document"],
        place=data["place"],
        raw=data["raw"],
        method=data["method"],
        confidence=data.get("confidence", 1.0),
        box=Box(page=box[0], left=box[1], top=box[2], width=box[3], height=box[4]) if box else None,
        reader=data.get("reader", ""),
        label=data.get("label", ""),
        message=data.get("message"),
    )


def finding_to_row(finding: Finding, *, message_id: int, report_id: int | None) -> dict[str, Any]:
    return {
        "message_id": message_id,
        "report_id": report_id,
        "code": finding.code,
        "severity": finding.severity.value,
        "message": finding.message,
        "field": finding.field,
        "evidence": None if finding.evidence is None else evidence_to_json(finding.evidence),
    }


def finding_from_row(row: Mapping[str, Any]) -> Finding:
    return Finding(
        code=row["code"],
        severity=Severity(row["severity"]),
        message=row["message"],
        field=row["field"],
        evidence=None if row["evidence"] is None else evidence_from_json(row["evidence"]),
    )


def files_to_rows(files: Sequence[OutgoingAttachment], owner: str, owner_id: int) -> list[dict[str, Any]]:
    return [
        {
            owner: owner_id,
            "position": position,
            "name": file.name,
            "content_type": file.content_type,
            "content_id": file.content_id,
            "data": file.data,
        }
        for position, file in enumerate(files)
    ]


def file_from_row(row: Mapping[str, Any]) -> OutgoingAttachment:
    return OutgoingAttachment(name=row["name"], content_type=row["content_type"], data=bytes(row["data"]), content_id=row["content_id"])
