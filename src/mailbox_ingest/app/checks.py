"""What `doctor` looks at: database, mailboxes, outgoing mail, reading tools, clock; each finding says what to do."""

from __future__ import annotations

import shutil
import stat
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path

from sqlalchemy import Engine

from mailbox_ingest.alarms.look import LATEST
from mailbox_ingest.app.accounts import Accounts
from mailbox_ingest.config import Config, ConsoleConfig, ImapConfig
from mailbox_ingest.errors import DocumentError, LoginRefused, MailboxIngestError, MailboxOverQuota, TokenRevoked
from mailbox_ingest.imap import ImapSource
from mailbox_ingest.model import AuthResult
from mailbox_ingest.oauth import load_authorisation
from mailbox_ingest.resources import resource_dir
from mailbox_ingest.smtp import SmtpSubmitter
from mailbox_ingest.store.database.engine import open_engine, session_factory
from mailbox_ingest.store.database.migrate import check_current
from mailbox_ingest.store.ledger.lookup import list_messages
from mailbox_ingest.store.operations.health import latest_authentication
from mailbox_ingest.store.operations.polls import last_successful_poll
from mailbox_ingest.store.registry.units import load_units

GOOD, WARNING, BAD = "ok", "warning", "failed"
_SILENCE = timedelta(hours=24)
_CLOCK_DRIFT = timedelta(minutes=15)
_TESTING_ENDS = timedelta(days=7)  # what Google gives while the consent screen is in 'Testing'


@dataclass(frozen=True, slots=True, kw_only=True)
class Check:
    """One look. `state`: 'ok', 'warning' (works, but) or 'failed'; `advice` is empty where all is well."""

    name: str
    state: str
    found: str
    advice: str = ""


def check_all(config: Config, *, now: datetime, secret_files: tuple[Path, ...] = ()) -> Iterator[Check]:
    """Every check in turn; none of them raises for what it looks at."""
    yield Check(name="configuration", state=GOOD, found=f"{len(config.forms)} forms, {len(config.mailboxes)} mailboxes")
    yield from (_secret_file(path) for path in secret_files)
    yield from _database(config, now)
    accounts = Accounts(config=config, clock=lambda: now)
    for account in accounts.names:
        yield _authorisation(accounts, account, now)
    for mailbox in config.mailboxes:
        name = f"mailbox {mailbox.name}"
        try:
            folders = ImapSource(mailbox, tokens=accounts.tokens(mailbox)).check()
        except MailboxIngestError as error:
            yield Check(name=name, state=BAD, found=str(error), advice=_mailbox_advice(error))
        else:
            missing = len(folders) < len(mailbox.folders)
            advice = f"not every folder of {list(mailbox.folders)} is there: correct mailboxes.folders" if missing else ""
            yield Check(name=name, state=WARNING if missing else GOOD, found=f"folders {', '.join(folders)}", advice=advice)
    if config.smtp is None:
        yield Check(name="outgoing mail", state=WARNING, found="no [smtp] table", advice="replies stay in the outbox until there is one")
    else:
        try:
            SmtpSubmitter(config.smtp, tokens=accounts.tokens(config.smtp)).check()
        except MailboxIngestError as error:
            yield Check(name="outgoing mail", state=BAD, found=str(error), advice="check host, port, security, user and password")
        else:
            yield Check(name="outgoing mail", state=GOOD, found=f"{config.smtp.host}:{config.smtp.port}")
    if config.console is not None:
        yield _desk(config.console)
    yield from _tools()


def _desk(console: ConsoleConfig) -> Check:
    """Behind a proxy that is not trusted everybody comes from the proxy's own address."""
    found = f"{console.host}:{console.port} for {', '.join(console.hosts)}"
    if console.https and not console.trusted_proxies:
        advice = 'console.trusted_proxies = ["127.0.0.1"]: without it wrong passwords of one person stop the logins of all'
        return Check(name="web desk", state=WARNING, found=f"{found}, behind a proxy that is not trusted", advice=advice)
    return Check(name="web desk", state=GOOD, found=found)


def _authorisation(accounts: Accounts, account: str, now: datetime) -> Check:
    """Whether the stored authorisation still gives access tokens, and until when."""
    name = f"authorisation of {account}"
    try:
        given = load_authorisation(accounts.google, account)
        accounts.tokens_of(account).token()
    except MailboxIngestError as error:
        return Check(name=name, state=BAD, found=str(error), advice=f"mailbox-ingest auth google --account {account}")
    found = f"given {given.obtained_at.date()}"
    if given.ends_at is not None:
        advice = "Google ends it by itself: set the OAuth consent screen to 'In production', then run `mailbox-ingest auth google` again"
        return Check(name=name, state=WARNING, found=f"{found}, ends {given.ends_at.isoformat(timespec='minutes')}", advice=advice)
    if now - given.obtained_at < _TESTING_ENDS:
        advice = (
            f"while the consent screen is in 'Testing' it ends {(given.obtained_at + _TESTING_ENDS).date()}: see that it is 'In production'"
        )
        return Check(name=name, state=GOOD, found=found, advice=advice)
    return Check(name=name, state=GOOD, found=found)


