"""The web desk over a real database, asked through Starlette's test client; `enter` gives a browser that has logged in."""

from __future__ import annotations

import re
import shutil
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from pathlib import Path

import pytest
from argon2 import PasswordHasher
from starlette.testclient import TestClient

from mailbox_ingest.access import Accounts, passwords
from mailbox_ingest.app import App, open_app
from mailbox_ingest.config import AdmissionConfig, Config, ConsoleConfig, DigestConfig, SmtpConfig
from mailbox_ingest.config_file import builtin_form
from mailbox_ingest.console import create_site
from mailbox_ingest.console.login import HOME
from mailbox_ingest.demo.registry import write_units_csv
from mailbox_ingest.demo.story import moment
from mailbox_ingest.model import Role
from servers.held_mails import accepted_second_week, first_week, hostile, ten_held

ORIGIN = "http://localhost"
PASSWORD = "bon mua xuan ha"
NOW = datetime(2020, 8, 20, 3, 0, tzinfo=UTC)
AFTERWARDS = moment(26, 8, 11, 0)
SETTINGS = ConsoleConfig(hosts=("localhost",))


@dataclass(slots=True)
class Clock:
    now: datetime = NOW

    def __call__(self) -> datetime:
        return self.now


@dataclass(slots=True)
class Browser:
    """A client with a session; `post` brings the page's own token along."""

    client: TestClient
    csrf: str = ""

    def get(self, path: str) -> str:
        response = self.client.get(path)
        assert response.status_code == 200, f"{path}: {response.status_code} {response.text[:300]}"
        return response.text

    def post(self, path: str, **form: str):
        return self.client.post(path, data={"csrf": self.csrf} | form, headers={"origin": ORIGIN}, follow_redirects=False)


@dataclass(slots=True)
class Site:
    app: App
    clock: Clock
    settings: ConsoleConfig = SETTINGS
    _open: ExitStack = field(default_factory=ExitStack)

    def client(self, **changes: object) -> TestClient:
        site = create_site(self.app, replace(self.settings, **changes))
        return self._open.enter_context(TestClient(site, base_url=ORIGIN, follow_redirects=False))

    def accounts(self) -> Accounts:
        return Accounts(sessions=self.app.sessions, clock=self.app.clock, who="kiem-thu")

    def enter(self, role: Role = Role.DECIDE, name: str | None = None) -> Browser:
        name = name or f"can-bo-{role.value}"
        if name not in {user.name for user in self.accounts().list()}:
            self.accounts().add(name, full_name="Trần Thị Bưởi", role=role, password=PASSWORD)
        browser = Browser(self.client())
        response = log_in(browser.client, name, PASSWORD)
        assert response.status_code == 303, response.text
        browser.csrf = token_of(browser.get(HOME))
        return browser


def log_in(client: TestClient, name: str, password: str):
    token = token_of(client.get("/dang-nhap").text)
    form = {"csrf": token, "tiep": "", "ten": name, "mat-khau": password}
    return client.post("/dang-nhap", data=form, headers={"origin": ORIGIN}, follow_redirects=False)


def token_of(page: str) -> str:
    found = re.search(r'name="csrf" value="([0-9a-f]{64})"', page)
    assert found, page[:500]
    return found[1]


def config_of(store_url: str) -> Config:
    return Config(
        store_url=store_url,
        forms=(builtin_form("bluezone"),),
        smtp=SmtpConfig(host="127.0.0.1", security="plain", sender="baocao@example.org", sender_name="Tiếp nhận báo cáo"),
        digests=(DigestConfig(name="lanh-dao", form="bluezone", recipients=("lanhdao@example.org",)),),
        console=SETTINGS,
        admission=AdmissionConfig(unknown_senders="hold"),
    )


@pytest.fixture(autouse=True)
def cheap_passwords(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> None:
    """A real hash costs 64 MB and half a second on a busy machine; what it costs is the concern of one test only."""
    if "real_passwords" not in request.fixturenames:
        monkeypatch.setattr(passwords, "_HASHER", PasswordHasher(time_cost=1, memory_cost=8, parallelism=1))
    monkeypatch.setattr(passwords, "_cached", [])


@pytest.fixture
def real_passwords() -> None:
    """The costs of production."""


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
def site(sqlite_url: str, clock: Clock) -> Iterator[Site]:
    with open_app(config_of(sqlite_url), clock=clock) as app:
        opened = Site(app=app, clock=clock)
        with opened._open:
            yield opened


@pytest.fixture(scope="session")
def held_template(sqlite_template: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A database with two weeks of mail: seven accepted reports, two of the second week, ten held mails and a hostile one."""
    folder = tmp_path_factory.mktemp("held")
    path = folder / "held.db"
    shutil.copy(sqlite_template, path)
    at = moment(26, 8, 10, 45)
    mails = [*first_week(), *accepted_second_week(), *((item.at, item.raw) for item in ten_held()), (at, hostile(at))]
    for number, (_, raw) in enumerate(mails, start=1):
        (folder / f"{number:02}.eml").write_bytes(raw)
    write_units_csv(folder / "units.csv")
    with open_app(config_of(f"sqlite:///{path}"), clock=Clock(AFTERWARDS)) as app:
        app.import_units(folder / "units.csv")
        for _ in app.ingest(sorted(folder.glob("*.eml"))):
            pass
    return path


@pytest.fixture
def held(held_template: Path, tmp_path: Path) -> Iterator[Site]:
    """The desk over that database. Mails 10 to 19 are held, 20 is hostile."""
    path = tmp_path / "held.db"
    shutil.copy(held_template, path)
    clock = Clock(AFTERWARDS)
    with open_app(config_of(f"sqlite:///{path}"), clock=clock) as app:
        opened = Site(app=app, clock=clock)
        with opened._open:
            yield opened


@pytest.fixture
def enter(site: Site) -> Callable[..., Browser]:
    return site.enter
