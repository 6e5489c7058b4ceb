"""Cached values against what their formulas say: which are believed, which are calculated here, which are unknown. Knows no file format."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from decimal import Decimal

from mailbox_ingest.documents.sheets.formulas import UnknownOperandError, evaluate
from mailbox_ingest.documents.sheets.grid import Position, RawCell

_TOLERANCE = Decimal("1e-6")
_MAX_CHAIN = 40
_NUMBER_AS_TEXT = re.compile(r"\s*'?\d[\d.,\s]*")


class SkippedNumberError(UnknownOperandError):
    """A sum skips an operand because it was typed as text, though a person reads a number there."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Formula:
    """A cell's formula without '='; text None where the file shares or hides it."""

    text: str | None
    recalculated: bool  # the program that shows the file calculates anew, so a cached value proves little


@dataclass(slots=True, kw_only=True)
class Workbook:
    """The cells of every sheet by its name, while formulas are being worked out."""

    cells: Mapping[str, dict[Position, RawCell]]
    formulas: Mapping[str, dict[Position, Formula]]
    _known: dict[tuple[str, Position], Decimal | UnknownOperandError] = field(default_factory=dict)
    _filled: dict[str, tuple[frozenset[int], frozenset[int]]] = field(default_factory=dict)

    def settle(self, sheet: str, at: Position, cached: Decimal | None) -> tuple[Decimal | None, str]:
        """The number to believe for one formula cell, None for unknown; and why, where it is not simply the cached value."""
        formula = self.formulas[sheet][at]
        try:
            value = self._value(sheet, at, frozenset())
        except SkippedNumberError:
            return None, "công thức bỏ qua một số được nhập dạng chữ"
        except UnknownOperandError:
            if cached is None or (formula.recalculated and cached == 0):
                return None, "công thức chưa được tính"
            return cached, ""
        if cached is not None and abs(value - cached) <= _TOLERANCE * max(Decimal(1), abs(cached)):
            return cached, ""
        if cached is None or (formula.recalculated and cached == 0):
            return value, "tính lại từ công thức"
        return None, f"giá trị lưu {cached} khác kết quả công thức {value}"

    def _value(self, sheet: str, at: Position, busy: frozenset[tuple[str, Position]]) -> Decimal:
        known = self._known.get((sheet, at))
        if known is None:
            try:
                known = self._calculate(sheet, at, busy)
            except UnknownOperandError as problem:
                known = problem
            self._known[sheet, at] = known
        if isinstance(known, UnknownOperandError):
            raise known
        return known

    def _calculate(self, sheet: str, at: Position, busy: frozenset[tuple[str, Position]]) -> Decimal:
        formula = self.formulas[sheet][at]
        if formula.text is None or (sheet, at) in busy or len(busy) > _MAX_CHAIN:
            raise UnknownOperandError("no formula text, a circle or too long a chain")
        inner = busy | {(sheet, at)}

        def lookup(name: str | None, position: Position) -> Decimal | None:
            return self._operand(name or sheet, position, inner)

        return evaluate(formula.text, lookup)

    def _operand(self, sheet: str, at: Position, busy: frozenset[tuple[str, Position]]) -> Decimal | None:
        if sheet not in self.cells:
            raise UnknownOperandError(f"no sheet {sheet}")
        cell = self.cells[sheet].get(at)
        if at in self.formulas[sheet]:
            if cell is not None and cell.number is not None and not self.formulas[sheet][at].recalculated:
                return cell.number
            return self._value(sheet, at, busy)
        if cell is None or cell.blank:
            if self._line_is_blank(sheet, at):
                return None
            raise UnknownOperandError(f"{sheet}: a blank operand beside filled cells")
        if cell.number is None:
            if _NUMBER_AS_TEXT.fullmatch(cell.text):
                raise SkippedNumberError(cell.text)
            raise UnknownOperandError(f"{sheet}: an operand that is no number")
        return cell.number

    def _line_is_blank(self, sheet: str, at: Position) -> bool:
        """A blank operand may be skipped when its whole row, or its whole column, is blank: nothing was left out there."""
        if sheet not in self._filled:
            filled = [position for position, cell in self.cells[sheet].items() if not cell.blank]
            self._filled[sheet] = (frozenset(row for row, _ in filled), frozenset(column for _, column in filled))
        rows, columns = self._filled[sheet]
        return at[0] not in rows or at[1] not in columns
