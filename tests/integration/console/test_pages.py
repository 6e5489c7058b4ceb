"""What the other pages show and do: the week's grid, the ledger, units, digests, health."""

from __future__ import annotations

import re
from dataclasses import replace
from datetime import date

import pytest

from integration.console.conftest import Site
from integration.console.test_deciding import DROP, STRANGER, UNKNOWN_UNIT, send
from mailbox_ingest.app.checks import check_all
from mailbox_ingest.config import ConsoleConfig
from mailbox_ingest.console.words import address
from mailbox_ingest.demo.story import moment
from mailbox_ingest.model import Role
from mailbox_ingest.periods import Period
from mailbox_ingest.store.outgoing.lookup import list_outbox
from mailbox_ingest.store.people.audit import list_acts


def test_the_grid_shows_each_units_state_and_every_figure_leads_to_its_mail(held: Site) -> None:
    page = held.enter(Role.VIEW).get("/tuan")
    assert "2 / 32" in page and "Tuần 35 (24/8–30/8/2020)" in page
    assert re.search(r'<a href="/thu/8#bc-\d+">4\.862</a>', page)
    assert '<a href="/can-xem/16">xem thư 16</a>' in page
    for words in ("đúng hạn", "cần xem", "chưa báo cáo"):
        assert words in page


def test_the_grid_is_filtered_searched_sorted_and_looked_back_in(held: Site) -> None:
    browser = held.enter(Role.VIEW)
    rows = lambda path: re.findall(r'<a href="/don-vi/([a-z-]+)" data-row>', browser.get(path))  # noqa: E731 - one line a question
    assert set(rows("/tuan?tt=on_time")) == {"ldld-dong-ha", "cdvc-tinh"}
    assert rows("/tuan?q=vinh+linh") == ["ldld-vinh-linh"]
    assert rows("/tuan?xep=installed&giam=1")[:2] == ["ldld-dong-ha", "cdvc-tinh"]
    assert "7 / 32" in browser.get("/tuan?ky=2020-W34")
    for wrong in ("2020-W99", "x", "2020-W34'--"):
        assert browser.client.get("/tuan", params={"ky": wrong}).status_code == 404
    for harmless in ("tt=x", "xep=x;drop", "trang=-1", "trang=999", "nhom=x"):
        browser.get(f"/tuan?{harmless}")


def test_the_ledger_is_searched_by_words_sender_unit_and_outcome(held: Site) -> None:
    browser = held.enter(Role.VIEW)
    found = lambda query: [int(n) for n in re.findall(r'<a href="/thu/(\d+)" data-row>', browser.get(f"/thu?{query}"))]  # noqa: E731
    assert found("") == list(range(20, 0, -1))
    assert found("q=le+thuy") == [12]
    assert found("tu=thu-rieng") == [20, 13]
    assert found("don-vi=LĐLĐ+huyện+Gio+Linh") == [16, 3]
    assert found("kq=accepted") == list(range(9, 0, -1))
    assert found("don-vi=khong-co") == []
    assert found("truoc=3") == [2, 1]


def test_a_unit_shows_its_weeks_and_an_administrator_exempts_it(held: Site) -> None:
    browser = held.enter(Role.ADMIN)
    page = browser.get("/don-vi/ldld-gio-linh")
    assert "1.538" in page and "Tuần 34" in page
    assert "Cần ghi lý do" in browser.post("/don-vi/ldld-gio-linh/mien", tuan="2020-W35", viec="exempt").text
    form = {"tuan": "2020-W35", "viec": "exempt", "ly-do": "Bão lụt"}
    assert browser.post("/don-vi/ldld-gio-linh/mien", **form).status_code == 303
    assert [item.reason for item in held.app.exemptions()] == ["Bão lụt"]
    assert "Bão lụt" in browser.get("/tuan")
    assert browser.post("/don-vi/ldld-gio-linh/mien", tuan="2020-W35", viec="lift").status_code == 303
    assert held.app.exemptions() == ()
    assert browser.client.get("/don-vi/khong-co").status_code == 404


def test_a_proposed_address_is_registered_with_one_click(held: Site) -> None:
    browser = held.enter()
    (proposal,) = held.app.addresses().proposals(state="proposed")
    assert (proposal.unit, proposal.message_id) == ("ldld-cam-lo", STRANGER)
    assert proposal.address in browser.get("/don-vi") and proposal.address in browser.get("/don-vi/ldld-cam-lo")
    form = {"dia-chi": proposal.address, "viec": "approve", "ve": "danh-sach"}
    assert browser.post("/don-vi/ldld-cam-lo/dia-chi", **form).headers["location"] == "/don-vi?da=address_approve"
    assert "Địa chỉ mới chờ đăng ký" not in browser.get("/don-vi")
    with held.app.snapshots.begin() as session:
        (act,) = list_acts(session, subject="unit:ldld-cam-lo")
    assert (act.who, act.action) == ("can-bo-xu-ly", "approve-address")
    assert "Chưa thực hiện được" in browser.post("/don-vi/ldld-cam-lo/dia-chi", **form).text


def test_names_are_suggested_while_a_unit_is_typed(held: Site) -> None:
    assert "LĐLĐ huyện Cam Lộ – ldld-cam-lo" in held.enter(Role.VIEW).get("/don-vi/goi-y?q=cam+lo")
    assert held.enter(Role.VIEW).get("/don-vi/goi-y?q=").strip() == ""


