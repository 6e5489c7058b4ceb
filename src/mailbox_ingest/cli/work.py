"""`run`, `poll`, `ingest`, `deliver`: the way of the mails, step by step or by the clock."""

from __future__ import annotations

from argparse import ArgumentParser, Namespace, _SubParsersAction
from collections import Counter
from pathlib import Path

from mailbox_ingest.app import App
from mailbox_ingest.app.alarming import new_watch
from mailbox_ingest.app.health import Examiner, monitored
from mailbox_ingest.app.house import utc_now
from mailbox_ingest.app.patience import open_patiently
from mailbox_ingest.cli.common import configuration, opened
from mailbox_ingest.cli.desk import beside
from mailbox_ingest.cli.messages_json import message_object
from mailbox_ingest.cli.output import Output
from mailbox_ingest.errors import ConfigurationError


def add_commands(commands: _SubParsersAction[ArgumentParser], common: ArgumentParser) -> None:
    parser = commands.add_parser("run", parents=[common], help="the worker: poll, read, deliver and send digests by the clock")
    parser.set_defaults(run=run, usual_log_level="INFO")
    parser = commands.add_parser("poll", parents=[common], help="one pass: fetch new mail and read it")
    parser.set_defaults(run=poll)
    parser = commands.add_parser("ingest", parents=[common], help="read mail from .eml files, folders, mbox files or Maildirs")
    parser.add_argument("paths", nargs="+", metavar="PATH")
    parser.add_argument("--units", metavar="FILE", help="import this registry first")
    parser.set_defaults(run=ingest)
    parser = commands.add_parser("deliver", parents=[common], help="send the mails that are due")
    parser.set_defaults(run=deliver)


def run(arguments: Namespace, out: Output) -> int:
    config = configuration(arguments)
    if not config.mailboxes:
        raise ConfigurationError("run: expected at least one [[mailboxes]] table in the configuration")
    from mailbox_ingest.worker import Worker  # noqa: PLC0415 - the scheduler is paid for by this command only

    watch = new_watch(config, utc_now)
    examiner = Examiner(config, watch)
    with monitored(examiner) as metrics, open_patiently(config, watch, away=examiner.say) as app, beside(app, config):
        examiner.snapshots = app.snapshots
        Worker(app, timed=metrics.job).run_until_signal()
    out.line("Stopped.")
    return 0


def poll(arguments: Namespace, out: Output) -> int:
    config = configuration(arguments)
    if not config.mailboxes:
        raise ConfigurationError("poll: expected at least one [[mailboxes]] table in the configuration")
    with opened(arguments) as app:
        fetched, failures = 0, []
        with out.progress("fetching", None) as advance:
            for poll_result in app.poll():
                fetched += poll_result.messages_new
                if poll_result.failure:
                    failures.append(f"{poll_result.account}: {poll_result.failure}")
                advance()
        outcomes = _read(app, out)
        app.tell_alarms()
    summary = {"fetched": fetched, "read": sum(outcomes.values()), "outcomes": dict(outcomes), "failures": failures}
    out.record(summary, human=f"{fetched} new, {_in_words(outcomes)}")
    for failure in failures:
        out.complain(failure)
    return 1 if failures else 0


def ingest(arguments: Namespace, out: Output) -> int:
    missing = [path for path in arguments.paths if not Path(path).exists()]
    if missing:
        raise ConfigurationError(f"ingest: {missing[0]}: expected an .eml file, a folder, an mbox file or a Maildir; there is none")
    with opened(arguments) as app:
        if arguments.units:
            app.import_units(Path(arguments.units))
        outcomes: Counter[str] = Counter()
        with out.progress("reading", None) as advance:
            for item in app.ingest([Path(path) for path in arguments.paths]):
                found = message_object(item)
                outcomes[found["outcome"] or "open"] += 1
                out.record(found, human=f"{item.file}: {found['outcome']}" + _reports_in_words(found["reports"]))
                advance()
    out.line(_in_words(outcomes))
    return 0


def deliver(arguments: Namespace, out: Output) -> int:
    config = configuration(arguments)
    if config.smtp is None:
        raise ConfigurationError("deliver: expected an [smtp] table in the configuration")
    with opened(arguments) as app:
        result = app.deliver()
        app.tell_alarms()
    counts = {name: getattr(result, name) for name in ("sent", "found_sent", "deferred", "failed", "given_up", "held", "uncertain")}
    problem = None if result.problem is None else str(result.problem)
    out.record({**counts, "problem": problem}, human=", ".join(f"{count} {name.replace('_', ' ')}" for name, count in counts.items()))
    if problem:
        out.complain(problem)
    return 1 if problem else 0


def _read(app: App, out: Output) -> Counter[str]:
    outcomes: Counter[str] = Counter()
    with out.progress("reading", app.count_received()) as advance:
        for outcome in app.read():
            outcomes[outcome] += 1
            advance()
    return outcomes


def _in_words(outcomes: Counter[str]) -> str:
    total = sum(outcomes.values())
    return f"{total} read" + (": " + ", ".join(f"{count} {name}" for name, count in sorted(outcomes.items())) if total else "")


def _reports_in_words(reports: list[dict[str, object]]) -> str:
    return "".join(f"; {report['unit'] or '?'} {report['period'] or '?'} {report['status']} {report['values']}" for report in reports)
