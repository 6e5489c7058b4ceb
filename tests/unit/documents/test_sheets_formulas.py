"""Which formulas are calculated here, and which are left unknown."""

from decimal import Decimal

import pytest

from mailbox_ingest.documents.sheets.formula_cells import Formula, Workbook
from mailbox_ingest.documents.sheets.formulas import UnknownOperandError, evaluate
from mailbox_ingest.documents.sheets.grid import RawCell

VALUES = {(4, 2): Decimal(163), (5, 2): Decimal(491), (6, 2): Decimal(818), (4, 3): Decimal("0.5")}


def look(sheet: str | None, at: tuple[int, int]) -> Decimal | None:
    return VALUES.get(at)


@pytest.mark.parametrize(
    ("formula", "value"),
    [
        ("SUM(C5:C7)", 1472),
        ("=SUM($C$5:$C$7)", 1472),
        ("sum(C5,C6;C7)", 1472),
        ("C5+C6-C7", -164),
        ("SUM(C5:C7)+100", 1572),
        ("+C5", 163),
        ("(C5+C6)*2", 1308),
        ("C6*50%", Decimal("245.5")),
        ("SUM(Sheet1!C5:C7)", 1472),
        ("SUM('Tuần 36'!C5:C7)", 1472),
    ],
)
def test_plain_arithmetic_is_calculated(formula: str, value: Decimal) -> None:
    assert evaluate(formula, look) == value


@pytest.mark.parametrize(
    "formula",
    [
        "SUMIF(C5:C7,1)",
        "AVERAGE(C5:C7)",
        "C5&C6",
        '"4215"',
        "Tong",
        "C5:C7",
        "SUM(C5:C7",
        "C5/0",
        "SUM(Z1:Z9)",
        "1+",
        "SUM(A1:XFD1048576)",
        "(" * 500,
    ],
)
def test_anything_else_is_unknown(formula: str) -> None:
    with pytest.raises(UnknownOperandError):
        evaluate(formula, look)


def book(cells: dict[tuple[int, int], RawCell], text: str | None, *, recalculated: bool = False) -> Workbook:
    return Workbook(cells={"S": cells}, formulas={"S": {(9, 0): Formula(text=text, recalculated=recalculated)}})


COUNTED = {(0, 0): RawCell(text="10", number=Decimal(10)), (1, 0): RawCell(text="20", number=Decimal(20)), (9, 0): RawCell(unknown=True)}


def test_a_formula_nobody_calculated_is_calculated_here() -> None:
    assert book(COUNTED, "SUM(A1:A2)").settle("S", (9, 0), None)[0] == 30


def test_a_zero_stored_by_a_program_that_never_calculates_is_not_believed() -> None:
    assert book(COUNTED, "SUM(A1:A2)", recalculated=True).settle("S", (9, 0), Decimal(0))[0] == 30
    assert book(COUNTED, "VLOOKUP(A1,B:B,1)", recalculated=True).settle("S", (9, 0), Decimal(0))[0] is None


def test_a_stored_value_that_contradicts_its_formula_is_unknown() -> None:
    assert book(COUNTED, "SUM(A1:A2)").settle("S", (9, 0), Decimal(29))[0] is None


def test_a_stored_value_is_believed_where_the_formula_cannot_be_calculated() -> None:
    assert book(COUNTED, "SUMIF(A1:A2,1)").settle("S", (9, 0), Decimal(29)) == (29, "")


def test_a_sum_that_skips_a_number_typed_as_text_is_unknown() -> None:
    cells = {**COUNTED, (2, 0): RawCell(text="1.480")}
    assert book(cells, "SUM(A1:A3)").settle("S", (9, 0), Decimal(30))[0] is None


def test_a_sum_over_a_missing_operand_is_unknown_but_blank_rows_do_not_matter() -> None:
    beside = {**COUNTED, (2, 1): RawCell(text="CĐCS Trạm Y tế")}
    assert book(beside, "SUM(A1:A3)").settle("S", (9, 0), None)[0] is None
    assert book(COUNTED, "SUM(A1:A5)").settle("S", (9, 0), None)[0] == 30


def test_a_circle_of_formulas_is_unknown() -> None:
    assert book(COUNTED, "A10+A1").settle("S", (9, 0), None)[0] is None
