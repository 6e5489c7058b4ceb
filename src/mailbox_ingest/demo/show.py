"""The demo's result as files that open with a double click: replies and digests as .eml, .txt, .html, pictures and workbooks."""

from __future__ import annotations

import email
import email.policy
import re
from email.message import EmailMessage
from pathlib import Path

from mailbox_ingest.demo.play import FIRST_WEEK, Played
from mailbox_ingest.demo.registry import LEADERSHIP
from mailbox_ingest.vietnamese.fold import fold


def write_mails(played: Played, folder: Path) -> tuple[list[Path], list[Path]]:
    """Writes incoming mails, replies and digests; gives the paths of the replies' and the digests' main files."""
    incoming = folder / "incoming"
    incoming.mkdir(exist_ok=True)
    for number, (scene, _) in enumerate(played.scenes, start=1):
        (incoming / f"{number:02}-{_slug(scene.shows)}.eml").write_bytes(scene.raw)
    replies: list[Path] = []
    digests: list[Path] = []
    for raw in played.posted:
        mail = email.message_from_bytes(raw, policy=email.policy.default)
        if LEADERSHIP in str(mail["To"]):
            digests.append(_write_mail(mail, raw, folder / "digests", str(FIRST_WEEK.shifted(len(digests)))))
        else:
            to = str(mail["To"]).rpartition("<")[2].partition("@")[0]
            replies.append(_write_mail(mail, raw, folder / "replies", f"{len(replies) + 1:02}-{_slug(to)}"))
    return replies, digests


def _write_mail(mail: EmailMessage, raw: bytes, folder: Path, stem: str) -> Path:
    """One mail in every form; gives the HTML file, whose pictures are files beside it."""
    folder.mkdir(exist_ok=True)
    (folder / f"{stem}.eml").write_bytes(raw)
    text, html = "", ""
    pictures: dict[str, str] = {}
    for part in mail.walk():
        kind, disposition = part.get_content_type(), part.get_content_disposition()
        if kind == "text/plain" and disposition != "attachment":
            text = part.get_content()
        elif kind == "text/html" and disposition != "attachment":
            html = part.get_content()
        elif not part.is_multipart():
            name = f"{stem}-{Path(part.get_filename() or 'file').name}"
            (folder / name).write_bytes(part.get_content())
            if part["Content-ID"]:
                pictures[str(part["Content-ID"]).strip("<>")] = name
    (folder / f"{stem}.txt").write_text(text, encoding="utf-8")
    page = folder / f"{stem}.html"
    page.write_text(re.sub(r"cid:([^\"'>\s]+)", lambda found: pictures.get(found[1], found[0]), html), encoding="utf-8")
    return page


def _slug(text: str) -> str:
    return "-".join(fold(text).split())[:60].replace("%", "")
