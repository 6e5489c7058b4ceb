"""What the mailbox adapter does at Gmail only: OAuth2, ids that survive a move, labels, its daily limit."""

from __future__ import annotations

import json
import threading
import time
from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from mailbox_ingest.app import App, open_app
from mailbox_ingest.cli import main
from mailbox_ingest.config import Config, GoogleConfig, ImapConfig
from mailbox_ingest.config_file import builtin_form
from mailbox_ingest.errors import LoginRefused, MailboxOverQuota, TokenRevoked
from mailbox_ingest.imap import IdleWatch, ImapSource
from mailbox_ingest.oauth import AccessTokens
from mailbox_ingest.store.ledger.lookup import list_messages
from servers import gmail as gmail_server
from servers import proxy
from servers.gmail import JUNK, SENT, Gmail
from servers.google import Google, authorise

BOX = "bao-cao"


def mail(number: int, size: int = 10) -> bytes:
    return f"From: a@b.example\r\nMessage-ID: <{number}@b.example>\r\nSubject: {number}\r\n\r\n".encode() + b"x" * size + b"\r\n"


@pytest.fixture
def gmail(google: Google) -> Iterator[Gmail]:
    with gmail_server.running(Gmail(accepts=lambda token: token in google.good)) as server:
        yield server


@pytest.fixture
def box(gmail: Gmail) -> ImapConfig:
    return ImapConfig(
        name=BOX,
        host="127.0.0.1",
        port=gmail.port,
        security="plain",
        auth="oauth2",
        user=gmail.user,
        address=gmail.user,
        connect_timeout_seconds=30,
        read_timeout_seconds=60,
    )


@pytest.fixture
def tokens(google: Google, google_config: GoogleConfig, gmail: Gmail) -> AccessTokens:
    authorise(google, google_config, gmail.user)
    return AccessTokens(google_config, gmail.user, clock=lambda: datetime.now(UTC))


@pytest.fixture
def app(box: ImapConfig, google_config: GoogleConfig, tokens: AccessTokens, tmp_path: Path) -> Iterator[App]:
    config = Config(store_url=f"sqlite:///{tmp_path}/store.db", forms=(builtin_form("bluezone"),), mailboxes=(box,), google=google_config)
    with open_app(config) as opened:
        yield opened


def fetched(box: ImapConfig, tokens: AccessTokens) -> list[bytes]:
    return [arrival.raw for chunk in ImapSource(box, tokens=tokens).arrivals(lambda folder, uidvalidity: 0) for arrival in chunk]


def states(app: App) -> list[tuple[str, str, bool]]:
    with app.snapshots.begin() as session:
        rows = list_messages(session, limit=100)
    return [(row.folder, row.subject, row.duplicate_of is not None) for row in reversed(rows)]


# ------------------------------------------------------------ OAuth2


def test_one_access_token_serves_many_sessions_and_says_who_we_are(
    gmail: Gmail, google: Google, box: ImapConfig, tokens: AccessTokens
) -> None:
    gmail.deliver(mail(1))
    assert fetched(box, tokens) == fetched(box, tokens) == [mail(1)]
    assert (gmail.logins, len(google.requests)) == (2, 1)
    assert b"mailbox-ingest" in gmail.client_ids[0]


def test_a_token_that_ended_before_its_time_is_made_anew_within_the_same_login(
    gmail: Gmail, google: Google, box: ImapConfig, tokens: AccessTokens
) -> None:
    gmail.deliver(mail(1))
    fetched(box, tokens)
    google.good.clear()
    assert fetched(box, tokens) == [mail(1)]
    assert len(google.requests) == 2


def test_a_revoked_authorisation_is_told_from_a_server_that_refuses_the_account(
    gmail: Gmail, google: Google, box: ImapConfig, tokens: AccessTokens
) -> None:
    with pytest.raises(LoginRefused, match="for that very account") as other_account:
        fetched(replace(box, user="ai-khac@gmail.example"), tokens)
    assert not isinstance(other_account.value, TokenRevoked)
    google.good.clear()
    google.refresh_tokens.clear()
    with pytest.raises(TokenRevoked, match="auth google"):
        fetched(box, tokens)


def test_a_poll_without_authorisation_is_recorded_with_its_error_and_recovers_once_it_is_given(
    gmail: Gmail, google: Google, google_config: GoogleConfig, app: App
) -> None:
    google.refresh_tokens.clear()
    (poll,) = app.poll()
    assert isinstance(poll.problem, TokenRevoked) and "auth google" in str(poll.failure)
    authorise(google, google_config, gmail.user)
    (poll,) = app.poll()
    assert poll.failure is None