def _mailbox_advice(error: MailboxIngestError) -> str:
    if isinstance(error, TokenRevoked):
        return "mailbox-ingest auth google"
    if isinstance(error, LoginRefused):
        return "check user and password; Gmail needs an app password or OAuth2, and IMAP switched on"
    if isinstance(error, MailboxOverQuota):
        return "wait: Gmail lets the account in again within 24 hours; other programs on this account download, too"
    return "check host, port, security and network"


def _secret_file(path: Path) -> Check:
    name = f"secret {path.name}"
    if path.stat().st_mode & (stat.S_IRWXG | stat.S_IRWXO):
        return Check(name=name, state=WARNING, found="others on this machine may read it", advice=f"chmod 600 {path}")
    return Check(name=name, state=GOOD, found="only its owner may read it")


def _database(config: Config, now: datetime) -> Iterator[Check]:
    try:
        engine = open_engine(config.store_url)
        try:
            check_current(engine)
            yield Check(name="database", state=GOOD, found=f"{engine.dialect.name}, schema of this version")
            yield from _contents(engine, config, now)
        finally:
            engine.dispose()
    except MailboxIngestError as error:
        yield Check(name="database", state=BAD, found=str(error), advice="mailbox-ingest db upgrade creates or upgrades the tables")


def _contents(engine: Engine, config: Config, now: datetime) -> Iterator[Check]:
    with session_factory(engine, read_only=True).begin() as session:
        units = load_units(session)
        senders = [(mailbox, latest_authentication(session, mailbox.name, limit=LATEST)) for mailbox in config.mailboxes]
        polls = {mailbox.name: last_successful_poll(session, mailbox.name) for mailbox in config.mailboxes}
        newest = list_messages(session, limit=1)
    if units:
        yield Check(name="units", state=GOOD, found=f"{len(units)} in the registry")
    else:
        yield Check(name="units", state=BAD, found="the registry is empty", advice="mailbox-ingest units import units.csv")
    for name, poll in polls.items():
        if poll is None:
            yield Check(name=f"last poll of {name}", state=WARNING, found="never", advice="mailbox-ingest run (or poll)")
        elif now - poll.finished_at > _SILENCE:
            found = f"{poll.finished_at.isoformat(timespec='minutes')}"
            yield Check(name=f"last poll of {name}", state=BAD, found=found, advice="more than a day ago: is the worker running?")
        else:
            yield Check(name=f"last poll of {name}", state=GOOD, found=poll.finished_at.isoformat(timespec="minutes"))
    yield from (_senders(mailbox, found, config) for mailbox, found in senders if len(found) == LATEST)
    ahead = newest[0].recorded_at - now if newest else timedelta()
    if ahead > _CLOCK_DRIFT:
        yield Check(name="clock", state=BAD, found=f"{ahead} behind the newest message", advice="set the machine's clock (timedatectl)")
    else:
        yield Check(name="clock", state=GOOD, found=now.isoformat(timespec="seconds"))


def _senders(mailbox: ImapConfig, latest: Sequence[tuple[str, str]], config: Config) -> Check:
    """Whether the provider proves who writes, and is understood."""
    name, told = f"senders of {mailbox.name}", latest[0][1]
    results = {result for result, _ in latest}
    if results == {AuthResult.NONE.value}:
        advice = "this provider does not check who wrote a mail: anybody can write in a unit's name; docs/operating.md, 'Who wrote a mail'"
        return Check(name=name, state=WARNING, found=f"no results in the latest {len(latest)} mails", advice=advice)
    if results == {AuthResult.UNPROVEN.value} and config.admission.unproven_senders == "hold":
        advice = (
            "set authserv_id of the mailbox to the name that its provider writes first in Authentication-Results; where it writes none, "
            "unproven_senders = \"accept\" in [admission]; docs/operating.md, 'Who wrote a mail'"
        )
        return Check(name=name, state=WARNING, found=f"none of the latest {len(latest)} mails is proven ({told})", advice=advice)
    proven = sum(result == AuthResult.PASS.value for result, _ in latest)
    return Check(name=name, state=GOOD, found=f"{proven} of the latest {len(latest)} mails are proven")


def _tools() -> Iterator[Check]:
    """Missing tools are warnings: the mails that need them go to a human."""
    from mailbox_ingest.documents.ocr.engine import find_tessdata  # noqa: PLC0415 - numpy and OCR, for this command only

    try:
        found = find_tessdata()
    except DocumentError as error:
        advice = "apt-get install tesseract-ocr tesseract-ocr-vie; until then scans go to a human"
        yield Check(name="OCR", state=WARNING, found=str(error), advice=advice)
    else:
        yield Check(name="OCR", state=GOOD, found=str(found))
    for program, what in (("soffice", "old Office formats"), ("unar", "RAR archives")):
        place = shutil.which(program)
        if place is None:
            yield Check(name=program, state=WARNING, found="not installed", advice=f"install it; until then {what} may go to a human")
        else:
            yield Check(name=program, state=GOOD, found=place)
    try:
        yield Check(name="letters", state=GOOD, found=str(resource_dir("templates")))
    except FileNotFoundError as error:
        yield Check(name="letters", state=BAD, found=str(error), advice="install the wheel again")
