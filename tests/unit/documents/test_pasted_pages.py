"""Office files that are but frames: a photograph of the report pasted into a sheet is read; small pictures are never an empty answer."""

import io
import zipfile

import openpyxl
import pytest

from bench.ocr_quality.damage import specimen
from mailbox_ingest.documents.attachments import read_attachment
from mailbox_ingest.documents.find import find_files


@pytest.fixture(scope="module")
def scan():
    return specimen("clean-150", 4)


def workbook_with(picture, *cells, folder="xl/media", name="image1.png"):
    book = openpyxl.Workbook()
    for number, text in enumerate(cells, start=1):
        book.worksheets[0].cell(number, 1, text)
    out = io.BytesIO()
    book.save(out)
    with zipfile.ZipFile(out, "a") as package:
        package.writestr(f"{folder}/{name}", picture)
    return out.getvalue()


@pytest.mark.parametrize("folder", ["xl/media", "Pictures"])
def test_a_page_pasted_into_a_sheet_is_read_from_its_pixels(scan, attach, limits, folder):
    documents, failures = read_attachment(attach(workbook_with(scan.data, folder=folder), "bc.xlsx"), limits=limits)
    assert failures == ()
    assert [(found.path, found.kind) for found in documents] == [("bc.xlsx", "xlsx"), ("bc.xlsx/image1.png", "scan")]


def test_a_workbook_of_nothing_but_small_pictures_is_not_taken_for_an_empty_one(attach, limits):
    logo = io.BytesIO()
    from PIL import Image

    Image.new("RGB", (120, 120), "red").save(logo, "PNG")
    _, failures = read_attachment(attach(workbook_with(logo.getvalue()), "bc.xlsx"), limits=limits)
    assert [failure.code for failure in failures] == ["unsupported"]


def test_pictures_beside_figures_are_left_alone(scan, attach, limits):
    documents, _ = read_attachment(attach(workbook_with(scan.data, "Tổng số", "4.215"), "bc.xlsx"), limits=limits)
    assert [found.kind for found in documents] == ["xlsx"]


def test_a_file_is_found_again_by_the_path_of_its_document(scan, attach, limits, make_zip):
    archive = make_zip({"a/bc.xlsx": workbook_with(scan.data), "b.txt": "Tổng số: 1"})
    documents, _ = read_attachment(attach(archive, "bc.zip"), limits=limits)
    paths = [document.path for document in documents]
    assert paths == ["bc.zip/a/bc.xlsx", "bc.zip/a/bc.xlsx/image1.png", "bc.zip/b.txt"]
    found = find_files(attach(archive, "bc.zip"), paths, limits=limits)
    assert found.files["bc.zip/a/bc.xlsx/image1.png"] == scan.data
    assert found.files["bc.zip/b.txt"] == "Tổng số: 1".encode()
    assert find_files(attach(archive[:80], "bc.zip"), paths, limits=limits).files == {}