def test_the_account_that_gmail_suspends_is_told_from_one_with_a_wrong_password(
    gmail: Gmail, box: ImapConfig, tokens: AccessTokens
) -> None:
    gmail.over_quota = True
    with pytest.raises(MailboxOverQuota, match="suspends"):
        fetched(box, tokens)


# ------------------------------------------------------------ ids


def test_a_mail_moved_from_junk_to_the_inbox_is_neither_read_nor_fetched_again(gmail: Gmail, app: App) -> None:
    moved = gmail.deliver(mail(1), JUNK)
    list(app.poll())
    gmail.move(moved, JUNK, "INBOX")
    gmail.deliver(mail(2))
    (poll,) = app.poll()
    assert (poll.messages_new, gmail.bodies_given) == (2, 2)
    assert states(app) == [(JUNK, "1", False), ("INBOX", "1", True), ("INBOX", "2", False)]


def test_a_mailbox_listed_anew_is_not_downloaded_again(gmail: Gmail, app: App) -> None:
    for number in (1, 2, 3):
        gmail.deliver(mail(number, size=10_000))
    (first,) = app.poll()
    gmail.change_uidvalidity("INBOX")
    (again,) = app.poll()
    assert (first.messages_new, again.messages_new, gmail.bodies_given) == (3, 3, 3)
    assert first.bytes_fetched > 30_000
    assert again.bytes_fetched < 3_000
    assert [copy for _, _, copy in states(app)] == [False] * 3 + [True] * 3


def test_a_mail_that_gmail_leaves_out_once_is_asked_for_again(gmail: Gmail, app: App) -> None:
    first = gmail.deliver(mail(1))
    gmail.deliver(mail(2))
    gmail.left_out = {first.msgid}
    list(app.poll())
    assert [subject for _, subject, _ in states(app)] == ["1", "2"]


def test_mails_whose_bodies_the_server_refuses_come_with_their_headers_and_stop_nothing(gmail: Gmail, app: App) -> None:
    bad = [gmail.deliver(mail(number)) for number in (1, 2)]
    gmail.deliver(mail(3))
    gmail.unreadable = {item.msgid for item in bad}
    list(app.poll())
    with app.snapshots.begin() as session:
        rows = {row.subject: row.truncated for row in list_messages(session)}
    assert rows == {"1": True, "2": True, "3": False}


def test_a_crash_before_the_ledger_knew_is_seen_in_the_sent_folder(gmail: Gmail, app: App) -> None:
    from mailbox_ingest.imap import ImapSentLookup

    gmail.deliver(mail(9), SENT)
    (box,) = app.config.mailboxes
    assert ImapSentLookup(box, tokens=app.accounts.tokens(box)).was_sent("<9@b.example>")


# ------------------------------------------------------------ the day's download


def test_the_day_s_download_is_counted_over_all_polls_and_stops_before_the_wall(
    gmail: Gmail, app: App, google_config: GoogleConfig, tokens: AccessTokens
) -> None:
    from mailbox_ingest.errors import DownloadBudgetSpent

    (box,) = app.config.mailboxes
    small = replace(box, download_budget_bytes_24h=60_000)
    now = datetime.now(UTC)

    def poll(at: datetime) -> object:
        clocked = replace(app, config=replace(app.config, mailboxes=(small,)), clock=lambda: at)
        (done,) = clocked.poll()
        return done.problem

    for number in (1, 2):
        gmail.deliver(mail(number, size=20_000))
    assert poll(now) is None
    gmail.deliver(mail(3, size=20_000))
    assert isinstance(poll(now + timedelta(hours=1)), DownloadBudgetSpent)
    assert len(states(app)) == 2
    assert isinstance(poll(now + timedelta(hours=23)), DownloadBudgetSpent)
    assert poll(now + timedelta(hours=25)) is None
    assert len(states(app)) == 3


# ------------------------------------------------------------ IDLE


def waited_for(event: threading.Event) -> bool:
    return event.wait(60)


def test_idle_wakes_the_poll_up_when_mail_comes_and_is_renewed(gmail: Gmail, box: ImapConfig, tokens: AccessTokens) -> None:
    woken = threading.Event()
    watch = IdleWatch(box, woken.set, tokens=tokens, renew_seconds=0.1)
    watch.watch_over()
    try:
        assert waited_for(woken), "the first look, at what came before"
        wait_until(lambda: gmail.commands.count("IDLE") >= 3)
        woken.clear()
        gmail.deliver(mail(1))
        assert waited_for(woken)
    finally:
        watch.stop()
    assert not watch.alive
    assert gmail.logins == 1


