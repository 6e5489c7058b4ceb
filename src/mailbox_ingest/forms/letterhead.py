"""The letterhead of a Vietnamese letter: who signs it, its date, and whether it is the directive that asks for the reports.

Layout (Nghị định 30/2020/NĐ-CP): top left the superior body over the issuing body, top right the national title and motto; below,
'Số: …' left and place and date right; then the title.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass

from mailbox_ingest.forms.clauses import LIST_MARK
from mailbox_ingest.forms.dates import plain
from mailbox_ingest.forms.tabular import Line
from mailbox_ingest.vietnamese.fold import fold, squeeze

_NATIONAL = ("cong hoa xa hoi chu nghia viet nam", "doc lap tu do hanh phuc", "dang cong san viet nam", "cong hoa xhcn viet nam")
_TITLE = re.compile(
    r"^(bao cao|bang tong hop|bieu|phu luc|v v|ve viec|kinh gui|to trinh|cong van|tt|stt|so tt|so lieu|ket qua|thuc hien|noi dung"
    r"|danh sach)\b"
)
_PLACE_DATE = re.compile(r"\bngay\b.*\bthang\b.*\bnam\b|^\W*$")
_BODY_WORDS = re.compile(
    r"\b(ldld|lien doan|cong doan|cdcs|cdn|cdvc|cd|so|ubnd|uy ban|ban|tong lien doan|phong|truong|benh vien|cong ty|tong cong ty|huyen"
    r"|thanh pho|thi xa|cuc|chi cuc|tinh)\b"
)
_LOOK_AT = 14  # lines: a letterhead is at the top or nowhere
_SERIAL = re.compile(r"\s*so\s*:?[\s.…_]*(\d{0,5})[\s.…_]*/\s*([a-z\d\-–&/.…]{2,24})")


@dataclass(frozen=True, slots=True)
class Letterhead:
    """The issuing block. `lines` run from the superior body down to the issuing one; empty where the letter has none."""

    lines: tuple[str, ...] = ()
    serial: str = ""  # '597/LĐLĐ-CTCS'
    place: str = ""


def read_letterhead(lines: Sequence[Line]) -> Letterhead:
    """Finds the issuing block in the first lines of a document."""
    block: list[str] = []
    serial = ""
    place = ""
    national = numbered = False
    for line in lines[:_LOOK_AT]:
        text = squeeze(_strip_national(line.text))
        national = national or text != squeeze(line.text)
        flat = fold(text)
        if not flat:
            continue
        found = _SERIAL.match(plain(text))
        if found:
            # 'Số:      /BC-CĐN' is the number of a letter that has none yet.
            serial = text[found.start(1) : found.end(2)].strip() if found[1] else ""
            numbered = True
            break
        if _TITLE.match(flat):
            break
        if _PLACE_DATE.search(flat):
            continue
        if LIST_MARK.match(text) or not _looks_like_name(text, flat):
            if block:
                break
            continue
        block.append(text)
        place = place or line.place
    # Without the national title or a number, a first line such as 'Công đoàn ngành Y tế báo cáo' is text, not a letterhead.
    if not block or not (national or numbered or _is_heading(block)):
        return Letterhead(serial=serial)
    return Letterhead(tuple(block), serial, place)


def is_directive(head: Letterhead, legal_basis: str) -> bool:
    """Whether the letter is the very one that asks for the reports: its own number is the form's legal basis."""
    return bool(head.serial) and fold(head.serial) in fold(legal_basis)


def _strip_national(text: str) -> str:
    """Drops the national title and motto where they share a line with the issuing body."""
    flat = fold(text)
    if any(flat.startswith(n) for n in _NATIONAL):
        return ""
    cut = re.search(r"C[ỘO]NG H[ÒO]A X[ÃA] H[ỘO]I|[ĐD][ộo]c l[ậa]p\s*[-–]", text, re.IGNORECASE)
    return text[: cut.start()] if cut else text


def _looks_like_name(text: str, flat: str) -> bool:
    return len(text) <= 90 and bool(_BODY_WORDS.search(flat) or text.isupper()) and not re.search(r"\d{2,}|[.;:]\s*$|:\s", text)


def _is_heading(block: Sequence[str]) -> bool:
    """All in capitals, as letterheads are."""
    return all(sum(c.isupper() for c in t) > 0.6 * sum(c.isalpha() for c in t) for t in block)
