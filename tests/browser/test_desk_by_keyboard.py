"""The whole morning of a clerk without a mouse: ten held mails, each decided, the answers queued and the week's grid changed."""

from __future__ import annotations

import re

from playwright.sync_api import Page, expect

from browser.conftest import PATIENCE, Desk
from mailbox_ingest.periods import Period
from mailbox_ingest.store.outgoing.lookup import list_outbox
from mailbox_ingest.store.reports.standing import reports_of_period

WEEK = Period(2020, 35)


def press(page: Page, *keys: str) -> None:
    for key in keys:
        page.keyboard.press(key)


def send_letter(page: Page) -> None:
    """The letter is shown and its button has the focus, which the browser gives with the first picture of the page."""
    expect(page.locator("button.main")).to_be_focused()
    press(page, "Enter")


def test_ten_held_mails_are_worked_through_by_keyboard(desk: Desk, page: Page) -> None:
    desk.enter_by_keyboard(page)
    before = page.locator(".figures b").first.inner_text()
    assert before == "2 / 32"

    press(page, "g", "c")
    page.wait_for_url("**/can-xem")
    expect(page.locator("[data-row]")).to_have_count(11)
    press(page, "j", "Enter")

    # the scan: boxes beside the figures; one of them is corrected
    page.wait_for_url("**/can-xem/10")
    expect(page.locator("svg .box")).to_have_count(3)
    expect(page.locator(".cut svg")).to_have_count(3)
    press(page, "1")
    expect(page.locator("svg .box.here")).to_have_count(1)
    page.keyboard.type("4215")
    press(page, "Enter")  # alone it accepts nothing
    assert "/can-xem/10" in page.url
    press(page, "Tab")
    expect(page.locator("[name=v-smartphone_users]")).to_be_focused()
    page.keyboard.type("3540")
    press(page, "Control+Enter")

    # the conflict: the sender is asked, after a look at the letter
    page.wait_for_url("**/can-xem/11?da=correct")
    expect(page.locator("mark").first).to_be_visible()
    press(page, "h")
    page.keyboard.type("Số đã cài đặt đúng là 1.652 hay 1.742?")
    press(page, "Control+Enter")
    expect(page.locator("h1")).to_have_text("Hỏi lại người gửi: thư trả lời sẽ gửi")
    expect(page.locator("pre")).to_contain_text("1.652 hay 1.742")
    send_letter(page)

    # a unit nobody knows: sent back with a reason that is ready
    page.wait_for_url("**/can-xem/12?da=ask_again")
    press(page, "r")
    page.keyboard.type("Đơn vị không thuộc tỉnh, đề nghị gửi đúng nơi nhận.")
    press(page, "Control+Enter")
    expect(page.locator("h1")).to_have_text("Trả lại người gửi: thư trả lời sẽ gửi")
    send_letter(page)

    # an address nobody registered, under a clear letterhead: accepted
    page.wait_for_url("**/can-xem/13?da=reject")
    press(page, "n")

    # a file with a password beside figures in the mail
    page.wait_for_url("**/can-xem/14?da=accept")
    expect(page.get_by_text("Tệp có mật khẩu: không mở được.")).to_be_visible()
    press(page, "r")
    page.keyboard.type("Tệp có mật khẩu, đề nghị gửi lại.")
    press(page, "Control+Enter")
    expect(page.locator("pre")).to_contain_text("Tệp có mật khẩu")
    send_letter(page)

    # a question: ignored, after being asked whether that is meant
    page.wait_for_url("**/can-xem/15?da=reject")
    page.once("dialog", lambda dialog: dialog.accept())
    press(page, "x")

    # a drop of more than 60 %: true, says the clerk
    page.wait_for_url("**/can-xem/16?da=ignore")
    expect(page.locator("mark").first).to_be_visible()
    press(page, "n")

    # another unit's letter: taken for the unit of the letterhead, named by hand
    page.wait_for_url("**/can-xem/17?da=accept")
    press(page, "u")
    page.keyboard.type("Công đoàn ngành Giao thông Vận tải")
    press(page, "Control+Enter")

    # figures that say themselves that they are not whole: sent back
    page.wait_for_url(re.compile(r"/can-xem/18\?da="))
    press(page, "r")
    page.keyboard.type("Đề nghị gửi lại khi đủ số liệu của các CĐCS.")
    press(page, "Control+Enter")
    expect(page.locator("pre")).to_contain_text("đủ số liệu")
    send_letter(page)

    # a label with a word that does not belong there: the right figure is typed
    page.wait_for_url("**/can-xem/19?da=reject")
    press(page, "3")
    page.keyboard.type("140")
    press(page, "Control+Enter")
    page.wait_for_url("**/can-xem/20?da=correct")

    # the grid has changed, and every figure leads to its mail
    press(page, "g", "t")
    page.wait_for_url("**/tuan")
    assert page.locator(".figures b").first.inner_text() == "7 / 32"
    row = page.locator("tr", has_text="LĐLĐ huyện Vĩnh Linh")
    expect(row).to_contain_text("4.215")
    expect(row).to_contain_text("có người sửa")
    row.get_by_role("link", name="4.215").click()
    expect(page.locator("main")).to_contain_text("do người nhập: buoi")

    with desk.app.snapshots.begin() as session:
        stands = {report.unit: dict(report.values) for report in reports_of_period(session, "bluezone", WEEK)}
        answers = [entry for entry in list_outbox(session) if entry.kind == "review_decision"]
    assert stands["ldld-vinh-linh"] == {"members": 4215, "smartphone_users": 3540, "installed": 2620}
    assert stands["ldld-gio-linh"]["installed"] == 160 and stands["cd-buu-dien"]["installed"] == 140
    assert set(stands) == {"ldld-dong-ha", "cdvc-tinh", "ldld-vinh-linh", "ldld-cam-lo", "ldld-gio-linh", "cdn-giao-thong", "cd-buu-dien"}
    assert len(answers) == 9  # every mail but the question that was ignored
    assert {entry.state for entry in answers} == {"queued"}


