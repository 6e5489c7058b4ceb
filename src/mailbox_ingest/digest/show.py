"""A digest to look at: the files that would be sent, and the official report alone. A frozen digest is shown as it was sent."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime
from pathlib import Path

from sqlalchemy.orm import Session, sessionmaker

from mailbox_ingest.config import Config
from mailbox_ingest.digest.build import build
from mailbox_ingest.digest.mail import digest_of, mail_of, render_mail, sender_of
from mailbox_ingest.model import LetterContent, OutgoingMail
from mailbox_ingest.periods import Period
from mailbox_ingest.render.digest.letter import DOCX
from mailbox_ingest.store.outgoing.digests import find_digest


def preview(
    snapshots: sessionmaker[Session],
    config: Config,
    name: str,
    period: Period,
    now: datetime,
    *,
    folder: Path,
    compose: Callable[[OutgoingMail], bytes] | None = None,
) -> tuple[Path, ...]:
    """Writes what would be sent into `folder` (made if missing) and changes nothing else: .txt, .html, pictures, workbook, and with
    `compose` (OutgoingMail -> RFC 5322 bytes) the .eml. A frozen digest is shown as it was sent.

    Raises ConfigurationError for an unknown digest.
    """
    digest = digest_of(config, name)
    with snapshots.begin() as session:
        frozen = find_digest(session, name, period)
    content = frozen.content if frozen is not None else render_mail(snapshots, config, digest, period, now)[1]
    eml = compose(mail_of(digest, period, content, sender_of(config))) if compose is not None else None
    return write_letter(content, folder=folder, stem=f"{name}-{period}", eml=eml)


def write_letter(content: LetterContent, *, folder: Path, stem: str, eml: bytes | None = None) -> tuple[Path, ...]:
    """The parts of a mail as files of `folder` (made if missing)."""
    folder.mkdir(parents=True, exist_ok=True)
    page = content.html or ""
    files: dict[str, bytes] = {}
    for file in content.attachments:
        own_name = f"{stem}-{file.name}" if file.content_id else file.name
        files[own_name] = file.data
        if file.content_id:
            page = page.replace(f"cid:{file.content_id}", own_name)  # so that a browser shows the page from the folder
    files[f"{stem}.html"] = page.encode()
    files[f"{stem}.txt"] = f"{content.subject}\n\n{content.text}".encode()
    if eml is not None:
        files[f"{stem}.eml"] = eml
    for file_name, data in files.items():
        (folder / file_name).write_bytes(data)
    return tuple(folder / file_name for file_name in sorted(files))


def consolidated(snapshots: sessionmaker[Session], config: Config, name: str, period: Period, now: datetime) -> bytes:
    """The official report of a week (.docx): as it was sent where the digest is frozen, else as things stand at `now`.

    Raises ConfigurationError for an unknown digest.
    """
    digest = digest_of(config, name)
    with snapshots.begin() as session:
        frozen = find_digest(session, name, period)
        sent = [file.data for file in frozen.content.attachments if file.content_type == DOCX] if frozen is not None else []
        figures = None if sent else build(session, config=config, digest=digest, period=period, as_of=now)
    if figures is None:
        return sent[0]
    from mailbox_ingest.render.digest.consolidated import consolidated_report  # noqa: PLC0415  # only this needs docxtpl

    templates_dir = Path(config.templates_dir) if config.templates_dir else None
    return consolidated_report(figures, organisation=config.organisation, templates_dir=templates_dir)
