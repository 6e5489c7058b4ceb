"""`review`: what waits for a person, and every act on it; with --dry-run only the letter the sender would get."""

from __future__ import annotations

import getpass
from argparse import ArgumentParser, Namespace, _SubParsersAction
from typing import Any

from mailbox_ingest.app import App, Ledgered
from mailbox_ingest.app.reviewing import Desk
from mailbox_ingest.cli.common import opened, week
from mailbox_ingest.cli.look import print_message
from mailbox_ingest.cli.output import Output, shown
from mailbox_ingest.errors import ConfigurationError
from mailbox_ingest.periods import Period


def add_commands(commands: _SubParsersAction[ArgumentParser], common: ArgumentParser) -> None:
    actions = commands.add_parser("review", help="what waits for a person").add_subparsers(metavar="ACTION", required=True)
    parser = actions.add_parser("list", parents=[common], help="the held messages, oldest deadline first")
    parser.set_defaults(run=list_held)
    parser = actions.add_parser("show", parents=[common], help="one message with what speaks for and against it")
    parser.add_argument("message", help="ledger number or Message-ID")
    parser.set_defaults(run=show)

    deciding = ArgumentParser(add_help=False)
    deciding.add_argument("message", help="ledger number or Message-ID")
    deciding.add_argument("--who", default=None, metavar="NAME", help="who decides (default: the user of this machine)")
    deciding.add_argument("--expect", default=None, metavar="VERSION", help="refuse where the message is not as 'review show' gave it")
    deciding.add_argument("--dry-run", action="store_true", help="show the letter to the sender; decide nothing")

    def act(name: str, words: str, *, one_report: bool = True) -> ArgumentParser:
        parser = actions.add_parser(name, parents=[common, deciding], help=words)
        if one_report:
            parser.add_argument("--report", type=int, metavar="ID", help="only this report of the message")
        parser.set_defaults(run=decide, act=name.replace("-", "_"))
        return parser

    _taking(act("accept", "take what was read"))
    parser = act("correct", "take it with other values, unit or week")
    _taking(parser)
    parser.add_argument("--form", metavar="NAME")
    _place(parser)
    _values(parser)
    parser = act("reassign", "take it as another unit's or another week's, the figures as they were read")
    _taking(parser)
    _place(parser)
    parser = act("reject", "send it back")
    parser.add_argument("--reason", required=True, metavar="TEXT", help="for the sender, in Vietnamese")
    parser = act("ignore", "it is no report; nobody is answered", one_report=False)
    parser.add_argument("--reason", default="", metavar="TEXT", help="for the audit")
    parser = act("ask-again", "ask the sender; the message stays held", one_report=False)
    parser.add_argument("--question", required=True, metavar="TEXT", help="for the sender, in Vietnamese")
    parser = act("merge", "make it a part of another message, held or accepted: one report with the evidence of both")
    parser.add_argument("into", help="the other message: ledger number or Message-ID")
    parser.add_argument("--into-report", type=int, metavar="ID", help="which report of the other message")
    _taking(parser)
    _place(parser)
    _values(parser)


def _taking(parser: ArgumentParser) -> None:
    parser.add_argument("--reason", default="", metavar="TEXT", help="for the sender, in Vietnamese")
    parser.add_argument("--replace-newer", action="store_true", help="even where a report that arrived later stands")


def _place(parser: ArgumentParser) -> None:
    parser.add_argument("--unit", metavar="CODE")
    parser.add_argument("--period", metavar="YYYY-Wnn")


def _values(parser: ArgumentParser) -> None:
    parser.add_argument(
        "--set", action="append", default=[], metavar="FIELD=NUMBER", dest="values", help="one field's value; may be repeated"
    )


def list_held(arguments: Namespace, out: Output) -> int:
    with opened(arguments) as app:
        queue = _desk(app, arguments).queue()
    rows = []
    for item in queue:
        about = (*item.units, *(str(period) for period in item.periods))
        waits = ("waits for the sender",) if item.waits_for_sender else tuple(f"answered by message {number}" for number in item.answers)
        rows.append((item.id, item.deadline, item.arrived_at, item.sender_email, item.subject, about, (*item.reasons, *waits)))
    out.table(("Number", "Deadline", "Arrived", "From", "Subject", "Reports", "Reason"), rows)
    if not queue:
        out.line("Nothing waits.")
    return 0


def show(arguments: Namespace, out: Output) -> int:
    with opened(arguments) as app:
        found = _desk(app, arguments).show(arguments.message)
    if out.as_json:
        out.record(found)
        return 0
    print_message(Ledgered(file="", details=found.details, reply=None), out)
    for item in found.held:
        for name, report in (("stands now", item.current), ("week before", item.previous)):
            if report is not None:
                out.line(f"  report {item.details.id}, {name}: {report.period} {dict(report.values)} from message {report.message_id}")
        for obstacle in item.obstacles:
            out.line(f"  report {item.details.id} cannot be accepted as it is: {obstacle}")
    for act in found.acts:
        out.line(f"  {shown(act.at)} {act.who}: {act.action}{' – ' + act.note if act.note else ''}")
    out.line(f"  version {found.version}")
    return 0


def decide(arguments: Namespace, out: Output) -> int:
    """The act that the subcommand names, or its letter."""
    options = _options(arguments)
    with opened(arguments) as app:
        desk = _desk(app, arguments)
        if arguments.dry_run:
            letter = desk.preview_letter(arguments.act, arguments.message, **options)
        else:
            decided = desk.act(arguments.act, arguments.message, **options)
    if arguments.dry_run:
        if letter is None:
            out.record({"letter": None}, human="The sender gets no letter.")
            return 0
        to = [box.email for box in letter.to]
        plain = {"to": to, "subject": letter.content.subject, "text": letter.content.text, "html": letter.content.html}
        out.record({"letter": plain}, human=f"To: {', '.join(to)}\nSubject: {letter.content.subject}\n\n{letter.content.text}")
        return 0
    answer = "a letter to the sender is queued" if decided.reply_id is not None else "the sender gets no letter"
    merged = f", merged into message {decided.merged_into}" if decided.merged_into is not None else ""
    out.record(decided, human=f"Message {decided.message_id} is now {decided.outcome}{merged}; {answer}.")
    return 0


_SAME = ("report", "form", "unit", "replace_newer", "reason", "question", "into", "into_report")


def _options(arguments: Namespace) -> dict[str, Any]:
    """What was given, in the words of the act."""
    given = {name: getattr(arguments, name) for name in _SAME if hasattr(arguments, name)}
    given["expected_version"] = arguments.expect
    if hasattr(arguments, "period"):
        given["period"] = _period(arguments.period)
    if hasattr(arguments, "values"):
        given["values"] = dict(_value(text) for text in arguments.values)
    return given


def _desk(app: App, arguments: Namespace) -> Desk:
    return app.desk(getattr(arguments, "who", None) or getpass.getuser())


def _period(text: str | None) -> Period | None:
    return None if text is None else week(text)


def _value(text: str) -> tuple[str, int]:
    name, _, number = text.partition("=")
    if not name or not number.strip().isdecimal():
        raise ConfigurationError(f"--set {text}: expected a field and a whole number such as installed=3102")
    return name.strip(), int(number)