def test_two_clerks_at_one_mail_and_the_second_is_told(desk: Desk, page: Page) -> None:
    desk.enter(page)
    page.goto(f"{desk.address}/can-xem/16")
    desk.app.desk("cam").act("accept", 16)
    page.keyboard.press("n")
    expect(page.get_by_role("alert")).to_contain_text("cam vừa xử lý thư này")
    expect(page.get_by_role("alert")).to_contain_text("chưa được ghi")


def test_what_strangers_write_runs_nowhere(desk: Desk, page: Page) -> None:
    desk.enter(page)
    for path in ("/can-xem", "/can-xem/20", "/thu", "/thu/20", "/thu/20/tai-lieu/0", "/thu/20/tai-lieu/1", "/suc-khoe"):
        page.goto(f"{desk.address}{path}", wait_until="networkidle")
        assert page.evaluate("window.hacked") is None
    expect(page.locator("body")).to_contain_text("<script>window.hacked=1</script>")


def test_everything_that_counts_works_without_scripts(desk: Desk, page: Page) -> None:
    context = page.context.browser.new_context(java_script_enabled=False)
    context.set_default_timeout(PATIENCE)
    plain = context.new_page()
    desk.enter(plain)
    plain.goto(f"{desk.address}/can-xem/16")
    plain.get_by_role("link", name="Mở tài liệu này").first.click()
    expect(plain.locator("mark", has_text="160")).to_be_visible()
    plain.go_back()
    plain.get_by_role("button", name="Nhận n").click()
    plain.wait_for_url("**/can-xem/17?da=accept")
    context.close()


def test_enter_in_the_box_for_another_mails_number_merges_and_never_accepts(desk: Desk, page: Page) -> None:
    desk.enter(page)
    page.goto(f"{desk.address}/can-xem/16")
    press(page, "p")
    box = page.locator("[name=gop-so]")
    box.fill("99999")
    box.press("Control+Enter")
    expect(page.get_by_role("alert")).to_contain_text("không có thư mang số này")
    assert desk.app.desk("cam").show(16).details.message.outcome == "needs_review"
