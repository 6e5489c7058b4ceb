"""Reads generated scans and photographs and counts, by quality class: right and sure, WRONG and sure, left to a person.

    python -m bench.ocr_quality.run --per-class 26 --first-seed 5000 [--only CLASS …] [--save FOLDER]

A page counts as wrong when anything sure on it is not printed there, or something sure stands where a pen has been.
"""

from __future__ import annotations

import argparse
import re
import sys
import time
from collections import Counter
from pathlib import Path

from bench.ocr_quality.damage import QUALITIES, Specimen, specimen
from mailbox_ingest.config import LimitsConfig
from mailbox_ingest.documents.ocr import read_image
from mailbox_ingest.documents.ocr.digits import canonical
from mailbox_ingest.errors import DocumentError
from mailbox_ingest.model import Document, Paragraph, Table

SURE = 0.85
_NUMBER = re.compile(r"\d{1,3}(?: \d{3})+(?!\d)|\d+(?:[.,]\d+)*")  # '7 728' is one number


def numbers_in(text: str) -> list[str]:
    return [found for found in (canonical(piece) for piece in _NUMBER.findall(text)) if found is not None]


def sure_numbers(document: Document) -> tuple[list[str], list[str]]:
    """Numbers given as sure, in reading order: those of cells and numbered lines, and all others."""
    table, other = [], []
    for section in document.sections:
        for block in section.blocks:
            if isinstance(block, Table):
                table.extend(number for cell in block.cells if cell.confidence >= SURE for number in numbers_in(cell.text))
            elif block.confidence >= SURE:
                other.extend(numbers_in(block.text))
    return table, other


def judge(item: Specimen, document: Document) -> tuple[str, str]:
    """'right', 'wrong' or 'human', and why."""
    form = item.form
    printed = Counter(number for text in form.texts for number in numbers_in(text))
    table, other = sure_numbers(document)
    sure = table + other
    penned = {str(form.values[index]) for index in form.penned}
    invented = [number for number in sure if number not in printed]
    if invented:
        return "wrong", f"{invented} not printed; values {form.values}"
    values = [str(value) for value in form.values]
    if form.penned:
        seen = [number for number in sure if number in penned and printed[number] == 1]
        if seen:
            return "wrong", f"{seen} penned but sure"
        if blank_where_penned(document, form.penned):
            return "wrong", "penned cell given as surely blank"
        return "human", "pen"
    position = 0
    for number in sure:
        if position < 3 and number == values[position]:
            position += 1
    return ("right", "") if position == 3 else ("human", f"{position} of 3 sure")


def blank_where_penned(document: Document, penned: set[int]) -> bool:
    """Whether a number column of the right shape says that a written-on cell is blank."""
    for section in document.sections:
        for block in section.blocks:
            if isinstance(block, Table) and block.rows == 4 and block.columns in {3, 4}:
                cells = {(cell.row, cell.column): cell for cell in block.cells}
                if any((cell := cells.get((index + 1, 2))) and not cell.text and cell.confidence >= SURE for index in penned):
                    return True
            if isinstance(block, Table) and block.rows == 2 and block.columns == 5:
                cells = {(cell.row, cell.column): cell for cell in block.cells}
                if any((cell := cells.get((1, index + 2))) and not cell.text and cell.confidence >= SURE for index in penned):
                    return True
    return False


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--per-class", type=int, default=26)
    parser.add_argument("--first-seed", type=int, default=5000)
    parser.add_argument("--only", nargs="*", default=list(QUALITIES))
    parser.add_argument("--save", type=Path, help="folder for pages that were wrong or left to a person")
    arguments = parser.parse_args()
    tally: dict[str, Counter[str]] = {}
    seconds: dict[str, float] = {}
    for quality in arguments.only:
        tally[quality], seconds[quality] = Counter(), 0.0
        for seed in range(arguments.first_seed, arguments.first_seed + arguments.per_class):
            item = specimen(quality, seed)
            started = time.process_time()
            try:
                verdict, why = judge(item, document := read_image(item.data, item.name, LimitsConfig()))
            except DocumentError as error:
                verdict, why, document = "human", f"{error.code}: {error.detail}", None
            seconds[quality] += time.process_time() - started
            tally[quality][verdict] += 1
            if verdict == "wrong" or (verdict == "human" and not item.form.penned):
                print(f"{item.name} {item.form.layout}: {verdict}: {why} {summary(document)}", file=sys.stderr, flush=True)
                if arguments.save:
                    arguments.save.mkdir(parents=True, exist_ok=True)
                    (arguments.save / f"{item.name}.img").write_bytes(item.data)
    print("| class | pages | right and sure | WRONG and sure | to a person | CPU s/page |\n|---|---|---|---|---|---|")
    for quality, counts in [*tally.items(), ("all", sum(tally.values(), Counter[str]()))]:
        pages = counts.total()
        cost = (seconds[quality] if quality in seconds else sum(seconds.values())) / max(1, pages)
        print(f"| {quality} | {pages} | {counts['right']} | {counts['wrong']} | {counts['human']} | {cost:.2f} |")
    return 1 if any(counts["wrong"] for counts in tally.values()) else 0


def summary(document: Document | None) -> str:
    """The doubtful cells and lines with digits, for tuning."""
    found = []
    for section in document.sections if document else ():
        for block in section.blocks:
            if isinstance(block, Paragraph):
                if block.confidence < SURE and re.search(r"\d", block.text):
                    found.append(f"P {block.text!r} {block.confidence}")
            else:
                found.append(f"T{block.rows}x{block.columns}")
                found.extend(
                    f"{cell.text!r} {cell.confidence} {cell.alternatives}" for cell in block.cells if cell.confidence < SURE and cell.column
                )
    return "; ".join(found)[:600]


if __name__ == "__main__":
    sys.exit(main())
