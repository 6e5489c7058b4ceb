"""A clerk decides on held mails through the pages: what is stored, who hears of it, and what happens when two do it at once."""

from __future__ import annotations

import re
from html import unescape

import pytest

from integration.console.conftest import Browser, Site
from mailbox_ingest.model import Role
from mailbox_ingest.periods import Period
from mailbox_ingest.store.outgoing.lookup import list_outbox
from mailbox_ingest.store.people.audit import list_acts
from mailbox_ingest.store.reports.standing import current_report

SCAN, CONFLICT, UNKNOWN_UNIT, STRANGER, ENCRYPTED, QUESTION, DROP = range(10, 17)
WEEK = Period(2020, 35)


def boxes(page: str) -> dict[str, str]:
    """What a browser would send of the first sheet as it is shown."""
    form = page[page.index('<form method="post" action="/can-xem/') :]
    form = form[: form.index("</form>")]
    found = dict(re.findall(r'<input[^>]* name="([^"]+)" value="([^"]*)"', form)) | dict(
        re.findall(r'<input[^>]*? name="([^"]+)" value="([^"]*)"', form)
    )
    chosen = re.search(r'<option value="([^"]*)" selected', form)
    found["tuan"] = chosen[1] if chosen else ""
    found.pop("thay-moi-hon", None)
    return {name: unescape(value) for name, value in found.items() if name != "csrf"}


def send(browser: Browser, number: int, verb: str, **changes: str):
    form = boxes(browser.get(f"/can-xem/{number}")) | {"viec": verb} | {name.replace("_", "-", 1): value for name, value in changes.items()}
    return browser.post(f"/can-xem/{number}", **form)


def standing(site: Site, unit: str) -> dict[str, int] | None:
    with site.app.snapshots.begin() as session:
        report = current_report(session, "bluezone", unit, WEEK)
    return None if report is None else dict(report.values)


def letters(site: Site, number: int) -> list[str]:
    with site.app.snapshots.begin() as session:
        return [entry.kind for entry in list_outbox(session, in_answer_to=number) if entry.kind == "review_decision"]


def outcome(site: Site, number: int) -> str:
    found = site.app.explain(str(number))
    assert found is not None
    return str(found.details.message.outcome)


def test_the_queue_names_every_held_mail_with_its_reason_oldest_first(held: Site) -> None:
    page = held.enter(Role.VIEW).get("/can-xem")
    assert [int(number) for number in re.findall(r'href="/can-xem/(\d+)" data-row', page)] == list(range(10, 21))
    for reason in ("đọc chưa chắc chắn", "số liệu không thống nhất", "chưa rõ đơn vị", "địa chỉ chưa đăng ký", "tệp có mật khẩu"):
        assert reason in page


def test_the_scan_is_shown_as_a_picture_with_the_box_of_each_value(held: Site) -> None:
    browser = held.enter(Role.VIEW)
    page = browser.get(f"/can-xem/{SCAN}")
    assert f'data-load="/thu/{SCAN}/tai-lieu/0?manh=1"' in page and "IMG_20200826.jpg" in page
    part = browser.get(f"/thu/{SCAN}/tai-lieu/0?manh=1")
    assert len(re.findall(r'<rect class="box" data-mark="\d+"', part)) == 3
    assert "<html" not in part
    picture = browser.client.get(f"/thu/{SCAN}/tai-lieu/0/trang/1")
    assert picture.headers["content-type"] == "image/jpeg" and picture.content[:2] == b"\xff\xd8"


def test_a_word_file_is_shown_with_its_cells_marked_and_drawn_when_asked(held: Site) -> None:
    browser = held.enter(Role.VIEW)
    part = browser.get(f"/thu/{DROP}/tai-lieu/0?manh=1")
    assert re.search(r'<mark data-mark="\d+">160</mark>', part)
    assert f'data-load="/thu/{DROP}/tai-lieu/0?manh=1&amp;ve=1"' in part
    drawn = browser.get(f"/thu/{DROP}/tai-lieu/0?manh=1&ve=1")
    assert f"/thu/{DROP}/tai-lieu/0/trang/1?ve=1" in drawn
    assert browser.client.get(f"/thu/{DROP}/tai-lieu/0/trang/1?ve=1").content[:2] == b"\xff\xd8"


def test_a_sentence_of_the_mail_itself_is_marked(held: Site) -> None:
    page = held.enter(Role.VIEW).get(f"/can-xem/{CONFLICT}")
    number = page[: page.index('<h2 class="wrap">thân thư</h2>')].rpartition("/tai-lieu/")[2].partition("?")[0]
    assert re.search(
        r"<mark data-mark=\"\d+\">[^<]*đã cài đặt Bluezone: 1.742</mark>",
        held.enter(Role.VIEW).get(f"/thu/{CONFLICT}/tai-lieu/{number}?manh=1"),
    )


