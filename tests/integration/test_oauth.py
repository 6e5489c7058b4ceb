"""OAuth2 at Google against a real HTTPS token endpoint: giving the authorisation, access tokens, and what ends them."""

from __future__ import annotations

import threading
import urllib.request
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from urllib.parse import parse_qs, urlsplit

import pytest

from mailbox_ingest.config import GoogleConfig
from mailbox_ingest.errors import ConfigurationError, LoginRefused, MailboxUnreachable, SubmissionDeferred, TokenRevoked, TokenUnavailable
from mailbox_ingest.oauth import AccessTokens, Consent, load_authorisation, token_path
from servers.google import CLIENT_SECRET, Google, authorise

ACCOUNT = "baocao@gmail.example"


class Clock:
    def __init__(self) -> None:
        self.now = datetime.now(UTC)  # the token server's own clock is the real one

    def __call__(self) -> datetime:
        return self.now


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
def tokens(google: Google, google_config: GoogleConfig, clock: Clock) -> AccessTokens:
    authorise(google, google_config, ACCOUNT)
    return AccessTokens(google_config, ACCOUNT, clock=clock)


def query(address: str) -> dict[str, str]:
    return {key: values[0] for key, values in parse_qs(urlsplit(address).query).items()}


class Browser:
    """A person who opens the address, agrees, and is sent back with a code."""

    def __init__(self, **answer: str) -> None:
        self.answer = answer
        self.address = ""

    def back(self, address: str) -> str:
        self.address = address
        asked = query(address)
        answer = {"state": asked["state"], "code": "ma-dung", **self.answer}
        return f"{asked['redirect_uri']}?" + "&".join(f"{key}={value}" for key, value in answer.items())

    def visit(self, address: str) -> None:
        def come_back() -> None:
            place = self.back(address)
            root = place.partition("?")[0]
            urllib.request.urlopen(f"{root}favicon.ico", timeout=60).read()  # browsers ask for that, too
            urllib.request.urlopen(place, timeout=60).read()

        threading.Thread(target=come_back, daemon=True).start()


def test_who_agrees_in_a_browser_on_this_machine_leaves_a_refresh_token_that_only_the_owner_may_read(
    google: Google, google_config: GoogleConfig, clock: Clock
) -> None:
    browser = Browser()
    path = Consent(google_config, ACCOUNT, clock=clock).by_loopback(browser.visit, seconds=60)
    assert path == token_path(google_config, ACCOUNT)
    assert (path.stat().st_mode & 0o777, path.parent.stat().st_mode & 0o777) == (0o600, 0o700)
    asked = query(browser.address)
    assert asked["scope"] == "https://mail.google.com/"
    assert (asked["access_type"], asked["prompt"], asked["login_hint"]) == ("offline", "consent", ACCOUNT)
    assert asked["redirect_uri"].startswith("http://127.0.0.1:")
    given = load_authorisation(google_config, ACCOUNT)
    assert given.refresh_token in google.refresh_tokens
    assert given.ends_at is None
    assert AccessTokens(google_config, ACCOUNT, clock=clock).token() in google.good


def test_on_a_machine_without_a_browser_the_address_is_pasted(google: Google, google_config: GoogleConfig, clock: Clock) -> None:
    browser, shown = Browser(), list[str]()
    Consent(google_config, ACCOUNT, clock=clock).by_hand(shown.append, lambda: browser.back(shown[0]) + "\n")
    assert load_authorisation(google_config, ACCOUNT).refresh_token in google.refresh_tokens


def test_the_end_that_google_names_for_a_consent_screen_in_testing_is_kept(
    google: Google, google_config: GoogleConfig, clock: Clock
) -> None:
    google.refresh_lifetime_seconds = 604_800
    browser, shown = Browser(), list[str]()
    Consent(google_config, ACCOUNT, clock=clock).by_hand(shown.append, lambda: browser.back(shown[0]))
    assert load_authorisation(google_config, ACCOUNT).ends_at == clock.now + timedelta(days=7)


@pytest.mark.parametrize(
    "answer", [{"state": "cua-nguoi-khac"}, {"code": "ma-sai"}, {"error": "access_denied", "code": ""}], ids=["state", "code", "denied"]
)
def test_an_answer_that_is_not_ours_or_a_no_stores_nothing(google_config: GoogleConfig, clock: Clock, answer: dict[str, str]) -> None:
    shown = list[str]()
    with pytest.raises(LoginRefused, match="auth google"):
        Consent(google_config, ACCOUNT, clock=clock).by_hand(shown.append, lambda: Browser(**answer).back(shown[0]))
    assert not token_path(google_config, ACCOUNT).exists()


