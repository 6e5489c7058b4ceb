"""File names from outside, made fit to be shown and compared. They are never used as paths of a file system."""

from __future__ import annotations

import re
import unicodedata

from mailbox_ingest.vietnamese.fold import nfc
from mailbox_ingest.vietnamese.legacy import Encoding, to_unicode
from mailbox_ingest.vietnamese.syllables import count_marked

_CONTROLS = re.compile(r"[\x00-\x1f\x7f-\x9f\u2028\u2029\u202a-\u202e\u2066-\u2069]")  # bidi marks can disguise an extension
_MAX_CHARS = 180
_HOUSEKEEPING = re.compile(r"(?:^|/)(?:__MACOSX/|\._|\.DS_Store$|Thumbs\.db$|desktop\.ini$|~\$|\.~lock\.)", re.IGNORECASE)


def clean_name(name: str | None, fallback: str = "không tên") -> str:
    """A relative name without controls, drive letters or steps upwards: '..\\\\..\\\\a/b.docx' -> 'a/b.docx'."""
    text = _CONTROLS.sub("", nfc(name or "")).replace("\\", "/")
    parts = [part.strip() for part in text.split("/")]
    kept = [part for part in parts if part not in ("", ".", "..") and not re.fullmatch(r"[A-Za-z]:", part)]
    return "/".join(kept)[-_MAX_CHARS:].lstrip("/") or fallback


def is_housekeeping(name: str) -> bool:
    """Files that operating systems and editors leave in archives: resource forks, thumbnails, lock files."""
    return bool(_HOUSEKEEPING.search(name.replace("\\", "/")))


def unique(name: str, taken: set[str]) -> str:
    """The name, with a number where another already has it; and takes it."""
    candidate, number = name, 1
    while candidate in taken:
        number += 1
        candidate = f"{name} ({number})"
    taken.add(candidate)
    return candidate


def decode_name(raw: bytes) -> str:
    """A name whose charset nobody marked: UTF-8 where it is, else what reads as Vietnamese among windows-1258, TCVN3, DOS."""
    try:
        return raw.decode("utf-8")
    except UnicodeDecodeError:
        pass
    latin = raw.decode("latin-1")
    candidates = [
        raw.decode("cp1258", "replace"),
        to_unicode(latin, Encoding.TCVN3),
        to_unicode(latin, Encoding.VNI),
        raw.decode("cp437", "replace"),
    ]
    return unicodedata.normalize("NFC", max(candidates, key=_readability))


def _readability(text: str) -> int:
    valid, invalid = count_marked(unicodedata.normalize("NFC", text))
    return valid - 2 * invalid - 3 * len(re.findall(r"[^\w\s.,()&+~'_-]", text))