def test_a_new_unit_is_known_to_the_desk_at_once(held: Site, tmp_path) -> None:
    browser = held.enter()
    assert "Chưa chọn đơn vị" in send(browser, UNKNOWN_UNIT, "accept", don_vi="LĐLĐ huyện Lệ Thủy").text
    held.app.export_units(tmp_path / "units.csv")
    with (tmp_path / "units.csv").open("a", encoding="utf-8") as file:
        file.write("ldld-le-thuy,LĐLĐ huyện Lệ Thủy,Khác,lethuy@congdoan-khac.example,\n")
    held.app.import_units(tmp_path / "units.csv")
    assert send(browser, UNKNOWN_UNIT, "accept", don_vi="LĐLĐ huyện Lệ Thủy").status_code == 303


def test_a_digest_is_looked_at_in_a_frame_that_can_do_nothing_and_sent_by_an_administrator(held: Site) -> None:
    browser = held.enter(Role.ADMIN)
    page = browser.get("/ban-tin/lanh-dao/2020-W35")
    assert " sandbox " in page and "bản nháp" in page
    framed = browser.client.get("/ban-tin/lanh-dao/2020-W35/xem")
    policy = framed.headers["content-security-policy"]
    assert "script-src" not in policy and "default-src 'none'" in policy and policy.endswith("sandbox")
    assert "cid:" not in framed.text and "data:image/png;base64," in framed.text

    assert browser.post("/ban-tin/lanh-dao/2020-W35/gui").headers["location"].endswith("?da=look_first")
    assert held.app.digests() == ()
    assert browser.post("/ban-tin/lanh-dao/2020-W35/gui", **{"da-xem": "1"}).headers["location"].endswith("?da=digest_sent")
    assert [item.period for item in held.app.digests()] == [Period(2020, 35)]
    assert "đã chốt" in browser.get("/ban-tin/lanh-dao/2020-W35") and "2020-W35" in browser.get("/ban-tin")
    number = re.findall(r"/tep/(\d+)", browser.get("/ban-tin/lanh-dao/2020-W35"))[0]
    file = browser.client.get(f"/ban-tin/lanh-dao/2020-W35/tep/{number}")
    assert file.headers["content-type"] == "application/octet-stream" and file.headers["content-disposition"].startswith("attachment")
    for path in ("lanh-dao/2020-W99", "khong-co/2020-W35", "lanh-dao/2031-W01", "lanh-dao/2020-W35/tep/99"):
        assert browser.client.get(f"/ban-tin/{path}").status_code == 404


def test_a_mail_that_waits_is_taken_out_of_the_outbox_and_let_go_again(held: Site) -> None:
    browser = held.enter(Role.ADMIN)
    send(browser, DROP, "accept")
    with held.app.snapshots.begin() as session:
        mail = next(entry for entry in list_outbox(session) if entry.kind == "review_decision")
    assert "chờ gửi" in browser.get("/suc-khoe")
    assert browser.post("/suc-khoe/hop-gui", thu=str(mail.id), viec="drop").headers["location"] == "/suc-khoe?da=outbox_drop"
    assert "Chưa thực hiện được" in browser.post("/suc-khoe/hop-gui", thu=str(mail.id), viec="drop").text
    assert browser.post("/suc-khoe/hop-gui", thu=str(mail.id), viec="release").status_code == 303
    for wrong in ("x", "", "-1"):
        assert browser.post("/suc-khoe/hop-gui", thu=wrong, viec="drop").status_code == 404
    assert browser.post("/suc-khoe/hop-gui", viec="resume").status_code == 303
    with held.app.snapshots.begin() as session:
        assert {act.action for act in list_acts(session, who="can-bo-quan-tri")} >= {"outbox_dropped", "outbox_released"}


def test_what_was_done_to_a_unit_is_told_in_words(held: Site) -> None:
    held.app.registrar("lan").edit("ldld-cam-lo", group="miền núi")
    held.app.set_term("ldld-cam-lo", opened_on=None, closed_on=date(2021, 1, 4), who="lan")
    page = held.enter(Role.VIEW).get("/don-vi/ldld-cam-lo")
    assert "sửa đơn vị" in page and "đặt thời hạn báo cáo" in page
    assert "edit_unit" not in page


def test_a_long_address_may_break_at_its_signs_only_and_stays_text(held: Site) -> None:
    assert str(address("a.b@congdoan.example")) == "a.<wbr>b<wbr>@congdoan.<wbr>example"
    assert str(address("<i>&.x")) == "&lt;i&gt;&amp;.<wbr>x"
    browser = held.enter(Role.ADMIN)
    send(browser, DROP, "accept")
    assert '<td class="address">' in (page := browser.get("/suc-khoe")) and "<wbr>@congdoan.<wbr>example" in page


def test_a_week_of_which_nothing_came_yet_leads_to_the_last_one_that_has_something(held: Site) -> None:
    browser = held.enter(Role.VIEW)
    assert "Chưa có báo cáo nào của tuần này" not in browser.get("/tuan")
    held.clock.now = moment(30, 11, 9, 0)
    browser = held.enter(Role.VIEW)
    page = browser.get("/tuan")
    assert "Chưa có báo cáo nào của tuần này" in page
    assert 'href="/tuan?ky=2020-W35"' in page
    assert "Tuần gần nhất" not in browser.get("/tuan?ky=2020-W20")


@pytest.mark.parametrize(
    ("settings", "state"),
    [
        (ConsoleConfig(), "ok"),
        (ConsoleConfig(https=True, hosts=("baocao.example.org",)), "warning"),
        (ConsoleConfig(https=True, hosts=("baocao.example.org",), trusted_proxies=("127.0.0.1",)), "ok"),
    ],
)
def test_doctor_says_where_everybody_would_be_locked_out_together(site: Site, settings: ConsoleConfig, state: str) -> None:
    config = replace(site.app.config, smtp=None, console=settings)
    (check,) = [check for check in check_all(config, now=site.clock.now) if check.name == "web desk"]
    assert check.state == state
    assert ("trusted_proxies" in check.advice) == (state == "warning")