def test_accepting_stores_what_was_read_answers_the_sender_and_goes_to_the_next_mail(held: Site) -> None:
    answer = send(held.enter(), DROP, "accept")
    assert answer.status_code == 303 and answer.headers["location"] == "/can-xem/17?da=accept"
    assert standing(held, "ldld-gio-linh") == {"members": 2876, "smartphone_users": 2444, "installed": 160}
    assert letters(held, DROP) == ["review_decision"]
    with held.app.snapshots.begin() as session:
        (act,) = list_acts(session, message_id=DROP)
    assert (act.who, act.action) == ("can-bo-xu-ly", "accept")
    assert "Đã nhận số liệu" in held.enter().get("/can-xem/17?da=accept")


def test_a_changed_figure_is_marked_as_typed_by_a_person(held: Site) -> None:
    browser = held.enter()
    assert send(browser, SCAN, "accept", v_members="4.215").status_code == 303
    assert standing(held, "ldld-vinh-linh") == {"members": 4215, "smartphone_users": 3541, "installed": 2620}
    page = browser.get(f"/thu/{SCAN}")
    assert "do người nhập: can-bo-xu-ly" in page and "sửa và nhận" in page


def test_the_letter_says_which_figures_a_person_here_entered_or_mended(held: Site) -> None:
    letter = held.app.desk("lan").preview_letter("correct", SCAN, values={"members": 4215})
    for said in (letter.content.text, letter.content.html):
        assert "Số liệu do cán bộ nhập hoặc sửa khi kiểm tra: “Tổng số đoàn viên, người lao động”." in said


def test_the_letter_about_figures_taken_as_they_were_read_names_nobodys_hand(held: Site) -> None:
    browser = held.enter()
    answer = browser.post(f"/can-xem/{SCAN}/xem", **boxes(browser.get(f"/can-xem/{SCAN}")) | {"viec": "accept"})
    assert "đã được kiểm tra và ghi nhận" in answer.text
    assert "cán bộ nhập" not in answer.text


def test_another_unit_is_chosen_by_name_or_code_and_another_week_from_the_list(held: Site) -> None:
    browser = held.enter()
    assert send(browser, UNKNOWN_UNIT, "accept", don_vi="công đoàn ngành GIÁO DỤC").status_code == 303
    assert standing(held, "cdn-giao-duc") == {"members": 1200, "smartphone_users": 900, "installed": 700}
    assert send(browser, STRANGER, "accept", tuan="2020-W34").status_code == 303
    with held.app.snapshots.begin() as session:
        report = current_report(session, "bluezone", "ldld-cam-lo", Period(2020, 34))
        assert report is not None and report.values["members"] == 1939
        assert {act.action for number in (UNKNOWN_UNIT, STRANGER) for act in list_acts(session, message_id=number)} == {"reassign"}


def test_figures_are_typed_in_where_nothing_was_read(held: Site) -> None:
    figures = {"v_members": "396", "v_smartphone_users": "300", "v_installed": "210"}
    answer = send(held.enter(), QUESTION, "accept", don_vi="cd-cuc-thue", tuan="2020-W35", **figures)
    assert answer.status_code == 303
    assert standing(held, "cd-cuc-thue") == {"members": 396, "smartphone_users": 300, "installed": 210}


@pytest.mark.parametrize(
    ("changes", "told"),
    [
        ({"v_members": ""}, "Còn thiếu số"),
        ({"v_members": "12a"}, "không phải là số nguyên"),
        ({"v_members": "-5"}, "không phải là số nguyên"),
        ({"v_members": "1.23"}, "không phải là số nguyên"),
        ({"v_installed": "9999"}, "lớn hơn"),
        ({"v_members": "99999999", "v_installed": "1"}, "mức cho phép"),
        ({"don_vi": "không có đơn vị này"}, "Chưa chọn đơn vị"),
        ({"tuan": ""}, "Chưa chọn tuần"),
        ({"tuan": "2020-W40"}, "chưa bắt đầu"),
    ],
)
def test_what_cannot_be_is_refused_in_words_and_what_was_typed_stays(held: Site, changes: dict[str, str], told: str) -> None:
    answer = send(held.enter(), DROP, "accept", **changes)
    assert answer.status_code == 422
    assert told in answer.text
    assert outcome(held, DROP) == "needs_review" and standing(held, "ldld-gio-linh") is None
    if changes.get("v_members"):
        assert f'value="{changes["v_members"]}"' in answer.text


