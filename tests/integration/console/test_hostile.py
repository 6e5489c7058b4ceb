"""What strangers write is shown as text wherever it appears; files are never served as something a browser would run."""

from __future__ import annotations

import re

import pytest

from integration.console.conftest import Site
from mailbox_ingest.model import Role

HOSTILE = 20
PAGES = [
    "/can-xem",
    f"/can-xem/{HOSTILE}",
    f"/thu/{HOSTILE}",
    *(f"/thu/{HOSTILE}/tai-lieu/{number}{part}" for number in range(3) for part in ("", "?manh=1")),
]


@pytest.mark.parametrize("path", PAGES)
def test_markup_of_a_sender_is_text(held: Site, path: str) -> None:
    page = held.enter().get(path)
    rest = re.sub(r'<script src="/tinh/[0-9a-f]{12}/desk.js" defer></script>', "", page)
    assert not re.search(r"<(script|img|iframe|object|embed|base|meta http)", rest, re.IGNORECASE)
    assert not re.search(r"<[^>]*\s(on\w+|style|srcdoc)\s*=", rest, re.IGNORECASE)
    assert not re.search(r"(href|src|action)\s*=\s*[\"']?\s*(javascript|data|//|http)", rest, re.IGNORECASE)


def test_the_hostile_words_are_really_there(held: Site) -> None:
    browser = held.enter()
    assert "&lt;script&gt;window.hacked=1&lt;/script&gt;" in browser.get("/can-xem")
    assert "{{7*7}}" in browser.get(f"/thu/{HOSTILE}")
    assert "&lt;script&gt;" in browser.get(f"/thu/{HOSTILE}/tai-lieu/0?manh=1")


def test_a_hostile_reason_of_our_own_clerk_is_text_too(held: Site) -> None:
    browser = held.enter()
    form = {"viec": "reject", "bao-cao": re.findall(r'name="bao-cao" value="(\d*)"', browser.get(f"/can-xem/{HOSTILE}"))[0]}
    shown = browser.post(f"/can-xem/{HOSTILE}", ly_do="x", **form, **{"ly-do": "<script>window.hacked=1</script>\r\nBcc: x@y.example"})
    assert "<script>window" not in shown.text


@pytest.mark.parametrize("number", range(3))
def test_files_are_downloads_and_nothing_else(held: Site, number: int) -> None:
    client = held.enter().client
    answer = client.get(f"/thu/{HOSTILE}/tep/{number}")
    if answer.status_code == 404:
        assert number == 2  # the body of the mail is no file
        return
    assert answer.headers["content-type"] == "application/octet-stream"
    assert answer.headers["x-content-type-options"] == "nosniff"
    disposition = answer.headers["content-disposition"]
    assert disposition.startswith('attachment; filename="')
    assert not re.search(r"[<>/\\\\]|\.\.[/\\\\]", disposition.replace("UTF-8''", ""))


def test_the_raw_mail_is_a_download(held: Site) -> None:
    answer = held.enter(Role.VIEW).client.get(f"/thu/{HOSTILE}/goc")
    assert answer.headers["content-type"] == "application/octet-stream"
    assert answer.headers["content-disposition"] == f"attachment; filename=\"thu-{HOSTILE}.eml\"; filename*=UTF-8''thu-{HOSTILE}.eml"
    assert b"Subject:" in answer.content


@pytest.mark.parametrize(
    "path",
    [
        "/thu/999999", "/thu/0", "/thu/-1", "/thu/1e3", "/thu/%2e%2e", "/thu/99999999999999999999999", "/thu/10;drop", "/thu/١٠",
        "/can-xem/999999", "/can-xem/abc", "/thu/999999/goc", "/thu/10/tep/99", "/thu/10/tep/-1",
        "/thu/10/tep/..%2f..%2fetc%2fpasswd",
        "/thu/10/tai-lieu/99", "/thu/10/tai-lieu/0/trang/99", "/thu/10/tai-lieu/0/trang/x", "/thu/999999/tai-lieu/0",
    ],
)  # fmt: skip
def test_forged_numbers_and_paths_are_not_there(held: Site, path: str) -> None:
    assert held.enter().client.get(path).status_code == 404


@pytest.mark.parametrize("report", ["1", "999999", "x", "-1", "1 OR 1=1"])
def test_a_report_of_another_mail_cannot_be_decided_on(held: Site, report: str) -> None:
    browser = held.enter()
    answer = browser.post("/can-xem/16", **{"viec": "accept", "bao-cao": report, "don-vi": "ldld-gio-linh", "tuan": "2020-W35"})
    assert answer.status_code == 422
    assert held.app.explain("16").details.message.outcome == "needs_review"
    assert browser.post("/can-xem/999999", viec="accept").status_code == 404
    assert (
        browser.post(
            "/can-xem/16", viec="drop_table", **{"bao-cao": re.findall(r'name="bao-cao" value="(\d*)"', browser.get("/can-xem/16"))[0]}
        ).status_code
        == 404
    )
