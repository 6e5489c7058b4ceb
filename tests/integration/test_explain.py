"""`explain` shows where each number comes from: in words, and as pictures and text in a folder."""

from __future__ import annotations

import io
import json
import zipfile
from datetime import date, datetime
from pathlib import Path
from typing import Any

import pytest
from PIL import Image

from bench.ocr_quality.damage import specimen
from mailbox_ingest.cli import main
from mailbox_ingest.demo.mails import File, Sender, compose
from mailbox_ingest.demo.papers import PDF_TYPE, SHEET_TYPE, WORD_TYPE, Letter, pdf, sheet, word
from mailbox_ingest.demo.registry import write_units_csv
from mailbox_ingest.periods import LOCAL_ZONE

LETTER = Letter(unit="LĐLĐ huyện Vĩnh Linh", place="Vĩnh Linh", day=date(2020, 8, 20), cells=("4.215", "3.540", "2.194"))
SENDER = Sender(name="LĐLĐ Vĩnh Linh", email="ldld.vinh.linh@congdoan.example")


class House:
    """A store in a folder, and the two commands of this file."""

    def __init__(self, folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
        self.folder, self.capsys = folder, capsys
        self.database = f"sqlite:///{folder}/store.db"

    def take(self, *files: File, text: str = "Kính gửi Ban Công tác cơ sở, đơn vị gửi báo cáo Bluezone.\n") -> None:
        at = datetime(2020, 8, 20, 9, 0, tzinfo=LOCAL_ZONE)
        (self.folder / "1.eml").write_bytes(compose(sender=SENDER, subject="Báo cáo Bluezone", at=at, text=text, files=files))
        write_units_csv(self.folder / "units.csv")
        main(["ingest", "--units", str(self.folder / "units.csv"), "--database", self.database, str(self.folder / "1.eml")])
        self.capsys.readouterr()

    def explain(self, *options: str) -> str:
        assert main(["explain", "1", "--database", self.database, *options]) == 0
        return self.capsys.readouterr().out

    def written(self) -> dict[str, Path]:
        self.explain("--out", str(self.folder / "out"))
        return {path.name.partition("-")[2]: path for path in (self.folder / "out").iterdir()}


@pytest.fixture
def house(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> House:
    return House(tmp_path, capsys)


def zipped(name: str, data: bytes) -> bytes:
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w") as archive:
        archive.writestr(name, data)
    return out.getvalue()


def test_every_value_is_printed_with_file_place_label_method_and_reader(house: House) -> None:
    house.take(File(name="bc.zip", content_type="application/zip", data=zipped("BC tuần 34.docx", word(LETTER))))
    lines = house.explain().splitlines()
    shown = lines[lines.index("    installed = 2194") + 1]
    assert "bc.zip/BC tuần 34.docx, bảng 2, " in shown
    assert "'2.194' beside '" in shown and "đã cài đặt Bluezone" in shown
    assert "(table, confidence 1.00; docx (lxml " in shown


def test_typed_values_are_written_with_their_table_around_them(house: House) -> None:
    house.take(File(name="bc.zip", content_type="application/zip", data=zipped("BC tuần 34.docx", word(LETTER))))
    files = house.written()
    assert set(files) == {f"{field}-1-context.txt" for field in ("members", "smartphone_users", "installed")}
    text = files["smartphone_users-1-context.txt"].read_text()
    assert ">>> 3.540 <<<" in text and "4.215" in text and ">>> 4.215" not in text


def test_values_of_a_sheet_and_of_the_body_show_where_they_stand(house: House) -> None:
    text = "Tổng số đoàn viên, người lao động: 4.215 người.\nCó điện thoại thông minh: 3.540 người.\nĐã cài đặt Bluezone: 2.194 người.\n"
    house.take(File(name="bc.xlsx", content_type=SHEET_TYPE, data=sheet(LETTER)), text=text)
    shown = "".join(path.read_text() for path in house.written().values())
    assert "[Bao cao]" in shown
    assert ">>> Đã cài đặt Bluezone: 2.194 người. <<<" in shown


def test_a_printed_page_is_shown_as_it_looks(house: House) -> None:
    house.take(File(name="bc.pdf", content_type=PDF_TYPE, data=pdf(LETTER)))
    files = house.written()
    assert {"members-1-page.jpg", "members-1-context.txt"} <= set(files)
    assert Image.open(files["members-1-page.jpg"]).height > 2000


def test_a_scanned_value_is_cut_out_of_its_page(house: House) -> None:
    made = specimen("clean-200", 11)
    house.take(File(name="scan.png", content_type="image/png", data=made.data))
    record: dict[str, Any] = json.loads(house.explain("--json", "--out", str(house.folder / "out")))
    boxes = {name: found[0]["box"] for name, found in record["details"]["reports"][0]["evidence"].items() if found[0]["box"]}
    assert boxes, "the scan gave no value to show"
    name, box = next(iter(boxes.items()))
    kinds = {Path(file["path"]).suffix: file for file in record["files"] if file["field"] == name}
    assert {file["kind"] for file in kinds.values()} == {"page", "cut-out"}
    cut = Image.open(kinds[".png"]["path"]).convert("L")
    assert box["height"] < cut.height < 4 * box["height"] + 60
    assert cut.getextrema()[0] < 120, "there is ink in the cut-out"
    page = Image.open(kinds[".jpg"]["path"])
    assert page.size == Image.open(io.BytesIO(made.data)).size
    red = page.getpixel((box["left"] + box["width"] // 2, box["top"] - 2))
    assert isinstance(red, tuple) and red[0] > 150 > red[1]


def test_a_folder_that_cannot_be_written_is_wrong_usage(house: House, tmp_path: Path) -> None:
    house.take(File(name="bc.docx", content_type=WORD_TYPE, data=word(LETTER)))
    (tmp_path / "a-file").write_text("")
    assert main(["explain", "1", "--database", house.database, "--out", str(tmp_path / "a-file")]) == 2
