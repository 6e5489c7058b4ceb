"""Formulas that nobody calculated: plain sums, differences, products and quotients of known numbers. Anything else is 'unknown'.

Grammar: sum of products of signed factors; a factor is a number, a cell, SUM(ranges, cells, numbers) or a parenthesis, perhaps with a '%'.
No other function, no text, no names: a wrong guess would be a wrong number.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from decimal import Decimal, DivisionByZero, InvalidOperation

from mailbox_ingest.documents.sheets.grid import Position

Lookup = Callable[[str | None, Position], Decimal | None]
"""(sheet name or None for the formula's own, position) -> its number; None for a blank cell that may be skipped; raises UnknownOperand."""

_MAX_RANGE = 20_000
_MAX_DEPTH = 60
_TOKEN = re.compile(
    r"""\s*(?:
    (?P<number>\d+(?:\.\d+)?|\.\d+)
  | (?P<sum>SUM)\s*\(
  | (?:(?P<sheet>'(?:[^']|'')+'|[^\W\d][\w.]*)!)?
    \$?(?P<c1>[A-Z]{1,3})\$?(?P<r1>\d{1,7})(?::\$?(?P<c2>[A-Z]{1,3})\$?(?P<r2>\d{1,7}))?(?![\w(.])
  | (?P<op>[-+*/()%,;])
    )""",
    re.VERBOSE | re.IGNORECASE,
)


class UnknownOperandError(Exception):
    """A formula cannot be calculated from what is known."""


def evaluate(formula: str, lookup: Lookup) -> Decimal:
    """The value of a formula without its leading '='. Raises UnknownOperandError."""
    parser = _Parser(list(_tokens(formula.strip().removeprefix("="))), lookup)
    value = parser.expression(0)
    if parser.at != len(parser.tokens):
        raise UnknownOperandError(formula)
    return value


def column_number(letters: str) -> int:
    """'A' -> 0, 'AA' -> 26."""
    number = 0
    for letter in letters.upper():
        number = number * 26 + ord(letter) - ord("A") + 1
    return number - 1


def _tokens(formula: str) -> Iterator[re.Match[str]]:
    at = 0
    while at < len(formula.rstrip()):
        found = _TOKEN.match(formula, at)
        if not found:
            raise UnknownOperandError(formula)
        yield found
        at = found.end()


class _Parser:
    """Recursive descent over the tokens of one formula."""

    def __init__(self, tokens: list[re.Match[str]], lookup: Lookup) -> None:
        self.tokens, self.lookup, self.at = tokens, lookup, 0

    def expression(self, depth: int) -> Decimal:
        if depth > _MAX_DEPTH:
            raise UnknownOperandError("too deep")
        value = self._product(depth)
        while (op := self._op("+-")) is not None:
            other = self._product(depth)
            value = value + other if op == "+" else value - other
        return value

    def _product(self, depth: int) -> Decimal:
        value = self._factor(depth)
        while (op := self._op("*/")) is not None:
            other = self._factor(depth)
            try:
                value = value * other if op == "*" else value / other
            except (DivisionByZero, InvalidOperation) as problem:
                raise UnknownOperandError("division by zero") from problem
        return value

    def _factor(self, depth: int) -> Decimal:
        sign = 1
        while (op := self._op("+-")) is not None:
            sign = -sign if op == "-" else sign
        token = self._next()
        if token["number"]:
            value = Decimal(token["number"])
        elif token["sum"]:
            value = self._sum(depth + 1)
        elif token["c1"]:
            value = self._cell(token)
        elif token["op"] == "(":
            value = self.expression(depth + 1)
            self._expect(")")
        else:
            raise UnknownOperandError(token[0])
        while self._op("%") is not None:
            value /= 100
        return sign * value

    def _sum(self, depth: int) -> Decimal:
        total = Decimal(0)
        while True:
            token = self._peek()
            if token is not None and token["c1"] and token["c2"]:
                self.at += 1
                total += self._range(token)
            else:
                total += self.expression(depth)
            if self._op(",;") is None:
                self._expect(")")
                return total

    def _range(self, token: re.Match[str]) -> Decimal:
        top, bottom = sorted((int(token["r1"]) - 1, int(token["r2"]) - 1))
        left, right = sorted((column_number(token["c1"]), column_number(token["c2"])))
        if (bottom - top + 1) * (right - left + 1) > _MAX_RANGE:
            raise UnknownOperandError("too long a range")
        values = (self.lookup(_sheet(token), (r, c)) for r in range(top, bottom + 1) for c in range(left, right + 1))
        known = [value for value in values if value is not None]
        if not known:
            raise UnknownOperandError("a sum of nothing")
        return sum(known, Decimal(0))

    def _cell(self, token: re.Match[str]) -> Decimal:
        if token["c2"]:
            raise UnknownOperandError("a range where one number is needed")
        value = self.lookup(_sheet(token), (int(token["r1"]) - 1, column_number(token["c1"])))
        if value is None:
            raise UnknownOperandError("a blank operand")
        return value

    def _peek(self) -> re.Match[str] | None:
        return self.tokens[self.at] if self.at < len(self.tokens) else None

    def _next(self) -> re.Match[str]:
        token = self._peek()
        if token is None:
            raise UnknownOperandError("unfinished")
        self.at += 1
        return token

    def _op(self, wanted: str) -> str | None:
        token = self._peek()
        if token is None or not token["op"] or token["op"] not in wanted:
            return None
        self.at += 1
        return token["op"]

    def _expect(self, op: str) -> None:
        if self._op(op) is None:
            raise UnknownOperandError(f"{op} expected")


def _sheet(token: re.Match[str]) -> str | None:
    name = token["sheet"]
    return name.strip("'").replace("''", "'") if name else None
