"""`remind`: queue the reminders that are due, after a look into the mailboxes; or show them."""

from __future__ import annotations

from argparse import ArgumentParser, Namespace, _SubParsersAction
from collections.abc import Iterator, Sequence

from mailbox_ingest.app import App
from mailbox_ingest.cli.common import configuration, opened, week
from mailbox_ingest.cli.output import Output
from mailbox_ingest.errors import ConfigurationError, MailboxUnreachable
from mailbox_ingest.reminders import Reminded


def add_commands(commands: _SubParsersAction[ArgumentParser], common: ArgumentParser) -> None:
    parser = commands.add_parser("remind", parents=[common], help="remind the units that owe a report, each once")
    parser.add_argument("--dry-run", action="store_true", help="show who would be reminded now; polls nothing and queues nothing")
    parser.add_argument("--period", metavar="YYYY-Wnn", help="with --dry-run: every reminder of that week, as debts stand now")
    parser.set_defaults(run=remind)


def remind(arguments: Namespace, out: Output) -> int:
    if not configuration(arguments).reminders:
        raise ConfigurationError("remind: expected a [[reminders]] table in the configuration")
    if arguments.period is not None and not arguments.dry_run:
        raise ConfigurationError("remind --period: expected --dry-run with it; reminders are sent at their time only")
    with opened(arguments) as app:
        if arguments.dry_run:
            rounds = app.preview_reminders(period=None if arguments.period is None else week(arguments.period))
        else:
            _look_first(app)
            rounds = app.remind()
    out.table(("Form", "Period", "Hours", "To", "Subject"), _rows(rounds))
    for item in (item for round_ in rounds for item in round_.unreachable):
        out.line(f"cannot be reached: {item.unit} ({item.reason})")
    count = sum(len(round_.mails) for round_ in rounds)
    out.line(f"{count} reminders {'would be queued' if arguments.dry_run else 'queued'}.")
    return 0


def _look_first(app: App) -> None:
    """Nobody is reminded whose report lies unread. Raises MailboxUnreachable."""
    failures = [f"{poll.account}: {poll.failure}" for poll in app.poll() if poll.failure is not None]
    if failures:
        raise MailboxUnreachable(f"nobody was reminded, because it is not known who has written: {'; '.join(failures)}")
    for _ in app.read():
        pass


def _rows(rounds: Sequence[Reminded]) -> Iterator[tuple[object, ...]]:
    for round_ in rounds:
        moment = round_.moment
        for mail in round_.mails:
            yield moment.form, moment.period, moment.offset_hours, [to.email for to in mail.to], mail.content.subject
