"""What reading a document costs: processor time of reading, of reading and forms, and of a bare reader of the same file, in the same run.

    python -m bench.reading_cost [--documents 60] [--pages 6]

The bare reader does what nobody can do without: unpack and parse (zip and lxml, calamine, PDFium's text), with no table, span, style or
limit looked at. For a scan it is Tesseract's own processor time for the passes used. Bars: Word 15 ms, sheet 10 ms, text PDF 30 ms, scan
1.3 times. Every document is another one, so that nothing comes from a cache; the median is told, because the machine may be busy.
"""

from __future__ import annotations

import argparse
import gc
import io
import statistics
import sys
import time
import zipfile
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from datetime import date

import pypdfium2
from lxml import etree
from python_calamine import CalamineWorkbook

from bench.ocr_quality.cost import PassClock
from bench.ocr_quality.damage import specimen
from mailbox_ingest import forms
from mailbox_ingest.config import LimitsConfig
from mailbox_ingest.config_file import builtin_form
from mailbox_ingest.demo.papers import Letter, pdf, sheet, vietnamese, word
from mailbox_ingest.documents.attachments import read_attachment
from mailbox_ingest.model import Attachment

LIMITS = LimitsConfig()
FORM = builtin_form("bluezone")
_W = "{http://schemas.openxmlformats.org/wordprocessingml/2006/main}t"


@dataclass(frozen=True, slots=True, kw_only=True)
class Cost:
    """Milliseconds of processor time, medians over the documents. `bar_ms` is absolute, `bar_ratio` relative to `bare_ms`."""

    kind: str
    reading_ms: float
    with_forms_ms: float
    bare_ms: float
    bar_ms: float | None = None
    bar_ratio: float | None = None

    @property
    def kept(self) -> bool:
        absolute = self.bar_ms is None or self.with_forms_ms < self.bar_ms
        return absolute and (self.bar_ratio is None or self.with_forms_ms <= self.bar_ratio * self.bare_ms)


def letter(number: int) -> Letter:
    members = 4000 + 37 * number
    figures = (members, members * 88 // 100, members * 61 // 100)
    return Letter(
        unit=f"CĐCS Trường Tiểu học số {number}",
        place="Vĩnh Linh",
        day=date(2020, 8, 20),
        cells=tuple(map(vietnamese, figures)),  # type: ignore[arg-type]  # three of them
        number=number,
    )


def measured(kind: str, files: Iterable[bytes], bare: Callable[[bytes], object], *, bar_ms: float) -> Cost:
    """The cost of digital files of one kind."""
    reading: list[float] = []
    both: list[float] = []
    plain: list[float] = []
    for data in files:
        attachment = Attachment(path=f"a.{kind}", name=f"a.{kind}", content_type="", data=data)
        gc.collect()
        started = time.process_time()
        documents, failures = read_attachment(attachment, limits=LIMITS)
        read = time.process_time()
        found = [reading_ for document in documents for reading_ in forms.read(document, FORM, year=2020)]
        done = time.process_time()
        assert not failures and len(found) == 1, "the bench reads what it measures"
        bare(data)
        opened = time.process_time()
        reading.append(read - started)
        both.append(done - started)
        plain.append(opened - done)
    return Cost(
        kind=kind,
        reading_ms=1000 * statistics.median(reading[1:]),  # the first one loads the libraries
        with_forms_ms=1000 * statistics.median(both[1:]),
        bare_ms=1000 * statistics.median(plain[1:]),
        bar_ms=bar_ms,
    )


def measured_scans(pages: int) -> Cost:
    """The cost of scanned pages beside Tesseract's own processor time for the passes used."""
    reading, both, inside = 0.0, 0.0, 0.0
    for number in range(pages + 1):
        made = specimen(("clean-150", "clean-200", "clean-300", "photo-2000")[number % 4], 7000 + number)
        attachment = Attachment(path="scan.png", name="scan.png", content_type="", data=made.data)
        with PassClock() as passes:
            started = time.process_time()
            documents, _ = read_attachment(attachment, limits=LIMITS)
            read = time.process_time()
            for document in documents:
                forms.read(document, FORM, year=2020)
            done = time.process_time()
        if number:  # the first page loads the models
            reading, both, inside = reading + read - started, both + done - started, inside + passes.seconds
    each = 1000 / pages
    return Cost(kind="scan", reading_ms=each * reading, with_forms_ms=each * both, bare_ms=each * inside, bar_ratio=1.3)


def bare_word(data: bytes) -> object:
    with zipfile.ZipFile(io.BytesIO(data)) as package:
        return [node.text for node in etree.fromstring(package.read("word/document.xml")).iter(_W)]


def bare_sheet(data: bytes) -> object:
    book = CalamineWorkbook.from_filelike(io.BytesIO(data))
    return [book.get_sheet_by_name(name).to_python() for name in book.sheet_names]


def bare_pdf(data: bytes) -> object:
    document = pypdfium2.PdfDocument(data)
    try:
        return [page.get_textpage().get_text_range() for page in document]
    finally:
        document.close()


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--documents", type=int, default=60)
    parser.add_argument("--pages", type=int, default=6, help="scanned pages; 0 leaves them out")
    options = parser.parse_args()
    letters = [letter(number) for number in range(options.documents + 1)]
    costs = [
        measured("docx", map(word, letters), bare_word, bar_ms=15),
        measured("xlsx", map(sheet, letters), bare_sheet, bar_ms=10),
        measured("pdf", map(pdf, letters), bare_pdf, bar_ms=30),
    ]
    if options.pages:
        costs.append(measured_scans(options.pages))
    print("| document | reading ms | and forms ms | bare reader ms | ratio | bar |\n|---|---|---|---|---|---|")
    for cost in costs:
        bar = f"< {cost.bar_ms:g} ms" if cost.bar_ms is not None else f"<= {cost.bar_ratio:g} x"
        times = " | ".join(f"{value:.1f}" for value in (cost.reading_ms, cost.with_forms_ms, cost.bare_ms))
        print(f"| {cost.kind} | {times} | {cost.with_forms_ms / cost.bare_ms:.2f} | {bar}{'' if cost.kept else ' MISSED'} |")
    return 0


if __name__ == "__main__":
    sys.exit(main())
