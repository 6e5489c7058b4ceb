"""`explain --out`: the evidence of a message as files in a folder, made in the sandbox from the raw mail that the store keeps."""

from __future__ import annotations

import re
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING

from sqlalchemy.orm import Session, sessionmaker

from mailbox_ingest.app.build import own_addresses, sandbox
from mailbox_ingest.app.views import Ledgered
from mailbox_ingest.config import Config
from mailbox_ingest.model import Evidence
from mailbox_ingest.store.ledger.claims import load_raw

if TYPE_CHECKING:
    from mailbox_ingest.documents.exhibits import Exhibit


@dataclass(frozen=True, slots=True, kw_only=True)
class ExhibitFile:
    """One written file. `kind`: 'page', 'cut-out' or 'context'; `evidence` counts a field's pieces of evidence from 1."""

    report: int
    field: str
    evidence: int
    kind: str
    path: str


def write_exhibits(item: Ledgered, folder: Path, *, config: Config, snapshots: sessionmaker[Session]) -> tuple[ExhibitFile, ...]:
    """Writes what can be shown of each value; evidence that is not found again (an archive nobody can open any more) gives no file.

    Raises DocumentError where the mail cannot be read within the limits, OSError where the folder cannot be written.
    """
    asked = [
        (report.id, field, number, evidence)
        for report in item.details.reports
        for field, pieces in report.evidence.items()
        for number, evidence in enumerate(pieces, start=1)
    ]
    if not asked:
        return ()
    limits = config.limits
    mails: dict[int, list[int]] = {}  # the figures of a merged report stand in two mails
    for place, entry in enumerate(asked):
        mails.setdefault(entry[3].message or item.details.message.id, []).append(place)
    with snapshots.begin() as session:
        raws = {number: load_raw(session, number) for number in mails}
    found: list[Exhibit] = []
    with sandbox(config) as pool:
        seconds = limits.document_seconds + limits.ocr_seconds
        from mailbox_ingest.reading.look_again import look_again  # noqa: PLC0415 - the readers; only `explain` needs them here

        for number, places in mails.items():
            wanted: tuple[Evidence, ...] = tuple(asked[place][3] for place in places)
            raw = raws[number]
            if raw is not None:
                seen = pool.submit(look_again, raw, wanted, limits, own_addresses(config), seconds=seconds).result()
                found += [replace(exhibit, evidence=places[exhibit.evidence]) for exhibit in seen]
    folder.mkdir(parents=True, exist_ok=True)
    written: list[ExhibitFile] = []
    for exhibit in sorted(found, key=lambda item: (item.evidence, item.kind)):
        report, field, number, _ = asked[exhibit.evidence]
        path = folder / f"{report}-{re.sub(r'[^0-9A-Za-z_]', '_', field)}-{number}-{exhibit.kind}{exhibit.suffix}"
        path.write_bytes(exhibit.data)
        written.append(ExhibitFile(report=report, field=field, evidence=number, kind=exhibit.kind, path=str(path)))
    return tuple(written)
