"""`status` and `explain`: what the house did, and where a number comes from."""

from __future__ import annotations

from argparse import ArgumentParser, Namespace, _SubParsersAction
from pathlib import Path

from mailbox_ingest.app import ExhibitFile, Ledgered, write_exhibits
from mailbox_ingest.cli.common import opened
from mailbox_ingest.cli.messages_json import message_object
from mailbox_ingest.cli.output import Output, shown
from mailbox_ingest.digest import UpwardReport
from mailbox_ingest.errors import ConfigurationError
from mailbox_ingest.model import Evidence, Finding
from mailbox_ingest.store.ledger.records import ReportDetails
from mailbox_ingest.store.outgoing.records import ClosedGate


def add_commands(commands: _SubParsersAction[ArgumentParser], common: ArgumentParser) -> None:
    parser = commands.add_parser("status", parents=[common], help="open work, outcomes, outbox, last polls and digests")
    parser.add_argument("--messages", type=int, default=10, metavar="N", help="show the latest N messages (default: 10)")
    parser.set_defaults(run=status)
    parser = commands.add_parser("explain", parents=[common], help="one message: every value with where it was read")
    parser.add_argument("message", help="ledger number or Message-ID")
    parser.add_argument("--out", metavar="DIR", help="write the cut-outs of scanned values and the context of typed ones into this folder")
    parser.set_defaults(run=explain)


def status(arguments: Namespace, out: Output) -> int:
    with opened(arguments) as app:
        found = app.status(messages=arguments.messages)
    if out.as_json:
        out.record(found)
        return 0
    for alarm in found.alarms:
        out.line(f"ALARM {alarm.kind} ({alarm.key}) since {shown(alarm.opened_at)}: {alarm.detail}")
    out.line(f"Received and not yet read: {found.counts.received + found.counts.reading}")
    out.line("Outcomes: " + (", ".join(f"{count} {outcome}" for outcome, count in sorted(found.counts.outcomes.items())) or "none"))
    out.line("Outbox: " + (", ".join(f"{count} {state}" for state, count in sorted(found.outbox.items())) or "empty"))
    for gate in found.closed:
        out.line(closed_in_words(gate))
    for account, poll in sorted(found.polls.items()):
        result = "never polled" if poll is None else f"{shown(poll.finished_at)} {'failed: ' + poll.failure if poll.failure else 'ok'}"
        good = found.successful_polls.get(account)
        last = "" if poll is None or not poll.failure else f"; last successful poll: {shown(good.finished_at) if good else 'never'}"
        out.line(f"Mailbox {account}: {result}{last}; {found.downloaded_bytes_24h[account] / 1e6:.0f} MB downloaded in 24 hours")
    for name, due in sorted(found.digests.items()):
        out.line(f"Digest {name}: {'never sent' if due is None else 'last for ' + str(due)}")
    for report in found.upward:
        out.line(upward_in_words(report))
    if found.proposals:
        out.line(f"Addresses that wait to be registered: {found.proposals} (units proposals)")
    if found.unreached:
        out.line()
        addresses = ((item.whose, item.address, item.state, item.since, item.status, item.diagnostic) for item in found.unreached)
        out.table(("Whose", "Address", "State", "Since", "Status", "Said"), addresses, title="Not reached by our mail")
    rows = (
        (item.id, item.arrived_at or item.recorded_at, item.sender_email, item.subject, item.outcome or item.state, item.reason)
        for item in found.messages
    )
    if found.messages:
        out.line()
        out.table(("Number", "Arrived", "From", "Subject", "Outcome", "Reason"), rows)
    return 0


def explain(arguments: Namespace, out: Output) -> int:
    files: tuple[ExhibitFile, ...] = ()
    with opened(arguments) as app:
        item = app.explain(arguments.message)
        if item is None:
            raise ConfigurationError(f"explain {arguments.message!r}: expected the number or the Message-ID of a message in the ledger")
        if arguments.out is not None:
            try:
                files = write_exhibits(item, Path(arguments.out), config=app.config, snapshots=app.snapshots)
            except OSError as problem:
                raise ConfigurationError(f"--out {arguments.out!r}: expected a folder that can be written ({problem})") from problem
    if out.as_json:
        extra = {} if arguments.out is None else {"files": files}
        out.record({**message_object(item), "details": item.details, **extra})
        return 0
    print_message(item, out)
    for file in files:
        out.line(f"  wrote {file.path}: {file.kind} of {file.field}")
    if arguments.out is not None and not files:
        out.line("  nothing to show: no value was read in this message")
    return 0