def test_the_letter_is_shown_before_a_rejection_goes(held: Site) -> None:
    browser = held.enter()
    assert "Cần ghi lý do" in send(browser, ENCRYPTED, "reject").text
    shown = send(browser, ENCRYPTED, "reject", ly_do="Tệp có mật khẩu, đề nghị gửi lại.")
    assert shown.status_code == 200 and "Tệp có mật khẩu, đề nghị gửi lại." in shown.text and "cdn.y.te@congdoan.example" in shown.text
    assert outcome(held, ENCRYPTED) == "needs_review" and letters(held, ENCRYPTED) == []

    kept = {
        name: unescape(value)
        for name, value in re.findall(r'<input type="hidden" name="([^"]+)" value="([^"]*)"', shown.text)
        if name != "csrf"
    }
    assert browser.post(f"/can-xem/{ENCRYPTED}", **kept).status_code == 303
    assert outcome(held, ENCRYPTED) == "rejected" and letters(held, ENCRYPTED) == ["review_decision"]


def test_the_letter_of_an_acceptance_can_be_looked_at_first(held: Site) -> None:
    browser = held.enter()
    form = boxes(browser.get(f"/can-xem/{DROP}")) | {"viec": "accept"}
    shown = browser.post(f"/can-xem/{DROP}/xem", **form)
    assert shown.status_code == 200 and "Thực hiện và gửi" in shown.text
    assert outcome(held, DROP) == "needs_review"


def test_asking_again_keeps_the_mail_and_ignoring_answers_nobody(held: Site) -> None:
    browser = held.enter()
    assert send(browser, CONFLICT, "ask_again", ly_do="Số đã cài đặt đúng là 1.652 hay 1.742?", buoc="gui").status_code == 303
    assert outcome(held, CONFLICT) == "needs_review" and letters(held, CONFLICT) == ["review_decision"]
    assert "chờ trả lời" in browser.get("/can-xem")
    assert send(browser, QUESTION, "ignore").status_code == 303
    assert outcome(held, QUESTION) == "ignored" and letters(held, QUESTION) == []


def test_two_mails_that_are_one_report_are_merged(held: Site) -> None:
    browser = held.enter()
    assert "Chưa chọn thư" in send(browser, QUESTION, "merge").text
    answer = send(browser, QUESTION, "merge", gop_vao=str(DROP))
    assert answer.status_code == 303, answer.text
    assert standing(held, "ldld-gio-linh") == {"members": 2876, "smartphone_users": 2444, "installed": 160}


@pytest.mark.parametrize(
    ("changes", "complaint"),
    [
        ({"v_installed": "16O"}, "không phải là số nguyên"),
        ({"v_members": ""}, "Không thể bỏ trống"),
        ({"don_vi": "Đơn vị không có thật"}, "không có đơn vị nào"),
    ],
)
def test_what_cannot_be_understood_is_never_merged_as_it_was_read(held: Site, changes: dict[str, str], complaint: str) -> None:
    answer = send(held.enter(), DROP, "merge", gop_vao=str(QUESTION), **changes)
    assert answer.status_code == 422 and complaint in answer.text
    assert outcome(held, DROP) == "needs_review" and standing(held, "ldld-gio-linh") is None


def test_who_comes_second_is_told_who_was_first_and_overwrites_nothing(held: Site) -> None:
    first, second = held.enter(name="buoi"), held.enter(name="cam")
    seen = boxes(second.get(f"/can-xem/{DROP}")) | {"viec": "accept", "v-installed": "161"}
    assert send(first, DROP, "accept").status_code == 303
    answer = second.post(f"/can-xem/{DROP}", **seen)
    assert answer.status_code == 409
    assert "buoi vừa xử lý thư này" in answer.text and "chưa được ghi" in answer.text
    assert (standing(held, "ldld-gio-linh") or {})["installed"] == 160
    assert letters(held, DROP) == ["review_decision"]


def test_a_decided_mail_leads_to_what_was_decided(held: Site) -> None:
    browser = held.enter()
    send(browser, DROP, "accept")
    assert browser.client.get(f"/can-xem/{DROP}").headers["location"] == f"/thu/{DROP}"
    assert "can-bo-xu-ly" in browser.get(f"/thu/{DROP}")


def test_a_viewer_sees_the_mail_and_can_decide_nothing(held: Site) -> None:
    browser = held.enter(Role.VIEW)
    assert send(browser, DROP, "accept").status_code == 403
    assert outcome(held, DROP) == "needs_review"
