"""Plays the story: each mail is put into the mailbox at its time, then the worker's own steps run with the clock set there.

append ─▶ poll ─▶ read ─▶ deliver          and on Fridays at 17:30: digest ─▶ deliver
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path

from imapclient import IMAPClient, SocketTimeout  # type: ignore[import-untyped]  # ships no types

from mailbox_ingest.app import App, Ledgered, open_app
from mailbox_ingest.config import Config, DigestConfig, ImapConfig, ScheduleConfig, Secret, SmtpConfig
from mailbox_ingest.config_file import builtin_form
from mailbox_ingest.demo import servers
from mailbox_ingest.demo.ports import HOST
from mailbox_ingest.demo.registry import LEADERSHIP, MAILBOX, write_units_csv
from mailbox_ingest.demo.story import Scene, story
from mailbox_ingest.periods import LOCAL_ZONE, Period
from mailbox_ingest.worker import last_due

DIGEST = DigestConfig(name="lanh-dao", form="bluezone", recipients=(LEADERSHIP,))
DATABASE = "mailbox-ingest.db"
UNITS = "units.csv"
FIRST_WEEK = Period(2020, 34)


@dataclass(slots=True)
class Clock:
    """The time of the story, which the house asks instead of the machine."""

    now: datetime

    def __call__(self) -> datetime:
        return self.now


@dataclass(frozen=True, slots=True, kw_only=True)
class Played:
    """What came of it: every scene with its message in the ledger, and every mail the house sent, in order."""

    scenes: tuple[tuple[Scene, Ledgered], ...]
    posted: tuple[bytes, ...]


def play(folder: Path, *, weeks: int = 3, tell: Callable[[str], None] = lambda _: None) -> Played:
    """Plays the first `weeks` weeks into `folder`, which must be empty or new. `tell` hears what happens, one line a step."""
    folder.mkdir(parents=True, exist_ok=True)
    write_units_csv(folder / UNITS)
    scenes = tuple(scene for scene in story() if Period.at(scene.at) - FIRST_WEEK < weeks)
    clock = Clock(scenes[0].at - timedelta(days=1))
    with _stage(folder, clock) as (app, inbox, posted):
        app.import_units(folder / UNITS)
        for index, scene in enumerate(scenes):
            for due in _digests_between(clock.now, scene.at):
                _send_digest(app, clock, due, tell)
            clock.now = scene.at + timedelta(minutes=4)
            inbox.append("INBOX", scene.raw, msg_time=scene.at)
            _work(app)
            tell(f"{scene.at:%d/%m %H:%M}  {index + 1:2}/{len(scenes)}  {scene.shows}")
        last = clock.now
        for due in _digests_between(last, last + timedelta(days=7)):
            _send_digest(app, clock, due, tell)
        found = tuple(zip(scenes, app.messages_in_order(), strict=True))
        return Played(scenes=found, posted=tuple(posted.mails))


@contextmanager
def _stage(folder: Path, clock: Clock) -> Iterator[tuple[App, IMAPClient, servers.Posted]]:
    with servers.imap_server() as imap_port, servers.smtp_server() as (smtp_port, posted):
        config = demo_config(folder, imap_port=imap_port, smtp_port=smtp_port)
        with (
            IMAPClient(HOST, port=imap_port, ssl=False, timeout=SocketTimeout(connect=30, read=120)) as inbox,
            open_app(config, clock=clock) as app,
        ):
            inbox.login(servers.USER, servers.PASSWORD)
            yield app, inbox, posted


def demo_config(folder: Path, *, imap_port: int, smtp_port: int) -> Config:
    """The configuration of a real installation, pointed at the two servers of the demo."""
    mailbox = ImapConfig(
        name="bao-cao",
        host=HOST,
        port=imap_port,
        security="plain",
        user=servers.USER,
        password=Secret(_text=servers.PASSWORD),
        address=MAILBOX,
        folders=("INBOX",),
    )
    smtp = SmtpConfig(
        host=HOST,
        port=smtp_port,
        security="plain",
        sender=MAILBOX,
        sender_name="LĐLĐ tỉnh Quảng Trị – tiếp nhận báo cáo",
        sent_folder=None,
    )
    return Config(
        store_url=f"sqlite:///{(folder / DATABASE).absolute()}",
        forms=(builtin_form("bluezone"),),
        mailboxes=(mailbox,),
        smtp=smtp,
        digests=(DIGEST,),
        schedule=ScheduleConfig(),
    )


def _work(app: App) -> None:
    """What the worker does on every round."""
    for _ in app.poll():
        pass
    for _ in app.read():
        pass
    app.deliver()


def _digests_between(start: datetime, end: datetime) -> Iterator[datetime]:
    """The digest's moments after `start`, up to `end`, in the weeks of the story."""
    due = last_due(DIGEST, start) + timedelta(days=7)
    while due <= end:
        yield due.astimezone(LOCAL_ZONE)
        due += timedelta(days=7)


def _send_digest(app: App, clock: Clock, due: datetime, tell: Callable[[str], None]) -> None:
    clock.now = due
    app.run_digest(DIGEST, due_at=due)
    app.deliver()
    tell(f"{due:%d/%m %H:%M}         Bản tổng hợp tuần gửi lãnh đạo")