def upward_in_words(report: UpwardReport) -> str:
    """'Report tong-lien-doan, due 30/08/2020 17:00: held (mail 12), waits for a release'."""
    start = f"Report {report.name}, due {shown(report.due)}: "
    if report.mail is None:
        return f"{start}to be drafted {shown(report.draft_at)}"
    waits = ", waits for 'upward release'" if report.mail.state == "held" else ""
    changed = "; the figures have changed since: 'upward draft --again'" if report.changed else ""
    return f"{start}{report.mail.state} (mail {report.mail.id}){waits}{changed}"


def closed_in_words(gate: ClosedGate) -> str:
    """What stops the outbox, and what opens it again."""
    what = "Sending is paused" if gate.gate == "sending" else "Replies are stopped"
    end = f" until {shown(gate.until)}" if gate.until else "; look at 'outbox list', then run 'outbox resume'"
    return f"{what} since {shown(gate.closed_at)}{end}: {gate.reason}"


def print_message(item: Ledgered, out: Output) -> None:
    """Everything the store knows of one message, for people."""
    message = item.details.message
    out.line(f"Message {message.id}: {message.subject or '(no subject)'}")
    out.line(
        f"  from {message.sender_name or ''} <{message.sender_email or '?'}>, arrived {shown(message.arrived_at or message.recorded_at)}"
    )
    if message.automatic is not None:
        out.line(f"  written by a machine: {message.automatic}")
    if message.authentication not in (None, "pass"):
        out.line(f"  authentication {message.authentication}: {message.authentication_detail}")
    out.line(f"  outcome {message.outcome or message.state}{' – ' + message.reason if message.reason else ''}")
    for finding in item.details.findings:
        out.line(f"  {_finding(finding)}")
    for report in item.details.reports:
        _print_report(report, out)
    for attachment in item.details.attachments:
        out.line(f"  file {attachment.path} ({attachment.content_type}, {attachment.size_bytes} bytes): {attachment.outcome}")
    for failure in item.details.failures:
        out.line(f"  not read: {failure.path}: {failure.code} {failure.detail}")
    if item.reply is not None:
        out.line(f"  reply to {', '.join(item.reply.recipients)}: {item.reply.subject} [{item.reply.state}]")


def _print_report(report: ReportDetails, out: Output) -> None:
    timing = {True: "on time", False: "late", None: ""}[report.on_time]
    out.line(f"  report {report.id}: {report.form} {report.unit or '?'} {report.period or '?'} {report.status} {timing}".rstrip())
    for field in dict.fromkeys((*report.evidence, *report.values)):
        out.line(f"    {field} = {report.values.get(field, 'not read')}")
        for evidence in report.evidence.get(field, ()):
            out.line(f"      {_evidence(evidence)}")
    for finding in report.findings:
        out.line(f"    {_finding(finding)}")


def _evidence(evidence: Evidence) -> str:
    """'bc.png, trang 1, bảng 1, dòng 2: '4.215' beside 'Tổng số' (table, confidence 0.97, page 1 box 812,604 96x31; tesseract 5.5.4)'."""
    where = ", ".join(part for part in (evidence.document, evidence.place) if part)
    label = f" beside {evidence.label!r}" if evidence.label else ""
    facts = [evidence.method, f"confidence {evidence.confidence:.2f}"]
    if evidence.box is not None:
        box = evidence.box
        facts.append(f"page {box.page} box {box.left},{box.top} {box.width}x{box.height}")
    return f"{where}: {evidence.raw!r}{label} ({', '.join(facts)}{'; ' + evidence.reader if evidence.reader else ''})"


def _finding(finding: Finding) -> str:
    where = f" [{finding.field}]" if finding.field else ""
    return f"{finding.severity} {finding.code}{where}: {finding.message}"
