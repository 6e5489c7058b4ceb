"""`replay`: what today's code would make of the mails that are stored; with --apply, made so."""

from __future__ import annotations

import getpass
from argparse import ArgumentParser, Namespace, _SubParsersAction
from datetime import date, datetime, time

from mailbox_ingest.cli.common import opened
from mailbox_ingest.cli.output import Output, shown
from mailbox_ingest.periods import LOCAL_ZONE
from mailbox_ingest.replay import MessageChange, Side


def add_commands(commands: _SubParsersAction[ArgumentParser], common: ArgumentParser) -> None:
    parser = commands.add_parser("replay", parents=[common], help="read every stored mail again with this version: what would change?")
    parser.add_argument("--since", type=date.fromisoformat, metavar="YYYY-MM-DD", help="only mails that were read on or after this day")
    parser.add_argument(
        "--apply", action="store_true", help="write the changes; what people decided is never overruled, nobody is written to"
    )
    parser.add_argument("--who", metavar="NAME", help="who applies it (default: the user of this machine)")
    parser.set_defaults(run=replay)


def replay(arguments: Namespace, out: Output) -> int:
    since = None if arguments.since is None else datetime.combine(arguments.since, time(), tzinfo=LOCAL_ZONE)
    with opened(arguments) as app:
        work = app.replay(arguments.who or getpass.getuser())
        with out.progress("reading again", None) as step:
            found = work.plan(since=since, progress=lambda _done, _all: step())
        for change in found.changes:
            out.record({"message": change})
            _print(change, out)
        for number, reason in found.failed:
            out.record({"failed": {"message_id": number, "reason": reason}}, human=f"Message {number} could not be read again: {reason}")
        applied = work.apply(found) if arguments.apply else None
    kept = sum(1 for change in found.changes if change.kept)
    counts = {
        "read": found.read,
        "changed": len(found.changes) - kept,
        "kept": kept,
        "decided_by_people": found.decided,
        "failed": len(found.failed),
        "without_registry": found.without_registry,
        "applied": None if applied is None else len(applied.messages),
    }
    left = f", {found.decided} decided by people and left alone" if found.decided else ""
    told = f"{found.read} messages read again{left}: {counts['changed']} would change{f', {kept} are kept' if kept else ''}."
    if found.without_registry:
        told += f" {found.without_registry} were judged with today's registry, because that of their day was not kept yet."
    if found.failed:
        told += f" {len(found.failed)} could not be read again and stay as they were read."
    out.record({"summary": counts}, human=told)
    if applied is not None:
        out.line(f"Applied to {len(applied.messages)} messages; nobody was written to." if applied.messages else "Nothing to apply.")
    return 1 if found.failed else 0


def _print(change: MessageChange, out: Output) -> None:
    out.line(f"Message {change.message_id}, {change.sender}, {shown(change.arrived_at)}: {change.subject or '(no subject)'}")
    if change.outcome_before is not change.outcome_after:
        out.line(f"  outcome {change.outcome_before or '-'} -> {change.outcome_after}")
    for report in change.reports:
        out.line(f"  {_side(report.before)} -> {_side(report.after)}")
    for sign, codes in (("-", change.findings_gone), ("+", change.findings_new)):
        for code in codes:
            out.line(f"  {sign} {code}")
    if change.kept:
        out.line(f"  kept as it is: {change.kept}")


def _side(side: Side | None) -> str:
    if side is None:
        return "nothing"
    figures = ", ".join(f"{name}={value}" for name, value in side.values.items()) or "no figures"
    return f"{side.unit or '?'} {side.period or '?'} {side.status} ({figures})"
