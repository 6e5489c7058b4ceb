"""Behind a reverse proxy, on a real port: login attempts count for the person's address, and nobody chooses the address they count for."""

from __future__ import annotations

import http.client
import re
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from urllib.parse import urlencode

import pytest

from integration.console.conftest import Site
from mailbox_ingest.console import ConsoleServer

HOST = "baocao.example.org"


@contextmanager
def desk(site: Site, *, trusted: tuple[str, ...]) -> Iterator[int]:
    settings = replace(site.settings, port=0, hosts=(HOST,), https=True, trusted_proxies=trusted)
    with ConsoleServer(site.app, settings) as server:
        yield server.port


def wrong_login(port: int, **headers: str) -> int:
    """The status of a login with a wrong password that came with these headers."""
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=30)
    connection.request("GET", "/dang-nhap", headers={"host": HOST})
    shown = connection.getresponse()
    cookie = (shown.getheader("set-cookie") or "").partition(";")[0]
    token = re.search(r'name="csrf" value="([0-9a-f]{64})"', shown.read().decode())
    assert token
    body = urlencode({"csrf": token[1], "ten": "khong-ai", "mat-khau": "sai mat khau"})
    sent = {"host": HOST, "origin": f"https://{HOST}", "cookie": cookie, "content-type": "application/x-www-form-urlencoded"}
    connection.request("POST", "/dang-nhap", body, sent | headers)
    answer = connection.getresponse()
    answer.read()
    connection.close()
    return answer.status


def addresses(caplog: pytest.LogCaptureFixture) -> list[str]:
    return [record.address for record in caplog.records if record.msg == "login_refused"]  # type: ignore[attr-defined]


@pytest.mark.parametrize(
    ("trusted", "forwarded", "counted"),
    [
        ((), "203.0.113.9", "127.0.0.1"),
        (("192.0.2.1",), "203.0.113.9", "127.0.0.1"),
        (("127.0.0.1",), "203.0.113.9", "203.0.113.9"),
        # A proxy that appends: what the browser wrote in front of it does not count.
        (("127.0.0.1",), "198.51.100.7, 203.0.113.9", "203.0.113.9"),
        (("127.0.0.1", "192.0.2.1"), "198.51.100.7, 203.0.113.9, 192.0.2.1", "203.0.113.9"),
    ],
)
def test_a_forwarded_address_is_believed_of_trusted_proxies_only(
    site: Site, caplog: pytest.LogCaptureFixture, trusted: tuple[str, ...], forwarded: str, counted: str
) -> None:
    with desk(site, trusted=trusted) as port:
        assert wrong_login(port, **{"x-forwarded-for": forwarded}) == 401
    assert addresses(caplog) == [counted]


def test_one_person_behind_the_proxy_is_stopped_and_the_others_are_not(site: Site) -> None:
    with desk(site, trusted=("127.0.0.1",)) as port:
        assert [wrong_login(port, **{"x-forwarded-for": "203.0.113.9"}) for _ in range(6)] == [401] * 5 + [429]
        assert wrong_login(port, **{"x-forwarded-for": "203.0.113.10"}) == 401


@pytest.mark.parametrize(
    "headers", [{"x-forwarded-host": "evil.example"}, {"x-forwarded-proto": "http"}, {"forwarded": "host=evil.example"}]
)
def test_other_forwarding_headers_change_neither_host_nor_origin(site: Site, headers: dict[str, str]) -> None:
    with desk(site, trusted=("127.0.0.1",)) as port:
        assert wrong_login(port, **headers) == 401
        assert wrong_login(port, **headers | {"origin": "http://evil.example"}) == 403


def test_an_address_of_any_length_is_kept_short(site: Site, caplog: pytest.LogCaptureFixture) -> None:
    with desk(site, trusted=("127.0.0.1",)) as port:
        assert wrong_login(port, **{"x-forwarded-for": "x" * 5000}) == 401
    assert [len(address) for address in addresses(caplog)] == [64]


def test_a_host_that_is_given_twice_or_not_at_all_is_refused(site: Site) -> None:
    with desk(site, trusted=()) as port:
        for lines in ([f"Host: {HOST}", "Host: evil.example"], ["Host: evil.example"], []):
            connection = http.client.HTTPConnection("127.0.0.1", port, timeout=30)
            connection.putrequest("GET", "/dang-nhap", skip_host=True)
            for line in lines:
                connection.putheader(*line.split(": "))
            connection.endheaders()
            assert connection.getresponse().status == 400
            connection.close()


@pytest.mark.parametrize("path", ["/don-vi/%00", "/thu?q=%00", "/tuan?nhom=a%00b"])
def test_a_character_that_no_database_takes_is_refused_before_it_gets_there(site: Site, path: str) -> None:
    assert site.enter().client.get(path).status_code == 400


def test_such_a_character_in_a_form_is_refused_too(site: Site) -> None:
    client = site.client()
    answer = client.post(
        "/dang-nhap", content=b"ten=a%00b", headers={"origin": "http://localhost", "content-type": "application/x-www-form-urlencoded"}
    )
    assert answer.status_code == 400
