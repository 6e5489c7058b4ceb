"""`upward`: list, preview, draft, release."""

from __future__ import annotations

import getpass
from argparse import ArgumentParser, Namespace, _SubParsersAction
from pathlib import Path

from mailbox_ingest.app import App
from mailbox_ingest.app.upward import Rollups
from mailbox_ingest.cli.common import opened
from mailbox_ingest.cli.look import upward_in_words
from mailbox_ingest.cli.output import Output


def add_commands(commands: _SubParsersAction[ArgumentParser], common: ArgumentParser) -> None:
    actions = commands.add_parser("upward", help="the reports to the body above us").add_subparsers(metavar="ACTION", required=True)
    parser = actions.add_parser("list", parents=[common], help="the configured reports and where each one stands")
    parser.set_defaults(run=list_reports)

    one = ArgumentParser(add_help=False)
    one.add_argument("name", help="which report")
    act = ArgumentParser(add_help=False)
    act.add_argument("--who", metavar="NAME", help="who decides (default: the user of this machine)")
    parser = actions.add_parser("preview", parents=[common, one], help="write the mail and its files into a folder; changes nothing")
    parser.add_argument("--out", default="upward-preview", metavar="FOLDER", help="(default: upward-preview)")
    parser.set_defaults(run=preview)
    parser = actions.add_parser("draft", parents=[common, one, act], help="put the draft into the outbox, held until it is released")
    parser.add_argument("--again", action="store_true", help="a new draft with the figures of now takes the place of the held one")
    parser.set_defaults(run=draft)
    parser = actions.add_parser("release", parents=[common, one, act], help="let the draft go out")
    parser.add_argument("--as-drafted", action="store_true", help="even if the figures have changed since the draft")
    parser.add_argument("--reason", default="", metavar="TEXT")
    parser.set_defaults(run=release)


def list_reports(arguments: Namespace, out: Output) -> int:
    with opened(arguments) as app:
        found = _rollups(app, arguments).upward()
    for report in found:
        record = {"name": report.name, "form": report.form, "due": report.due, "draft_at": report.draft_at, "release": report.release}
        out.record({**record, "state": report.state, "changed": report.changed, "mail": report.mail}, human=upward_in_words(report))
    if not found:
        out.line("No report is configured.")
    return 0


def preview(arguments: Namespace, out: Output) -> int:
    with opened(arguments) as app:
        files = _rollups(app, arguments).preview_upward(arguments.name, folder=Path(arguments.out))
    out.record({"name": arguments.name, "files": files}, human="\n".join(str(file) for file in files))
    return 0


def draft(arguments: Namespace, out: Output) -> int:
    with opened(arguments) as app:
        entry, new = _rollups(app, arguments).draft(arguments.name, again=arguments.again)
    told = f"Mail {entry.id} is {entry.state}" + ("" if new else "; it was drafted before")
    out.record({"name": arguments.name, "new": new, "mail": entry}, human=f"{told}.")
    return 0


def release(arguments: Namespace, out: Output) -> int:
    with opened(arguments) as app:
        entry = _rollups(app, arguments).release(arguments.name, as_drafted=arguments.as_drafted, reason=arguments.reason)
    out.record(
        {"name": arguments.name, "mail": entry}, human=f"Mail {entry.id} is queued; 'mailbox-ingest deliver' or the worker sends it."
    )
    return 0


def _rollups(app: App, arguments: Namespace) -> Rollups:
    return app.rollups(getattr(arguments, "who", None) or getpass.getuser())
