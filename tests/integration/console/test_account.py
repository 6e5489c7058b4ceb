"""A user takes another password: who knows the old one, and nobody else; whoever took a session before is out."""

from __future__ import annotations

import unicodedata
from datetime import timedelta

import pytest

from integration.console.conftest import PASSWORD, Browser, Site, log_in, token_of
from mailbox_ingest.access import doorkeeper
from mailbox_ingest.console.login import HOME
from mailbox_ingest.model import Role
from mailbox_ingest.store.people.audit import list_acts

NEW = "thu dong lai xuân"


def change(browser: Browser, old: str = PASSWORD, new: str = NEW, again: str | None = None):
    return browser.post("/tai-khoan", **{"mat-khau-cu": old, "mat-khau-moi": new, "mat-khau-lai": new if again is None else again})


@pytest.mark.parametrize("role", list(Role))
def test_everybody_can_take_another_password_and_stays_logged_in_with_a_new_session(site: Site, role: Role) -> None:
    browser = site.enter(role, name="buoi")
    before = browser.client.cookies["desk"]
    response = change(browser)
    assert (response.status_code, response.headers["location"]) == (303, "/tai-khoan?da=password_changed")
    assert "HttpOnly" in response.headers["set-cookie"] and "SameSite=lax" in response.headers["set-cookie"]
    assert browser.client.cookies["desk"] != before
    assert "Đã đổi mật khẩu" in browser.get(response.headers["location"])
    assert log_in(site.client(), "buoi", PASSWORD).status_code == 401
    assert log_in(site.client(), "buoi", NEW).status_code == 303


def test_every_other_session_of_the_user_ends_and_so_does_the_one_that_somebody_may_have_copied(site: Site) -> None:
    other, browser, colleague = site.enter(name="buoi"), site.enter(name="buoi"), site.enter(name="lan")
    copied = browser.client.cookies["desk"]
    change(browser)
    assert other.client.get(HOME).status_code == 303
    assert site.client().get(HOME, headers={"cookie": f"desk={copied}"}).status_code == 303
    assert browser.client.get(HOME).status_code == 200
    assert colleague.client.get(HOME).status_code == 200


def test_the_change_is_in_the_audit_without_the_password(site: Site) -> None:
    change(site.enter(name="buoi"))
    with site.app.snapshots.begin() as session:
        (act, *_) = list_acts(session, subject="user:buoi")
    assert (act.who, act.action) == ("buoi", "set_password")
    assert NEW not in str(act)


@pytest.mark.parametrize(
    ("old", "new", "again", "said"),
    [
        ("khong phai mat khau", NEW, NEW, "Mật khẩu đang dùng không đúng"),
        ("", NEW, NEW, "Mật khẩu đang dùng không đúng"),
        (PASSWORD, NEW, NEW + " ", "không giống nhau"),
        (PASSWORD, "ngan", "ngan", "từ 10 đến 200 ký tự"),
        (PASSWORD, "x" * 201, "x" * 201, "từ 10 đến 200 ký tự"),
        (PASSWORD, PASSWORD, PASSWORD, "giống mật khẩu đang dùng"),
    ],
)
def test_what_cannot_be_is_refused_in_vietnamese_and_changes_nothing(site: Site, old: str, new: str, again: str, said: str) -> None:
    browser, other = site.enter(name="buoi"), site.enter(name="buoi")
    response = change(browser, old, new, again)
    assert response.status_code == 422
    assert said in response.text
    assert new not in response.text
    assert other.client.get(HOME).status_code == 200
    assert log_in(site.client(), "buoi", PASSWORD).status_code == 303


def test_guessing_the_old_password_is_stopped_as_guessing_at_the_login_is_and_counts_with_it(site: Site) -> None:
    browser = site.enter(name="buoi")
    for _ in range(3):
        assert change(browser, old="sai mat khau").status_code == 422
    client = site.client()
    for _ in range(2):
        assert log_in(client, "buoi", "sai mat khau").status_code == 401
    refused = change(browser)
    assert refused.status_code == 429 and "15 phút" in refused.text
    assert log_in(client, "buoi", PASSWORD).status_code == 429
    site.clock.now += timedelta(minutes=16)
    assert change(browser).status_code == 303


def test_a_form_of_the_old_session_is_not_taken_after_the_change(site: Site) -> None:
    browser = site.enter(name="buoi")
    change(browser)
    assert browser.post("/dang-xuat").status_code == 403
    browser.csrf = token_of(browser.get("/tai-khoan"))
    assert browser.post("/dang-xuat").status_code == 303


def test_an_accented_password_is_the_same_from_every_keyboard(site: Site) -> None:
    change(site.enter(name="buoi"), new=unicodedata.normalize("NFD", NEW))
    assert log_in(site.client(), "buoi", unicodedata.normalize("NFC", NEW)).status_code == 303
    assert log_in(site.client(), "buoi", unicodedata.normalize("NFD", NEW)).status_code == 303


def test_a_login_that_was_under_way_when_the_password_changed_opens_no_session(site: Site, monkeypatch: pytest.MonkeyPatch) -> None:
    site.accounts().add("buoi", full_name="Trần Thị Bưởi", role=Role.VIEW, password=PASSWORD)
    looked = doorkeeper.matches

    def slow(password: str, password_hash: str | None) -> bool:
        right = looked(password, password_hash)
        site.accounts().set_password("buoi", "mot mat khau khac")
        return right

    monkeypatch.setattr(doorkeeper, "matches", slow)
    assert log_in(site.client(), "buoi", PASSWORD).status_code == 401
