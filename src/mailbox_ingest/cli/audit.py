"""`audit`: what people did, newest first."""

from __future__ import annotations

from argparse import ArgumentParser, Namespace, _SubParsersAction
from datetime import date, datetime, time, timedelta

from mailbox_ingest.cli.common import opened
from mailbox_ingest.cli.output import Output
from mailbox_ingest.periods import LOCAL_ZONE


def add_commands(commands: _SubParsersAction[ArgumentParser], common: ArgumentParser) -> None:
    parser = commands.add_parser("audit", parents=[common], help="what people did: who, when, before, after")
    parser.add_argument("--who", metavar="NAME")
    parser.add_argument("--action", metavar="NAME", help="accept, correct, reject, merge_units, replay, …")
    parser.add_argument("--unit", metavar="CODE", help="acts on this unit of the registry")
    parser.add_argument("--message", type=int, metavar="NUMBER", help="acts on this message of the ledger")
    parser.add_argument("--since", type=date.fromisoformat, metavar="YYYY-MM-DD")
    parser.add_argument("--until", type=date.fromisoformat, metavar="YYYY-MM-DD", help="the last day")
    parser.add_argument("--before", type=int, metavar="NUMBER", help="go on before the act of this number")
    parser.add_argument("--limit", type=int, default=50, metavar="N")
    parser.set_defaults(run=audit)


def audit(arguments: Namespace, out: Output) -> int:
    with opened(arguments) as app:
        acts = app.looking().acts(
            who=arguments.who,
            action=arguments.action,
            subject=None if arguments.unit is None else f"unit:{arguments.unit}",
            message_id=arguments.message,
            since=_midnight(arguments.since),
            until=None if arguments.until is None else _midnight(arguments.until + timedelta(days=1)),
            before_id=arguments.before,
            limit=arguments.limit,
        )
    if out.as_json:
        for act in acts:
            out.record(act)
        return 0
    out.table(("Number", "When", "Who", "Action", "On", "Note"), ((a.id, a.at, a.who, a.action, a.subject, a.note) for a in acts))
    if not acts:
        out.line("Nobody did anything of the kind.")
    return 0


def _midnight(day: date | None) -> datetime | None:
    return None if day is None else datetime.combine(day, time(), tzinfo=LOCAL_ZONE)