def test_idle_whose_line_breaks_connects_again_and_looks_at_once(gmail: Gmail, box: ImapConfig, tokens: AccessTokens) -> None:
    woken = threading.Event()
    with proxy.running("127.0.0.1", gmail.port) as line:
        watch = IdleWatch(replace(box, port=line.port), woken.set, tokens=tokens, first_wait_seconds=0.05)
        watch.watch_over()
        try:
            assert waited_for(woken)
            woken.clear()
            line.cut()
            assert waited_for(woken)
        finally:
            watch.stop()


def test_a_watch_that_has_gone_silent_is_broken_from_outside(gmail: Gmail, box: ImapConfig, tokens: AccessTokens) -> None:
    woken = threading.Event()
    watch = IdleWatch(box, woken.set, tokens=tokens, first_wait_seconds=0.05, silent_seconds=0.0)
    watch.watch_over()
    try:
        assert waited_for(woken)
        woken.clear()
        wait_until(lambda: watch.watch_over() or woken.is_set())
    finally:
        watch.stop()
    assert gmail.logins >= 2


def wait_until(condition: object) -> None:
    end = time.monotonic() + 60
    while not condition():  # type: ignore[operator]
        assert time.monotonic() < end, "it did not happen"
        time.sleep(0.02)


# ------------------------------------------------------------ the command line


def test_doctor_tells_of_an_authorisation_that_is_there_and_of_one_that_is_gone(
    gmail: Gmail, google: Google, google_config: GoogleConfig, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    authorise(google, google_config, gmail.user)
    config = write_config(tmp_path, gmail, google_config)
    main(["doctor", "--json", "--config", str(config)])
    checks = {line["name"]: line for line in map(json.loads, capsys.readouterr().out.splitlines())}
    assert checks[f"authorisation of {gmail.user}"]["state"] == "ok"
    assert checks[f"mailbox {BOX}"]["found"] == f"folders INBOX, {JUNK}"
    google.refresh_tokens.clear()
    main(["doctor", "--json", "--config", str(config)])
    checks = {line["name"]: line for line in map(json.loads, capsys.readouterr().out.splitlines())}
    assert checks[f"authorisation of {gmail.user}"]["state"] == "failed"
    assert "auth google" in checks[f"authorisation of {gmail.user}"]["advice"]


def test_auth_google_on_a_machine_without_a_browser_stores_the_authorisation_and_tries_the_login(
    gmail: Gmail, google_config: GoogleConfig, tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    from urllib.parse import parse_qs, urlsplit

    class Person:
        """Reads the address from the terminal, agrees, and pastes the one that the browser ends at."""

        def readline(self) -> str:
            address = next(line for line in capsys.readouterr().err.splitlines() if line.startswith("https://"))
            asked = {key: values[0] for key, values in parse_qs(urlsplit(address).query).items()}
            return f"{asked['redirect_uri']}?state={asked['state']}&code=ma-dung&scope=https://mail.google.com/\n"

    monkeypatch.setattr("sys.stdin", Person())
    config = write_config(tmp_path, gmail, google_config)
    assert main(["auth", "google", "--no-browser", "--json", "--config", str(config)]) == 0
    told = json.loads(capsys.readouterr().out)
    assert told == {"account": gmail.user, "token_file": told["token_file"], "checked": [f"mailbox {BOX}"]}
    assert Path(told["token_file"]).stat().st_mode & 0o777 == 0o600
    assert gmail.logins == 1


def test_auth_google_without_an_account_that_needs_it_is_wrong_usage(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    path = tmp_path / "config.toml"
    path.write_text('store_url = "sqlite:///store.db"\nforms = ["bluezone"]\n', encoding="utf-8")
    assert main(["auth", "google", "--config", str(path)]) == 2
    assert "oauth2" in capsys.readouterr().err


def write_config(folder: Path, gmail: Gmail, google: GoogleConfig) -> Path:
    path = folder / "config.toml"
    path.write_text(
        f"""store_url = "sqlite:///store.db"
forms = ["bluezone"]
[google]
client_file = "{google.client_file}"
tokens_dir = "{google.tokens_dir}"
[[mailboxes]]
name = "{BOX}"
host = "127.0.0.1"
port = {gmail.port}
security = "plain"
auth = "oauth2"
user = "{gmail.user}"
address = "{gmail.user}"
""",
        encoding="utf-8",
    )
    return path
