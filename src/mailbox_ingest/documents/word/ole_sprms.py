"""Property modifiers of Word 97-2003 (MS-DOC 2.6): character, paragraph and row properties from their byte lists. Reads no files."""

from __future__ import annotations

import struct
from collections.abc import Iterator
from dataclasses import dataclass, field, replace

_FIXED = {0: 1, 1: 1, 2: 2, 3: 4, 4: 2, 5: 2, 7: 3}
_T_DEF_TABLE, _P_CHG_TABS = 0xD608, 0xC615
_SAME_AS_STYLE = 0x80
_MAX_COLUMNS = 64


@dataclass(frozen=True, slots=True, kw_only=True)
class CharacterProperties:
    """What matters of one run. Fonts are indexes into the font table; `symbol` is (font, code) of a single special character."""

    font: int | None = None
    deleted: bool = False
    hidden: bool = False
    struck: bool = False
    special: bool = False
    symbol: tuple[int, int] | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class TableCell:
    """One cell of a row definition, edges in twips; `merged` 1 or 2 inside a horizontal set; `vertical` 1 continues a set, 3 starts one."""

    left: int
    right: int
    merged: int = 0
    vertical: int = 0


@dataclass(frozen=True, slots=True, kw_only=True)
class ParagraphProperties:
    """What matters of one paragraph: its style, and its part in a table. `depth` 0 is outside any table."""

    style: int = 0
    depth: int = 0
    row_end: bool = False
    inner_cell: bool = False
    row: tuple[TableCell, ...] = field(default=())


def sprms(grpprl: bytes) -> Iterator[tuple[int, bytes]]:
    """(opcode, operand) of each modifier; a list that is cut off ends silently, as in Word."""
    at = 0
    while at + 2 <= len(grpprl):
        (opcode,) = struct.unpack_from("<H", grpprl, at)
        at += 2
        kind = opcode >> 13
        if kind != 6:
            size = _FIXED[kind]
        elif opcode == _T_DEF_TABLE:
            if at + 2 > len(grpprl):
                return
            size = struct.unpack_from("<H", grpprl, at)[0] + 1
        else:
            if at >= len(grpprl):
                return
            size = grpprl[at] + 1
            if opcode == _P_CHG_TABS and grpprl[at] == 255 and at + 1 < len(grpprl):
                deleted = grpprl[at + 1]
                added = grpprl[at + 2 + 4 * deleted] if at + 2 + 4 * deleted < len(grpprl) else 0
                size = 2 + 4 * deleted + 1 + 3 * added
        operand = grpprl[at : at + size]
        at += size
        if operand:
            yield opcode, operand


def character(base: CharacterProperties, grpprl: bytes) -> CharacterProperties:
    """`base` with the modifiers applied."""
    result, ascii_font, other_font = base, None, None
    for opcode, operand in sprms(grpprl):
        match opcode:
            case 0x0800:
                result = replace(result, deleted=_toggled(operand, base.deleted))
            case 0x083C:
                result = replace(result, hidden=_toggled(operand, base.hidden))
            case 0x0837 | 0x2A53:
                result = replace(result, struck=_toggled(operand, base.struck))
            case 0x0855:
                result = replace(result, special=operand[0] == 1)
            case 0x4A4F | 0x4A3D:
                ascii_font = int.from_bytes(operand, "little")
            case 0x4A51:
                other_font = int.from_bytes(operand, "little")
            case 0x6A09 if len(operand) == 4:
                result = replace(result, symbol=struct.unpack("<HH", operand))
            case _:
                pass
    # Letters beyond ASCII, the ones that old fonts redefine, are set in the 'other' font.
    font = other_font if other_font is not None else ascii_font
    return result if font is None else replace(result, font=font)


def character_style(grpprl: bytes) -> int | None:
    """The character style that a run names."""
    return next((int.from_bytes(operand, "little") for opcode, operand in sprms(grpprl) if opcode == 0x4A30), None)


def paragraph(base: ParagraphProperties, grpprl: bytes) -> ParagraphProperties:
    """`base` with the modifiers applied."""
    result, cells = base, list(base.row)
    for opcode, operand in sprms(grpprl):
        match opcode:
            case 0x2416:
                result = replace(result, depth=max(result.depth, 1) if operand[0] else 0)
            case 0x6649:
                result = replace(result, depth=min(int.from_bytes(operand, "little", signed=True), 20))
            case 0x2417 | 0x244C:
                result = replace(result, row_end=operand[0] == 1)
            case 0x244B:
                result = replace(result, inner_cell=operand[0] == 1)
            case 0xD608:
                cells = _row_definition(operand)
            case 0x5624:
                first, limit = operand[0], operand[1]
                cells = [replace(c, merged=(1 if i == first else 2)) if first <= i < limit else c for i, c in enumerate(cells)]
            case 0x5625:
                first, limit = operand[0], operand[1]
                cells = [replace(c, merged=0) if first <= i < limit else c for i, c in enumerate(cells)]
            case 0xD62B if len(operand) >= 3:
                cells = [replace(c, vertical=operand[2]) if i == operand[1] else c for i, c in enumerate(cells)]
            case _:
                pass
    return replace(result, row=tuple(cells))


def _toggled(operand: bytes, style: bool) -> bool:
    """A toggle's operand: off, on, as the style says, or the opposite."""
    value = operand[0]
    return bool(value) if value < _SAME_AS_STYLE else style if value == _SAME_AS_STYLE else not style


def _row_definition(operand: bytes) -> list[TableCell]:
    count = operand[2] if len(operand) > 2 else 0
    if not 0 < count <= _MAX_COLUMNS or len(operand) < 3 + 2 * (count + 1):
        return []
    edges = struct.unpack_from(f"<{count + 1}h", operand, 3)
    cells = []
    for index in range(count):
        at = 3 + 2 * (count + 1) + 20 * index
        flags = struct.unpack_from("<H", operand, at)[0] if at + 2 <= len(operand) else 0
        cells.append(TableCell(left=edges[index], right=edges[index + 1], merged=flags & 3, vertical=(flags >> 5) & 3))
    return cells
