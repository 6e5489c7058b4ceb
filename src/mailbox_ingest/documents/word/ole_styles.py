"""The style sheet of a Word 97-2003 file (MS-DOC 2.9.271): what a style says about characters and paragraphs, its parents included."""

from __future__ import annotations

import struct
from collections.abc import Iterator

from mailbox_ingest.documents.word.ole_sprms import CharacterProperties, character


class StyleSheet:
    """Per style its parent and its modifiers. A style that is not there says nothing."""

    def __init__(self, part: bytes) -> None:
        self.default = CharacterProperties()
        self._styles: list[tuple[int, bytes, bytes]] = []  # parent, paragraph modifiers, character modifiers
        if len(part) < 20:
            return
        size, count, base_size = struct.unpack_from("<HHH", part, 0)
        if size >= 18:
            self.default = CharacterProperties(font=struct.unpack_from("<H", part, 2 + 16)[0])
        at = 2 + size
        for _ in range(count):
            if at + 2 > len(part):
                break
            (length,) = struct.unpack_from("<H", part, at)
            self._styles.append(_style(part[at + 2 : at + 2 + length], base_size))
            at += 2 + length

    def character(self, index: int) -> CharacterProperties:
        result = self.default
        for _, _, grpprl in reversed(list(self._chain(index))):
            result = character(result, grpprl)
        return result

    def own_character_grpprl(self, index: int) -> bytes:
        return b"".join(grpprl for _, _, grpprl in reversed(list(self._chain(index))))

    def paragraph_grpprl(self, index: int) -> bytes:
        return b"".join(grpprl for _, grpprl, _ in reversed(list(self._chain(index))))

    def _chain(self, index: int) -> Iterator[tuple[int, bytes, bytes]]:
        for _ in range(12):
            if not 0 <= index < len(self._styles):
                return
            yield self._styles[index]
            index = self._styles[index][0]


def _style(std: bytes, base_size: int) -> tuple[int, bytes, bytes]:
    if len(std) < base_size + 2 or base_size < 8:
        return 0xFFF, b"", b""
    _, kind_parent, count_next = struct.unpack_from("<HHH", std, 0)
    kind, parent, count = kind_parent & 0xF, kind_parent >> 4, count_next & 0xF
    (letters,) = struct.unpack_from("<H", std, base_size)
    at = base_size + 2 + 2 * letters + 2
    parts: list[bytes] = []
    for _ in range(count):
        if at + 2 > len(std):
            break
        (length,) = struct.unpack_from("<H", std, at)
        parts.append(std[at + 2 : at + 2 + length])
        at += 2 + length + (length & 1)
    if kind == 1:
        return parent, parts[0][2:] if parts else b"", parts[1] if len(parts) > 1 else b""
    return parent, b"", parts[0] if kind == 2 and parts else b""
