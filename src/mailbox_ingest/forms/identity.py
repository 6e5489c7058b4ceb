"""Whose report is it? The texts of a reading, resolved against the registry."""

from __future__ import annotations

import re
from collections.abc import Iterable

from mailbox_ingest.forms.bodies import bodies_in, owners_in, resolved
from mailbox_ingest.forms.units import UnitMatcher, expanded
from mailbox_ingest.model import NamedBody, Reading, UnitClues
from mailbox_ingest.vietnamese.fold import fold


def identify(reading: Reading, matcher: UnitMatcher, *, hints: Iterable[str] = ()) -> UnitClues:
    """The units a reading names, by the weight of where they stand. `hints` are texts outside the document: file name, subject."""
    issuer: str | None = None
    exact = True
    foreign = ""
    row: str | None = None
    named: set[str] = set()
    hinted: set[str] = set()
    superiors: set[str | None] = set()
    others: set[str] = set()
    foreign_row = ""
    bodies: list[str] = []
    for mention in reading.unit_mentions:
        if mention.role == "letterhead":
            lines = tuple(mention.text.split("\n"))
            match = matcher.issuer(lines)
            if match is not None and match.code is not None:
                issuer, exact = match.code, match.score >= 100
            elif match is None:
                foreign = lines[-1]
            superiors |= {m.code for line in lines[:-1] if (m := matcher.match(line)) is not None and m.code not in (None, issuer)}
        elif mention.role in ("table", "speaker"):
            code = _whole_name(matcher, mention.text)
            if code is None and mention.role == "speaker":
                # A heading may say more than the name: 'Số liệu của LĐLĐ huyện Cam Lộ tuần này'.
                told = _codes(matcher, mention.text)
                code = next(iter(told)) if len(told) == 1 else None
            if code is None and mention.role == "speaker" and any(b.may_be for b in resolved((mention.text,), matcher.written_out)):
                bodies.append(mention.text)  # 'HẢI LĂNG', 'Ngành Y tế': whose it may be, the sender tells
            elif code is None:
                foreign_row = mention.text
            elif row is not None and row != code:
                others.add(code)
            else:
                row = code
        elif mention.role == "part":
            code = _whole_name(matcher, mention.text)
            if code is not None:
                others.add(code)
            elif _PEER.match(expanded(mention.text)):
                foreign_row = mention.text  # bodies of the sender's own rank are no part of it
        elif mention.role == "title":
            bodies += bodies_in(mention.text)
        elif mention.role == "sheet":
            hinted |= _codes(matcher, mention.text)
            bodies += bodies_in(mention.text)
        elif mention.role == "text":
            named |= _codes(matcher, mention.text)
    for text in hints:
        hinted |= _codes(matcher, text)
        bodies += bodies_in(text.rpartition(".")[0] or text)
    return UnitClues(
        issuer=issuer,
        issuer_exact=exact,
        foreign_issuer=foreign,
        foreign_row=foreign_row,
        others=frozenset(others),
        superiors=frozenset(s for s in superiors if s is not None),
        row=row,
        named=frozenset(named),
        hinted=frozenset(hinted),
        bodies=resolved(bodies, matcher.written_out),
    )


def units_named(texts: Iterable[str], matcher: UnitMatcher) -> frozenset[str]:
    """The units that texts such as a subject or a body name in full."""
    return frozenset(code for text in texts for code in _codes(matcher, text))


def bodies_named(subject: str, text: str, matcher: UnitMatcher) -> tuple[NamedBody, ...]:
    """The bodies told by their kind that a subject names, or that a body text gives the figures to."""
    return resolved((*bodies_in(subject), *owners_in(text)), matcher.written_out)


_PEER = re.compile(r"(?:lien doan lao dong (?:huyen|thanh pho|thi xa|tinh) \w|cong doan nganh (?!.*\b(?:huyen|thi xa|thanh pho)\b))")


def _whole_name(matcher: UnitMatcher, text: str) -> str | None:
    """The unit that a whole text names; what follows a full name may only say in which province it is."""
    match = matcher.match(text)
    if match is not None:
        return match.code
    found = matcher.find(text)
    rest = set(fold(text).split()[-2:]) if found else set()
    if len(found) == 1 and found[0].start == 0 and rest & {"tinh", "tri"}:
        return found[0].code
    return None


def _codes(matcher: UnitMatcher, text: str) -> set[str]:
    return {m.code for m in matcher.find(text) if m.code is not None}