def test_an_access_token_is_used_until_shortly_before_its_end(google: Google, tokens: AccessTokens, clock: Clock) -> None:
    first = tokens.token()
    clock.now += timedelta(minutes=50)
    assert tokens.token() == first
    clock.now += timedelta(minutes=6)
    second = tokens.token()
    assert second != first
    assert len(google.requests) == 2


def test_a_token_that_a_server_refused_is_made_anew_at_once(tokens: AccessTokens) -> None:
    assert tokens.token() != tokens.token(fresh=True)


def test_a_revoked_authorisation_tells_the_operator_what_to_do(google: Google, tokens: AccessTokens) -> None:
    google.refresh_tokens.clear()
    with pytest.raises(TokenRevoked, match=rf"auth google --account {ACCOUNT}.*Testing"):
        tokens.token()


def test_an_authorisation_given_again_is_used_without_a_restart(google: Google, google_config: GoogleConfig, tokens: AccessTokens) -> None:
    google.refresh_tokens.clear()
    with pytest.raises(TokenRevoked):
        tokens.token()
    authorise(google, google_config, ACCOUNT)
    assert tokens.token() in google.good


def test_without_an_authorisation_the_operator_is_told_how_to_give_one(google_config: GoogleConfig, clock: Clock) -> None:
    with pytest.raises(TokenRevoked, match="auth google"):
        AccessTokens(google_config, ACCOUNT, clock=clock).token()


def test_a_wrong_client_is_not_taken_for_a_revoked_authorisation(google_config: GoogleConfig, tokens: AccessTokens) -> None:
    path = Path(google_config.client_file)
    path.write_text(path.read_text().replace(CLIENT_SECRET, "sai"))
    with pytest.raises(LoginRefused, match="client_file") as caught:
        tokens.token()
    assert not isinstance(caught.value, TokenRevoked)


def test_a_token_server_with_a_fault_of_its_own_or_none_at_all_is_tried_again_later(
    google: Google, google_config: GoogleConfig, tokens: AccessTokens, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("time.sleep", lambda seconds: None)  # google-auth waits between its own attempts
    google.fault = (503, {"error": "internal_failure"})
    with pytest.raises(TokenUnavailable) as caught:
        tokens.token()
    assert isinstance(caught.value, MailboxUnreachable) and isinstance(caught.value, SubmissionDeferred)
    path = Path(google_config.client_file)
    path.write_text(path.read_text().replace(f":{google.port}/", ":1/"))
    with pytest.raises(TokenUnavailable):
        tokens.token()


def test_a_token_file_that_others_may_read_is_refused(google_config: GoogleConfig, tokens: AccessTokens) -> None:
    token_path(google_config, ACCOUNT).chmod(0o640)
    with pytest.raises(ConfigurationError, match="chmod 600"):
        tokens.token()


@pytest.mark.parametrize("text", ["", "{}", "[]", '{"account": "a", "refresh_token": "b", "obtained_at": "hom nay"}'])
def test_a_damaged_token_file_is_told(google_config: GoogleConfig, tokens: AccessTokens, text: str) -> None:
    token_path(google_config, ACCOUNT).write_text(text)
    with pytest.raises(ConfigurationError, match="auth google"):
        tokens.token()


def test_the_secrets_of_client_and_account_never_show(google: Google, google_config: GoogleConfig, tokens: AccessTokens) -> None:
    given = load_authorisation(google_config, ACCOUNT)
    google.refresh_tokens.clear()
    with pytest.raises(TokenRevoked) as caught:
        tokens.token()
    shown = str(caught.value) + repr(given) + repr(tokens)
    assert given.refresh_token not in shown and CLIENT_SECRET not in shown


@pytest.mark.parametrize("text", ["", "{}", '{"web": {}}', '{"installed": {"client_id": "x"}}'])
def test_a_client_file_of_another_kind_is_told(google_config: GoogleConfig, clock: Clock, tmp_path: Path, text: str) -> None:
    (tmp_path / "other.json").write_text(text)
    with pytest.raises(ConfigurationError, match="Desktop app"):
        Consent(replace(google_config, client_file=str(tmp_path / "other.json")), ACCOUNT, clock=clock)
