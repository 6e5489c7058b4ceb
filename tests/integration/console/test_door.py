"""Nobody gets in who should not, and nothing is done that did not come from our own page."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from pathlib import Path

import pytest
from starlette.routing import Route

from integration.console.conftest import NOW, ORIGIN, PASSWORD, Site, log_in, token_of
from mailbox_ingest.console.login import HOME
from mailbox_ingest.console.site import ACTS, DOCUMENT_PAGES, PAGES, create_site
from mailbox_ingest.errors import ConfigurationError, ConflictError
from mailbox_ingest.model import Role
from mailbox_ingest.store.people.audit import list_acts

OPEN = {"/", "/dang-nhap", "/dang-xuat", "/tinh/{version}/{name}"}


def filled(path: str) -> str:
    return (
        path.replace("{id}", "1")
        .replace("{number}", "1")
        .replace("{page}", "1")
        .replace("{code}", "x")
        .replace("{name}", "lanh-dao")
        .replace("{period}", "2020-W34")
    )


def test_every_address_is_a_known_page_or_act(site: Site) -> None:
    routes = [route for route in create_site(site.app, site.settings).routes if isinstance(route, Route)]
    assert {route.path for route in routes} == OPEN | set(PAGES) | set(DOCUMENT_PAGES) | set(ACTS)


@pytest.mark.parametrize("path", sorted({*PAGES, *DOCUMENT_PAGES}))
def test_no_page_is_shown_without_a_session(site: Site, path: str) -> None:
    response = site.client().get(filled(path))
    assert response.status_code == 303
    assert response.headers["location"].startswith("/dang-nhap?tiep=")


@pytest.mark.parametrize("path", sorted(ACTS))
def test_nothing_is_done_without_a_session(site: Site, path: str) -> None:
    response = site.client().post(filled(path), data={"csrf": "0" * 64}, headers={"origin": ORIGIN})
    assert response.status_code == 403


@pytest.mark.parametrize("path", sorted(path for path, (_, role) in ACTS.items() if role is not Role.VIEW))
def test_a_viewer_can_do_nothing(site: Site, path: str) -> None:
    assert site.enter(Role.VIEW).post(filled(path)).status_code == 403


@pytest.mark.parametrize("path", sorted(path for path, (_, role) in ACTS.items() if role is Role.ADMIN))
def test_what_is_for_administrators_is_not_for_clerks(site: Site, path: str) -> None:
    assert site.enter(Role.DECIDE).post(filled(path)).status_code == 403


@pytest.mark.parametrize("path", [*sorted(ACTS), "/dang-xuat"])
@pytest.mark.parametrize("token", ["", "0" * 64])
def test_a_form_without_the_sessions_own_token_is_refused(site: Site, path: str, token: str) -> None:
    browser = site.enter(Role.ADMIN)
    browser.csrf = token
    assert browser.post(filled(path)).status_code == 403
    browser.get(HOME)


@pytest.mark.parametrize("origin", ["http://evil.example", "null", "https://localhost", "http://localhost:81", None])
def test_a_form_from_another_origin_is_refused(site: Site, origin: str | None) -> None:
    browser = site.enter()
    headers = {} if origin is None else {"origin": origin}
    response = browser.client.post("/dang-xuat", data={"csrf": browser.csrf}, headers=headers)
    assert response.status_code == 403
    browser.get(HOME)


def test_an_unknown_host_is_refused(site: Site) -> None:
    assert site.client().get("/dang-nhap", headers={"host": "evil.example"}).status_code == 400
    assert site.client().get("/dang-nhap", headers={"host": "localhost:8650"}).status_code == 200


def test_every_answer_carries_the_security_headers(site: Site) -> None:
    client = site.client()
    for path in ("/dang-nhap", HOME, "/nothing", "/tinh/x/desk.css"):
        headers = client.get(path).headers
        assert headers["content-security-policy"].startswith("default-src 'none'; script-src 'self'; style-src 'self';")
        assert "unsafe" not in headers["content-security-policy"]
        assert headers["x-content-type-options"] == "nosniff"
        assert headers["x-frame-options"] == "DENY"
    assert site.client(https=True).get("/dang-nhap").headers["strict-transport-security"]


def test_pages_hold_no_inline_script_or_style_and_name_no_other_host(site: Site) -> None:
    for page in (site.client().get("/dang-nhap").text, site.enter().get(HOME)):
        assert "<style" not in page and " style=" not in page and " onclick" not in page
        assert "<script>" not in page and "http://" not in page and "https://" not in page


def test_the_session_cookie_is_out_of_reach_of_scripts_and_other_sites(site: Site) -> None:
    site.accounts().add("buoi", full_name="Trần Thị Bưởi", role=Role.VIEW, password=PASSWORD)
    cookie = log_in(site.client(), "buoi", PASSWORD).headers["set-cookie"]
    assert "HttpOnly" in cookie and "SameSite=lax" in cookie and "Secure" not in cookie
    shown = site.client(https=True).get("/dang-nhap").headers["set-cookie"]
    assert shown.startswith("__Host-") and "Secure" in shown


def test_a_wrong_password_and_an_unknown_name_get_the_same_answer(site: Site) -> None:
    site.accounts().add("buoi", full_name="Trần Thị Bưởi", role=Role.VIEW, password=PASSWORD)
    answers = [log_in(site.client(), name, "khong phai mat khau") for name in ("buoi", "khong-ai")]
    assert [answer.status_code for answer in answers] == [401, 401]
    assert "không đúng" in answers[0].text
    assert answers[0].text.replace("buoi", "") == answers[1].text.replace("khong-ai", "") or token_of(answers[0].text)


def test_after_five_wrong_passwords_even_the_right_one_must_wait(site: Site) -> None:
    site.accounts().add("buoi", full_name="Trần Thị Bưởi", role=Role.VIEW, password=PASSWORD)
    client = site.client()
    for _ in range(5):
        assert log_in(client, "buoi", "sai mat khau").status_code == 401
    refused = log_in(client, "buoi", PASSWORD)
    assert refused.status_code == 429 and "15 phút" in refused.text
    site.clock.now += timedelta(minutes=16)
    assert log_in(client, "buoi", PASSWORD).status_code == 303


def test_attempts_at_the_same_moment_count_as_many(site: Site) -> None:
    site.accounts().add("buoi", full_name="Trần Thị Bưởi", role=Role.VIEW, password=PASSWORD)
    clients = [site.client() for _ in range(8)]
    with ThreadPoolExecutor(8) as pool:
        answers = list(pool.map(lambda client: log_in(client, "buoi", "sai mat khau").status_code, clients))
    assert sorted(answers) == [401] * 5 + [429] * 3


def test_one_address_cannot_try_many_names(site: Site) -> None:
    client = site.client()
    answers = [log_in(client, f"ten-{number}", "sai mat khau").status_code for number in range(31)]
    assert answers == [401] * 30 + [429]


def test_a_login_form_of_another_browser_is_refused(site: Site) -> None:
    site.accounts().add("buoi", full_name="Trần Thị Bưởi", role=Role.VIEW, password=PASSWORD)
    foreign = token_of(site.client().get("/dang-nhap").text)
    client = site.client()
    client.get("/dang-nhap")
    form = {"csrf": foreign, "ten": "buoi", "mat-khau": PASSWORD}
    assert client.post("/dang-nhap", data=form, headers={"origin": ORIGIN}).status_code == 403


@pytest.mark.parametrize(
    "target", ["//evil.example", "https://evil.example", "/\\evil.example", "javascript:alert(1)", "/x\r\nset-cookie: a=b"]
)
def test_after_the_login_nobody_is_led_to_another_site(site: Site, target: str) -> None:
    site.accounts().add("buoi", full_name="Trần Thị Bưởi", role=Role.VIEW, password=PASSWORD)
    client = site.client()
    form = {"csrf": token_of(client.get("/dang-nhap").text), "tiep": target, "ten": "buoi", "mat-khau": PASSWORD}
    assert client.post("/dang-nhap", data=form, headers={"origin": ORIGIN}).headers["location"] == HOME


def test_a_session_ends_when_nobody_clicks_and_when_the_day_is_over(site: Site) -> None:
    browser = site.enter()
    for _ in range(11):
        site.clock.now += timedelta(minutes=59)
        browser.get(HOME)
    site.clock.now = NOW + timedelta(hours=12, minutes=1)
    assert browser.client.get(HOME).status_code == 303

    browser = site.enter()
    site.clock.now += timedelta(minutes=61)
    assert browser.client.get(HOME).status_code == 303


def test_logging_out_ends_the_session_on_the_server(site: Site) -> None:
    browser = site.enter()
    kept = browser.client.cookies["desk"]
    assert browser.post("/dang-xuat").status_code == 303
    browser.client.cookies.set("desk", kept, domain="localhost.local")
    assert browser.client.get(HOME, headers={"cookie": f"desk={kept}"}).status_code == 303


def test_disabling_a_user_or_changing_the_password_ends_the_sessions(site: Site) -> None:
    browser = site.enter(name="buoi")
    site.accounts().set_password("buoi", "mot mat khau khac")
    assert browser.client.get(HOME).status_code == 303
    assert log_in(site.client(), "buoi", PASSWORD).status_code == 401

    client = site.client()
    assert log_in(client, "buoi", "mot mat khau khac").status_code == 303
    site.accounts().set_active("buoi", False)
    assert client.get(HOME).status_code == 303
    assert log_in(site.client(), "buoi", "mot mat khau khac").status_code == 401


def test_users_have_names_and_passwords_that_can_be_and_changes_are_in_the_audit(site: Site) -> None:
    accounts = site.accounts()
    for name in ("", "A", "có dấu", "x" * 41, "../etc"):
        with pytest.raises(ConfigurationError):
            accounts.add(name, full_name="", role=Role.VIEW, password=PASSWORD)
    with pytest.raises(ConfigurationError, match="10"):
        accounts.add("buoi", full_name="", role=Role.VIEW, password="ngan")
    accounts.add("buoi", full_name="", role=Role.VIEW, password=PASSWORD)
    with pytest.raises(ConflictError):
        accounts.add("buoi", full_name="", role=Role.ADMIN, password=PASSWORD)
    accounts.set_role("buoi", Role.DECIDE)
    with site.app.snapshots.begin() as session:
        acts = list_acts(session, subject="user:buoi")
    assert [(act.who, act.action, act.after) for act in acts] == [
        ("kiem-thu", "change_user", {"role": "xu-ly"}),
        ("kiem-thu", "add_user", {"full_name": "buoi", "role": "xem"}),
    ]
    assert PASSWORD not in str(acts)


def test_no_password_and_no_token_is_stored(site: Site, tmp_path: Path, real_passwords: None) -> None:
    browser = site.enter()
    stored = b"".join(path.read_bytes() for path in tmp_path.glob("store.db*"))
    assert PASSWORD.encode() not in stored
    assert browser.client.cookies["desk"].encode() not in stored
    assert b"$argon2id$v=19$m=65536,t=3,p=4$" in stored


def test_files_cannot_be_sent_and_large_forms_are_refused(site: Site) -> None:
    client = site.client()
    headers = {"origin": ORIGIN}
    assert client.post("/dang-nhap", files={"tep": b"x"}, headers=headers).status_code == 415
    assert client.post("/dang-nhap", json={"ten": "x"}, headers=headers).status_code == 415
    assert client.post("/dang-nhap", data={"ten": "x" * 70_000}, headers=headers).status_code == 413
    assert client.put(HOME, headers=headers).status_code == 405


@pytest.mark.parametrize(
    "path",
    ["/tinh/x/..%2F..%2Fbase.html", "/tinh/x/../../base.html", "/tinh/x/base.html", "/tinh/%2e%2e/desk", "/tuan/../../etc/passwd"],
)
def test_only_our_own_files_are_served(site: Site, path: str) -> None:
    assert site.client().get(path).status_code == 404
