"""`outbox`: list, show, release, drop, resume."""

from __future__ import annotations

import getpass
from argparse import ArgumentParser, Namespace, _SubParsersAction

from mailbox_ingest.app import App
from mailbox_ingest.app.outgoing import OutboxDesk
from mailbox_ingest.cli.common import opened
from mailbox_ingest.cli.look import closed_in_words
from mailbox_ingest.cli.output import Output
from mailbox_ingest.model import OutgoingKind
from mailbox_ingest.store.outgoing.records import OUTBOX_STATES


def add_commands(commands: _SubParsersAction[ArgumentParser], common: ArgumentParser) -> None:
    actions = commands.add_parser("outbox", help="the mails that go out").add_subparsers(metavar="ACTION", required=True)
    parser = actions.add_parser("list", parents=[common], help="the latest mails, with what became of them")
    parser.add_argument("--state", choices=OUTBOX_STATES, help="only these")
    parser.add_argument("--kind", choices=[kind.value for kind in OutgoingKind], help="only these")
    parser.add_argument("--limit", type=int, default=50, metavar="N", help="(default: 50)")
    parser.set_defaults(run=list_mails)

    one = ArgumentParser(add_help=False)
    one.add_argument("mail", help="number, key or Message-ID")
    act = ArgumentParser(add_help=False)
    act.add_argument("--who", metavar="NAME", help="who decides (default: the user of this machine)")
    parser = actions.add_parser("show", parents=[common, one], help="one mail with its text")
    parser.set_defaults(run=show)
    parser = actions.add_parser("release", parents=[common, one, act], help="let a mail go out that is held, failed or was given up")
    parser.add_argument("--reason", default="", metavar="TEXT")
    parser.set_defaults(run=release)
    parser = actions.add_parser("drop", parents=[common, one, act], help="a mail that has not gone out never will")
    parser.add_argument("--reason", required=True, metavar="TEXT", help="why; it is kept with the mail")
    parser.set_defaults(run=drop)
    parser = actions.add_parser("resume", parents=[common, act], help="go on after the breaker or a daily limit stopped the outbox")
    parser.add_argument("--reason", default="", metavar="TEXT")
    parser.set_defaults(run=resume)


def list_mails(arguments: Namespace, out: Output) -> int:
    with opened(arguments) as app:
        desk = _desk(app, arguments)
        found = desk.entries(state=arguments.state, kind=arguments.kind, limit=arguments.limit)
        closed = desk.gates()
    if out.as_json:
        for entry in found:
            out.record(entry)
        return 0
    for gate in closed:
        out.line(closed_in_words(gate))
    rows = ((e.id, e.kind, e.state, e.recipients, e.subject, e.sent_at or e.due_at, e.last_answer) for e in found)
    out.table(("Number", "Kind", "State", "To", "Subject", "When", "Answer"), rows)
    return 0


def show(arguments: Namespace, out: Output) -> int:
    with opened(arguments) as app:
        entry, mail = _desk(app, arguments).show(arguments.mail)
    if out.as_json:
        out.record({**{name: getattr(entry, name) for name in entry.__dataclass_fields__}, "mail": mail})
        return 0
    out.line(f"Mail {entry.id} ({entry.key}), {entry.state}{': ' + entry.last_answer if entry.last_answer else ''}")
    out.line(f"  from {mail.sender.email} to {', '.join(entry.recipients)}, {entry.message_id}")
    for file in mail.content.attachments:
        out.line(f"  file {file.name} ({file.content_type}, {len(file.data)} bytes)")
    out.line()
    out.line(f"{mail.content.subject}\n\n{mail.content.text}")
    return 0


def release(arguments: Namespace, out: Output) -> int:
    with opened(arguments) as app:
        entry = _desk(app, arguments).release(arguments.mail, reason=arguments.reason)
    out.record(entry, human=f"Mail {entry.id} is queued; 'mailbox-ingest deliver' or the worker sends it.")
    return 0


def drop(arguments: Namespace, out: Output) -> int:
    with opened(arguments) as app:
        entry = _desk(app, arguments).drop(arguments.mail, reason=arguments.reason)
    out.record(entry, human=f"Mail {entry.id} is given up.")
    return 0


def resume(arguments: Namespace, out: Output) -> int:
    with opened(arguments) as app:
        opened_gates = _desk(app, arguments).resume(reason=arguments.reason)
    out.record(
        {"opened": [gate.gate for gate in opened_gates]}, human=f"{len(opened_gates)} opened" if opened_gates else "Nothing was closed."
    )
    return 0


def _desk(app: App, arguments: Namespace) -> OutboxDesk:
    return app.outbox_desk(getattr(arguments, "who", None) or getpass.getuser())
