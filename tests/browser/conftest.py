"""A real desk: Dovecot with the mails of two weeks, the worker's own steps over a real database, the served site, and Debian's Chromium."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from dataclasses import dataclass, replace
from pathlib import Path

import pytest
from imapclient import IMAPClient
from playwright.sync_api import Browser, Page, expect, sync_playwright

from mailbox_ingest.access import Accounts
from mailbox_ingest.app import App, open_app
from mailbox_ingest.config import AdmissionConfig, Config, ConsoleConfig, DigestConfig, ImapConfig, Secret, SmtpConfig
from mailbox_ingest.config_file import builtin_form
from mailbox_ingest.console import ConsoleServer
from mailbox_ingest.demo.play import Clock
from mailbox_ingest.demo.registry import MAILBOX, write_units_csv
from mailbox_ingest.demo.story import moment
from mailbox_ingest.model import Role
from servers.dovecot import Dovecot
from servers.held_mails import accepted_second_week, first_week, hostile, ten_held

CHROMIUM = "/usr/bin/chromium"
NAME, PASSWORD = "buoi", "bon mua xuan ha"
PATIENCE = 60_000  # milliseconds; a machine that is busy with the other tests answers late
expect.set_options(timeout=PATIENCE)


@dataclass(frozen=True, slots=True)
class Desk:
    """The served desk over the house, and who may enter it."""

    app: App
    address: str

    def enter(self, page: Page) -> None:
        page.goto(f"{self.address}/")
        page.fill("#ten", NAME)
        page.fill("#mat-khau", PASSWORD)
        page.get_by_role("button").click()
        page.wait_for_url("**/tuan")

    def enter_by_keyboard(self, page: Page) -> None:
        page.goto(f"{self.address}/")
        expect(page.locator("#ten")).to_be_focused()  # given with the first picture, which may come after the page has loaded
        page.keyboard.type(NAME)
        page.keyboard.press("Tab")
        page.keyboard.type(PASSWORD)
        page.keyboard.press("Enter")
        page.wait_for_url("**/tuan")


@pytest.fixture(scope="session")
def browser() -> Iterator[Browser]:
    if not Path(CHROMIUM).exists():
        pytest.skip("Chromium is not installed (apt package chromium)")
    with sync_playwright() as driver:
        opened = driver.chromium.launch(
            executable_path=CHROMIUM, args=["--no-sandbox", "--disable-gpu", "--disable-dev-shm-usage"], timeout=2 * PATIENCE
        )
        yield opened
        opened.close()


@pytest.fixture
def page(browser: Browser) -> Iterator[Page]:
    """A fresh window of 1280 by 900; a script error on any page fails the test."""
    context = browser.new_context(viewport={"width": 1280, "height": 900}, locale="vi-VN", timezone_id="Asia/Ho_Chi_Minh")
    context.set_default_timeout(PATIENCE)
    opened = context.new_page()
    wrong: list[str] = []
    opened.on("pageerror", lambda error: wrong.append(str(error)))
    opened.on("console", lambda line: wrong.append(line.text) if "Content Security Policy" in line.text else None)
    yield opened
    context.close()
    assert not wrong


@pytest.fixture(scope="session")
def week_of_mail(dovecot: Dovecot, tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, Config]:
    """The mails delivered into a mailbox, polled and read by the house once; tests work on copies of the database."""
    folder = tmp_path_factory.mktemp("desk")
    config = config_of(dovecot, folder / "desk.db")
    with IMAPClient(dovecot.host, port=dovecot.port, ssl=False, timeout=60) as inbox:
        inbox.login("ban-lam-viec", dovecot.password)
        late = moment(26, 8, 10, 45)
        for at, raw in [*first_week(), *accepted_second_week(), *((mail.at, mail.raw) for mail in ten_held()), (late, hostile(late))]:
            inbox.append("INBOX", raw, msg_time=at)
    write_units_csv(folder / "units.csv")
    with open_app(config, clock=Clock(moment(26, 8, 11, 0))) as app:
        app.import_units(folder / "units.csv")
        assert [poll.failure for poll in app.poll()] == [None]
        for _ in app.read():
            pass
        Accounts(sessions=app.sessions, clock=app.clock, who="kiem-thu").add(
            NAME, full_name="Trần Thị Bưởi", role=Role.ADMIN, password=PASSWORD
        )
    return folder / "desk.db", config


@pytest.fixture
def desk(week_of_mail: tuple[Path, Config], tmp_path: Path) -> Iterator[Desk]:
    template, config = week_of_mail
    shutil.copy(template, tmp_path / "desk.db")
    config = replace(config, store_url=f"sqlite:///{tmp_path / 'desk.db'}")
    settings = ConsoleConfig(port=0, hosts=("127.0.0.1",))
    with open_app(config, clock=Clock(moment(26, 8, 11, 0))) as app, ConsoleServer(app, settings) as server:
        yield Desk(app=app, address=f"http://127.0.0.1:{server.port}")


def config_of(dovecot: Dovecot, database: Path) -> Config:
    mailbox = ImapConfig(
        name="bao-cao",
        host=dovecot.host,
        port=dovecot.port,
        security="plain",
        user="ban-lam-viec",
        password=Secret(_text=dovecot.password),
        address=MAILBOX,
        folders=("INBOX",),
    )
    return Config(
        store_url=f"sqlite:///{database}",
        forms=(builtin_form("bluezone"),),
        mailboxes=(mailbox,),
        smtp=SmtpConfig(host="127.0.0.1", security="plain", sender=MAILBOX, sender_name="Tiếp nhận báo cáo"),
        digests=(DigestConfig(name="lanh-dao", form="bluezone", recipients=("lanhdao@congdoan-quangtri.example",)),),
        admission=AdmissionConfig(unknown_senders="hold"),
    )
