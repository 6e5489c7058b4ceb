"""The text of one Word paragraph, collected run by run, each run with the encoding its font claims.

Conversion happens when a paragraph is complete: editors split words anywhere, and a VNI letter is two characters that may stand in
two runs.
"""

from __future__ import annotations

from collections.abc import Mapping

from mailbox_ingest.vietnamese.fold import nfc
from mailbox_ingest.vietnamese.legacy import Encoding, to_unicode


class RunText:
    """Collects pieces; `text()` gives composed Unicode."""

    __slots__ = ("_pieces",)

    def __init__(self) -> None:
        self._pieces: list[tuple[str, Encoding | None, bool]] = []

    def add(self, text: str, encoding: Encoding | None = None, capitals: bool = False) -> None:
        """`encoding` is None for an ordinary font; `capitals` for old fonts that draw small letters as capitals."""
        if self._pieces:
            before, its_encoding, its_capitals = self._pieces[-1]
            if its_encoding is encoding and its_capitals == capitals:
                self._pieces[-1] = (before + text, encoding, capitals)
                return
        self._pieces.append((text, encoding, capitals))

    def raw(self) -> str:
        return "".join(text for text, _, _ in self._pieces)

    def text(self, decided: Mapping[Encoding, Encoding]) -> str:
        """`decided` maps a claimed encoding to what the whole document's letters say it is (legacy.confirm)."""
        parts = []
        for piece, encoding, capitals in self._pieces:
            if encoding is None:
                parts.append(piece)
            else:
                converted = to_unicode(piece, decided.get(encoding, encoding))
                parts.append(converted.upper() if capitals else converted)
        return nfc("".join(parts))
