"""`review`: list, show, accept, correct, reject what waits for a person."""

from __future__ import annotations

import getpass
from argparse import ArgumentParser, Namespace, _SubParsersAction

from mailbox_ingest.app import App, Ledgered
from mailbox_ingest.app.reviewing import Desk
from mailbox_ingest.cli.common import opened
from mailbox_ingest.cli.look import print_message
from mailbox_ingest.cli.output import Output, shown
from mailbox_ingest.errors import ConfigurationError
from mailbox_ingest.periods import Period
from mailbox_ingest.review import Decided


def add_commands(commands: _SubParsersAction[ArgumentParser], common: ArgumentParser) -> None:
    actions = commands.add_parser("review", help="what waits for a person").add_subparsers(metavar="ACTION", required=True)
    parser = actions.add_parser("list", parents=[common], help="the held messages")
    parser.set_defaults(run=list_held)
    parser = actions.add_parser("show", parents=[common], help="one message with what speaks for and against it")
    parser.add_argument("message", help="ledger number or Message-ID")
    parser.set_defaults(run=show)

    deciding = ArgumentParser(add_help=False)
    deciding.add_argument("message", help="ledger number or Message-ID")
    deciding.add_argument("--report", type=int, metavar="ID", help="only this report of the message")
    deciding.add_argument("--who", default=None, metavar="NAME", help="who decides (default: the user of this machine)")
    parser = actions.add_parser("accept", parents=[common, deciding], help="take what was read")
    _taking(parser)
    parser.set_defaults(run=accept)
    parser = actions.add_parser("correct", parents=[common, deciding], help="take it with other values, unit or week")
    _taking(parser)
    parser.add_argument("--form", metavar="NAME")
    parser.add_argument("--unit", metavar="CODE")
    parser.add_argument("--period", metavar="YYYY-Wnn")
    parser.add_argument(
        "--set", action="append", default=[], metavar="FIELD=NUMBER", dest="values", help="one field's value; may be repeated"
    )
    parser.set_defaults(run=correct)
    parser = actions.add_parser("reject", parents=[common, deciding], help="send it back")
    parser.add_argument("--reason", required=True, metavar="TEXT", help="for the sender, in Vietnamese")
    parser.set_defaults(run=reject)


def _taking(parser: ArgumentParser) -> None:
    parser.add_argument("--reason", default="", metavar="TEXT", help="for the sender, in Vietnamese")
    parser.add_argument("--replace-newer", action="store_true", help="even where a report that arrived later stands")


def list_held(arguments: Namespace, out: Output) -> int:
    with opened(arguments) as app:
        held = _desk(app, arguments).held()
    rows = []
    for item in held:
        message = item.message
        units = tuple(f"{report.unit or '?'} {report.period or '?'}" for report in item.reports)
        rows.append((message.id, message.arrived_at or message.recorded_at, message.sender_email, message.subject, units, message.reason))
    out.table(("Number", "Arrived", "From", "Subject", "Reports", "Reason"), rows)
    if not held:
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
    return 0


def accept(arguments: Namespace, out: Output) -> int:
    with opened(arguments) as app:
        decided = _desk(app, arguments).accept(
            arguments.message, report=arguments.report, replace_newer=arguments.replace_newer, reason=arguments.reason
        )
    return _tell(decided, out)


def correct(arguments: Namespace, out: Output) -> int:
    with opened(arguments) as app:
        decided = _desk(app, arguments).correct(
            arguments.message,
            report=arguments.report,
            form=arguments.form,
            unit=arguments.unit,
            period=_period(arguments.period),
            values=dict(_value(text) for text in arguments.values),
            replace_newer=arguments.replace_newer,
            reason=arguments.reason,
        )
    return _tell(decided, out)


def reject(arguments: Namespace, out: Output) -> int:
    with opened(arguments) as app:
        decided = _desk(app, arguments).reject(arguments.message, reason=arguments.reason, report=arguments.report)
    return _tell(decided, out)


def _desk(app: App, arguments: Namespace) -> Desk:
    return app.desk(getattr(arguments, "who", None) or getpass.getuser())


def _tell(decided: Decided, out: Output) -> int:
    answer = "a letter to the sender is queued" if decided.reply_id is not None else "the sender gets no letter"
    out.record(decided, human=f"Message {decided.message_id} is now {decided.outcome}; {answer}.")
    return 0


def _period(text: str | None) -> Period | None:
    try:
        return None if text is None else Period.parse(text)
    except ValueError as error:
        raise ConfigurationError(f"--period {text}: expected a week such as 2020-W34") from error


def _value(text: str) -> tuple[str, int]:
    name, _, number = text.partition("=")
    if not name or not number.strip().isdecimal():
        raise ConfigurationError(f"--set {text}: expected a field and a whole number such as installed=3102")
    return name.strip(), int(number)
